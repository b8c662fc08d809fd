"""What is addressed to one contact goes to a colleague: nothing is left with somebody who leaves."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from core.contributions import Audience, Reach
from core.db import transaction
from core.errors import InvalidInputError, NotFoundError
from core.i18n import Translator
from core.people.roles import lock_tenant
from core.people.tables import Customer, Membership, Person, ProjectPerson
from core.records.activity import write_activity
from core.records.base import beyond_reach
from core.registry import registry
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.records.base import CustomerRecord

_ = Translator("core")


@dataclass(frozen=True, slots=True)
class _Moved:
    """Which rows moved, and at which customers."""

    ids: list[UUID]
    customers: set[UUID]


async def count_records(*, person: UUID, customer: UUID | None = None) -> int:
    """Return how many records of all modules, also those switched off, are addressed to *person*."""
    found = 0
    with beyond_reach("hand-over: what is addressed to somebody counts, whoever asks"):
        for table in _tables().values():
            query = table.count().where(table.addressee == person)
            if customer is not None:
                query = query.where(table.customer == customer)
            found += await query
    return found


async def count_projects(*, person: UUID, customer: UUID) -> int:
    """Return to how many projects of a customer *person* is assigned."""
    return len(await _projects(person, customer))


async def hand_over_records(*, person: UUID, to: UUID, customer: UUID | None = None) -> int:
    """
    Address to *to* what is addressed to *person*, and assign her projects to *to*; return how many records moved.

    With *customer* only what is there. Who had it stays in one activity, with a digest of the records.

    Raises:
        NotFoundError: one of them is no contact of the tenant.
        InvalidInputError: *to* is the same person, not active, or has no place at a customer whose records these are.

    """
    async with transaction():
        await lock_tenant()
        giver, heir = await _contact(person), await _contact(to)
        if to == person:
            raise _refused(_("Choose somebody else: these are this person’s own records."))
        if not _uses_the_portal(heir):
            raise _refused(_("{name} does not use the portal. Choose somebody who does.").format(name=_name(heir)))
        projects = await _projects(person, customer)
        moved = {key: await _readdress(table, person, to, customer) for key, table in _tables().items()}
        places = {place for one in moved.values() for place in one.customers} | set(projects.values())
        await _require_places(heir, places)
        await _reassign(person, to, list(projects))
        count = sum(len(one.ids) for one in moved.values())
        if count or projects:
            await write_activity(
                kind="core.records_handed_over",
                customer=customer or (next(iter(places)) if len(places) == 1 else None),
                data=_facts(giver, heir, moved, len(projects)),
            )
    return count


def _facts(giver: Person, heir: Person, moved: Mapping[str, _Moved], projects: int) -> dict[str, Any]:
    ids = sorted(id for one in moved.values() for id in one.ids)
    return {
        "person": str(giver.id),
        "name": _name(giver),
        "to": str(heir.id),
        "to_name": _name(heir),
        "count": len(ids),
        "kinds": {key: len(one.ids) for key, one in moved.items() if one.ids},
        "projects": projects,
        "records": sha256("\n".join(str(id) for id in ids).encode()).hexdigest(),
    }


def _tables() -> dict[str, type[CustomerRecord]]:
    """Return the table of each kind of record, by the first of its kinds: several kinds may share one."""
    found: dict[type[CustomerRecord], str] = {}
    for key, owned in sorted(registry().record_kinds.items()):
        found.setdefault(owned.item.table, key)
    return {key: table for table, key in found.items()}


async def _contact(person: UUID) -> Person:
    found = await Person.objects().where(Person.id == person, Person.kind == Audience.CONTACT.value).first()
    if found is None:
        raise NotFoundError
    return found


async def _projects(person: UUID, customer: UUID | None) -> dict[UUID, UUID]:
    """Return the projects that *person* is assigned to, with their customers."""
    query = ProjectPerson.select(ProjectPerson.project, ProjectPerson.project.customer.as_alias("customer"))
    if customer is not None:
        query = query.where(ProjectPerson.project.customer == customer)
    rows = await query.where(ProjectPerson.person == person)
    return {row["project"]: row["customer"] for row in rows}


async def _readdress(table: type[CustomerRecord], person: UUID, to: UUID, customer: UUID | None) -> _Moved:
    """Change the addressee in one statement, however many they are."""
    with beyond_reach("hand-over: what is addressed to somebody moves, whoever may see it"):
        query = table.update({table.addressee: to, table.version: table.version + 1}).where(table.addressee == person)
        if customer is not None:
            query = query.where(table.customer == customer)
        rows = await query.returning(table.id, table.customer)
    return _Moved([as_uuid(row["id"]) for row in rows], {as_uuid(row["customer"]) for row in rows})


async def _reassign(person: UUID, to: UUID, projects: list[UUID]) -> None:
    if not projects:
        return
    rows = await ProjectPerson.select(ProjectPerson.project).where(
        ProjectPerson.person == to, ProjectPerson.project.is_in(projects)
    )
    known = {row["project"] for row in rows}
    await ProjectPerson.delete().where(ProjectPerson.person == person, ProjectPerson.project.is_in(projects))
    fresh = [ProjectPerson(project=project, person=to) for project in projects if project not in known]
    if fresh:
        await ProjectPerson.insert(*fresh)


async def _require_places(heir: Person, customers: set[UUID]) -> None:
    """Refuse an heir who has no place at one of the customers, her own or from the parent's group."""
    if not customers:
        return
    seats = await Membership.select(Membership.customer, Membership.reach).where(Membership.person == heir.id)
    direct = {seat["customer"] for seat in seats}
    groups = {seat["customer"] for seat in seats if seat["reach"] == Reach.GROUP.word}
    rows = await Customer.select(Customer.id, Customer.name, Customer.parent).where(Customer.id.is_in(list(customers)))
    for row in sorted(rows, key=lambda row: row["name"]):
        if row["id"] not in direct and row["parent"] not in groups:
            raise _refused(
                _("{name} has no place at {customer}. Choose somebody who has.").format(
                    name=_name(heir), customer=row["name"]
                )
            )


def _uses_the_portal(person: Person) -> bool:
    return person.state == "active" and person.deleted_at is None


def _refused(reason: Any) -> InvalidInputError:
    return InvalidInputError(reason, fields={"heir": [reason]})


def _name(person: Person) -> str:
    return f"{person.given_name} {person.family_name}".strip() or person.email or ""
