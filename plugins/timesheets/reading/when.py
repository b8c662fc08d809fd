"""When and how long somebody worked, by what a row says of it in several columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from core.sdk import Translator
from plugins.timesheets.reading.days import DateOrder, ValueProblem, after_day, read_day
from plugins.timesheets.reading.values import (
    DAY_SECONDS,
    elapsed,
    is_midnight_after,
    read_break,
    read_clock,
    read_duration,
    read_moment,
    read_seconds,
    rounded_by,
    shows_seconds,
    span,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from core.sdk import LazyString

_ = Translator("timesheets")

_LONGEST: Final = {"worker": 200, "customer": 200, "project": 200, "task": 300, "note": 5_000, "external_id": 200}
_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2100, 1, 1)
_Stated = tuple[int, int]
"""Seconds that a list says were worked, and by how many of them that may be rounded."""


@dataclass(slots=True)
class Row:
    """One row by fields; what is wrong with it is collected."""

    line: int
    cells: dict[str, str]
    problems: list[LazyString] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return what stands in a field, without needless space."""
        value = " ".join(self.cells.get(name, "").split()) if name != "note" else self.cells.get(name, "").strip()
        if len(value) > _LONGEST.get(name, 5_000):
            self.problems.append(_("“{value}…” is too long.").format(value=value[:40]))
        return value.replace("\x00", "")


def when(row: Row, order: DateOrder, zone: ZoneInfo) -> tuple[date, datetime | None, datetime | None, int, int] | None:
    """
    Return day, start, end, seconds worked and seconds of breaks of a row, as they fit each other.

    None where there is no day or nothing says how long; why stands with the row.
    """
    day = _day(row, "day", order, zone) or _day(row, "start", order, zone, quiet=True)
    if day is None:
        if not row.problems:
            row.problems.append(_("The day is missing."))
        return None
    worked, pause = _worked(row), _break(row)
    starts_at = ends_at = None
    start, end = row.text("start"), row.text("end")
    if start and end:
        try:
            begins, ends = _clocks(row, day, order, zone, worked[0] if worked else None)
        except ValueProblem as problem:
            row.problems.append(_("“{text}” is no time of day.").format(text=str(problem)))
            return None
        if elapsed(begins, ends) < 0:
            row.problems.append(_("The end is before the start."))
        to_the_second = shows_seconds(start) or shows_seconds(end)
        starts_at, ends_at, worked, pause = _fitted(row, (begins, ends), worked, pause, to_the_second=to_the_second)
    if worked is None:
        row.problems.append(row.problems[0] if row.problems else _("It does not say how long the work took."))
        return None
    if worked[0] < 0 or worked[0] > 7 * DAY_SECONDS:
        row.problems.append(_("No entry can be shorter than nothing or longer than a week."))
    return day, starts_at, ends_at, worked[0], pause or 0


def _clocks(row: Row, day: date, order: DateOrder, zone: ZoneInfo, worked: int | None) -> tuple[datetime, datetime]:
    """Return start and end; instants that say how far from UTC they are need no zone. Raises ValueProblem."""
    start, end = row.text("start"), row.text("end")
    begins, ends = read_moment(start, order), read_moment(end, order)
    if begins is not None and ends is not None:
        return begins, ends
    end_day = _day(row, "end_day", order, zone)
    if end_day is None and after_day(end) != end:
        end_day = _day(row, "end", order, zone, quiet=True)
    if is_midnight_after(end):
        end_day = (end_day or day) + timedelta(days=1)
    return span(day, read_clock(start), read_clock(end), end_day, zone, worked)


def _fitted(
    row: Row, clocks: tuple[datetime, datetime], worked: _Stated | None, pause: int | None, *, to_the_second: bool
) -> tuple[datetime | None, datetime | None, _Stated | None, int | None]:
    """
    Return clocks, hours and break that add up. Hours are what is approved and paid: they are kept to the second.

    They are as exact as their digits; a clock without seconds may be up to a minute early. Hours that were rounded up
    are more than the clocks allow: the clocks are left out then.
    """
    begins, ends = (each.astimezone(UTC) for each in clocks)
    passed = elapsed(begins, ends)
    if passed < 0:
        return begins, ends, worked, pause
    if worked is None:
        if (pause or 0) > passed:
            row.problems.append(_("The break is longer than the work."))
        return begins, ends, (passed - (pause or 0), 0), pause
    stated, slack = worked
    over = passed - (pause or 0) - stated
    if abs(over) <= slack:
        return begins, ends, (stated + over, 0), pause
    if not to_the_second and abs(over) < 60 and stated % 60:
        shift = timedelta(seconds=over)
        return (begins + shift, ends, worked, pause) if over > 0 else (begins, ends - shift, worked, pause)
    if pause:
        row.problems.append(_("Start, end, break and duration do not fit each other."))
    elif over < 0:
        return None, None, worked, 0
    return begins, ends, worked, pause or over


def _day(row: Row, name: str, order: DateOrder, zone: ZoneInfo, *, quiet: bool = False) -> date | None:
    text = row.text(name)
    if not text:
        return None
    try:
        moment = read_moment(text, order)
        day = moment.astimezone(zone).date() if moment is not None else read_day(text, order)
    except ValueProblem:
        if not quiet:
            row.problems.append(_("“{text}” is no day.").format(text=text))
        return None
    if not _FIRST_DAY <= day < _LAST_DAY:
        row.problems.append(_("“{text}” is no day.").format(text=text))
        return None
    return day


def _worked(row: Row) -> _Stated | None:
    """Return the seconds worked: what is written out in hours, minutes and seconds is more exact than decimal hours."""
    for name, read in (("seconds", read_seconds), ("duration", read_duration), ("hours", read_duration)):
        text = row.text(name)
        if text:
            try:
                return read(text), 0 if name == "seconds" else rounded_by(text)
            except ValueProblem:
                row.problems.append(_("“{text}” is no duration.").format(text=text))
                return None
    return None


def _break(row: Row) -> int | None:
    text = row.text("break")
    if not text:
        return None
    try:
        return read_break(text)
    except ValueProblem:
        row.problems.append(_("“{text}” is no duration.").format(text=text))
        return None
