"""The projects of customers, and who is assigned to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.db import transaction, uuid7
from core.errors import InvalidInputError, NotFoundError
from core.i18n import Translator
from core.people.customers_known import (
    CustomerChangedError,
    CustomerClosedError,
    find_customer,
    is_closed,
    wrong_name,
)
from core.people.roles_known import lock_tenant
from core.people.tables import Membership, Person, Project, ProjectPerson
from core.records.activity import write_activity
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from core.i18n import LazyString

_ = Translator("core")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDetails:
    """What is known of a project."""

    name: str
    number: str | None = None
    external_id: str | None = None
    state: str = "open"
    starts_on: date | None = None
    ends_on: date | None = None


async def find_project(project: UUID) -> Project:
    """
    Return a project of the tenant.

    Raises:
        NotFoundError: there is none with that id.

    """
    found = await Project.objects().where(Project.id == project).first()
    if found is None:
        raise NotFoundError
    return found


async def add_project(*, customer: UUID, details: ProjectDetails, project: UUID | None = None) -> UUID:
    """
    Add a project to a customer and return its id; the same *project* id again adds nothing.

    Raises:
        NotFoundError: no such customer.
        InvalidInputError: something of it cannot be used.
        CustomerClosedError: nothing new for a closed customer.

    """
    project = project or uuid7()
    async with transaction():
        if await Project.exists().where(Project.id == project):
            return project
        owner = await find_customer(customer)
        if is_closed(owner):
            raise CustomerClosedError
        clean = _checked_project(details)
        await Project.insert(
            Project(
                id=project,
                customer=customer,
                name=clean.name,
                name_folded=fold(clean.name),
                number=clean.number,
                external_id=clean.external_id,
                state=clean.state,
                starts_on=clean.starts_on,
                ends_on=clean.ends_on,
            )
        )
        await write_activity(
            kind="core.project_changed",
            customer=customer,
            data={"name": clean.name, "project": str(project), "added": True},
        )
    return project


async def edit_project(
    *,
    project: UUID,
    details: ProjectDetails,
    people: Collection[UUID] | None = None,
    version: int | None = None,
) -> None:
    """
    Change a project, and which contacts of its customer are assigned to it (None leaves them).

    *version* is the one that was shown (None does not ask).

    Raises:
        CustomerChangedError: somebody has changed it since.
        NotFoundError: no such project, or one of the people is no contact of its customer.
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        await lock_tenant()
        found = await find_project(project)
        if version is not None and version != found.version:
            raise CustomerChangedError
        clean = _checked_project(details)
        await Project.update(
            {
                Project.name: clean.name,
                Project.name_folded: fold(clean.name),
                Project.number: clean.number,
                Project.state: clean.state,
                Project.starts_on: clean.starts_on,
                Project.ends_on: clean.ends_on,
                Project.version: found.version + 1,
            }
        ).where(Project.id == project)
        if people is not None:
            await _assign(project, found.customer, set(people))
        await write_activity(
            kind="core.project_changed",
            customer=found.customer,
            data={"name": clean.name, "project": str(project), "people": len(people) if people is not None else None},
        )


async def _assign(project: UUID, customer: UUID, people: set[UUID]) -> None:
    allowed = {
        row["person"] for row in await Membership.select(Membership.person).where(Membership.customer == customer)
    }
    if not people <= allowed:
        raise NotFoundError
    before = {
        row["person"]
        for row in await ProjectPerson.select(ProjectPerson.person).where(ProjectPerson.project == project)
    }
    gone = before - people
    if gone:
        await ProjectPerson.delete().where(ProjectPerson.project == project, ProjectPerson.person.is_in(list(gone)))
    fresh = [ProjectPerson(project=project, person=person) for person in sorted(people - before)]
    if fresh:
        await ProjectPerson.insert(*fresh)


def _checked_project(details: ProjectDetails) -> ProjectDetails:
    fields: dict[str, list[LazyString]] = {}
    name = " ".join(details.name.split())
    reason = wrong_name(name, _("Give the project's name."))
    if reason is not None:
        fields["name"] = [reason]
    if details.starts_on and details.ends_on and details.ends_on < details.starts_on:
        fields["ends_on"] = [_("The end lies before the start.")]
    if details.state not in {"open", "closed"}:
        fields["state"] = [_("Choose one from the list.")]
    if fields:
        raise InvalidInputError(fields=fields)
    return ProjectDetails(
        name=name,
        number=(details.number or "").strip() or None,
        external_id=(details.external_id or "").strip() or None,
        state=details.state,
        starts_on=details.starts_on,
        ends_on=details.ends_on,
    )


async def projects_of_person(person: UUID) -> set[UUID]:
    """Return the projects that a contact is assigned to."""
    rows = await ProjectPerson.select(ProjectPerson.project).where(ProjectPerson.person == person)
    return {row["project"] for row in rows}


async def people_on(project: UUID) -> set[UUID]:
    """Return the contacts who are assigned to a project."""
    rows = await ProjectPerson.select(ProjectPerson.person).where(ProjectPerson.project == project)
    return {row["person"] for row in rows}


async def contacts_of(customer: UUID) -> list[Person]:
    """Return the living contacts of a customer, by name."""
    ids = [row["person"] for row in await Membership.select(Membership.person).where(Membership.customer == customer)]
    if not ids:
        return []
    found: list[Person] = (
        await Person.objects().where(Person.id.is_in(ids), Person.deleted_at.is_null()).order_by(Person.name_folded)
    )
    return found
