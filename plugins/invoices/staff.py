"""Pages of the back office: all invoices, uploads, payments, publication."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from core.sdk import (
    Translator,
    action,
    current_actor,
    errors,
    form,
    forms,
    imports,
    lists,
    load,
    page,
    render,
    see_other,
)
from plugins.invoices import staff_assign, staff_quarantine
from plugins.invoices.forms import payment_form
from plugins.invoices.importing import SUFFIXES, Item, take_delivery
from plugins.invoices.lists import STAFF_INVOICES
from plugins.invoices.pages import AnyRequest, document_context, list_page
from plugins.invoices.permissions import ADD_CUSTOMERS, COLLECT, DECIDE, PUBLISH, STAFF_VIEW
from plugins.invoices.queries import content_and_whose, content_of
from plugins.invoices.reasons import WARNINGS
from plugins.invoices.services import KIND, publish_invoice, publish_invoices, record_payment, unheard, withdraw_invoice
from plugins.invoices.showing import document_of
from plugins.invoices.tables import Invoice, is_published
from plugins.invoices.words import OUTCOMES

_ = Translator("invoices")

LARGEST_UPLOAD = 60 * 1024 * 1024
"""Bytes of all files of one upload together."""
LARGEST_FILE = 50 * 1024 * 1024


@page("/", name="invoices:staff-list", permission=STAFF_VIEW)
async def list_invoices(request: AnyRequest) -> Response[str]:
    """Show the invoices of all customers."""
    return await list_page(request, STAFF_INVOICES, "invoices/staff_list.html")


# -- bringing invoices in ----------------------------------------------------------------------------------------------


@page("/upload", name="invoices:upload", permission=PUBLISH)
async def show_upload() -> Response[str]:
    """Ask for files."""
    return await _upload_page()


@action("/upload", name="invoices:take", permission=PUBLISH, request_max_body_size=LARGEST_UPLOAD)
async def take_upload(request: AnyRequest) -> Response[str]:
    """Take files in and say what became of each."""
    sent = await request.form()
    files = [file for file in sent.getall("files", []) if isinstance(file, UploadFile) and file.filename]
    if not files:
        return await _upload_page(status=422, problems=[_("Choose at least one file.")])
    create = bool(sent.get("create_customers"))
    if create:
        current_actor().require(ADD_CUSTOMERS)
    results = []
    async with imports.running(kind=KIND, way="page") as run:
        items = [Item(file.filename, file.read) for file in files]
        may_collect = current_actor().can(COLLECT)
        async for received in take_delivery(run=run, items=items, create_customers=create, may_collect=may_collect):
            chip = OUTCOMES[received.result.outcome]
            url = f"/staff/invoices/{received.invoice}" if received.invoice else None
            if received.problem:
                url = f"/staff/invoices/quarantine/{received.problem}"
            results.append(
                {
                    "name": received.result.place,
                    "state": {"label": chip.label, "tone": chip.tone, "icon": chip.icon},
                    "text": received.result.reason,
                    "url": url,
                }
            )
    return await _upload_page(results=results)


async def _upload_page(*, status: int = 200, results: Any = (), problems: Any = ()) -> Response[str]:
    return await render(
        "invoices/upload.html",
        status=status,
        title=_("Upload invoices"),
        results=results,
        problems=problems,
        accept=",".join(SUFFIXES),
        largest=LARGEST_FILE,
        largest_mb=LARGEST_UPLOAD // (1024 * 1024),
        may_decide=current_actor().can(DECIDE),
        may_create=current_actor().can(ADD_CUSTOMERS),
    )


@action("/publish", name="invoices:publish-ticked", permission=PUBLISH)
async def publish_ticked(request: AnyRequest) -> Response[str]:
    """Publish the ticked invoices that customers do not see yet; each customer is told once of all."""
    ids = await lists.selected(STAFF_INVOICES, await request.form(), request.url.query, current_actor())
    told = await publish_invoices(invoices=ids)
    texts = [_.plural("{n} invoice published.", "{n} invoices published.").format(n=told.done)]
    if told.unheard:
        texts.append(
            _.plural(
                "Nobody could be told of {n} of them, since no contact has access.",
                "Nobody could be told of {n} of them, since no contact has access.",
            ).format(n=told.unheard)
        )
    if told.left:
        texts.append(
            _.plural(
                "{n} more is still waiting: publish again to go on.",
                "{n} more are still waiting: publish again to go on.",
            ).format(n=told.left)
        )
    kind = "warning" if told.unheard or told.left else "success"
    back = lists.back_to(STAFF_INVOICES, request.url.query)
    return see_other(back, flash_text=" ".join(str(text) for text in texts), kind=kind)


# -- one invoice -------------------------------------------------------------------------------------------------------


@page("/{invoice:uuid}", name="invoices:staff-show", permission=STAFF_VIEW)
async def show_invoice(invoice: FromPath[UUID]) -> Response[str]:
    """Show an invoice with what staff may do about it."""
    return await _invoice_page(await load(current_actor(), Invoice, invoice))


@page("/{invoice:uuid}/print", name="invoices:staff-print", permission=STAFF_VIEW)
async def print_invoice(invoice: FromPath[UUID]) -> Response[str]:
    """Show an invoice as a page for paper."""
    found = await load(current_actor(), Invoice, invoice)
    doc = document_of(found, await content_of(found))
    back = f"/staff/invoices/{invoice}"
    return await render("invoices/print.html", title=found.number, invoice=found, doc=doc, back=back)


@action("/{invoice:uuid}/payments", name="invoices:pay", permission=COLLECT)
async def add_payment(request: AnyRequest, invoice: FromPath[UUID]) -> Response[Any]:
    """Record a payment; the form's key makes a second submit harmless."""
    actor = current_actor()
    found = await load(actor, Invoice, invoice)
    filled: Any = await form(request, payment_form(found.currency))
    if filled.validate():
        try:
            await record_payment(
                invoice=found.id,
                amount=filled.amount.data,
                paid_on=filled.paid_on.data,
                external_id=f"page:{filled.key.data}" if filled.key.data else None,
            )
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
        else:
            return see_other(f"/staff/invoices/{invoice}", flash_text=_("Payment recorded."))
    return await _invoice_page(found, payment=filled, status=422)


@action("/{invoice:uuid}/withdraw", name="invoices:withdraw", permission=PUBLISH)
async def withdraw(invoice: FromPath[UUID]) -> Response[str]:
    """Take an invoice back."""
    await withdraw_invoice(invoice=await load(current_actor(), Invoice, invoice))
    return see_other(f"/staff/invoices/{invoice}", flash_text=_("Customers no longer see this invoice."))


@action("/{invoice:uuid}/publish", name="invoices:publish", permission=PUBLISH)
async def publish(invoice: FromPath[UUID]) -> Response[str]:
    """Show an invoice to its customer."""
    found = await load(current_actor(), Invoice, invoice)
    await publish_invoice(invoice=found)
    return see_other(f"/staff/invoices/{invoice}", flash_text=_("The invoice is published."))


async def _invoice_page(found: Invoice, *, payment: Any = None, status: int = 200) -> Response[str]:
    actor = current_actor()
    content, whose = await content_and_whose(found)
    if payment is None and actor.can(COLLECT):
        payment = payment_form(found.currency)(
            data={"amount": abs(found.due) or None, "paid_on": actor.tenant.today(), "key": uuid4()}
        )
    stored: Any = found.warnings
    codes = msgspec.json.decode(stored, type=list[str]) if isinstance(stored, str) else list(stored)
    warning = await unheard(found)
    return await render(
        "invoices/staff_show.html",
        status=status,
        title=found.number,
        whose=whose,
        warnings=[WARNINGS[code] for code in codes] + ([warning] if warning else []),
        payment=payment if actor.can(COLLECT) else None,
        may_publish=actor.can(PUBLISH),
        may_see_customer=actor.can("core:customer:view"),
        published=is_published(found),
        **await document_context(found, content),
    )


HANDLERS: list[Any] = [
    list_invoices,
    *lists.downloads(STAFF_INVOICES, name="invoices:staff-", permission=STAFF_VIEW),
    show_upload,
    take_upload,
    publish_ticked,
    show_invoice,
    print_invoice,
    add_payment,
    withdraw,
    publish,
    *staff_assign.HANDLERS,
    *staff_quarantine.HANDLERS,
]
