"""
What registered work costs: approving 10,000 entries, a sheet of 100,000, the list among a million, fifty at once.

    uv run python -m tests.benchmarks hours [--only approving|sheet|lists] [--database sqlite|postgres]
                                            [--rounds 5] [--customers 1000] [--pages PART] [--at-once]

Rows are written by COPY, in memory where there is room. On either database: "approve all" as its page does it (the
ids of the list's state, then the service; goal 1 s); a list of 100,000 entries as XLSX (goal 5 s, memory flat) and CSV;
each page (`hours_lists.QUERIES`) of a contact with 1,000 entries and of the office, asked of the application in this
process, where the database holds 10,000 entries and where it holds 1,000 of each of `--customers`, by turns (goal:
ratio 1.2). "grown" is a contact whose own 100 entries become 10,000. Work is this process' and PostgreSQL's for it.
`--at-once`: two processes with 25 contacts each approve the same 1,000.

Measured on two free cores: approving 10,000 (`--only approving --rounds 3`) 0.55 s on SQLite, 0.90 s on PostgreSQL,
0.41 of it in this process. With ten other programs waiting for the cores: XLSX (`--only sheet --rounds 4`) 2.5 s of
this process on SQLite, 2.3 s on PostgreSQL, memory + 12 and + 1 MiB (4.7 and 8.1 s by the clock); CSV 2.2 and 1.8 s.
Fifty at once: one approval, no errors, the last answer after 1.0 s on SQLite, 5.2 s on PostgreSQL. Approving again:
0.48 and 0.88 s of work.

Lists among a million (`--only lists --rounds 3`, one other program at work; ratios of work, by the clock the same on
SQLite). A contact's list 0.9 on SQLite, 1.0 on PostgreSQL, its other pages 0.8 to 1.15, but by hours 1.2, of a kind
1.3 (SQLite). The office's list 1.0 and 1.2, by employee, project, company, state, hours 1.0 to 1.2; a month or week 1.4
and 1.4, by day 1.4, by week 1.8 and 1.9, a month's state 1.7 and 1.5, a search for a frequent word 2.9 and 1.1, for a
rare one 14 (0.4 s) and 3, within a month 8 and 7: a search through everything reads everything. A contact whose own 100
entries become 10,000: her list 1.8 on PostgreSQL.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from core import lists
from core.clock import now
from core.db import execute, opened
from core.people.actor import acting_as
from core.sdk import imports
from core.tenancy.snapshot import forget_snapshots
from plugins.timesheets.lists import ENTRIES
from plugins.timesheets.services import approve_entries
from tests.benchmarks.bulk import analyse
from tests.benchmarks.hours_at_once import at_once, check, line
from tests.benchmarks.hours_data import Place, filled
from tests.benchmarks.hours_lists import (
    FEW,
    PER_CUSTOMER,
    Cost,
    backends_here,
    compare_lists,
    database_at,
    median,
    timed,
)
from tests.db_fixtures import Databases
from tests.portal_fixtures import set_up_once, settings_for_tests

AT_ONCE = 50
TO_APPROVE = 10_000
TO_EXPORT = 100_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A written file: its cost, rows, bytes, and how far the process' own memory rose meanwhile, in MiB."""

    cost: Cost
    rows: int
    size: int
    growth: float


# -- approving -----------------------------------------------------------------------------------------------------


async def approve_all(place: Place) -> int:
    """Approve all that waits, as the page does; returns how many."""
    actor = await imports.as_person(place.reader.id)
    assert actor is not None
    with acting_as(actor):
        ids = await lists.selected(ENTRIES, {"all": "1"}, "state=for_approval&period=all", actor)
        done = await approve_entries(entries=ids, shown_at=now(), by=actor)
    return done.entries


async def measure_approving(place: Place, count: int, rounds: int) -> Cost:
    """Approve everything, put it back by SQL, and so on; the cost of approving alone."""
    costs = []
    for _ in range(rounds):
        async with place.portal.work():
            wall, cpu, done = await timed(partial(approve_all, place), await backends_here())
            assert done == count, (done, count)
        costs.append((wall, cpu))
        async with place.portal.work():
            await execute(
                "UPDATE timesheets_entry SET state = 'for_approval', approval = NULL WHERE state = 'approved'"
            )
        await analyse()
    return median(costs)


def own_memory() -> float:
    """MiB that belong to this process alone: pages of a database file that it looks at are the system's."""
    said = Path("/proc/self/status").read_text().partition("RssAnon:")[2].split()
    return int(said[0]) / 1024


@contextmanager
def watched_memory() -> Iterator[list[float]]:
    """Collect how far memory is above that at the beginning, fifty times a second."""
    before, ended = own_memory(), threading.Event()
    risen = [0.0]

    def watch() -> None:
        while not ended.wait(0.02):
            risen.append(own_memory() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield risen
    finally:
        ended.set()
        watcher.join()


SUFFIXES: tuple[Literal["xlsx", "csv"], ...] = ("xlsx", "csv")


async def measure_export(place: Place, rounds: int, suffix: Literal["xlsx", "csv"]) -> Sheet:
    """Write the reader's whole list as a file."""
    costs, growth = [], 0.0
    made: Any = None
    size = 0
    for _ in range(rounds):
        async with place.portal.work():
            actor = await imports.as_person(place.reader.id)
            assert actor is not None
            with acting_as(actor), watched_memory() as risen:
                wall, cpu, made = await timed(partial(lists.export, ENTRIES, "period=all", actor, suffix=suffix))
        costs.append((wall, cpu))
        growth = max(growth, *risen)
        size = made.path.stat().st_size
        made.remove()
    cost = median(costs)
    return Sheet(cost, made.rows, size, growth)


# -- the command ---------------------------------------------------------------------------------------------------


PARTS = ("approving", "sheet", "lists")


async def measure(
    folder: Path,
    *,
    dialects: tuple[str, ...],
    customers: int,
    rounds: int,
    parts: Sequence[str] = PARTS,
    only: str = "",
) -> AsyncIterator[str]:
    """Yield lines as they are measured."""
    _, app = set_up_once(settings_for_tests(folder))
    databases = Databases(folder)
    for dialect in dialects:
        if "approving" in parts:
            async with database_at(databases, dialect) as url, opened(url, pool_size=3):
                forget_snapshots()
                place = await filled(app, [TO_APPROVE])
                cost = await measure_approving(place, TO_APPROVE, rounds)
                yield f"{dialect}: approve all of {TO_APPROVE:,} entries: {cost}"
        if "sheet" in parts:
            async with database_at(databases, dialect) as url, opened(url, pool_size=3):
                forget_snapshots()
                place = await filled(app, [TO_EXPORT])
                for suffix in SUFFIXES:
                    sheet = await measure_export(place, max(rounds // 2, 1), suffix)
                    yield (
                        f"{dialect}: {suffix.upper()} of {sheet.rows:,} entries, {sheet.size:,} bytes: {sheet.cost};"
                        f" memory + {sheet.growth:,.0f} MiB"
                    )
        pages = {}
        if "lists" in parts:
            pages = await compare_lists(databases, dialect, app, customers=customers, rounds=rounds, only=only)
        for (who, path), (few, many) in pages.items():
            ratio = f"{many.wall / few.wall:.2f} (work {many.cpu / few.cpu:.2f})"
            among = f"among {FEW:,}: {few}; among {customers * PER_CUSTOMER:,}: {many}; ratio {ratio}"
            yield f"{dialect}: {who} {path} {among}"


async def measure_at_once(folder: Path, *, dialects: tuple[str, ...]) -> AsyncIterator[str]:
    """
    Let 50 contacts in two processes approve the same 1,000 entries.

    Raises:
        AssertionError: an entry was approved twice, or somebody was told something else than who did it and when.

    """
    _, app = set_up_once(settings_for_tests(folder))
    databases = Databases(folder)
    for dialect in dialects:
        async with database_at(databases, dialect) as url, opened(url, pool_size=3):
            forget_snapshots()
            place = await filled(app, [PER_CUSTOMER])
            names = [f"Contact {number}" for number in range(AT_ONCE)]
            people = [
                await place.portal.contact(f"c{number}@hours.test", place.first, name=name)
                for number, name in enumerate(names)
            ]
            groups = [[person.id for person in people[start::2]] for start in range(2)]
            told = await at_once(url, place.portal.tenant.id, folder, groups)
            check(told, PER_CUSTOMER, names)
            yield f"{dialect}: {line(told)}"
