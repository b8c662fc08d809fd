"""The customer first: what staff adds for one is asked for on its own page, which knows that customer's projects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromQuery

from core.sdk import LazyString, forms, imports, page, render
from plugins.timesheets.forms import CustomerForm
from plugins.timesheets.pages import AnyRequest
from plugins.timesheets.permissions import BRING_IN, MANAGE, MANAGE_JOBS
from plugins.timesheets.queries import open_customer


async def customer_asked(request: AnyRequest) -> tuple[UUID, str] | None:
    """Return the customer that the address names, with its name; None where it names none that is open."""
    return await open_customer(request.query_params.get("customer", ""))


async def ask_customer(request: AnyRequest, title: LazyString, path: str, back: str) -> Response[Any]:
    """Ask for which customer something is added; *path* is the page to go on to, with its type-ahead below it."""
    search = request.query_params.get("search", "")
    filled = CustomerForm()
    filled.customer.choices = forms.choices([("", ""), *await offered(search)])
    return await render(
        "timesheets/choose.html",
        title=title,
        frame="layouts/staff.html",
        form=filled,
        path=path,
        back_url=back,
        search=search,
    )


async def offered(search: str = "", *, likely: str = "") -> list[tuple[str, str]]:
    """Return customers to choose from without a type-ahead: what is *likely*, what *search* finds, or the first."""
    found = await imports.suggest_customers(likely) if likely else []
    found += await imports.suggest_customers(search)
    return list({one["value"]: one["label"] for one in found}.items())


@page("/new/customers", name="timesheets:suggest-customers", permission=MANAGE)
async def suggest(q: FromQuery[str] = "") -> Response[Any]:
    """Answer the type-ahead of who registers hours."""
    return Response(await imports.suggest_customers(q), media_type="application/json")


@page("/jobs/new/customers", name="timesheets:suggest-customers-of-jobs", permission=MANAGE_JOBS)
async def suggest_for_jobs(q: FromQuery[str] = "") -> Response[Any]:
    """Answer the type-ahead of who adds jobs."""
    return Response(await imports.suggest_customers(q), media_type="application/json")


@page("/upload/customers", name="timesheets:suggest-customers-of-lists", permission=BRING_IN)
async def suggest_for_lists(q: FromQuery[str] = "") -> Response[Any]:
    """Answer the type-ahead of who brings lists in."""
    return Response(await imports.suggest_customers(q), media_type="application/json")


HANDLERS: list[Any] = [suggest, suggest_for_jobs, suggest_for_lists]
