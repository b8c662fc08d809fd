"""Amounts: integer minor units with a currency."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from babel.numbers import format_currency, get_decimal_symbol

from core.formats.problems import FormatError
from core.i18n import Translator, babel_locale

_ = Translator("core")

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_DIGITS: Final = re.compile(r"(\D*)(\d.*\d|\d)(\D*)")
LARGEST: Final = 2**63 - 1  # what a BigInt column holds
_MOST_DECIMALS: Final = 40  # written out; a short exponent could ask for a number of gigabytes

# ISO 4217 minor units where they are not 2; CLDR rounds some currencies to what is paid in cash (RSD), invoices do not
_MINOR_DIGITS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def minor_digits(currency: str) -> int:
    """Decimals of a currency (ISO 4217): EUR 2, JPY 0, KWD 3.

    Raises ValueError for what is no currency code.
    """
    if not _CURRENCY.fullmatch(currency):
        raise ValueError(f"no currency code: {currency!r}")
    return _MINOR_DIGITS.get(currency, 2)


def minor_units(amount: str | Decimal | int, currency: str) -> int:
    """Minor units of a decimal amount (`"12.5"` EUR → 1250), exactly.

    Raises FormatError for more decimals than the currency has, for too much, for no number.
    """
    digits = minor_digits(currency)
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise FormatError(_("This is not an amount.")) from None
    if not value.is_finite() or value.adjusted() > 18:
        raise FormatError(_("This amount is too large."))
    _sign, figures, exponent = value.as_tuple()
    if int(exponent) < -_MOST_DECIMALS:
        raise FormatError(_("This is not an amount."))
    shift = int(exponent) + digits
    whole: int = int("".join(map(str, figures)))
    if shift >= 0:
        whole *= int(10**shift)
    else:
        whole, rest = divmod(whole, int(10**-shift))
        if rest:
            raise FormatError(
                _.plural("{currency} has {n} decimal.", "{currency} has {n} decimals.").format(
                    n=digits, currency=currency
                )
            )
    if whole > LARGEST:
        raise FormatError(_("This amount is too large."))
    return -whole if value.is_signed() else whole


def decimal_text(minor: int, currency: str) -> str:
    """Amount as plain decimal text with a point, for files and APIs: 1250 EUR → `12.50`."""
    digits = minor_digits(currency)
    if not digits:
        return str(minor)
    whole, part = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{digits}}"


@lru_cache(maxsize=2048)
def money_style(currency: str, language: str) -> Callable[[int], str]:
    """Writer of one currency in one language, its signs and separators read off Babel's own samples."""
    locale = babel_locale(language)
    digits = minor_digits(currency)
    scale = 10**digits
    point = get_decimal_symbol(locale)

    def sample(value: int) -> tuple[str, str, str]:
        match = _DIGITS.fullmatch(format_currency(value, currency, locale=locale))
        if match is None:  # pragma: no cover -- no language of ours writes an amount without digits
            raise ValueError(f"cannot learn how {language} writes {currency}")
        return match[1], match[2], match[3]

    before, figures, after = sample(1_234_567)
    group = figures[1]
    below_before, _figures, below_after = sample(-1)
    threshold = 1_000 if sample(1_234)[1][1] == group else 10_000

    def write(minor: int) -> str:
        if type(minor) is not int:
            raise TypeError(f"an amount is an int of minor units, not {minor!r}")
        if minor < 0:
            head, tail, minor = below_before, below_after, -minor
        else:
            head, tail = before, after
        whole, part = divmod(minor, scale)
        text = f"{whole:,}".replace(",", group) if whole >= threshold else str(whole)
        return f"{head}{text}{point}{part:0{digits}}{tail}" if digits else f"{head}{text}{tail}"

    return write


def money(minor: int, currency: str, language: str) -> str:
    """Amount with its currency in the language's order and separators: 123450 EUR → `1.234,50 €`."""
    return money_style(currency, language)(minor)
