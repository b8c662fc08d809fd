"""Amounts of one document: the currency and the sentence's field name are given once."""

from dataclasses import dataclass

from lxml.etree import _Element

from plugins.invoices.reading.amounts import decimal, exact_minor, rounded_minor
from plugins.invoices.reading.errors import (
    MissingAmountError,
    MissingNumberError,
    MixedCurrenciesError,
    ValueTooLongError,
)
from plugins.invoices.reading.nodes import children, own_text, text

LONGEST_NUMBER = 200


def invoice_number(value: str) -> str:
    """The invoice's number (BT-1). Raises MissingNumberError, ValueTooLongError."""
    if not value:
        raise MissingNumberError
    if len(value) > LONGEST_NUMBER:
        raise ValueTooLongError(field="invoice number", limit=LONGEST_NUMBER)
    return value


def decimal_text(value: str, *, field: str) -> str:
    """A price, quantity or rate kept as written, once it is known to be a number. Raises BadAmountError."""
    if value:
        decimal(value, field=field)
    return value


def rate_text(value: str, *, field: str) -> str:
    """A percentage kept as written, without the sign for it. Raises BadAmountError."""
    return decimal_text(value.removesuffix("%").rstrip(), field=field)


@dataclass(frozen=True, slots=True)
class Figures:
    """Reads amounts in one currency."""

    currency: str

    def total(self, node: _Element | None, *paths: str, field: str) -> int | None:
        """A document total, exact, in the document's currency; None where the file has none."""
        for path in paths:
            stated = [
                ((found.get("currencyID") or self.currency).strip().upper(), value)
                for found in children(node, path)
                if (value := own_text(found))
            ]
            if not stated:
                continue
            # CII lets a total stand again in another currency; the document's own is the one that counts.
            own = next((value for currency, value in stated if currency == self.currency), None)
            if own is None:
                raise MixedCurrenciesError(field=field, value=stated[0][0][:40], currency=self.currency)
            return exact_minor(own, field=field, currency=self.currency)
        return None

    def demanded(self, node: _Element | None, *paths: str, field: str) -> int:
        """A document total that has to be there. Raises MissingAmountError."""
        if (value := self.total(node, *paths, field=field)) is None:
            raise MissingAmountError(field=field)
        return value

    def rounded_total(self, node: _Element | None, path: str, *, field: str) -> int:
        """A total that has to be there in a format that computes with more decimals than the currency has."""
        if (value := self.part(node, path, field=field)) is None:
            raise MissingAmountError(field=field)
        return value

    def part(self, node: _Element | None, *paths: str, field: str) -> int | None:
        """An amount below the totals, rounded half up where it has more decimals than its currency."""
        value = text(node, *paths)
        return rounded_minor(value, field=field, currency=self.currency) if value else None

    def part_or_zero(self, node: _Element | None, *paths: str, field: str) -> int:
        """As `part`, absent meaning nothing."""
        return self.part(node, *paths, field=field) or 0
