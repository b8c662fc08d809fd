"""What pages for contacts and for staff share: the list as a page and as a file, the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response

from core.sdk import current_actor, lists, records
from plugins.invoices.lists import state_chips
from plugins.invoices.queries import content_of, payments_of
from plugins.invoices.services.keeping import RECORD
from plugins.invoices.showing import document_of, next_step

if TYPE_CHECKING:
    from plugins.invoices.tables import Invoice

_FIRST = ("original", "xml")
"""Which file a reader is offered first; the original of a batch is not for contacts."""
AnyRequest = Request[Any, Any, Any]


async def list_page(request: AnyRequest, view: lists.ListView, template: str) -> Response[str]:
    """Return the page of a list; who belongs to one company needs no column for it."""
    one = len({place.customer for place in current_actor().places}) == 1
    return await lists.show_list(request, view, template, without={"company"} if one else ())


async def document_context(invoice: Invoice, content: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what every page of a loaded invoice shows; its *content* is read unless it is at hand."""
    actor = current_actor()
    today = actor.tenant.today()
    row = {
        "payment_state": invoice.payment_state,
        "document_type": invoice.document_type,
        "due_on": invoice.due_on,
        "published_at": invoice.published_at,
    }
    chips = [{"label": chip.label, "tone": chip.tone, "icon": chip.icon} for chip in state_chips(row, today)]
    context = await records.context(actor=actor, kind=RECORD, record=invoice)
    for file in context["files"]:
        file["icon"] = {"PDF": "file-type-pdf", "XML": "file-type-xml"}.get(file["type"], file["icon"])
    return {
        **context,
        "invoice": invoice,
        "doc": document_of(invoice, await content_of(invoice) if content is None else content),
        "chips": chips,
        "next": next_step(invoice, today),
        "payments": await payments_of(invoice),
        "original": next((file for role in _FIRST for file in context["files"] if file["role"] == role), None),
    }
