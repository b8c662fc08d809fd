"""From rows of texts to entries: each row is read whole or named with what is wrong with it."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.sdk import LazyString, Translator
from plugins.timesheets.reading.columns import currency_in, layout_of
from plugins.timesheets.reading.days import DateOrder, ValueProblem, after_day, date_order
from plugins.timesheets.reading.values import read_number
from plugins.timesheets.reading.when import Row, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugins.timesheets.reading.columns import Mapping
    from plugins.timesheets.reading.grid import Grid

_ = Translator("timesheets")


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
    source: str
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was not taken, its line in the file, and why."""

    line: int
    reason: LazyString


def order_of(grid: Grid, mapping: Mapping, options: Options) -> DateOrder | None:
    """Return the order of the list's dates, or None where somebody has to be asked."""
    if options.order is not None:
        return options.order
    days, clocks = (
        [grid.columns.index(mapping[name]) for name in names if mapping.get(name) in grid.columns]
        for names in (("day", "end_day"), ("start", "end"))
    )
    return date_order(
        row[place]
        for _line, row in grid.rows
        for place in (*days, *clocks)
        if place in days or after_day(row[place]) != row[place].strip()  # 08.30.15 is no day
    )


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
        row = Row(line, {name: cells[place] for name, place in places.items()})
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


def _entry(row: Row, order: DateOrder, zone: ZoneInfo, source: str, money: str) -> ReadEntry | None:
    worker = _worker(row)
    told = when(row, order, zone)
    if told is None:
        return None
    day, starts_at, ends_at, worked, pause = told
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
        source=source,
        external_id=row.text("external_id"),
    )


def _worker(row: Row) -> str:
    names = " ".join(part for part in (row.text("first_name"), row.text("last_name")) if part)
    found = row.text("worker") or names or row.text("username") or row.text("email")
    if not found:
        row.problems.append(_("It does not say who worked."))
    return found


def _rate(row: Row, money: str) -> tuple[str, str]:
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
