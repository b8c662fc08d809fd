"""What can be done with invoices: receive, decide, publish, collect."""

from plugins.invoices.services.assigning import assign_invoice
from plugins.invoices.services.assigning import choices as assign_choices
from plugins.invoices.services.buyers import Match, match_customer, remember_buyer
from plugins.invoices.services.deciding import Decision, decide, discard_file, replace_invoice, take_back_file
from plugins.invoices.services.figures import TypedFigures, VatFigure, document_of
from plugins.invoices.services.payments import PaymentConflictError, record_payment, set_paid
from plugins.invoices.services.publishing import (
    MOST,
    Publication,
    publish_invoice,
    publish_invoices,
    unheard,
    withdraw_invoice,
)
from plugins.invoices.services.receiving import KIND, Received, receive_file

__all__ = [
    "KIND",
    "MOST",
    "Decision",
    "Match",
    "PaymentConflictError",
    "Publication",
    "Received",
    "TypedFigures",
    "VatFigure",
    "assign_choices",
    "assign_invoice",
    "decide",
    "discard_file",
    "document_of",
    "match_customer",
    "publish_invoice",
    "publish_invoices",
    "receive_file",
    "record_payment",
    "remember_buyer",
    "replace_invoice",
    "set_paid",
    "take_back_file",
    "unheard",
    "withdraw_invoice",
]
