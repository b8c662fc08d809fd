"""Does an invoice agree with itself? The arithmetic rules of EN 16931 and those of Facturae.

Tolerances are the ones of the rules, not wider: the totals have to add up to the minor unit; tax computed from a base
may be off by less than one whole unit of the currency, as EN 16931's own artefacts allow (BR-CO-17, BR-S-08);
profiles that allow a minor unit a term for rounding (Factur-X EXTENDED, Facturae with its eight decimals) get that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from plugins.invoices.reading.amounts import exponent, minor_of
from plugins.invoices.reading.invoice import Line, ReadInvoice, VatRow

MISMATCHES: Final[dict[str, str]] = {
    "allowances": "The allowances add up to {expected}, the invoice says {found}.",
    "charges": "The charges add up to {expected}, the invoice says {found}.",
    "due": "The total less what was paid is {expected}, the invoice asks for {found}.",
    "gross": "The total without VAT and the VAT add up to {expected}, the invoice says {found}.",
    "lines": "The lines add up to {expected}, the invoice says {found}.",
    "net": "Lines, allowances and charges add up to {expected}, the invoice says {found}.",
    "vat": "The VAT breakdown adds up to {expected}, the invoice says {found}.",
    "vat-base": "The bases of the VAT breakdown add up to {found}, the total without VAT is {expected}.",
    "vat-row": "VAT of {rate} % on {base} is {expected}, the invoice says {found}.",
    "withheld": "The withheld taxes add up to {expected}, the invoice says {found}.",
}
"""The English sentence of each code; `expected`, `found`, `base` are amounts to be written as money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One rule that does not hold. Amounts are minor units; `rule` names the norm; `rate`, `base` for a VAT row."""

    code: str
    rule: str
    expected: int
    found: int
    rate: str = ""
    base: int | None = None


def check_sums(invoice: ReadInvoice) -> list[Mismatch]:
    """Every rule that the figures break, in the order in which a reader meets them; empty when all is well."""
    return [
        mismatch for mismatch, tolerance in _compared(invoice) if abs(mismatch.expected - mismatch.found) > tolerance
    ]


def _compared(invoice: ReadInvoice) -> Iterator[tuple[Mismatch, int]]:
    yield from _lines(invoice)
    yield from _allowances(invoice)
    yield from _net(invoice)
    yield from _vat(invoice)
    yield from _gross(invoice)
    yield from _due(invoice)


def _slack(invoice: ReadInvoice, terms: int) -> int:
    # Factur-X EXTENDED allows 0.01 for each amount of the document (BR-FXEXT-CO-10 to 15), Facturae computes with eight
    # decimals and shows two.
    if "extended" in invoice.profile.casefold() and invoice.syntax == "cii":
        return len(invoice.lines) + len(invoice.allowances) + 1
    return terms if invoice.syntax == "facturae" else 0


def _lines(invoice: ReadInvoice) -> Iterator[tuple[Mismatch, int]]:
    stated = invoice.totals.lines
    counted = [line for line in invoice.lines if line.counted and line.net_text]
    priced = [line for line in invoice.lines if line.counted and (line.price or line.quantity)]
    if stated is None or not counted or any(not line.net_text for line in priced):
        return  # profiles without lines, and ZUGFeRD 1 BASIC, whose lines need no amounts
    smallest = Decimal(1).scaleb(-exponent(invoice.currency))
    finer = sum(Decimal(line.net_text) % smallest != 0 for line in counted)
    tolerance = max(_slack(invoice, len(counted)), finer)
    # Formats disagree whether sub-lines add to the sum: EXTENDED counts the details, the XRechnung extension of UBL the
    # parents, EN 16931 itself every line there is. The nearest reading is taken.
    readings = (
        counted,
        [line for line in invoice.lines if not line.parent and line.net_text],
        [line for line in invoice.lines if line.net_text],
    )
    expected = min((_sum(lines, invoice.currency) for lines in readings), key=lambda value: abs(value - stated))
    yield Mismatch(code="lines", rule="BR-CO-10", expected=expected, found=stated), tolerance


def _sum(lines: list[Line], currency: str) -> int:
    return minor_of(sum((Decimal(line.net_text) for line in lines), Decimal(0)), currency=currency)


def _allowances(invoice: ReadInvoice) -> Iterator[tuple[Mismatch, int]]:
    totals = invoice.totals
    for code, rule, stated, is_charge in (
        ("allowances", "BR-CO-11", totals.allowances, False),
        ("charges", "BR-CO-12", totals.charges, True),
    ):
        items = [item.amount for item in invoice.allowances if item.is_charge is is_charge]
        if invoice.syntax == "zugferd1" and not items:
            continue  # its BASIC profile states the sums and has no room for what they are made of
        if stated is not None:
            tolerance = _slack(invoice, len(items))
            yield Mismatch(code=code, rule=rule, expected=sum(items), found=stated), tolerance


def _net(invoice: ReadInvoice) -> Iterator[tuple[Mismatch, int]]:
    totals = invoice.totals
    if totals.lines is not None:
        expected = totals.lines + (
            _added(invoice, totals.charges, is_charge=True) - _added(invoice, totals.allowances, is_charge=False)
        )
        tolerance = _slack(invoice, 1)
        yield Mismatch(code="net", rule="BR-CO-13", expected=expected, found=totals.net), tolerance


def _added(invoice: ReadInvoice, stated: int | None, *, is_charge: bool) -> int:
    if stated is not None:
        return stated
    return sum(item.amount for item in invoice.allowances if item.is_charge is is_charge)


def _vat(invoice: ReadInvoice) -> Iterator[tuple[Mismatch, int]]:
    if not invoice.vat:
        return
    whole_unit = 10 ** exponent(invoice.currency)
    less_than_one = max(whole_unit - 1, 1)
    for row in invoice.vat:
        if row.rate and row.base is not None:
            expected = _tax(row)
            yield (
                Mismatch(
                    code="vat-row", rule="BR-CO-17", expected=expected, found=row.amount, rate=row.rate, base=row.base
                ),
                less_than_one,
            )
    bases = [row.base for row in invoice.vat if row.base is not None]
    one_tax = len({row.tax for row in invoice.vat}) == 1
    if len(bases) == len(invoice.vat) and one_tax and invoice.syntax != "facturae":
        # Two taxes may lie on one base; Facturae may leave general surcharges untaxed and tax one line twice (VAT and a
        # special tax).
        yield (
            Mismatch(code="vat-base", rule="BR-S-08", expected=invoice.totals.net, found=sum(bases)),
            less_than_one * len(bases),
        )
    expected = sum(row.amount + row.surcharge for row in invoice.vat)
    tolerance = _slack(invoice, len(invoice.vat))
    yield Mismatch(code="vat", rule="BR-CO-14", expected=expected, found=invoice.totals.vat), tolerance


def _tax(row: VatRow) -> int:
    exact = Decimal(row.base or 0) * Decimal(row.rate) / 100
    return int(exact.to_integral_value(ROUND_HALF_UP))


def _gross(invoice: ReadInvoice) -> Iterator[tuple[Mismatch, int]]:
    totals = invoice.totals
    expected = totals.net + totals.vat
    if _withheld_before_total(invoice):
        expected -= totals.withheld
    if _rounded_before_total(invoice):
        expected += totals.rounding
    tolerance = _slack(invoice, 1)
    yield Mismatch(code="gross", rule="BR-CO-15", expected=expected, found=totals.gross), tolerance


def _withheld_before_total(invoice: ReadInvoice) -> bool:
    # Facturae defines its total after withheld taxes; some writers (the corpus has both kinds) subtract them only from
    # the amount due. The nearer reading is taken, so that a wrong total is still wrong.
    totals = invoice.totals
    if not totals.withheld:
        return False
    before = totals.net + totals.vat
    return abs(before - totals.withheld - totals.gross) < abs(before - totals.gross)


def _rounded_before_total(invoice: ReadInvoice) -> bool:
    # UBL before EN 16931 (OASIS's own examples) counts the rounding into the total with VAT, not into the amount due.
    totals = invoice.totals
    return totals.rounding != 0 and totals.gross == totals.net + totals.vat + totals.rounding


def _due(invoice: ReadInvoice) -> Iterator[tuple[Mismatch, int]]:
    totals = invoice.totals
    if totals.withheld or invoice.withholdings:
        stated = sum(item.amount for item in invoice.withholdings)
        tolerance = _slack(invoice, max(len(invoice.withholdings), 1))
        yield Mismatch(code="withheld", rule="Facturae", expected=stated, found=totals.withheld), tolerance
    if totals.lines is None and not totals.paid:
        return  # MINIMUM has no paid amount (BT-113), only what is due after it
    expected = totals.gross - totals.paid - totals.retained + totals.added
    if not _rounded_before_total(invoice):
        expected += totals.rounding
    tolerance = _slack(invoice, 1)
    if totals.withheld and not _withheld_before_total(invoice):
        # In UBL (CIUS-PT) withholding is told beside the amount due; in Facturae it is taken off.
        after = expected - totals.withheld
        expected = after if abs(after - totals.due) < abs(expected - totals.due) else expected
    yield Mismatch(code="due", rule="BR-CO-16", expected=expected, found=totals.due), tolerance
