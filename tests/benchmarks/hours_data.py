"""A portal with very many entries of registered work, in seconds: most are written by the database itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from core.db import current, execute, fetch, insert_many, uuid7
from core.people.tables import Customer, Person
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Entry, Worker
from tests.portal_fixtures import Portal, make_portal

PATTERN = 1_000
"""Entries that are written one by one; more are copies of them."""
WORKERS = 500
FIRST = date(2026, 1, 5)
DAYS = 300


@dataclass(slots=True)
class Place:
    """A portal in a database: the first customer's contact looks at it."""

    portal: Portal
    reader: Person
    manager: Person
    customers: list[Customer]
    workers: list[UUID]


async def filled(app: Any, rows: list[int], *, state: EntryState = EntryState.FOR_APPROVAL) -> Place:
    """Make a tenant with as many customers as *rows* has numbers, each with so many entries on two projects."""
    portal = await make_portal(app, "Hours", portal_name="hours", languages=("en",))
    await portal.enable("timesheets")
    first = await portal.customer("Customer 0")
    reader = await portal.contact("reader@hours.test", first)
    place = Place(portal, reader, await portal.staff("manager@hours.test"), [first], [])
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
    async with without_indexes(), portal.work():
        for number, (customer, count) in enumerate(zip(place.customers, rows, strict=True)):
            if number > 1 and count == rows[1]:
                continue
            own = [project.id for project in projects] if not number else [None]
            part = entries(portal.tenant.id, place.workers, customer.id, own, count=min(count, PATTERN), state=state)
            await insert_many(Entry, part)
            if count > PATTERN:
                await _repeat(customer.id, count // PATTERN - 1)
        alike = [customer.id for customer, count in zip(place.customers[2:], rows[2:], strict=True) if count == rows[1]]
        if alike:
            await _multiply(place.customers[1].id, alike)
    await analyse()
    return place


def _fresh() -> str:
    """SQL of a new key."""
    if current().dialect == "postgres":
        return "gen_random_uuid()"
    return (
        "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8'"
        " || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
    )


def _copied(**taken: str) -> str:
    """SQL that copies entries with some columns *taken* from elsewhere, up to what they are copied for."""
    names = [column._meta.db_column_name for column in Entry._meta.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join({"id": _fresh(), **taken}.get(name, f'e."{name}"') for name in names)
    return f"INSERT INTO timesheets_entry ({columns}) SELECT {values} FROM timesheets_entry e"


async def _repeat(customer: UUID, times: int) -> None:
    """Write a customer's entries down again, so many *times*."""
    sql = _copied(external_id="e.external_id || '/' || n.k")
    numbers = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {})"
    await execute(f"{numbers} {sql}, n WHERE e.customer = {{}}", times, customer)


async def _multiply(pattern: UUID, customers: list[UUID]) -> None:
    """Give every other customer the entries of one: one statement per hundred customers."""
    sql = _copied(customer="c.id", external_id="e.external_id || c.id")
    ordered = sorted(customers)
    for start in range(0, len(ordered), 100):
        part = ordered[start : start + 100]
        among = f"{sql}, customer c WHERE e.customer = {{}} AND c.id BETWEEN {{}} AND {{}}"
        await execute(among, pattern, part[0], part[-1])


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


async def as_owner(sql: str) -> list[dict[str, Any]]:
    """Run a statement as the database's owner."""
    database = current()
    if database.dialect == "sqlite":
        return await fetch(sql)
    connection = await asyncpg.connect(database.url)
    try:
        return [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


@asynccontextmanager
async def without_indexes() -> AsyncIterator[None]:
    """Take the indexes of entries away and make them anew: a million rows are in in a third of the time."""
    sqlite = current().dialect == "sqlite"
    found = await as_owner(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'timesheets_entry' AND sql IS NOT NULL"
        if sqlite
        else "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE tablename = 'timesheets_entry'"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    for index in found:
        await as_owner(f'DROP INDEX "{index["name"]}"')
    yield
    for index in found:
        await as_owner(index["sql"])


async def analyse() -> None:
    """Let the database gather statistics, as one in use has done."""
    await as_owner("ANALYZE" if current().dialect == "sqlite" else "VACUUM ANALYZE")
