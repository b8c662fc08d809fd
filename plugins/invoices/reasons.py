"""Why something was not taken in, in words: reasons of the readers, of the sums, and of the portal itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from core.sdk import LazyString, Translator, formats, imports

if TYPE_CHECKING:
    from collections.abc import Mapping

_ = Translator("invoices")

READING: Final[dict[str, LazyString]] = {
    "amount-has-too-many-decimals": _(
        "{field} is {value}, which has more decimals than {currency} has ({decimals}). It cannot be kept exactly."
    ),
    "attachment-too-large": _(
        "The file embedded in the PDF unpacks to more than {limit} MB, which no invoice needs. It was not unpacked."
    ),
    "bad-amount": _("{field} is “{value}”, which is not an amount."),
    "bad-currency": _("“{value}” is not a currency code of three letters."),
    "bad-date": _("{field} is “{value}”, which is not a date."),
    "broken-pdf": _("The PDF is damaged and its parts cannot be found."),
    "empty-file": _("The file is empty."),
    "encrypted-pdf": _("The PDF is encrypted. Save it without a password and send it again."),
    "entity-declaration-refused": _(
        "The XML declares a document type or entities, which invoices never need and attacks use. It was not read."
    ),
    "missing-amount": _("The invoice does not state its {field}."),
    "missing-currency": _("The invoice does not state its currency."),
    "missing-date": _("The invoice does not state its date of issue."),
    "missing-number": _("The invoice does not state its number."),
    "missing-seller": _("The invoice names no seller, neither by name nor by tax number."),
    "mixed-currencies": _("The invoice is in {currency}, but its {field} is in {value}."),
    "not-well-formed-xml": _("The XML is damaged at line {line}: {detail}"),
    "pdf-takes-too-long": _("The PDF is built in a way that takes too long to read."),
    "pdf-without-invoice": _("The PDF holds no e-invoice. Its figures have to be typed."),
    "several-invoices": _("The file holds {count} invoices. Send each one as a file of its own."),
    "too-deep": _("The XML is nested deeper than {limit} levels, which no invoice is."),
    "too-large": _("The file is larger than {limit} MB."),
    "too-many-elements": _("The XML has more parts than the {limit} that are read."),
    "truncated-pdf": _("The end of the PDF is missing: the file is cut off."),
    "unknown-document-type": _("The file is a “{root}”, which is not an invoice or a credit note."),
    "unknown-encoding": _("The text encoding “{encoding}” of the XML is not one that invoices use."),
    "unsupported-format": _("The file is neither a PDF nor an e-invoice that can be read (it starts as “{kind}”)."),
    "unsupported-version": _("The file is {format} {version}, and only {supported} is read."),
    "value-too-long": _("{field} is longer than {limit} characters."),
}
"""By the codes of `reading.MESSAGES`, in the same words."""

FIELDS: Final[tuple[LazyString, ...]] = (
    _("VAT amount"),
    _("VAT base"),
    _("VAT rate"),
    _("VAT total"),
    _("allowance or charge"),
    _("amount due"),
    _("base of an allowance or charge"),
    _("date of issue"),
    _("due date"),
    _("equivalence surcharge"),
    _("expenses"),
    _("invoice number"),
    _("line amount"),
    _("logistics charge"),
    _("outstanding amount"),
    _("paid amount"),
    _("part payment"),
    _("payment in kind"),
    _("payments on account"),
    _("percentage"),
    _("price base quantity"),
    _("quantity"),
    _("retained guarantee"),
    _("rounding amount"),
    _("subsidy"),
    _("sum of the allowances"),
    _("sum of the charges"),
    _("sum of the lines"),
    _("tax amount"),
    _("tax base"),
    _("tax rate"),
    _("third-party payment"),
    _("total with VAT"),
    _("total without VAT"),
    _("unit price"),
    _("withheld amount"),
    _("withheld tax"),
    _("withheld taxes"),
    _("withholding base"),
)
"""What the readers call the parts of an invoice in those sentences."""

SUMS: Final[dict[str, LazyString]] = {
    "allowances": _("The allowances add up to {expected}, the invoice says {found}."),
    "charges": _("The charges add up to {expected}, the invoice says {found}."),
    "due": _("The total less what was paid is {expected}, the invoice asks for {found}."),
    "gross": _("The total without VAT and the VAT add up to {expected}, the invoice says {found}."),
    "lines": _("The lines add up to {expected}, the invoice says {found}."),
    "net": _("Lines, allowances and charges add up to {expected}, the invoice says {found}."),
    "vat": _("The VAT breakdown adds up to {expected}, the invoice says {found}."),
    "vat-base": _("The bases of the VAT breakdown add up to {found}, the total without VAT is {expected}."),
    "vat-row": _("VAT of {rate} % on {base} is {expected}, the invoice says {found}."),
    "withheld": _("The withheld taxes add up to {expected}, the invoice says {found}."),
}
"""By the codes of `reading.MISMATCHES`, in the same words."""

OWN: Final[dict[str, LazyString]] = {
    "conflict": _("Invoice {number} is here already, with other content. Decide which one counts."),
    "customer-closed": _("The buyer, {name}, is a customer that has been closed."),
    "discarded": _("This file was discarded earlier."),
    "key-taken": _("Another invoice has the key “{key}” already."),
    "list-row": _("Line {line} of the list: {detail}"),
    "list-without-file": _("Line {line} of the list names the file “{name}”, which did not come with it."),
    "may-not-collect": _("Your role does not allow recording payments."),
    "no-buyer": _("The invoice names no buyer."),
    "several-customers": _("More than one customer fits the buyer {name} ({tax_id})."),
    "several-numbers": _("More than one invoice has the number {number}. Give its date and type as well."),
    "unknown-customer": _("The portal knows no customer that fits the buyer {name} ({tax_id})."),
    "unknown-number": _("The portal knows no invoice {number}."),
}
"""The portal's own reasons."""

WARNINGS: Final[dict[str, LazyString]] = {
    "seller-is-not-tenant": _("The seller is not your company: another tax number stands in the invoice."),
}
"""What staff sees on an invoice that was published all the same."""

UNHEARD: Final[dict[imports.Unheard, LazyString]] = {
    "no-address": _("Nobody was told: no contact who may see it has an e-mail address."),
    "no-access": _("Nobody was told: no contact who may see it has been invited to the portal yet."),
}
"""What staff is told where publishing reached nobody."""

HOSTILE: Final = frozenset(
    {
        "attachment-too-large",
        "empty-file",
        "entity-declaration-refused",
        "pdf-takes-too-long",
        "too-deep",
        "too-large",
        "too-many-elements",
        "unsupported-format",
    }
)
"""Refused at the door: nothing of such a file is kept."""

BY_HAND: Final = frozenset({"broken-pdf", "pdf-without-invoice", "truncated-pdf"})
"""Where figures that come in a list or are typed stand in for those that the file does not give."""

_FIELD_WORDS: Final = {field.message: field for field in FIELDS}


def reason_of(code: str, params: Mapping[str, Any]) -> LazyString:
    """Return the sentence of a reason; *params* as quarantine keeps them."""
    if code == "sums":
        return mismatch_of(params["mismatches"][0], params["currency"])
    text = OWN.get(code) or READING[code]
    facts = dict(params)
    if facts.get("field") in _FIELD_WORDS:
        facts["field"] = _FIELD_WORDS[facts["field"]]
    return text.format(**facts)


def mismatch_of(mismatch: Mapping[str, Any], currency: str) -> LazyString:
    """Return the sentence of one sum that does not add up."""
    amounts = {
        name: formats.lazily(formats.money, mismatch[name], currency)
        for name in ("expected", "found", "base")
        if mismatch.get(name) is not None
    }
    return SUMS[mismatch["code"]].format(rate=mismatch.get("rate", ""), **amounts)
