"""UNTDID 1001: which codes are credit notes, and which invoices are of a special kind."""

from plugins.invoices.reading.invoice import DocumentType

_CREDIT_NOTES = frozenset(["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"])
_DEBIT_NOTES = frozenset(["80", "84", "383", "527"])
_SELF_BILLED = frozenset(["261", "389", "471", "473", "500", "501", "502", "527"])
_SPECIAL: dict[str, DocumentType] = {
    "384": "corrected_invoice",
    "471": "corrected_invoice",
    "472": "corrected_invoice",
    "473": "corrected_invoice",
    "386": "prepayment_invoice",
    "500": "prepayment_invoice",
    "326": "partial_invoice",
    "875": "partial_invoice",
    "876": "partial_invoice",
    "325": "proforma_invoice",
}


def document_type(type_code: str) -> DocumentType:
    """The kind by its code; codes of no special kind, known or not, are plain invoices."""
    if type_code in _CREDIT_NOTES:
        return "credit_note"
    if type_code in _DEBIT_NOTES:
        return "debit_note"
    return _SPECIAL.get(type_code, "invoice")


def is_self_billed(type_code: str) -> bool:
    """Whether the buyer issued it in the seller's name."""
    return type_code in _SELF_BILLED
