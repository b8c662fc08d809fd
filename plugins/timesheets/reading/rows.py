"""From rows of texts to entries: each row is read whole or named with what is wrong with it."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from core.sdk import LazyString, Translator
from plugins.timesheets.reading.columns import currency_in, layout_of
from plugins.timesheets.reading.values import (
    DAY_SECONDS,
    DateOrder,
    ValueProblem,
    date_order,
    elapsed,
    read_break,
    read_clock,
    read_day,
    read_duration,
    read_flag,
    read_number,
    read_seconds,
    span,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugins.timesheets.reading.columns import Mapping
    from plugins.timesheets.reading.grid import Grid

_ = Translator("timesheets")

_LONGEST: Final = {"worker": 200, "customer": 200, "project": 200, "task": 300, "note": 5_000, "external_id": 200}
_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a list is to be read: the zone of its clocks, and the order of its dates where they do not tell."""

    zone: str
    order: DateOrder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """
    One entry of work.

    Durations are seconds, `starts_at` and `ends_at` instants in UTC, `rate` decimal text per hour. `customer` and
    `project` are names, their `_number`s keys. `external_id` tells it from all others of its `source`.
    """

    line: int
    worker: str
    email: str = ""
    customer: str = ""
    customer_number: str = ""
    project: str = ""
    project_number: str = ""
    job: str = ""
    task: str = ""
    note: str = ""
    day: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    break_seconds: int = 0
    worked_seconds: int
    units: str = ""
    kind: str = ""
    rate: str = ""
    currency: str = ""
    approved: bool = False
    invoiced: bool = False
    source: str
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was not taken, its line in the file, and why."""

    line: int
    reason: LazyString


@dataclass(slots=True)
class _Row:
    """One row by fields; what is wrong is collected."""

    line: int
    cells: dict[str, str]
    problems: list[LazyString] = field(default_factory=list)

    def text(self, name: str) -> str:
        value = " ".join(self.cells.get(name, "").split()) if name != "note" else self.cells.get(name, "").strip()
        if len(value) > _LONGEST.get(name, 5_000):
            self.problems.append(_("“{value}…” is too long.").format(value=value[:40]))
        return value.replace("\x00", "")


def order_of(grid: Grid, mapping: Mapping, options: Options) -> DateOrder | None:
    """Return the order of the list's dates, or None where somebody has to be asked."""
    if options.order is not None:
        return options.order
    places = [grid.columns.index(mapping[name]) for name in ("day", "end_day", "start", "end") if name in mapping]
    return date_order(row[place] for _line, row in grid.rows for place in places)


def read_rows(grid: Grid, mapping: Mapping, options: Options) -> Iterator[ReadEntry | RowProblem]:
    """
    Read every row, in order, after those that are none.

    Rows that are wholly alike are several entries, told apart by their place.
    """
    order = order_of(grid, mapping, options)
    zone = ZoneInfo(options.zone)
    places = {name: grid.columns.index(column) for name, column in mapping.items() if column in grid.columns}
    source = layout_of(grid.columns).key
    money = currency_in(mapping.get("rate", ""))
    alike: Counter[str] = Counter()
    yield from (RowProblem(line, problem) for line, problem in grid.problems)
    for line, cells in grid.rows:
        row = _Row(line, {name: cells[place] for name, place in places.items()})
        if order is None:
            yield RowProblem(
                line,
                _("“{text}” can be two different days: say which comes first, day or month.").format(
                    text=row.cells.get("day", "")
                ),
            )
            continue
        entry = _entry(row, order, zone, source, money)
        if entry is None or row.problems:
            yield RowProblem(line, row.problems[0])
            continue
        if not entry.external_id:
            key = _fingerprint(entry)
            entry = replace(entry, external_id=f"{key}-{alike[key]}")
            alike[key] += 1
        yield entry


def _entry(row: _Row, order: DateOrder, zone: ZoneInfo, source: str, money: str) -> ReadEntry | None:
    worker = _worker(row)
    when = _when(row, order, zone)
    if when is None:
        return None
    day, starts_at, ends_at, worked, pause = when
    rate, currency = _rate(row, money)
    issue, summary = row.text("issue"), row.text("issue_summary")
    return ReadEntry(
        line=row.line,
        worker=worker,
        email=row.text("email").lower(),
        customer=row.text("customer"),
        customer_number=row.text("customer_number"),
        project=row.text("project"),
        project_number=row.text("project_number"),
        job=row.text("job"),
        task=row.text("task") or " ".join(part for part in (issue, summary) if part),
        note=row.text("note"),
        day=day,
        starts_at=starts_at,
        ends_at=ends_at,
        break_seconds=pause,
        worked_seconds=worked,
        units=row.text("units"),
        kind=row.text("kind"),
        rate=rate,
        currency=currency,
        approved=bool(read_flag(row.text("approved"))),
        invoiced=bool(read_flag(row.text("invoiced"))),
        source=source,
        external_id=row.text("external_id"),
    )


def _worker(row: _Row) -> str:
    names = " ".join(part for part in (row.text("first_name"), row.text("last_name")) if part)
    found = row.text("worker") or names or row.text("username") or row.text("email")
    if not found:
        row.problems.append(_("It does not say who worked."))
    return found


def _when(
    row: _Row, order: DateOrder, zone: ZoneInfo
) -> tuple[date, datetime | None, datetime | None, int, int] | None:
    day = _day(row, "day", order) or _day(row, "start", order, quiet=True)
    if day is None:
        if not row.problems:
            row.problems.append(_("The day is missing."))
        return None
    worked, pause = _worked(row), _break(row)
    starts_at = ends_at = None
    start, end = row.text("start"), row.text("end")
    if start and end:
        end_day = _day(row, "end_day", order) if row.text("end_day") else _day(row, "end", order, quiet=True)
        try:
            begins, ends = span(day, read_clock(start), read_clock(end), end_day, zone, worked)
        except ValueProblem as problem:
            row.problems.append(_("“{text}” is no time of day.").format(text=str(problem)))
            return None
        passed = elapsed(begins, ends)
        if passed < 0:
            row.problems.append(_("The end is before the start."))
        if worked is None:
            worked = passed - (pause or 0)
        elif pause is None:
            pause = max(passed - worked, 0)
        starts_at, ends_at = begins.astimezone(UTC), ends.astimezone(UTC)
    if worked is None:
        row.problems.append(row.problems[0] if row.problems else _("It does not say how long the work took."))
        return None
    if worked < 0 or worked > 7 * DAY_SECONDS:
        row.problems.append(_("No entry can be shorter than nothing or longer than a week."))
    return day, starts_at, ends_at, worked, pause or 0


def _day(row: _Row, name: str, order: DateOrder, *, quiet: bool = False) -> date | None:
    text = row.text(name)
    if not text:
        return None
    try:
        day = read_day(text, order)
    except ValueProblem:
        if not quiet:
            row.problems.append(_("“{text}” is no day.").format(text=text))
        return None
    if not _FIRST_DAY <= day < _LAST_DAY:
        row.problems.append(_("“{text}” is no day.").format(text=text))
        return None
    return day


def _worked(row: _Row) -> int | None:
    """Return the seconds worked: what is written out in hours, minutes and seconds is more exact than decimal hours."""
    for name, read in (("seconds", read_seconds), ("duration", read_duration), ("hours", read_duration)):
        text = row.text(name)
        if text:
            try:
                return read(text)
            except ValueProblem:
                row.problems.append(_("“{text}” is no duration.").format(text=text))
                return None
    return None


def _break(row: _Row) -> int | None:
    text = row.text("break")
    if not text:
        return None
    try:
        return read_break(text)
    except ValueProblem:
        row.problems.append(_("“{text}” is no duration.").format(text=text))
        return None


def _rate(row: _Row, money: str) -> tuple[str, str]:
    text = row.text("rate")
    currency = next((part for part in row.text("currency").upper().replace("-", " ").split() if len(part) == 3), money)
    if not text:
        return "", currency
    try:
        amount = read_number(text)
    except ValueProblem:
        row.problems.append(_("“{text}” is no amount.").format(text=text))
        return "", currency
    return (f"{amount:f}" if amount else ""), currency


def _fingerprint(entry: ReadEntry) -> str:
    """Return what tells an entry of a list without ids from others: all that does not change when it is corrected."""
    parts = (
        entry.worker,
        entry.email,
        entry.customer,
        entry.project,
        entry.task,
        entry.note,
        entry.day.isoformat(),
        entry.starts_at.isoformat() if entry.starts_at else "",
        entry.ends_at.isoformat() if entry.ends_at else "",
        str(entry.worked_seconds),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
