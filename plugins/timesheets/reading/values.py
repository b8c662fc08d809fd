"""Days, times of day, durations and amounts as lists write them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMERIC_DAY: Final = re.compile(r"(\d{1,4})[./ -](\d{1,2})[./ -](\d{1,4})(?=$|[T ,])")
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::(\d{2})(?:\.\d+)?)?\s*([ap])?\.?\s*(?:m\.?)?", re.IGNORECASE)
_HMS: Final = re.compile(r"(-?)(\d{1,6}):(\d{2})(?::(\d{2}))?(?:\.0+)?")
_WORDS: Final = re.compile(
    r"(?:(\d+(?:[.,]\d+)?)\s*(?:h|hr|hrs|hours?|horas?|heures?))?\s*(?:(\d+)\s*(?:m|min|mins|minutes?|minutos?))?\s*"
    r"(?:(\d+)\s*(?:s|sec|secs|seconds?|segundos?|secondes?))?",
    re.IGNORECASE,
)
_ISO_DURATION: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
DAY_SECONDS: Final = 86_400


class DateOrder(StrEnum):
    """In which order a list writes day, month and year in figures."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


class ValueProblem(ValueError):  # noqa: N818 -- not an error of the program: what a list says cannot be read
    """A text that is no day, time, duration or number."""


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """
    Return in which order *texts* write their days, or None where they do not say: all of them fit both orders.

    A single day that contradicts all others is left to be refused by itself.
    """
    votes = dict.fromkeys(DateOrder, 0)
    seen = False
    for text in texts:
        match = _NUMERIC_DAY.match(text.strip())
        if match is None:
            continue
        seen = True
        first, second = match[1], match[2]
        if len(first) == 4:
            votes[DateOrder.YEAR_FIRST] += 1
        elif int(first) > 12 >= int(second):
            votes[DateOrder.DAY_FIRST] += 1
        elif int(second) > 12 >= int(first):
            votes[DateOrder.MONTH_FIRST] += 1
    best = max(DateOrder, key=lambda order: votes[order])
    if votes[best] and sum(count == votes[best] for count in votes.values()) == 1:
        return best
    return None if seen else DateOrder.YEAR_FIRST


def read_day(text: str, order: DateOrder) -> date:
    """Return the day a text begins with. Years of two digits are of this century."""
    match = _NUMERIC_DAY.match(text.strip())
    if match is None:
        raise ValueProblem(text)
    first, second, third = (int(part) for part in match.groups())
    if len(match[1]) == 4:
        year, month, day = first, second, third
    elif order is DateOrder.MONTH_FIRST:
        month, day, year = first, second, third
    else:
        day, month, year = first, second, third
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError as error:
        raise ValueProblem(text) from error


def read_clock(text: str) -> time:
    """Return a time of day: 24 or 12 hours, seconds or none, `9h30` too, or what follows the day in an instant."""
    typed = text.strip()
    day = _NUMERIC_DAY.match(typed)
    if day is not None:
        typed = typed[day.end() :].lstrip("T, ")
    typed = re.sub(r"(?:Z|[+-]\d{2}:?\d{2})$", "", typed).strip()
    match = _CLOCK.fullmatch(typed)
    if match is None or not match[1]:
        raise ValueProblem(text)
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            raise ValueProblem(text)
        hour = hour % 12 + (12 if match[4].lower() == "p" else 0)
    elif match[2] is None:
        raise ValueProblem(text)
    try:
        return time(0 if hour == 24 and not minute and not second else hour, minute, second)
    except ValueError as error:
        raise ValueProblem(text) from error


def read_duration(text: str) -> int:
    """Return the seconds of a duration: `1:30`, `01:00:01`, `1h 30m`, `PT1H30M`, or decimal hours."""
    typed = text.strip()
    if match := _HMS.fullmatch(typed):
        hours, minutes, seconds = int(match[2]), int(match[3]), int(match[4] or 0)
        if minutes > 59 or seconds > 59:
            raise ValueProblem(text)
        return (hours * 3600 + minutes * 60 + seconds) * (-1 if match[1] else 1)
    if (match := _ISO_DURATION.fullmatch(typed)) and any(match.groups()):
        return sum(int(part or 0) * size for part, size in zip(match.groups(), (3600, 60, 1), strict=True))
    if (match := _WORDS.fullmatch(typed)) and any(match.groups()):
        whole = Decimal((match[1] or "0").replace(",", ".")) * 3600
        return _whole(whole) + int(match[2] or 0) * 60 + int(match[3] or 0)
    return _whole(read_number(text) * 3600)


def read_number(text: str) -> Decimal:
    """Return a number with a decimal point or comma; of two signs the last is the decimal one."""
    typed = re.sub(r"[\s\u00a0\u202f'’]", "", text).replace("−", "-")
    point, comma = typed.rfind("."), typed.rfind(",")
    if comma > point:
        typed = typed.replace(".", "").replace(",", ".") if typed.count(",") == 1 else typed.replace(",", "")
    elif comma >= 0:
        typed = typed.replace(",", "")
    if not _NUMBER.fullmatch(typed) or len(typed) > 30:
        raise ValueProblem(text)
    return Decimal(typed)


def read_seconds(text: str) -> int:
    """Return whole seconds that are written as a number."""
    return _whole(read_number(text))


def read_break(text: str) -> int:
    """Return the seconds of a break: a duration, or minutes as a bare number."""
    typed = text.strip()
    return _whole(read_number(typed) * 60) if re.fullmatch(r"[\d.,]+", typed) else read_duration(typed)


def _whole(seconds: Decimal) -> int:
    return int(seconds.quantize(Decimal(1), ROUND_HALF_UP))


def read_flag(text: str) -> bool | None:
    """Return yes or no in any of our languages; None for anything else."""
    typed = text.strip().casefold()
    if typed in {"yes", "y", "true", "1", "sí", "si", "oui", "sim", "x", "✓"}:
        return True
    return False if typed in {"no", "n", "false", "0", "non", "não", "nao"} else None


def span(  # noqa: PLR0917 -- two clocks, two days, their zone and what they must add up to
    day: date, start: time, end: time, end_day: date | None, zone: ZoneInfo, worked: int | None
) -> tuple[datetime, datetime]:
    """
    Return the instants of start and end where the clocks of *zone* showed them.

    Without an end day an end before the start is of the next day. In the night when the clocks go back an hour comes
    twice: the reading is taken with which the span is what was *worked*, the first one where that does not tell.
    """
    begins = datetime.combine(day, start)
    ends = datetime.combine(end_day or day, end)
    if end_day is None and ends < begins:
        ends += timedelta(days=1)
    readings = [
        (begins.replace(tzinfo=zone, fold=first), ends.replace(tzinfo=zone, fold=last))
        for first, last in ((0, 0), (0, 1), (1, 1))
    ]
    for reading in readings:
        if worked is not None and elapsed(*reading) == worked:
            return reading
    return next((reading for reading in readings if elapsed(*reading) >= (worked or 0)), readings[0])


def elapsed(begins: datetime, ends: datetime) -> int:
    """Return the seconds between two instants, as they truly passed: not what the clocks say in summer-time nights."""
    return round(ends.timestamp() - begins.timestamp())
