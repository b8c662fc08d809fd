"""Invoices as they were received. Amounts are integer minor units of `currency`, with the file's own signs."""

from __future__ import annotations

from piccolo.columns import JSON, BigInt, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete

from core.sdk import Customer, CustomerRecord, TenantTable
from plugins.invoices.permissions import STAFF_VIEW, VIEW


class Invoice(CustomerRecord, tablename="invoices_invoice"):
    """
    What lists, searches and sums need of an invoice or credit note.

    `paid` and `due` follow the payments that come in; `signed_gross` and `signed_due` are what sums add up: a credit
    note counts negative there, whichever sign its file uses.
    """

    view = VIEW
    staff_view = STAFF_VIEW

    document_type = Text(help_text="invoice, credit_note, …: plugins.invoices.reading.DocumentType")
    number = Text()
    number_folded = Text()
    seller_key = Text()
    seller_name = Text()
    issued_on = Date()
    issue_year = Integer()
    due_on = Date(null=True, default=None)
    currency = Text(help_text="ISO 4217")
    net = BigInt()
    vat = BigInt()
    gross = BigInt()
    paid = BigInt()
    due = BigInt()
    signed_gross = BigInt()
    signed_due = BigInt()
    payment_state = Text(default="pending", help_text="pending, partial or collected")
    buyer_reference = Text(default="")
    order_reference = Text(default="")
    search_folded = Text(default="")
    source_format = Text(help_text="ubl, cii, facturx, facturae or typed: typed figures beside a file that has none")
    sha256 = Text(help_text="of the file it came in")
    readable = Boolean(default=False, help_text="whether the file is a PDF")
    external_id = Text(null=True, default=None, help_text="its key in the tenant's own system")
    announced_at = Timestamptz(null=True, default=None, help_text="when its readers were told; only once")
    warnings = JSON(default="[]", help_text="codes, for staff")


def is_published(invoice: Invoice) -> bool:
    """Whether customers see it."""
    since: object = invoice.published_at
    return since is not None


class Content(TenantTable, tablename="invoices_content"):
    """Everything else that was read, as JSON of `reading.ReadInvoice`; reached through the loaded invoice alone."""

    invoice = ForeignKey(references=Invoice, null=False, on_delete=OnDelete.restrict)
    data = JSON()


class Payment(TenantTable, tablename="invoices_payment"):
    """Money that came in for an invoice; reached through the loaded invoice alone."""

    invoice = ForeignKey(references=Invoice, null=False, on_delete=OnDelete.restrict)
    paid_on = Date()
    amount = BigInt()
    external_id = Text(null=True, default=None)


class Alias(TenantTable, tablename="invoices_alias"):
    """Whom staff has confirmed a buyer to be: its tax number and name as documents write them, and the customer."""

    key = Text()
    customer = ForeignKey(references=Customer, null=False, on_delete=OnDelete.restrict)
