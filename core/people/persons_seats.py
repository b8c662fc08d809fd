"""Where contacts belong and what staff may do: memberships, projects, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contributions import Audience
from core.db import hold_row, transaction
from core.errors import NotFoundError, WrongStateError
from core.i18n import Translator
from core.people.contact_options import has_one_customer
from core.people.customers import CustomerClosedError, find_customer, is_closed
from core.people.persons_known import RecipientError, find_person, full_name, is_recipient
from core.people.roles import has_administrator, keep_administrator, lock_tenant, require_offered
from core.people.tables import AddressBookEntry, Membership, Person, Project, ProjectPerson, Role
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from core.people.persons_known import Seat

_ = Translator("core")


class OneCustomerError(WrongStateError):
    """The tenant wants each contact at one customer only."""

    default = _("A contact belongs to one customer only here. Remove the other one first.")


async def set_seat(*, person: UUID, seat: Seat, projects: Collection[UUID] | None = None) -> None:
    """
    Give a contact a place at a customer, or change it; *projects* (None leaves them) are those of that customer.

    Raises:
        NotFoundError: the person, customer, role or a project is not one of the tenant, or the person is no contact.
        RecipientError: she is in address books only: the form of contacts comes first.
        CustomerClosedError: nobody new at a closed customer.
        OneCustomerError: she has a place elsewhere, and the tenant wants one only.

    """
    async with transaction():
        await hold_row("person", person)  # two who give her places follow one another
        found = await find_person(person, kind=Audience.CONTACT)
        if is_recipient(found):
            raise RecipientError
        before = (
            await Membership.objects().where(Membership.person == person, Membership.customer == seat.customer).first()
        )
        await take_seat(person, seat, before)
        if projects is not None:
            await assign(person, {seat.customer}, set(projects))
        role = await role_for(seat.role, Audience.CONTACT)
        await write_activity(
            kind="core.membership_changed",
            customer=seat.customer,
            data={"person": str(person), "name": full_name(found), "role": role.label, "reach": seat.reach.word},
        )


async def remove_seat(*, person: UUID, customer: UUID) -> None:
    """
    Take a contact's place at a customer away, with her projects there.

    Raises:
        NotFoundError: she has none there.

    """
    async with transaction():
        found = await find_person(person, kind=Audience.CONTACT)
        gone = (
            await Membership.delete()
            .where(Membership.person == person, Membership.customer == customer)
            .returning(Membership.id)
        )
        if not gone:
            raise NotFoundError
        await assign(person, {customer}, set())
        await write_activity(
            kind="core.membership_changed",
            customer=customer,
            data={"person": str(person), "name": full_name(found), "removed": True},
        )


async def projects_at(*, person: UUID, customer: UUID) -> set[UUID]:
    """Return the projects of *customer* that the contact is assigned to."""
    there = {row["id"] for row in await Project.select(Project.id).where(Project.customer == customer)}
    rows = await ProjectPerson.select(ProjectPerson.project).where(ProjectPerson.person == person)
    return {row["project"] for row in rows} & there


async def set_staff_role(*, person: UUID, role: UUID) -> None:
    """
    Give a member of the staff another role; it counts at the next request.

    Raises:
        NotFoundError: no such member of the staff, or no such role for staff.
        LastAdministratorError: nobody could manage roles any more.

    """
    async with transaction():
        await lock_tenant()
        found = await find_person(person, kind=Audience.STAFF)
        given = await role_for(role, Audience.STAFF)
        if found.staff_role == role:
            return
        had_administrator = await has_administrator()
        await Person.update({Person.staff_role: role}).where(Person.id == person)
        await keep_administrator(before=had_administrator)
        await write_activity(
            kind="core.membership_changed", data={"person": str(person), "name": full_name(found), "role": given.label}
        )


async def role_for(role: UUID, audience: Audience) -> Role:
    """Return a role that people of *audience* may have."""
    found = await Role.objects().where(Role.id == role, Role.audience == audience.value).first()
    if found is None:
        raise NotFoundError
    return found


async def take_seat(person: UUID, seat: Seat, before: Membership | None) -> None:
    """Store a place at a customer: a new one, or the changed one that was there *before*."""
    customer = await find_customer(seat.customer)
    given = await role_for(seat.role, Audience.CONTACT)
    if before is None or before.role != seat.role:
        await require_offered(given)
    if before is not None:
        await Membership.update({Membership.role: seat.role, Membership.reach: seat.reach.word}).where(
            Membership.id == before.id
        )
        return
    if is_closed(customer):
        raise CustomerClosedError
    if has_one_customer(await load_snapshot(current_tenant_id())) and await Membership.exists().where(
        Membership.person == person
    ):
        raise OneCustomerError
    await Membership.insert(Membership(person=person, customer=seat.customer, role=seat.role, reach=seat.reach.word))
    await AddressBookEntry.delete().where(
        AddressBookEntry.person == person, AddressBookEntry.customer == seat.customer
    )  # a colleague now


async def assign(person: UUID, customers: set[UUID], projects: set[UUID]) -> None:
    """Make *projects* those that the person is assigned to among the projects of *customers*."""
    if not customers:
        return
    rows = await Project.select(Project.id).where(Project.customer.is_in(list(customers)))
    there = {row["id"] for row in rows}
    if not projects <= there:
        raise NotFoundError
    rows = await ProjectPerson.select(ProjectPerson.project).where(ProjectPerson.person == person)
    before = {row["project"] for row in rows} & there
    gone = before - projects
    if gone:
        await ProjectPerson.delete().where(ProjectPerson.person == person, ProjectPerson.project.is_in(list(gone)))
    fresh = [ProjectPerson(project=project, person=person) for project in sorted(projects - before)]
    if fresh:
        await ProjectPerson.insert(*fresh)
