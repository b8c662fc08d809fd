"""Reading e-invoices: bytes in, figures out. Pure: no database, no web, nothing of the core.

`read_invoice` reads UBL, CII, Factur-X and ZUGFeRD PDFs and Facturae, or raises a `ReadingError` that names a fact.
`check_sums` tells whether the figures agree with each other; `seller_key`, `number_folded` and `issue_year` say which
invoice it is.
"""

from plugins.invoices.reading.checks import MISMATCHES, Mismatch, check_sums
from plugins.invoices.reading.errors import FIELDS, MESSAGES, ReadingError
from plugins.invoices.reading.identity import fold_name, issue_year, number_folded, party_key, seller_key, tax_key
from plugins.invoices.reading.invoice import (
    AllowanceCharge,
    Attachment,
    Identifier,
    Installment,
    Line,
    Party,
    Payment,
    Preceding,
    ReadInvoice,
    Totals,
    VatRow,
    Withholding,
)
from plugins.invoices.reading.read import invoice_alone, is_pdf, read_invoice, read_invoices
from plugins.invoices.reading.units import UNITS, unit_label
from plugins.invoices.reading.vat import CATEGORIES, category_label

__all__ = [
    "CATEGORIES",
    "FIELDS",
    "MESSAGES",
    "MISMATCHES",
    "UNITS",
    "AllowanceCharge",
    "Attachment",
    "Identifier",
    "Installment",
    "Line",
    "Mismatch",
    "Party",
    "Payment",
    "Preceding",
    "ReadInvoice",
    "ReadingError",
    "Totals",
    "VatRow",
    "Withholding",
    "category_label",
    "check_sums",
    "fold_name",
    "invoice_alone",
    "is_pdf",
    "issue_year",
    "number_folded",
    "party_key",
    "read_invoice",
    "read_invoices",
    "seller_key",
    "tax_key",
    "unit_label",
]
