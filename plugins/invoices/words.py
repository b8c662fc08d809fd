"""Words of the field for codes: kinds of document, states, units, VAT categories, ways to pay."""

from __future__ import annotations

from typing import Final

from core.sdk import LazyString, Translator, lists
from plugins.invoices.states import DueState, PaymentState

_ = Translator("invoices")

KINDS: Final[dict[str, LazyString]] = {
    "invoice": _("Invoice"),
    "credit_note": _("Credit note"),
    "debit_note": _("Debit note"),
    "corrected_invoice": _("Corrected invoice"),
    "prepayment_invoice": _("Prepayment invoice"),
    "partial_invoice": _("Partial invoice"),
    "proforma_invoice": _("Pro forma invoice"),
}

PAYMENT: Final[dict[PaymentState, lists.Chip]] = {
    PaymentState.PENDING: lists.Chip(label=_("Pending"), tone="info", icon="clock"),
    PaymentState.PARTIAL: lists.Chip(label=_("Partly collected"), tone="warning", icon="circle-half-2"),
    PaymentState.COLLECTED: lists.Chip(label=_("Collected"), tone="success", icon="circle-check"),
}

DUE: Final[dict[DueState, lists.Chip]] = {
    DueState.NOT_DUE: lists.Chip(label=_("Not due"), tone="neutral", icon="calendar"),
    DueState.OVERDUE: lists.Chip(label=_("Overdue"), tone="danger", icon="alert-circle"),
}

WITHDRAWN: Final = lists.Chip(label=_("Not published"), tone="neutral", icon="eye-off")
CREDIT: Final = lists.Chip(label=_("Credit note"), tone="neutral", icon="receipt")

OUTCOMES: Final[dict[str, lists.Chip]] = {
    "created": lists.Chip(label=_("Published"), tone="success", icon="circle-check"),
    "updated": lists.Chip(label=_("Updated"), tone="success", icon="refresh"),
    "unchanged": lists.Chip(label=_("Here already"), tone="neutral", icon="check"),
    "quarantined": lists.Chip(label=_("Needs a decision"), tone="warning", icon="alert-triangle"),
    "refused": lists.Chip(label=_("Refused"), tone="danger", icon="circle-x"),
}

CATEGORIES: Final[dict[str, LazyString]] = {
    "S": _("Standard rate"),
    "AA": _("Lower rate"),
    "H": _("Higher rate"),
    "Z": _("Zero rated"),
    "E": _("Exempt"),
    "AE": _("Reverse charge"),
    "K": _("Intra-Community supply"),
    "G": _("Export outside the EU"),
    "O": _("Not subject to VAT"),
    "L": _("IGIC (Canary Islands)"),
    "M": _("IPSI (Ceuta and Melilla)"),
    "B": _("Transferred VAT (split payment)"),
}
"""VAT categories (UNTDID 5305), in the words of `reading.CATEGORIES`."""

UNITS: Final[dict[str, LazyString]] = {
    "3C": _("manmonths"),
    "ACR": _("acre"),
    "ANN": _("years"),
    "B32": _("kg·m²"),
    "BX": _("boxes"),
    "C62": _("pcs"),
    "CMK": _("cm²"),
    "CMQ": _("cm³"),
    "DAY": _("days"),
    "DZN": _("dozen"),
    "E48": _("services"),
    "E49": _("working days"),
    "E50": _("units"),
    "EA": _("pcs"),
    "H87": _("pcs"),
    "IE": _("persons"),
    "LS": _("lump sum"),
    "MIK": _("mi²"),
    "MIN": _("min"),
    "MMK": _("mm²"),
    "MON": _("months"),
    "NAR": _("articles"),
    "NMP": _("packs"),
    "NPR": _("pairs"),
    "PA": _("packs"),
    "PR": _("pairs"),
    "QAN": _("quarters"),
    "RO": _("rolls"),
    "SET": _("sets"),
    "TPR": _("ten pairs"),
    "WEE": _("weeks"),
    "XBG": _("bags"),
    "XBI": _("bins"),
    "XBO": _("bottles"),
    "XBX": _("boxes"),
    "XCA": _("cans"),
    "XCR": _("crates"),
    "XCS": _("cases"),
    "XCT": _("cartons"),
    "XCU": _("cups"),
    "XCX": _("canisters"),
    "XDJ": _("demijohns"),
    "XDR": _("drums"),
    "XJC": _("jerrycans"),
    "XPA": _("packets"),
    "XPK": _("packages"),
    "XPP": _("pcs"),
    "XPU": _("trays"),
    "XPX": _("pallets"),
    "XRO": _("rolls"),
    "XTU": _("tubes"),
    "XUN": _("units"),
}
"""Units of measure whose label is a word, in the words of `reading.UNITS`; signs such as kg are the same everywhere."""

MEANS: Final[dict[str, LazyString]] = {
    "10": _("Cash"),
    "20": _("Cheque"),
    "21": _("Banker's draft"),
    "23": _("Bank cheque"),
    "25": _("Certified cheque"),
    "30": _("Bank transfer"),
    "31": _("Bank transfer"),
    "42": _("Bank transfer"),
    "48": _("Bank card"),
    "49": _("Direct debit"),
    "50": _("Postal giro"),
    "54": _("Credit card"),
    "55": _("Debit card"),
    "57": _("Standing agreement"),
    "58": _("Bank transfer (SEPA)"),
    "59": _("Direct debit (SEPA)"),
    "60": _("Promissory note"),
    "68": _("Online payment"),
    "70": _("Bill of exchange"),
    "97": _("Set off between the parties"),
}
"""Ways to pay (UNTDID 4461)."""
