"""New contacts of a list, written together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.contributions import Audience
from core.db import insert_many, uuid7
from core.people.persons_edited import stored
from core.people.persons_known import name_of
from core.people.tables import Membership, Person, ProjectPerson
from core.records.activity import write_many_activities
from core.tenancy.scope import current_tenant_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from core.people.persons_known import Details, Seat


@dataclass(slots=True)
class New:
    """A contact who is to be added: checked, with her place and projects."""

    id: UUID
    details: Details
    seat: Seat | None
    projects: set[UUID]


async def add_new(new: Sequence[New]) -> None:
    """Write new contacts, who have been checked, with their places and projects; nothing is sent."""
    if not new:
        return
    tenant = current_tenant_id()
    people = [
        {"id": one.id, "tenant": tenant, "kind": Audience.CONTACT.value, "source": "import", **stored(one.details)}
        for one in new
    ]
    seats = [
        {
            "id": uuid7(),
            "tenant": tenant,
            "person": one.id,
            "customer": one.seat.customer,
            "role": one.seat.role,
            "reach": one.seat.reach.word,
        }
        for one in new
        if one.seat
    ]
    assigned = [
        {"id": uuid7(), "tenant": tenant, "person": one.id, "project": project}
        for one in new
        for project in sorted(one.projects)
    ]
    await insert_many(Person, people)
    await insert_many(Membership, seats)
    await insert_many(ProjectPerson, assigned)
    facts = [
        (
            one.seat.customer if one.seat else None,
            {"person": str(one.id), "name": name_of(one.details), "kind": "contact", "source": "import"},
        )
        for one in new
    ]
    await write_many_activities(kind="core.person_added", facts=facts)
