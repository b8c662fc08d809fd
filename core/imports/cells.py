"""
Typed cells of a workbook as texts that read back as what they are.

Days and instants as in ISO 8601, times of day and durations as h:mm:ss, numbers with a decimal point and no noise of
binary fractions, answers as yes and no.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DAY: Final = 86_400
_EPOCH: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)
_LEAP_BUG: Final = 60
"""Excel knows a 29 February 1900; before it, days count from one later."""
_FIRST_YEAR: Final = 366
"""A time of day that shows no date and is larger is an instant; a smaller one is a sum of hours."""
_LAST: Final = 2_958_466
"""31 December 9999, and a day."""
_BUILT_IN: Final = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 59)), "d"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47), "h"),
    22: "d h",
    46: "[h]",
}
"""Numbers of formats that every program knows, and what they show; 27 to 36 and 50 to 58 are those of East Asia."""
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?:\$[^\]]*|[^hms\]][^\]]*)\]')
_ELAPSED: Final = re.compile(r"\[(?:h+|m+|s+)\]")
_CLOCK: Final = re.compile(r"[hs]|am/pm|a/p")
_DATE: Final = re.compile(r"[yde]|m")
_MINUTES: Final = re.compile(r"(?<=h)[\W_]*m{1,2}|m{1,2}(?=[\W_]*s)")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WHOLE: Final = re.compile(r"-?\d{1,30}")
_THOUSANDS: Final = re.compile(r"-?\d{1,3}\.\d{3}")


class Style(Enum):
    """What a number in a cell is, by the format it is shown in."""

    PLAIN = auto()
    DAY = auto()
    CLOCK = auto()
    INSTANT = auto()
    DURATION = auto()


def styles_of(used: Iterable[int], codes: Mapping[int, str]) -> tuple[Style, ...]:
    """Return the style of each format that cells use, by the number of the format or what the workbook says of it."""
    return tuple(_style(codes.get(number, _BUILT_IN.get(number, ""))) for number in used)


def _style(code: str) -> Style:
    shown = _LITERAL.sub("", code[:255].lower()).partition(";")[0]
    if shown in {"", "general", "@"}:
        return Style.PLAIN
    if _ELAPSED.search(shown):
        return Style.DURATION
    clock = _CLOCK.search(shown) is not None
    day = _DATE.search(_MINUTES.sub("", shown.replace("am/pm", "").replace("a/p", ""))) is not None
    if clock:
        return Style.INSTANT if day else Style.CLOCK
    return Style.DAY if day else Style.PLAIN


def clean(text: str) -> str:
    """Return a text without what programs write for signs that XML cannot hold, and without blanks around it."""
    if "_x" in text:
        text = _ESCAPED.sub(_unescaped, text)
    return text.strip()


def _unescaped(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number in {9, 10, 13} or 32 <= number < 0xD800 else ""


@lru_cache(maxsize=10_000)
def figure(raw: str, style: Style, *, from_1904: bool) -> str:
    """Return the number of a cell as what it is shown as; ValueError for what is no number."""
    if style is Style.PLAIN:
        return raw if _WHOLE.fullmatch(raw) else _number(float(raw))
    value = float(raw)
    if style is Style.DURATION:
        return _elapsed(value) if abs(value) < _LAST else _number(value)
    if not 0 <= value < _LAST or (style is Style.DAY and value < 1):
        return _number(value)
    if style is not Style.DAY and value < 1:
        return _elapsed(value, clock=True)
    if style is Style.CLOCK and value < _FIRST_YEAR:
        return _elapsed(value)
    return _instant(value, style, from_1904=from_1904)


def _number(value: float) -> str:
    """
    Return a number with as many digits as Excel shows, never with an exponent.

    One that looks like thousands, 12.345, gets a naught: its point is a decimal one in every language.
    """
    if not abs(value) < 1e30:
        raise ValueError(value)
    text = f"{value:.15g}"
    if "e" in text:
        text = f"{Decimal(text):f}"
    return f"{text}0" if _THOUSANDS.fullmatch(text) else text


def _elapsed(value: float, *, clock: bool = False) -> str:
    seconds = round(abs(value) * _DAY)
    if clock:
        seconds = min(seconds, _DAY - 1)
    hours = f"{seconds // 3600:02}" if clock else f"{seconds // 3600}"
    sign = "-" if value < 0 and seconds else ""
    return f"{sign}{hours}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _instant(value: float, style: Style, *, from_1904: bool) -> str:
    epoch = _EPOCH_1904 if from_1904 else _EPOCH + timedelta(days=value < _LEAP_BUG)
    seconds = round((value - int(value)) * _DAY)
    moment = datetime.combine(epoch, datetime.min.time()) + timedelta(days=int(value), seconds=seconds)
    return moment.date().isoformat() if style is Style.DAY and not seconds else f"{moment:%Y-%m-%d %H:%M:%S}"
