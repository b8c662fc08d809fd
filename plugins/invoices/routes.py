"""Pages of the contacts: the list, an invoice, its printable rendering."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.sdk import current_actor, lists, load, page, render
from plugins.invoices.lists import INVOICES
from plugins.invoices.pages import AnyRequest, document_context, list_page
from plugins.invoices.permissions import VIEW
from plugins.invoices.queries import content_of
from plugins.invoices.showing import document_of
from plugins.invoices.tables import Invoice


@page("/", name="invoices:list", permission=VIEW)
async def list_invoices(request: AnyRequest) -> Response[str]:
    """Show the reader's invoices."""
    return await list_page(request, INVOICES, "invoices/list.html")


@page("/{invoice:uuid}", name="invoices:show", permission=VIEW)
async def show_invoice(invoice: FromPath[UUID]) -> Response[str]:
    """Show an invoice beside its facts and files."""
    found = await load(current_actor(), Invoice, invoice)
    return await render("invoices/show.html", title=found.number, **await document_context(found))


@page("/{invoice:uuid}/print", name="invoices:print", permission=VIEW)
async def print_invoice(invoice: FromPath[UUID]) -> Response[str]:
    """Show an invoice as a page for paper: a rendering, never the original."""
    found = await load(current_actor(), Invoice, invoice)
    doc = document_of(found, await content_of(found))
    return await render("invoices/print.html", title=found.number, invoice=found, doc=doc, back=f"/invoices/{invoice}")


HANDLERS: list[Any] = [
    list_invoices,
    *lists.downloads(INVOICES, name="invoices:", permission=VIEW),
    show_invoice,
    print_invoice,
]
