"""Reads of invoices beside the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from piccolo.querystring import QueryString

from core.sdk import beyond_reach, imports
from plugins.invoices.reading import issue_year, number_folded, seller_key
from plugins.invoices.tables import Content, Invoice, Payment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from plugins.invoices.reading import ReadInvoice


async def find_same(document: ReadInvoice) -> Invoice | None:
    """Return the invoice that has the document's identity: seller, number, type, year of issue."""
    found: Invoice | None = (
        await Invoice.objects()
        .where(
            Invoice.seller_key == seller_key(document),
            Invoice.number_folded == number_folded(document.number),
            Invoice.document_type == document.document_type,
            Invoice.issue_year == issue_year(document),
        )
        .first()
    )
    return found


async def knows_content(sha256: str, *, invoice: UUID | None = None) -> UUID | None:
    """Return the invoice (or, asked for one, that one) that has a file with these bytes, replaced ones too."""
    found = await imports.records_with(kind="invoice", sha256=sha256)
    if invoice is not None:
        return invoice if invoice in found else None
    return found[0] if found else None


async def find_by_number(number: str, *, document_type: str | None, issued_on: date | None) -> list[Invoice]:
    """Return the invoices with that number, of that type and day where they are given, whoever asks."""
    with beyond_reach("payments: a list says what was paid, whoever hands it over"):
        query = Invoice.objects().where(Invoice.number_folded == number_folded(number)).limit(2)
        if document_type is not None:
            query = query.where(Invoice.document_type == document_type)
        if issued_on is not None:
            query = query.where(Invoice.issued_on == issued_on)
        found: list[Invoice] = await query
    return found


async def content_of(invoice: Invoice) -> dict[str, Any]:
    """Return everything that was read of a loaded invoice, as `reading.ReadInvoice` names it; dates are ISO texts."""
    row = await Content.select(Content.data).where(Content.invoice == invoice.id).first()
    return _decoded(row["data"] if row else None)


def _decoded(data: Any) -> dict[str, Any]:
    if data is None:
        return {}
    return msgspec.json.decode(data, type=dict[str, Any]) if isinstance(data, str | bytes) else dict(data)


async def content_and_whose(invoice: Invoice) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Return the content of a loaded invoice, and the names of its customer, project and addressee. One statement.

    A name is None for what it has not.
    """
    content = Content.select(Content.data).where(Content.invoice == Invoice.id).querystrings[0]
    row = (
        await Invoice.select(
            Invoice.customer.name,
            Invoice.project.name,
            Invoice.addressee.given_name,
            Invoice.addressee.family_name,
            QueryString("({})", content, alias="content"),
        )
        .where(Invoice.id == invoice.id)
        .first()
    ) or {}
    given, family = row.get("addressee.given_name"), row.get("addressee.family_name")
    return _decoded(row.get("content")), {
        "customer": row.get("customer.name"),
        "project": row.get("project.name"),
        "addressee": f"{given or ''} {family or ''}".strip() or None if invoice.addressee else None,
    }


async def payments_of(invoice: Invoice) -> list[dict[str, Any]]:
    """Return what came in for a loaded invoice, oldest first."""
    found: list[dict[str, Any]] = (
        await Payment.select(Payment.id, Payment.paid_on, Payment.amount, Payment.external_id)
        .where(Payment.invoice == invoice.id)
        .order_by(Payment.paid_on, Payment.id)
    )
    return found


async def page_of(*, after: UUID | None, limit: int, wanted: Mapping[str, Any]) -> list[Invoice]:
    """Return invoices that the actor sees, newest first, behind *after*; None in *wanted* asks for nothing."""
    query = Invoice.objects().order_by(Invoice.id, ascending=False).limit(limit)
    if after is not None:
        query = query.where(Invoice.id < after)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(Invoice, name) == value)
    found: list[Invoice] = await query
    return found
