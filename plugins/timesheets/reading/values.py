"""Times of day, instants, durations and amounts as lists write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from plugins.timesheets.reading.days import DateOrder, ValueProblem, after_day, split_day

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_CLOCK: Final = re.compile(
    r"(\d{1,2})(?:\s?[:.h]\s?(\d{2}))?(?:[:.](\d{2})(?:\.\d+)?)?\s*([ap])?\.?\s*(?:m\.?)?", re.IGNORECASE
)
_FULL_HOUR: Final = re.compile(r"(\d{1,2})\s?h", re.IGNORECASE)
_FOUR_DIGITS: Final = re.compile(r"([01]\d|2[0-4])([0-5]\d)")
_OFFSET: Final = re.compile(r"\s?(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)$")
_HMS: Final = re.compile(r"(-?)(\d{1,6}):(\d{2})(?::(\d{2}))?(?:\.0+)?(?:\s?(?:h|hrs?|hours?|horas?|heures?)\.?)?")
_H_MM: Final = re.compile(r"(\d+)\s?h(?:rs?)?\.?\s?([0-5]?\d)", re.IGNORECASE)
_WORDS: Final = re.compile(
    r"(?:(\d*[.,]?\d+)\s*(?:h|hr|hrs|hours?|horas?|heures?|std)\.?)?\s*"
    r"(?:(\d+)\s*(?:m|min|mins|minutes?|minutos?|minuten)\.?)?\s*"
    r"(?:(\d+)\s*(?:s|sec|secs|seconds?|segundos?|secondes?|sek)\.?)?",
    re.IGNORECASE,
)
_ISO_DURATION: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)")
_DECIMALS: Final = re.compile(r"-?\d*[.,](\d{2,})")
DAY_SECONDS: Final = 86_400
HALF_AN_HOUR: Final = 1_800


def read_clock(text: str) -> time:
    """Return a time of day: 24 or 12 hours, seconds or none, `9h30` and `0930` too, or what follows the day in it."""
    typed = _OFFSET.sub("", after_day(text))
    if full := _FULL_HOUR.fullmatch(typed):
        return _time(text, int(full[1]), 0, 0)
    if four := _FOUR_DIGITS.fullmatch(typed):
        return _time(text, int(four[1]), int(four[2]), 0)
    match = _CLOCK.fullmatch(typed)
    if match is None:
        raise ValueProblem(text)
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            raise ValueProblem(text)
        hour = hour % 12 + (12 if match[4].lower() == "p" else 0)
    elif match[2] is None:
        raise ValueProblem(text)
    return _time(text, hour, minute, second)


def _time(text: str, hour: int, minute: int, second: int) -> time:
    try:
        return time(0 if hour == 24 and not minute and not second else hour, minute, second)
    except ValueError as error:
        raise ValueProblem(text) from error


def is_midnight_after(text: str) -> bool:
    """Whether a time of day is the midnight at the end of its day, 24:00."""
    return after_day(text).startswith("24")


def shows_seconds(text: str) -> bool:
    """Whether a time of day is told to the second."""
    match = _CLOCK.fullmatch(_OFFSET.sub("", after_day(text)))
    return match is not None and match[3] is not None


def read_moment(text: str, order: DateOrder) -> datetime | None:
    """Return the instant of a text that tells its day, its time and how far from UTC its clock is; None otherwise."""
    typed = text.strip()
    offset = _OFFSET.search(typed)
    try:
        day, rest = split_day(typed, order)
        if offset is None or not rest.strip():
            return None
        clock = read_clock(typed)
    except ValueProblem:
        return None
    sign = -1 if offset[1] == "-" else 1
    ahead = timedelta(hours=int(offset[2] or 0), minutes=int(offset[3] or 0)) * sign
    return datetime.combine(day, clock, timezone(ahead)).astimezone(UTC) if ahead < timedelta(days=1) else None


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
    if match := _H_MM.fullmatch(typed):
        return int(match[1]) * 3600 + int(match[2]) * 60
    if (match := _WORDS.fullmatch(typed)) and any(match.groups()):
        whole = Decimal((match[1] or "0").replace(",", ".")) * 3600
        return _whole(whole) + int(match[2] or 0) * 60 + int(match[3] or 0)
    return _whole(read_number(text) * 3600)


def rounded_by(text: str) -> int:
    """Return by how many seconds a duration may be off: decimal hours of two digits or more, or one without seconds."""
    typed = text.strip()
    if match := _DECIMALS.fullmatch(typed):
        return int(HALF_AN_HOUR // 10 ** len(match[1]))
    clock = _HMS.fullmatch(typed)
    return 59 if clock is not None and clock[4] is None else 0


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


def span(  # noqa: PLR0917 -- two clocks, two days, their zone and what they must add up to
    day: date, start: time, end: time, end_day: date | None, zone: ZoneInfo, worked: int | None
) -> tuple[datetime, datetime]:
    """
    Return the instants of start and end where the clocks of *zone* showed them.

    Without an end day an end before the start is of the next day, and so is one at the start of a day's work. In the
    night when the clocks go back an hour comes twice: the reading is taken with which the span is what was *worked*,
    the first one where that does not tell.
    """
    begins = datetime.combine(day, start)
    ends = datetime.combine(end_day or day, end)
    if end_day is None and (ends < begins or (ends == begins and worked == DAY_SECONDS)):
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
