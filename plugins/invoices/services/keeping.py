"""Storing invoices: their row, what else was read, their files, and word of it to those who may see them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from core.sdk import add_file, fold, imports, now, write_activity
from plugins.invoices.reading import (
    invoice_alone,
    is_pdf,
    issue_year,
    number_folded,
    seller_key,
    tax_key,
)
from plugins.invoices.states import payment_state, signed
from plugins.invoices.tables import Content, Invoice

if TYPE_CHECKING:
    from uuid import UUID

    from plugins.invoices.reading import Party, ReadInvoice

RECORD = "invoice"
"""The kind of record."""
CREDIT_NOTE = "credit_note"
PUBLISH_AT_ONCE = "invoices.publish_at_once"
_LONGEST_SEARCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A file as it came: its bytes, which of its documents is meant, and the import run that brought it."""

    name: str
    data: bytes
    sha256: str
    part: int = 0
    parts: int = 1
    batch: str | None = None
    external_id: str | None = None


async def add_invoice(*, delivery: Delivery, document: ReadInvoice, customer: UUID) -> Invoice | None:
    """Store a new invoice and publish it, as the tenant has set; None where the same has just been stored."""
    invoice = Invoice(
        **figures_of(document),
        **await whose(document, customer),
        customer=customer,
        sha256=delivery.sha256,
        readable=is_pdf(delivery.data),
        external_id=delivery.external_id,
        warnings=msgspec.json.encode(await _warnings(document)).decode(),
        created_at=now(),
    )
    added = await Invoice.insert(invoice).on_conflict(action="DO NOTHING")
    if not added:
        return None
    await Content.insert(Content(invoice=invoice.id, data=content_of(document, parts=delivery.parts)))
    await keep_files(invoice.id, delivery=delivery, document=document)
    if (await imports.tenant()).setting(PUBLISH_AT_ONCE):
        await announce(invoice, batch=delivery.batch)
    else:
        await write_activity(kind="invoices.received", record=(RECORD, invoice), data=word_of(invoice, delivery.batch))
    return invoice


async def announce(invoice: Invoice, *, batch: str | None = None) -> None:
    """Publish an invoice; who may see it is told the first time, never again."""
    present = now()
    first = invoice.announced_at is None
    values: dict[Any, Any] = {Invoice.published_at: present}
    if first:
        values[Invoice.announced_at] = present
    won = (
        await Invoice.update(values)
        .where(Invoice.id == invoice.id, Invoice.published_at.is_null())
        .returning(Invoice.id)
    )
    if not won:
        return
    invoice.published_at = present
    kind = told_as(invoice) if first else "invoices.restored"
    await write_activity(kind=kind, record=(RECORD, invoice), data=word_of(invoice, batch))


def told_as(invoice: Invoice) -> str:
    """Return the kind of activity by which readers hear of a new document: a credit note is no invoice to them."""
    return "invoices.credited" if invoice.document_type == CREDIT_NOTE else "invoices.published"


def word_of(invoice: Invoice, batch: str | None = None) -> dict[str, Any]:
    """Return what activities say of an invoice: its number and date, no amount."""
    facts = {"number": invoice.number, "date": invoice.issued_on.isoformat()}
    return {**facts, "batch": batch} if batch else facts


def figures_of(document: ReadInvoice) -> dict[str, Any]:
    """Return the columns of `Invoice` that a document fills."""
    totals = document.totals
    credit = document.document_type == CREDIT_NOTE
    payable = totals.paid + totals.due
    texts = (
        document.number,
        document.buyer_reference,
        document.order_reference,
        document.project_reference,
        document.contract_reference,
        *(preceding.number for preceding in document.preceding),
    )
    return {
        "document_type": document.document_type,
        "number": document.number,
        "number_folded": number_folded(document.number),
        "seller_key": seller_key(document),
        "seller_name": document.seller.name,
        "issued_on": document.issued_on,
        "issue_year": issue_year(document),
        "due_on": document.due_on if credit or payable >= 0 else None,  # nobody is late with what is given back
        "currency": document.currency,
        "net": totals.net,
        "vat": totals.vat,
        "gross": totals.gross,
        "paid": totals.paid,
        "due": totals.due,
        "signed_gross": signed(totals.gross, credit=credit, total=totals.gross),
        "signed_due": signed(totals.due, credit=credit, total=totals.gross),
        "payment_state": payment_state(gross=payable, due=totals.due).value,
        "buyer_reference": document.buyer_reference,
        "order_reference": document.order_reference,
        "search_folded": fold(" ".join(dict.fromkeys(text for text in texts if text)))[:_LONGEST_SEARCH],
        "source_format": document.source_format,
    }


def content_of(document: ReadInvoice, *, parts: int = 1) -> str:
    """Return all that was read as JSON, and in how many *parts* its file was; the XML of a PDF is a file of its own."""
    read: dict[str, Any] = msgspec.to_builtins(replace(document, embedded_xml=None))
    return msgspec.json.encode({**read, "parts": parts} if parts > 1 else read).decode()


async def keep_files(invoice: UUID, *, delivery: Delivery, document: ReadInvoice) -> None:
    """
    Keep the bytes as they came, and beside a PDF the XML that it holds.

    A file of several invoices is for staff alone, whoever the buyers are: not everybody who sees one of them may see
    the others. Readers get the part that is theirs.
    """
    pdf = is_pdf(delivery.data)
    stem, dot, suffix = delivery.name.rpartition(".")
    expected = ("pdf",) if pdf else ("xml", "xsig")
    proper = bool(dot) and suffix.lower() in expected
    base = stem if proper else delivery.name
    await add_file(
        record=(RECORD, invoice),
        data=delivery.data,
        name=delivery.name if proper else f"{base}.{expected[0]}",
        media_type="application/pdf" if pdf else "application/xml",
        role="original",
        internal=delivery.parts > 1,
    )
    if delivery.parts > 1:
        await add_file(
            record=(RECORD, invoice),
            data=await asyncio.to_thread(invoice_alone, document.embedded_xml or delivery.data, delivery.part),
            name=f"{base}-{delivery.part + 1}.xml",
            media_type="application/xml",
            role="xml",
        )
    elif document.embedded_xml is not None:
        await add_file(
            record=(RECORD, invoice),
            data=document.embedded_xml,
            name=f"{base}.xml",
            media_type="application/xml",
            role="xml",
        )


async def whose(document: ReadInvoice, customer: UUID) -> dict[str, Any]:
    """Return the project and the contact of *customer* that a document names: who sees it with which reach."""
    return {"project": await _project(document, customer), "addressee": await _addressee(document, customer)}


async def _project(document: ReadInvoice, customer: UUID) -> UUID | None:
    if not document.project_reference:
        return None
    return await imports.project_at(customer=customer, reference=document.project_reference)


async def _addressee(document: ReadInvoice, customer: UUID) -> UUID | None:
    if not document.buyer.email:
        return None
    return await imports.contact_at(customer=customer, email=document.buyer.email)


async def _warnings(document: ReadInvoice) -> list[str]:
    tenant = await imports.tenant()
    if not tenant.tax_id:
        return []
    return [] if _sells(document.seller, tenant.tax_id, tenant.country) else ["seller-is-not-tenant"]


def _sells(seller: Party, tax_id: str, country: str) -> bool:
    own = tax_key(tax_id, country=country)
    numbers = (seller.tax_id, *(registration.value for registration in seller.registrations))
    keys = {tax_key(number, country=seller.country or country) for number in numbers if number}
    return own in keys
