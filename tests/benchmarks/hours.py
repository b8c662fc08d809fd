"""
What registered work costs: approving 10,000 entries, a sheet of 100,000, the list among a million, fifty at once.

    uv run python -m tests.benchmarks hours [--rounds 5] [--customers 1000] [--sqlite-only] [--at-once]

Rows are filled in by SQL. On either database: "approve all" as its page does it (the ids of the list's state, then
the service; goal 1 s); the list of 100,000 entries as XLSX (goal 5 s, memory flat); the list of a reader with 1,000
entries, asked of the application in this process, where the database holds 10 customers and where it holds
`--customers`, by turns (goal: ratio 1.2). `--at-once`: two processes with 25 contacts each approve the same 1,000.

Measured on SQLite, on two cores with ten other programs waiting for them (so these bound from above): approving 10,000
takes 1,050 ms, 541 ms of them this process's; 100,000 rows as XLSX 13.8 s of this process, peak memory + 0 MiB;
fifty at once: one approval, no errors, the last answer after 2.0 s.
The list, its groups, filters and "approve all" among 100,000 entries against 10,000
(`--customers 100 --rounds 2`): 10 to 17 ms of this process a page, ratios 0.97 to 1.06.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from core import lists
from core.bootstrap import migrate_all
from core.clock import now
from core.db import current, execute, insert_many, opened, uuid7
from core.people.actor import acting_as
from core.people.tables import Customer, Person
from core.registry import registry
from core.sdk import imports
from core.tenancy.snapshot import forget_snapshots
from plugins.timesheets.lists import ENTRIES
from plugins.timesheets.services import approve_entries
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Entry, Worker
from tests.benchmarks.hours_at_once import at_once, check, line
from tests.benchmarks.reading import peak_memory
from tests.db_fixtures import Databases
from tests.portal_fixtures import Portal, make_portal, set_up_once, settings_for_tests

PER_CUSTOMER = 1_000
FEW = 10
"""Customers of the database that a big one is compared with."""
AT_ONCE = 50
TO_APPROVE = 10_000
TO_EXPORT = 100_000
WORKERS = 20
FIRST = date(2026, 1, 5)
DAYS = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the clock and of this process: medians."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall * 1000:,.0f} ms (of this process {self.cpu * 1000:,.0f} ms)"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A written file: its cost, rows, bytes, and how far peak memory rose meanwhile, in MiB."""

    cost: Cost
    rows: int
    size: int
    growth: float


@dataclass(slots=True)
class Place:
    """A portal in a database: the first customer's contact looks at it."""

    portal: Portal
    reader: Person
    customers: list[Customer]
    workers: list[UUID]


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, float, Any]:
    """Return seconds of the clock, seconds of this process, and what *work* returns."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = await work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


async def filled(app: Any, rows: list[int], *, state: EntryState = EntryState.FOR_APPROVAL) -> Place:
    """Make a tenant with as many customers as *rows* has numbers, each with so many entries on two projects."""
    portal = await make_portal(app, "Hours", portal_name="hours", languages=("en",))
    await portal.enable("timesheets")
    first = await portal.customer("Customer 0")
    reader = await portal.contact("reader@hours.test", first)
    place = Place(portal, reader, [first], [])
    async with portal.work():
        workers = [
            Worker(name=f"Worker {number}", name_folded=f"worker {number}", external_id=f"{number}")
            for number in range(WORKERS)
        ]
        await insert_many(
            Worker,
            [
                {"id": row.id, "tenant": portal.tenant.id, "name": row.name, "name_folded": row.name_folded,
                 "external_id": row.external_id, "email": None}
                for row in workers
            ],
        )  # fmt: skip
        place.workers = [row.id for row in workers]
        for number in range(1, len(rows)):
            customer = Customer(name=f"Customer {number}", name_folded=f"customer {number}")
            await Customer.insert(customer)
            place.customers.append(customer)
    projects = [await portal.project(first, f"Project {number}") for number in range(2)]
    async with portal.work():
        for number, (customer, count) in enumerate(zip(place.customers, rows, strict=True)):
            own = [project.id for project in projects] if not number else [None]
            if number <= 1 or rows[number] != rows[1]:
                await insert_many(
                    Entry, entries(portal.tenant.id, place.workers, customer.id, own, count=count, state=state)
                )
        alike = [customer.id for customer in place.customers[2:]] if len(set(rows[1:])) == 1 else []
        if alike:
            await _multiply(place.customers[1].id, alike)
    await analyse()
    return place


async def _multiply(pattern: UUID, customers: list[UUID]) -> None:
    """Give every other customer the entries of one: one statement per hundred customers."""
    names = [column._meta.db_column_name for column in Entry._meta.columns]
    fresh = (
        "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8'"
        " || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
        if current().dialect == "sqlite"
        else "gen_random_uuid()"
    )
    taken = {"id": fresh, "customer": "c.id", "external_id": "e.external_id || c.id"}
    text = ", ".join(taken.get(name, f'e."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    sql = (
        f"INSERT INTO timesheets_entry ({columns}) SELECT {text} FROM timesheets_entry e, customer c"
        " WHERE e.customer = {} AND c.id BETWEEN {} AND {}"
    )
    ordered = sorted(customers)
    for start in range(0, len(ordered), 100):
        part = ordered[start : start + 100]
        await execute(sql, pattern, part[0], part[-1])


def entries(
    tenant: UUID,
    workers: list[UUID],
    customer: UUID,
    projects: Sequence[UUID | None],
    *,
    count: int,
    state: EntryState = EntryState.FOR_APPROVAL,
) -> list[dict[str, Any]]:
    """Return rows of entries over some months."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows = []
    for number in range(count):
        day = FIRST + timedelta(days=number * DAYS // count)
        year, week, _ = day.isocalendar()
        begins = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        rows.append(
            {
                "id": uuid7(), "tenant": tenant, "customer": customer,
                "project": projects[number % len(projects)], "addressee": None, "published_at": at, "version": 1,
                "created_at": at, "worker": workers[number % len(workers)], "job": None,
                "task": "Assembly", "day": day, "week": year * 100 + week, "starts_at": begins,
                "ends_at": begins + timedelta(hours=8, minutes=30), "break_seconds": 1800,
                "worked_seconds": 28_800, "units": "", "kind": "regular", "note": "Line 4, early shift",
                "search_folded": "worker assembly line 4", "rate": "", "currency": "",
                "state": state.value, "approval": None, "invoice_number": "", "source": "test",
                "external_id": f"{customer}-{number}", "fingerprint": "", "changed_at": at,
            }
        )  # fmt: skip
    return rows


async def analyse() -> None:
    """Let the database gather statistics, as one in use has done."""
    database = current()
    if database.dialect == "sqlite":
        await execute("ANALYZE")
        return
    connection = await asyncpg.connect(database.url)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


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
            wall, cpu, done = await timed(partial(approve_all, place))
            assert done == count, (done, count)
        costs.append((wall, cpu))
        async with place.portal.work():
            await execute(
                "UPDATE timesheets_entry SET state = 'for_approval', approval = NULL WHERE state = 'approved'"
            )
        await analyse()
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))


async def measure_export(place: Place, rounds: int) -> Sheet:
    """Write the reader's whole list as XLSX."""
    costs = []
    before = peak_memory()
    made: Any = None
    size = 0
    for _ in range(rounds):
        async with place.portal.work():
            actor = await imports.as_person(place.reader.id)
            assert actor is not None
            with acting_as(actor):
                wall, cpu, made = await timed(partial(lists.export, ENTRIES, "period=all", actor, suffix="xlsx"))
        costs.append((wall, cpu))
        size = made.path.stat().st_size
        made.remove()
    cost = Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
    return Sheet(cost, made.rows, size, peak_memory() - before)


# -- the list --------------------------------------------------------------------------------------------------------

PATHS = (
    "/timesheets?period=all",
    "/timesheets?period=2026-05",
    "/timesheets?period=all&sort=by_worker",
    "/timesheets?period=all&state=for_approval",
    "/timesheets/approve-all?period=all",
    "/",
)


async def measure_pages(place: Place, times: int) -> dict[str, list[tuple[float, float]]]:
    """Ask for each page some times."""
    browser = await place.portal.browser(place.reader)
    costs: dict[str, list[tuple[float, float]]] = {path: [] for path in PATHS}
    for attempt in range(times + 1):
        for path in PATHS:
            wall, cpu, page = await timed(partial(browser.get, path))
            assert page.status_code == 200, (path, page.status_code)
            if attempt:
                costs[path].append((wall, cpu))
    await browser.client.aclose()
    return costs


@asynccontextmanager
async def database_at(databases: Databases, dialect: str) -> AsyncIterator[str]:
    """An empty, migrated database."""
    async with databases.url(dialect) as url:
        async with opened(url, pool_size=2) as database:
            await migrate_all(database, registry())
        yield url


async def compare_lists(
    databases: Databases, dialect: str, app: Any, *, customers: int, rounds: int, times: int = 8
) -> dict[str, tuple[Cost, Cost]]:
    """Return for each page its cost among `FEW` customers and among *customers*, asked by turns."""
    async with AsyncExitStack() as stack:
        places = []
        for number in (FEW, customers):
            url = await stack.enter_async_context(database_at(databases, dialect))
            async with opened(url, pool_size=3):
                forget_snapshots()
                places.append((url, await filled(app, [PER_CUSTOMER] * number)))
        found: list[dict[str, list[tuple[float, float]]]] = [{path: [] for path in PATHS} for _ in places]
        for turn in range(rounds):
            for number in (0, 1) if turn % 2 else (1, 0):
                url, place = places[number]
                async with opened(url, pool_size=3):
                    forget_snapshots()
                    for path, costs in (await measure_pages(place, times)).items():
                        found[number][path] += costs
    few, many = (
        {
            path: Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
            for path, costs in each.items()
        }
        for each in found
    )
    return {path: (few[path], many[path]) for path in PATHS}


# -- the command ---------------------------------------------------------------------------------------------------


async def measure(folder: Path, *, dialects: tuple[str, ...], customers: int, rounds: int) -> AsyncIterator[str]:
    """Yield lines as they are measured."""
    _, app = set_up_once(settings_for_tests(folder))
    databases = Databases(folder)
    for dialect in dialects:
        async with database_at(databases, dialect) as url, opened(url, pool_size=3):
            forget_snapshots()
            place = await filled(app, [TO_APPROVE])
            cost = await measure_approving(place, TO_APPROVE, rounds)
            yield f"{dialect}: approve all of {TO_APPROVE:,} entries: {cost}"
        async with database_at(databases, dialect) as url, opened(url, pool_size=3):
            forget_snapshots()
            place = await filled(app, [TO_EXPORT])
            sheet = await measure_export(place, max(rounds // 2, 1))
            yield (
                f"{dialect}: XLSX of {sheet.rows:,} entries, {sheet.size:,} bytes: {sheet.cost};"
                f" peak memory + {sheet.growth:,.0f} MiB"
            )
        pages = await compare_lists(databases, dialect, app, customers=customers, rounds=rounds)
        for path, (few, many) in pages.items():
            ratio = f"{many.wall / few.wall:.2f} (of this process {many.cpu / few.cpu:.2f})"
            yield (
                f"{dialect}: {path} among {FEW * PER_CUSTOMER:,}: {few}; among {customers * PER_CUSTOMER:,}: {many};"
                f" ratio {ratio}"
            )


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
                await place.portal.contact(f"c{number}@hours.test", place.customers[0], name=name)
                for number, name in enumerate(names)
            ]
            groups = [[person.id for person in people[start::2]] for start in range(2)]
            told = await at_once(url, place.portal.tenant.id, folder, groups)
            check(told, PER_CUSTOMER, names)
            yield f"{dialect}: {line(told)}"
