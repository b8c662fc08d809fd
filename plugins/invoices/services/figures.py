"""Figures that people give where a file has none: typed by staff, or from a list that came beside the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.sdk import Customer, LazyString, Translator, errors, imports
from plugins.invoices.reading import Party, ReadInvoice, Totals, VatRow, check_sums
from plugins.invoices.reasons import mismatch_of

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from plugins.invoices.reading.invoice import DocumentType

_ = Translator("invoices")

_TYPE_CODES = {
    "invoice": "380",
    "credit_note": "381",
    "debit_note": "383",
    "corrected_invoice": "384",
    "prepayment_invoice": "386",
    "partial_invoice": "326",
    "proforma_invoice": "325",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VatFigure:
    """VAT at one rate, in minor units; without a base only the amount is known."""

    rate: str
    base: int | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFigures:
    """What a list, an export or a page needs to know of an invoice. Amounts are minor units of `currency`."""

    number: str
    document_type: DocumentType = "invoice"
    issued_on: date
    due_on: date | None = None
    customer: UUID | None = None
    buyer_name: str = ""
    buyer_tax_id: str = ""
    currency: str
    net: int
    vat: tuple[VatFigure, ...] = ()
    gross: int
    order_reference: str = ""
    project_reference: str = ""


async def document_of(figures: TypedFigures) -> ReadInvoice:
    """
    Return typed figures as a document: the tenant sells, the customer buys.

    Raises:
        InvalidInputError: no number, dates that cannot be, or sums that do not add up.

    """
    tenant = await imports.tenant()
    fields: dict[str, list[LazyString]] = {}
    if not figures.number.strip():
        fields["number"] = [_("Give the invoice's number.")]
    if figures.due_on is not None and figures.due_on < figures.issued_on:
        fields["due_on"] = [_("It falls due before it was issued.")]
    vat = sum(row.amount for row in figures.vat)
    document = ReadInvoice(
        document_type=figures.document_type,
        type_code=_TYPE_CODES[figures.document_type],
        number=figures.number.strip(),
        issued_on=figures.issued_on,
        due_on=figures.due_on,
        currency=figures.currency,
        seller=Party(name=tenant.name, tax_id=tenant.tax_id or "", country=tenant.country),
        buyer=await _buyer(figures),
        vat=tuple(VatRow(category="", rate=row.rate, base=row.base, amount=row.amount) for row in figures.vat),
        totals=Totals(
            lines=None,
            allowances=None,
            charges=None,
            net=figures.net,
            vat=vat,
            gross=figures.gross,
            paid=0,
            rounding=0,
            due=figures.gross,
        ),
        order_reference=figures.order_reference,
        project_reference=figures.project_reference,
        source_format="typed",  # type: ignore[arg-type]  # the readers name only what they read
        syntax="typed",  # type: ignore[arg-type]  # as above
    )
    wrong = check_sums(document)
    if wrong:
        first = {name: getattr(wrong[0], name) for name in ("code", "expected", "found", "base", "rate")}
        fields["gross" if wrong[0].code == "gross" else "vat"] = [mismatch_of(first, figures.currency)]
    if fields:
        raise errors.InvalidInputError(fields=fields)
    return document


async def _buyer(figures: TypedFigures) -> Party:
    if figures.customer is None:
        return Party(name=figures.buyer_name, tax_id=figures.buyer_tax_id)
    customer = await Customer.objects().where(Customer.id == figures.customer).first()
    if customer is None:
        raise errors.InvalidInputError(fields={"customer": [_("Choose one of your customers.")]})
    return Party(name=customer.name, tax_id=customer.tax_id or "")
