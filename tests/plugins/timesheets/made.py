"""Registered work for tests, made by the module's own verbs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from core.db import fetch
from core.people.actor import Actor
from core.people.roles import read_grants, write_grants
from core.people.tables import Customer, Person, Project, Role
from core.records.base import beyond_reach
from core.sdk import Reach, imports
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import raise_version
from plugins.timesheets import permissions
from plugins.timesheets.services import NewEntry, Values, add_entry
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Entry
from tests.portal_fixtures import Portal

DAY = date(2026, 11, 2)


@dataclass(slots=True)
class Works:
    """A customer with two projects, somebody who sees all of it, and somebody who sees one project."""

    portal: Portal
    customer: Customer
    project: Project
    other: Project
    manager: Person
    approver: Person
    staff: Person
    numbers: list[int] = field(default_factory=lambda: [0])

    async def entry(self, *, project: Project | None = None, **more: Any) -> UUID:
        """Store an entry of eight hours; without more for approval, on the first project."""
        self.numbers[0] += 1
        number = self.numbers[0]
        values = {
            "customer": self.customer.id,
            "project": (project or self.project).id,
            "worker_name": "Lucía Romero",
            "day": DAY + timedelta(days=number % 5),
            "values": Values(worked_seconds=8 * 3600),
            "source": "test",
            "external_id": f"{number}",
        } | {key: value for key, value in more.items() if key not in {"state", "worker"}}
        worker = await worker_named(name=str(more.get("worker", values["worker_name"])))
        made = await add_entry(
            entry=NewEntry(worker=worker, **values), state=more.get("state", EntryState.FOR_APPROVAL)
        )
        assert made is not None
        return made.id

    async def entries(self, count: int, **more: Any) -> list[UUID]:
        """Store several."""
        return [await self.entry(**more) for _ in range(count)]


async def works(portal: Portal, mark: str = "a") -> Works:
    """Make a customer with its people at a portal."""
    customer = await portal.customer(f"Acme {mark}")
    project = await portal.project(customer, f"Line {mark}")
    other = await portal.project(customer, f"Store {mark}")
    return Works(
        portal,
        customer,
        project,
        other,
        manager=await portal.contact(f"manager@{mark}.example", customer, name=f"Marta Manager{mark}"),
        approver=await portal.contact(
            f"approver@{mark}.example",
            customer,
            role="basic",
            reach="projects",
            projects=(project,),
            name=f"Ana Approver{mark}",
        ),
        staff=await portal.staff(f"staff@{mark}.example"),
    )


async def actor_of(person: Person) -> Actor:
    """Return who somebody is when she signs in; in the portal's scope."""
    found = await imports.as_person(person.id)
    assert found is not None
    return found


async def grant(portal: Portal, role: str, **grants: Reach) -> None:
    """Give a role rights by their names, as its page does."""
    async with portal.work():
        found = await Role.objects().where(Role.id == portal.roles[role].id).first()
        assert found is not None
        more = {getattr(permissions, name.upper()): reach for name, reach in grants.items()}
        await Role.update({Role.grants: write_grants(read_grants(found.grants) | more)}).where(Role.id == found.id)
        await raise_version(portal.tenant.id)


async def stored(entry: UUID) -> Entry:
    """Return an entry as it stands, whoever asks."""
    with beyond_reach("tests: what is stored"):
        found = await Entry.objects().where(Entry.id == entry).first()
    assert found is not None
    return found


async def states() -> dict[str, int]:
    """Return how many entries are in each state."""
    rows = await fetch(
        "SELECT state, count(*) AS n FROM timesheets_entry WHERE tenant = {} GROUP BY state", current_tenant_id()
    )
    return {row["state"]: row["n"] for row in rows}


async def activities(kind: str) -> list[dict[str, Any]]:
    """Return what happened of a kind, oldest first."""
    return await fetch("SELECT * FROM activity WHERE tenant = {} AND kind = {} ORDER BY id", current_tenant_id(), kind)


def at(hour: int, minute: int = 0, *, day: date = DAY) -> datetime:
    """Return an instant of a day, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
