"""Numbers, percentages, durations, file sizes."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Final

from babel.numbers import format_percent, get_decimal_symbol
from babel.units import format_unit

from core.i18n import babel_locale, whole_number

_DECIMAL: Final = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")
_NBSP: Final = "\u00a0"
_SIZES: Final = (("gigabyte", 10**9), ("megabyte", 10**6), ("kilobyte", 10**3))


@cache
def _point(language: str) -> str:
    return get_decimal_symbol(babel_locale(language))


def number(value: str | int | Decimal, language: str) -> str:
    """Decimal text with its digits as they are, in the language's separators: `"1234.50"` → `1.234,50`.

    Raises ValueError for what is no decimal; floats are refused, they have no digits of their own.
    """
    if type(value) is int:
        return whole_number(value, language)
    text = format(value, "f") if isinstance(value, Decimal) else value
    match = _DECIMAL.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"no decimal number: {value!r}")
    sign = "-" if match[1] == "-" else ""
    whole = whole_number(int(match[2]), language)
    return f"{sign}{whole}{_point(language)}{match[3]}" if match[3] else f"{sign}{whole}"


@cache
def _percent_sign(language: str) -> str:
    return format_percent(1, locale=babel_locale(language)).removeprefix("100")


def percent(value: str | int | Decimal, language: str) -> str:
    """Percentage points without needless zeros: `"21.00"` → `21 %`."""
    text = number(value, language)
    if _point(language) in text:
        text = text.rstrip("0").removesuffix(_point(language))
    return text + _percent_sign(language)


def duration(seconds: int, language: str) -> str:  # noqa: ARG001 -- all formats end with the language; SI symbols are the same in all
    """Seconds in words: 27000 → `7 h 30 min`; seconds only where there are some."""
    left = abs(seconds)
    parts = [(left // 3600, "h"), (left // 60 % 60, "min"), (left % 60, "s")]
    text = " ".join(f"{value}{_NBSP}{unit}" for value, unit in parts if value) or f"0{_NBSP}min"
    return f"-{text}" if seconds < 0 else text


def clock(seconds: int, language: str) -> str:  # noqa: ARG001 -- all formats end with the language
    """Seconds as hours and minutes, 27000 → `7:30`, and `1:00:01` where seconds matter."""
    left = abs(seconds)
    tail = f":{left % 60:02}" if left % 60 else ""
    return f"{'-' if seconds < 0 else ''}{left // 3600}:{left // 60 % 60:02}{tail}"


def hours(seconds: int, language: str) -> str:
    """Seconds as decimal hours, two decimals, half rounded up: 27000 → `7,50`."""
    exact = Decimal(seconds) / 3600
    return number(exact.quantize(Decimal("0.01"), ROUND_HALF_UP), language)


@lru_cache(maxsize=4096)
def filesize(size: int, language: str) -> str:
    """Bytes in decimal units, one decimal below ten: 1500000 → `1,5 MB` (`1,5 Mo` in French)."""
    locale = babel_locale(language)
    for unit, factor in _SIZES:
        if size >= factor:
            value = Decimal(size) / factor
            rounded = value.quantize(Decimal("0.1") if value < 10 else Decimal(1), ROUND_HALF_UP)
            return _unit(rounded, unit, locale_name=str(locale))
    return _unit(Decimal(size), "byte", locale_name=str(locale))


# CLDR's short forms of pt and en spell some out (`MByte`, `700 byte`); the symbols are what people know
_SYMBOLS: Final = {"byte": "B", "kilobyte": "kB", "megabyte": "MB", "gigabyte": "GB"}


def _unit(value: Decimal, unit: str, *, locale_name: str) -> str:
    if locale_name.startswith("fr"):
        return format_unit(value, f"digital-{unit}", "short", locale=locale_name)
    text = format(value, "f").replace(".", "." if locale_name.startswith("en") else ",")
    return f"{text}{_NBSP}{_SYMBOLS[unit]}"
