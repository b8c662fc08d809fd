"""What entries are made of: checks that every way in shares, and how they are stored."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import msgspec

from core.sdk import Translator, errors, fold

if TYPE_CHECKING:
    from plugins.timesheets.tables import Entry

_ = Translator("timesheets")

LONGEST = timedelta(days=7)
LONGEST_NOTE = 5_000
_LONGEST_SEARCH = 1_000


class Values(msgspec.Struct, frozen=True, kw_only=True):
    """When and how long: what an approval is about. Instants are UTC, durations seconds."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    break_seconds: int = 0
    worked_seconds: int = 0


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry said when it was approved: what is kept of it where the approval is opened again."""

    version: int
    day: date
    worker: str
    project: str = ""
    task: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    break_seconds: int = 0
    kind: str


def checked(values: Values) -> Values:
    """
    Return *values* with the duration that start, end and break give, where they are there.

    Raises:
        InvalidInputError: the end is before the start, the break longer than the work, or nothing adds up.

    """
    if values.break_seconds < 0:
        raise errors.InvalidInputError(fields={"break_seconds": [_("A break cannot be shorter than nothing.")]})
    if (values.starts_at is None) != (values.ends_at is None):
        raise errors.InvalidInputError(fields={"ends_at": [_("Give start and end, or neither.")]})
    worked = values.worked_seconds
    if values.starts_at is not None and values.ends_at is not None:
        passed = round((values.ends_at - values.starts_at).total_seconds())
        if passed < 0:
            raise errors.InvalidInputError(fields={"ends_at": [_("The end is before the start.")]})
        worked = passed - values.break_seconds
        if worked < 0:
            raise errors.InvalidInputError(fields={"break_seconds": [_("The break is longer than the work.")]})
    if not 0 <= worked <= LONGEST.total_seconds():
        raise errors.InvalidInputError(
            fields={"worked_seconds": [_("No entry can be shorter than nothing or longer than a week.")]}
        )
    return msgspec.structs.replace(values, worked_seconds=worked)


def values_of(entry: Entry) -> Values:
    """Return what an entry says now."""
    return Values(
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        break_seconds=entry.break_seconds,
        worked_seconds=entry.worked_seconds,
    )


def stored(values: Values) -> str:
    """Return values as the tables keep them."""
    return msgspec.json.encode(values).decode()


def read(text: Any) -> Values:
    """Return values as they were stored."""
    return msgspec.json.decode(text, type=Values) if isinstance(text, str | bytes) else msgspec.convert(text, Values)


def read_proposal(text: Any) -> Values | None:
    """Return the figures that a stored correction proposes, if any."""
    return None if text in ("{}", {}, None) else read(text)


def week_of(day: date) -> int:
    """Return the ISO week of a day as yyyyww; the last days of December may be of the next year's first week."""
    year, week, _day = day.isocalendar()
    return year * 100 + week


def first_day_of(week: int) -> date:
    """Return the Monday of a week as `week_of()` writes it."""
    return date.fromisocalendar(week // 100, week % 100, 1)


def search_text(*texts: str) -> str:
    """Return what search looks into: folded, without repetitions."""
    return fold(" ".join(dict.fromkeys(text for text in texts if text)))[:_LONGEST_SEARCH]


def reason(text: str, field: str = "reason") -> str:
    """
    Return a reason without needless space.

    Raises:
        InvalidInputError: it is empty or too long.

    """
    typed = "\n".join(line.rstrip() for line in text.replace("\x00", "").strip().splitlines())
    if not typed:
        raise errors.InvalidInputError(fields={field: [_("Say in a few words why.")]})
    if len(typed) > LONGEST_NOTE:
        raise errors.InvalidInputError(fields={field: [_("Write at most {n} characters.").format(n=LONGEST_NOTE)]})
    return typed


def times_of(starts_at: datetime | None, ends_at: datetime | None, zone: tzinfo | None) -> str:
    """Return start and end as clocks of the tenant show them: `08:00 – 16:30`, with +1 where it ends the next day."""
    if starts_at is None or ends_at is None:
        return ""
    begins, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    days = (ends.date() - begins.date()).days
    return f"{_clock(begins)} – {_clock(ends)}{f' +{days}' if days else ''}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}".removesuffix(":00")
