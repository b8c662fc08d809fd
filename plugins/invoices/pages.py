"""What pages for contacts and for staff share: the list as a page and as a file, the document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Literal

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Stream

from core.sdk import current_actor, imports, lists, record_context, render
from plugins.invoices.lists import state_chips
from plugins.invoices.queries import content_of, payments_of
from plugins.invoices.services.keeping import RECORD
from plugins.invoices.showing import document_of, next_step

if TYPE_CHECKING:
    from plugins.invoices.tables import Invoice

AnyRequest = Request[Any, Any, Any]
_YEAR = 365 * 86_400


async def list_page(request: AnyRequest, view: lists.ListView, template: str) -> Response[str]:
    """Return the page of a list in the state that the address says."""
    actor = current_actor()
    remembered = lists.remembered_unit(request.cookies)
    shown = await lists.list_view(view, request.scope["query_string"].decode(), actor, remembered=remembered)
    if len({place.customer for place in actor.places}) == 1:  # one company needs no column of its own
        shown["columns"] = [column for column in shown["columns"] if column["key"] != "company"]
    page = await render(template, title=view.title, view=shown)
    if shown["remember"]:
        cookie = Cookie(
            key=lists.PERIOD_COOKIE, value=shown["remember"], max_age=_YEAR, path="/", samesite="lax", httponly=True
        )
        page.set_cookie(cookie)
    return page


def sent(made: lists.Export) -> Stream:
    """Return a written list as a download."""

    async def chunks() -> AsyncIterator[bytes]:
        async for chunk in made.chunks():
            yield chunk

    headers = {"Content-Disposition": imports.content_disposition(made.filename)}
    return Stream(chunks(), media_type=made.media_type, headers=headers)


async def export_list(request: AnyRequest, view: lists.ListView, suffix: Literal["csv", "xlsx"]) -> Stream:
    """Return the filtered list as a file."""
    remembered = lists.remembered_unit(request.cookies)
    return sent(await lists.export(view, request.url.query, current_actor(), suffix=suffix, remembered=remembered))


async def export_ticked(request: AnyRequest, view: lists.ListView) -> Stream:
    """Return the ticked rows as a sheet."""
    return sent(await lists.export_selected(view, await request.form(), request.url.query, current_actor()))


async def document_context(invoice: Invoice) -> dict[str, Any]:
    """Return what every page of a loaded invoice shows."""
    actor = current_actor()
    today = actor.tenant.today()
    row = {
        "payment_state": invoice.payment_state,
        "document_type": invoice.document_type,
        "due_on": invoice.due_on,
        "published_at": invoice.published_at,
    }
    chips = [{"label": chip.label, "tone": chip.tone, "icon": chip.icon} for chip in state_chips(row, today)]
    context = await record_context(actor=actor, kind=RECORD, record=invoice)
    for file in context["files"]:
        file["icon"] = {"PDF": "file-type-pdf", "XML": "file-type-xml"}.get(file["type"], file["icon"])
    return {
        **context,
        "invoice": invoice,
        "doc": document_of(invoice, await content_of(invoice)),
        "chips": chips,
        "next": next_step(invoice, today),
        "payments": await payments_of(invoice),
        "original": next((file for file in context["files"] if file["role"] == "original"), None),
    }
