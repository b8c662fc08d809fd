"""An invoice as its writer means it: figures worked out here, with nothing of the readers, then written in a syntax."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

DECIMALS = {"JPY": 0, "CLP": 0, "TND": 3, "KWD": 3}


def amount(value: Decimal, currency: str = "EUR") -> Decimal:
    """Rounded to the currency."""
    return value.quantize(Decimal(1).scaleb(-DECIMALS.get(currency, 2)), ROUND_HALF_UP)


def minor(value: Decimal, currency: str = "EUR") -> int:
    """The integer that the portal keeps."""
    return int(value.scaleb(DECIMALS.get(currency, 2)))


@dataclass(frozen=True, kw_only=True)
class Extra:
    """An allowance, or a charge."""

    value: str
    charge: bool = False
    percent: str = ""
    base: str = ""
    reason: str = "Agreed"
    category: str = "S"
    rate: str = "21"

    @property
    def signed(self) -> Decimal:
        return Decimal(self.value) if self.charge else -Decimal(self.value)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line; `net` is worked out from what stands on it. With `subs` it is what they add up to."""

    name: str = "Work"
    quantity: str = "1"
    unit: str = "HUR"
    price: str = "100.00"
    base: str = ""
    category: str = "S"
    rate: str = "21"
    extras: tuple[Extra, ...] = ()
    subs: tuple[Entry, ...] = ()

    def net(self, currency: str) -> Decimal:
        if self.subs:
            return sum((sub.net(currency) for sub in self.subs), Decimal(0))
        whole = Decimal(self.quantity) * Decimal(self.price) / Decimal(self.base or "1")
        return amount(whole + sum((extra.signed for extra in self.extras), Decimal(0)), currency)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A row of the breakdown."""

    category: str
    rate: str
    base: Decimal
    tax: Decimal


@dataclass(frozen=True, kw_only=True)
class Who:
    """A party."""

    name: str
    tax_id: str = ""
    country: str = "ES"
    siret: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document; amounts are decimal texts."""

    number: str = "F-2026/7"
    type_code: str = "380"
    credit: bool = False
    issued: date = date(2026, 3, 31)
    due: date | None = date(2026, 4, 30)
    currency: str = "EUR"
    tax_currency: str = ""
    exchange: str = "1.1"
    seller: Who = Who(name="Obrador Temporal, S.L. — Ñandú & Cía", tax_id="ESB12345674")
    buyer: Who = Who(name="Cliente Épsilon SA", tax_id="ESA58818501")
    entries: tuple[Entry, ...] = (Entry(),)
    extras: tuple[Extra, ...] = ()
    paid: str = "0"
    rounding: str = "0"
    claims: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ("ES9121000418450200051332",)
    preceding: tuple[str, ...] = ()
    reference: str = "04011000-12345-34"
    order: str = "PO-9"
    notes: tuple[str, ...] = ("Thank you.",)
    profile: str = "urn:cen.eu:en16931:2017"
    reasons: dict[str, str] = field(
        default_factory=lambda: {"AE": "Reverse charge", "E": "Exempt", "O": "Outside scope"}
    )

    def _money(self, value: Decimal) -> Decimal:
        return amount(value, self.currency)

    @cached_property
    def lines(self) -> Decimal:
        return sum((entry.net(self.currency) for entry in self.entries), Decimal(0))

    def _extras(self, *, charge: bool) -> Decimal:
        return sum((Decimal(extra.value) for extra in self.extras if extra.charge is charge), Decimal(0))

    @cached_property
    def allowances(self) -> Decimal:
        return self._extras(charge=False)

    @cached_property
    def charges(self) -> Decimal:
        return self._extras(charge=True)

    @cached_property
    def net(self) -> Decimal:
        return self.lines - self.allowances + self.charges

    @cached_property
    def rates(self) -> tuple[Rate, ...]:
        bases: dict[tuple[str, str], Decimal] = {}
        flat = [leaf for entry in self.entries for leaf in (entry.subs or (entry,))]
        for category, rate, value in (
            *((entry.category, entry.rate, entry.net(self.currency)) for entry in flat),
            *((extra.category, extra.rate, extra.signed) for extra in self.extras),
        ):
            bases[category, rate] = bases.get((category, rate), Decimal(0)) + value
        return tuple(
            Rate(category=category, rate=rate, base=base, tax=self._money(base * Decimal(rate or "0") / 100))
            for (category, rate), base in bases.items()
        )

    @cached_property
    def vat(self) -> Decimal:
        return sum((row.tax for row in self.rates), Decimal(0))

    @cached_property
    def vat_elsewhere(self) -> Decimal:
        return amount(self.vat * Decimal(self.exchange), self.tax_currency)

    @cached_property
    def gross(self) -> Decimal:
        return self.net + self.vat

    @cached_property
    def asked(self) -> Decimal:
        claims = sum((Decimal(claim) for claim in self.claims), Decimal(0))
        return self.gross - Decimal(self.paid) + Decimal(self.rounding) + claims
