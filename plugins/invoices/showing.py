"""A document as its page draws it: words for codes, amounts with their sign, nothing that is not said."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.sdk import Translator, formats
from plugins.invoices.reading import unit_label
from plugins.invoices.states import DueState, PaymentState, due_state
from plugins.invoices.words import CATEGORIES, KINDS, MEANS, UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from core.sdk import LazyString
    from plugins.invoices.tables import Invoice

_ = Translator("invoices")

MOST_LINES = 500
"""Lines on a page; the file holds them all."""
CREDIT_NOTE = "credit_note"


def document_of(invoice: Invoice, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates draw of a loaded invoice and all that was read of it."""
    lines = [_line(line) for line in content.get("lines", ())]
    due_on: date | None = invoice.due_on
    return {
        "kind": KINDS[invoice.document_type],
        "number": invoice.number,
        "currency": invoice.currency,
        "issued_on": invoice.issued_on,
        "due_on": due_on if due_on is not None else content.get("due_on"),
        "delivered_on": content.get("delivered_on"),
        "period": _period(content),
        **_parties(content),
        "lines": lines[:MOST_LINES],
        "more_lines": max(len(lines) - MOST_LINES, 0),
        "allowances": [_allowance(each) for each in content.get("allowances", ())],
        "vat": [_vat(row) for row in content.get("vat", ())],
        "totals": list(_totals(invoice, content.get("totals", {}))),
        "withholdings": content.get("withholdings", ()),
        "means": [_means(each) for each in content.get("payments", ()) if any(each.values())],
        "terms": content.get("payment_terms", ""),
        "installments": content.get("installments", ()) if len(content.get("installments", ())) > 1 else (),
        "notes": content.get("notes", ()),
        "references": list(_references(content)),
        "rendering": not invoice.readable and invoice.source_format != "typed",
        "of_many": content.get("parts", 1) > 1,
        "typed": invoice.source_format == "typed",
    }


def next_step(invoice: Invoice, today: date) -> dict[str, Any]:
    """Return what is to be done about an invoice: a title, a text, a tone, an icon."""
    state = PaymentState(invoice.payment_state)
    credit = invoice.document_type == CREDIT_NOTE
    back = credit or invoice.signed_due < 0
    amount = formats.lazily(formats.money, abs(invoice.due) if back else invoice.due, invoice.currency)
    if state is PaymentState.COLLECTED:
        title = _("This credit note is settled") if credit else _("This invoice is paid")
        return {"title": title, "text": None, "tone": "success", "icon": "circle-check"}
    if back:
        return {
            "title": _("{amount} in your favour").format(amount=amount),
            "text": None,
            "tone": "info",
            "icon": "receipt",
        }
    title = _("{amount} to be paid").format(amount=amount)
    due_on: date | None = invoice.due_on
    if due_on is None:
        return {"title": title, "text": None, "tone": "info", "icon": "clock"}
    day = formats.lazily(formats.day, invoice.due_on)
    if due_state(state=state, due_on=invoice.due_on, today=today) is DueState.OVERDUE:
        text: LazyString = _("It was due on {day}.").format(day=day)
        return {"title": title, "text": text, "tone": "danger", "icon": "alert-circle"}
    if invoice.due_on == today:
        return {"title": title, "text": _("It is due today."), "tone": "warning", "icon": "clock"}
    return {"title": title, "text": _("It is due on {day}.").format(day=day), "tone": "info", "icon": "clock"}


def _decimal(text: str) -> str | None:
    """Return decimal text as the formats take it, without needless zeros behind the second decimal."""
    if not text:
        return None
    value = format(Decimal(text), "f")
    whole, dot, fraction = value.partition(".")
    if not dot:
        return whole
    kept = fraction.rstrip("0")
    return f"{whole}.{kept.ljust(2, '0')}" if kept else whole


def _price(text: str) -> str | None:
    """Return a price with two decimals at least: prices are read as money."""
    value = _decimal(text)
    return f"{value}.00" if value and "." not in value else value


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    unit = line.get("unit", "")
    code = unit.strip().upper()
    base = _decimal(line.get("price_base_quantity", ""))
    return {
        "position": line.get("position", ""),
        "name": line.get("name", ""),
        "description": line.get("description", ""),
        "note": line.get("note", ""),
        "quantity": _decimal(line.get("quantity", "")),
        "unit": UNITS.get(code) or unit_label(unit),
        "price": _price(line.get("price", "")),
        "price_base": base if base not in {None, "1"} else None,
        "vat_rate": _decimal(line.get("vat_rate", "")),
        "net": line.get("net"),
        "allowances": [_allowance(each) for each in line.get("allowances", ())],
        "period": _period(line),
        "sub": bool(line.get("parent")),
    }


def _allowance(each: Mapping[str, Any]) -> dict[str, Any]:
    otherwise = _("Charge") if each["is_charge"] else _("Discount")
    return {
        "label": each.get("reason") or otherwise,
        "percent": _decimal(each.get("percent", "")),
        "amount": each["amount"] if each["is_charge"] else -each["amount"],
    }


def _vat(row: Mapping[str, Any]) -> dict[str, Any]:
    category = row.get("category", "")
    tax = row.get("tax", "VAT")
    return {
        "label": CATEGORIES.get(category.strip().upper()) or category or _("VAT"),
        "tax": tax if tax != "VAT" else "",
        "rate": _decimal(row.get("rate", "")),
        "base": row.get("base"),
        "amount": row["amount"],
        "surcharge": row.get("surcharge") or None,
        "surcharge_rate": _decimal(row.get("surcharge_rate", "")),
        "reason": row.get("reason", ""),
    }


def _totals(invoice: Invoice, totals: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    def said(key: str) -> int:
        return int(totals.get(key) or 0)

    lines = said("lines") if totals.get("lines") != invoice.net else 0
    rows = (
        (_("Sum of the lines"), lines, False),
        (_("Discounts"), -said("allowances"), False),
        (_("Charges"), said("charges"), False),
        (_("Without VAT"), invoice.net, None),
        (_("VAT"), invoice.vat, None),
        (_("Total"), invoice.gross, True),
        (_("Withheld tax"), -said("withheld"), False),
        (_("Kept back as a guarantee"), -said("retained"), False),
        (_("Collected beside the invoice"), said("added"), False),
        (_("Rounding"), said("rounding"), False),
        (_("Paid"), -invoice.paid, False),
    )
    for label, amount, grand in rows:
        if amount or grand is not False:
            yield {"label": label, "amount": amount, "grand": bool(grand)}
    if invoice.due != invoice.gross:
        yield {"label": _("Still due"), "amount": invoice.due, "grand": True}


def _parties(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return seller, buyer and payee; their country is said where it is not the same for all."""
    parties = {key: content.get(key) or {} for key in ("seller", "buyer", "payee")}
    abroad = len({party.get("country", "") for party in parties.values()} - {""}) > 1
    return {key: _party(party, abroad=abroad) for key, party in parties.items()}


def _party(party: Mapping[str, Any], *, abroad: bool) -> dict[str, Any] | None:
    if not party:
        return None
    place = " ".join(text for text in (party.get("postal_code", ""), party.get("city", "")) if text)
    region = party.get("region", "")
    lines = [*party.get("address_lines", ()), place if not region or region in place else f"{place} ({region})".strip()]
    numbers = [party.get("tax_id", "")]
    numbers += [f"{each['scheme']} {each['value']}".strip() for each in party.get("registrations", ())]
    contact = (party.get("contact_name", ""), party.get("email", ""), party.get("phone", ""))
    return {
        "name": party.get("name") or party.get("trade_name", ""),
        "trade_name": party.get("trade_name", "") if party.get("name") else "",
        "lines": [line for line in (*lines, party.get("country", "") if abroad else "") if line],
        "tax_id": numbers[0],
        "registrations": [number for number in numbers[1:] if number and not number.endswith(numbers[0] or "\n")],
        "contact": [text for text in contact if text],
    }


def _means(each: Mapping[str, Any]) -> dict[str, Any]:
    code = each.get("means_code", "")
    return {
        "label": MEANS.get(code) or each.get("means_text"),
        "text": each.get("means_text", "") if code in MEANS else "",
        "iban": _grouped(each.get("iban", "")),
        "bic": each.get("bic", ""),
        "account_name": each.get("account_name", ""),
        "remittance": each.get("remittance", ""),
        "mandate": each.get("mandate", ""),
        "debited_iban": _grouped(each.get("debited_iban", "")),
        "creditor_id": each.get("creditor_id", ""),
    }


def _grouped(iban: str) -> str:
    plain = iban.replace(" ", "")
    if not (plain[:2].isalpha() and plain[2:4].isdigit()):
        return iban
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _period(source: Mapping[str, Any]) -> tuple[str | None, str | None] | None:
    first, last = source.get("period_start"), source.get("period_end")
    return (first, last) if first or last else None


def _references(content: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for label, key in (
        (_("Your reference"), "buyer_reference"),
        (_("Order"), "order_reference"),
        (_("Contract"), "contract_reference"),
        (_("Project"), "project_reference"),
    ):
        if content.get(key):
            yield {"label": label, "value": content[key]}
    for preceding in content.get("preceding", ()):
        yield {"label": _("Refers to"), "value": preceding["number"]}
