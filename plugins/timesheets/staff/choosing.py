"""The customer first: what staff adds for one is asked for on its own page, which knows that customer's projects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response

from core.sdk import LazyString, render
from plugins.timesheets.forms import CustomerForm, pick
from plugins.timesheets.pages import AnyRequest
from plugins.timesheets.queries import customers


async def customer_asked(request: AnyRequest) -> tuple[UUID, str] | None:
    """Return the customer that the address names, with its name; None where it names none that is there."""
    asked = request.query_params.get("customer", "")
    return next(((id, name) for id, name in await customers() if str(id) == asked), None)


async def ask_customer(title: LazyString, path: str, back: str) -> Response[Any]:
    """Ask for which customer something is added; *path* is the page to go on to."""
    filled = CustomerForm()
    filled.customer.choices = pick(await customers())
    return await render("timesheets/staff_choose.html", title=title, form=filled, path=path, back_url=back)
