"""Decimal text to integer minor units, exactly or not at all."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from plugins.invoices.reading.errors import (
    AmountHasTooManyDecimalsError,
    BadAmountError,
    BadCurrencyError,
    MissingCurrencyError,
)

# Digits after the point by ISO 4217, where it is not 2. CLDR (Babel) differs: it says what people write in cash, so
# RSD, ALL, IQD, LBP have no decimals there although invoices have them.
_EXPONENTS: dict[str, int] = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}  # fmt: skip

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST_NUMBER = 40
_WIDE = Context(prec=60)  # the default 28 digits would round the longest number that is let in
LARGEST_MINOR = 10**17
"""Beyond it no column of 64 bits could hold a sum of a few hundred such amounts."""


def exponent(currency: str) -> int:
    """Digits after the decimal point of a currency by ISO 4217."""
    return _EXPONENTS.get(currency, 2)


def currency_code(text: str) -> str:
    """The currency as three capital letters. Raises MissingCurrencyError, BadCurrencyError."""
    if not text:
        raise MissingCurrencyError
    if not _CURRENCY.fullmatch(code := text.upper()):
        raise BadCurrencyError(value=text[:40])
    return code


def decimal(text: str, *, field: str) -> Decimal:
    """The number that an XML decimal says: no exponent, no thousands, no comma. Raises BadAmountError."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise BadAmountError(field=field, value=text[:_LONGEST_NUMBER])
    return Decimal(text)


def exact_minor(text: str, *, field: str, currency: str) -> int:
    """Minor units of a total, refused where digits would be lost. Raises AmountHasTooManyDecimalsError."""
    scaled = _WIDE.scaleb(decimal(text, field=field), exponent(currency))
    if scaled != scaled.to_integral_value():
        raise AmountHasTooManyDecimalsError(field=field, value=text, currency=currency, decimals=exponent(currency))
    return _bounded(scaled, text, field)


def rounded_minor(text: str, *, field: str, currency: str) -> int:
    """Minor units of an amount whose exact text is kept beside it or which is not a total: rounded half up."""
    scaled = _WIDE.scaleb(decimal(text, field=field), exponent(currency))
    return _bounded(scaled.to_integral_value(ROUND_HALF_UP, _WIDE), text, field)


def minor_of(value: Decimal, *, currency: str) -> int:
    """Minor units of a computed sum, rounded half up (away from zero)."""
    return int(_WIDE.scaleb(value, exponent(currency)).to_integral_value(ROUND_HALF_UP))


def _bounded(scaled: Decimal, text: str, field: str) -> int:
    if abs(scaled) > LARGEST_MINOR:
        raise BadAmountError(field=field, value=text)
    return int(scaled)
