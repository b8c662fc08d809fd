"""A portal with very many entries of registered work, over ten months, in a minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from core.db import uuid7
from core.people.tables import Customer, Person, Project
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Approval, Entry, Worker
from tests.benchmarks.bulk import Row, analyse, write
from tests.portal_fixtures import Portal, make_portal

WORKERS = 500
FIRST = date(2026, 1, 5)
DAYS = 300
BLOCK = 30
"""Days that a customer approves at one go."""
TASKS = ("Assembly", "Packing", "Welding", "Cleaning", "Night watch")
_AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Place:
    """A portal in a database, who looks at it, and the customers there, each with its projects."""

    portal: Portal
    reader: Person
    """The first customer's contact."""
    other: Person | None
    """That of the second, if there is one."""
    manager: Person
    first: Customer
    customers: list[UUID]
    projects: dict[UUID, list[UUID]]
    workers: list[UUID] = field(default_factory=list)


async def filled(app: Any, rows: list[int], *, state: EntryState | None = EntryState.FOR_APPROVAL) -> Place:
    """
    Make a tenant with as many customers as *rows* has numbers, each with so many entries on two projects.

    Without a *state* the older ones are invoiced, later ones approved, the last three weeks' mostly wait.
    """
    portal = await make_portal(app, "Hours", portal_name="hours", languages=("en",))
    await portal.enable("timesheets")
    named = [await portal.customer(f"Customer {number}") for number in range(min(len(rows), 2))]
    projects = {
        customer.id: [(await portal.project(customer, f"Project {number}")).id for number in range(2)]
        for customer in named
    }
    readers = [
        await portal.contact(f"{name}@hours.test", customer)
        for name, customer in zip(("reader", "other"), named, strict=False)
    ]
    manager = await portal.staff("manager@hours.test")
    other = readers[1] if len(readers) > 1 else None
    place = Place(portal, readers[0], other, manager, named[0], list(projects), projects)
    tenant = portal.tenant.id
    await write(Worker, _workers(place))
    await write(Customer, _customers(place, len(rows)))
    await write(Project, _projects(place))
    approvals = {
        (customer, first): uuid7() for customer in place.customers for first in range(0, DAYS, BLOCK) if state is None
    }
    await write(Approval, (_approval(tenant, *key, made) for key, made in approvals.items()))
    await write(Entry, _entries(place, rows, state, approvals))
    await analyse()
    return place


def _workers(place: Place) -> Iterator[Row]:
    for number in range(WORKERS):
        place.workers.append(uuid7())
        yield {
            "id": place.workers[-1], "tenant": place.portal.tenant.id, "name": f"Worker {number}",
            "name_folded": f"worker {number}", "email": None, "external_id": f"{number}",
        }  # fmt: skip


def _customers(place: Place, count: int) -> Iterator[Row]:
    for number in range(len(place.customers), count):
        place.customers.append(uuid7())
        yield {
            "id": place.customers[-1], "tenant": place.portal.tenant.id, "parent": None, "number": None,
            "external_id": None, "name": f"Customer {number}", "name_folded": f"customer {number}", "tax_id": None,
            "language": None, "address": "{}", "invoicing": "{}", "closed_at": None, "created_at": _AT, "version": 1,
        }  # fmt: skip


def _projects(place: Place) -> Iterator[Row]:
    for customer in place.customers[len(place.projects) :]:
        place.projects[customer] = [uuid7(), uuid7()]
        for number, made in enumerate(place.projects[customer]):
            yield {
                "id": made, "tenant": place.portal.tenant.id, "customer": customer, "number": None,
                "external_id": None, "name": f"Project {number}", "name_folded": f"project {number}", "state": "open",
                "starts_on": None, "ends_on": None, "version": 1,
            }  # fmt: skip


def _approval(tenant: UUID, customer: UUID, first: int, made: UUID) -> Row:
    day = FIRST + timedelta(days=first)
    return {
        "id": made, "tenant": tenant, "customer": customer, "project": None, "addressee": None, "published_at": _AT,
        "version": 1, "created_at": _AT, "at": _AT, "by_name": "Ana Prueba", "reference": "", "entries": 1,
        "seconds": 28_800, "digest": "", "first_day": day, "last_day": day + timedelta(days=BLOCK - 1),
        "undone_at": None,
    }  # fmt: skip


def _entries(
    place: Place, rows: list[int], state: EntryState | None, approvals: dict[tuple[UUID, int], UUID]
) -> Iterator[Row]:
    """Day by day, as deliveries bring them in: what a customer has lies all over the table."""
    tenant, workers = place.portal.tenant.id, place.workers
    done = [0] * len(rows)
    for passed in range(DAYS):
        for number, (customer, count) in enumerate(zip(place.customers, rows, strict=True)):
            until = ((passed + 1) * count + number * 37 % DAYS) // DAYS  # not all on the same days
            for own in range(done[number], until):
                kept = state or state_of(passed, own + number)
                yield entry(
                    tenant,
                    customer,
                    place.projects[customer][own % 2],
                    workers[(own + 7 * number) % len(workers)],
                    number=own,
                    passed=passed,
                    state=kept,
                    approval=approvals[customer, passed - passed % BLOCK] if kept in _APPROVED else None,
                    words=f"worker {(own + 7 * number) % len(workers)}",
                )
            done[number] = until


_APPROVED = {EntryState.APPROVED, EntryState.INVOICED}


def state_of(passed: int, number: int) -> EntryState:
    """Return what has become of the entry with a *number*, of the day so many days after the first."""
    left = DAYS - passed
    if left > 60:  # of two months ago
        return EntryState.INVOICED
    if number % 50 == 7:  # a few
        return EntryState.DISPUTED
    if left <= 2:  # of yesterday and today
        return EntryState.DRAFT
    return EntryState.FOR_APPROVAL if left <= 21 else EntryState.APPROVED


def entries(
    tenant: UUID,
    workers: list[UUID],
    customer: UUID,
    projects: Sequence[UUID | None],
    *,
    count: int,
    state: EntryState = EntryState.FOR_APPROVAL,
) -> list[Row]:
    """Return rows of entries over some months."""
    return [
        entry(
            tenant,
            customer,
            projects[number % len(projects)],
            workers[number % len(workers)],
            number=number,
            passed=number * DAYS // count,
            state=state,
        )
        for number in range(count)
    ]


@cache
def _day(passed: int) -> tuple[date, int, datetime]:
    """Return a day, its ISO year and week, and when work begins."""
    day = FIRST + timedelta(days=passed)
    year, week, _ = day.isocalendar()
    return day, year * 100 + week, datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def entry(
    tenant: UUID,
    customer: UUID,
    project: UUID | None,
    worker: UUID,
    *,
    number: int,
    passed: int,
    state: EntryState,
    approval: UUID | None = None,
    words: str = "worker",
) -> Row:
    """Return the row of a customer's entry with a *number*, of the day so many days after the first."""
    day, week, begins = _day(passed)
    seconds = 14_400 + number * 37 % 20 * 900
    task = TASKS[number % len(TASKS)]
    return {
        "id": uuid7(), "tenant": tenant, "customer": customer, "project": project, "addressee": None,
        "published_at": None if state is EntryState.DRAFT else _AT, "version": 1, "created_at": _AT,
        "worker": worker, "job": None, "task": task, "day": day, "week": week, "starts_at": begins,
        "ends_at": begins + timedelta(seconds=seconds + 1800), "break_seconds": 1800, "worked_seconds": seconds,
        "units": "", "kind": "regular" if number % 20 else "overtime", "note": "Line 4, early shift",
        "search_folded": f"{words} {task.lower()} line 4, early shift", "rate": "", "currency": "",
        "state": state.value, "approval": approval, "invoice_number": "F-1" if state is EntryState.INVOICED else "",
        "source": "test", "external_id": f"{customer}-{number}", "fingerprint": "", "changed_at": _AT,
    }  # fmt: skip
