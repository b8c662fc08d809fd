"""Colleagues, as a customer's own managers keep them: invited, changed, given other rights, removed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from core.contributions import Audience, Reach
from core.db import transaction
from core.errors import InvalidInputError, NotFoundError, NotPermittedError, WrongStateError
from core.i18n import Translator
from core.people.address_book import recipient_with
from core.people.colleagues_rights import (
    BeyondOwnRightsError,
    Held,
    LastManagerError,
    managers_of,
    manages,
    people_at,
    require_seen,
)
from core.people.handing_over import count_records, hand_over_records
from core.people.persons import (
    Details,
    EmailTakenError,
    OwnAccessError,
    Seat,
    add_contact,
    deactivate_person,
    delete_person,
    edit_person,
    find_person,
    remove_seat,
    send_invitation,
    set_seat,
)
from core.people.roles import find_role, lock_tenant, read_grants
from core.people.tables import Membership, Person

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from core.people.actor import Actor

_ = Translator("core")


class NotTheirsError(WrongStateError):
    """The colleague belongs to other companies as well: her data are not this company's to change."""

    default = _("This person belongs to other companies too. Only they themselves, or we, can change their data.")


async def invite_colleague(*, details: Details, seat: Seat, by: Actor, person: UUID | None = None) -> UUID:
    """
    Add a colleague and send the invitation; returns the id. The same *person* id again adds and sends nothing.

    Raises:
        NotPermittedError: *by* does not manage the company.
        BeyondOwnRightsError: the place would hold something that *by* lacks.
        InvalidInputError: something of it cannot be used. Whose an address is that is taken, is not said.

    """
    async with _managing(by, seat.customer) as (mine, people):
        if person is not None and await Person.exists().where(Person.id == person):
            if person not in people:
                raise NotFoundError
            return person
        if not details.email.strip():
            raise InvalidInputError(fields={"email": [_("Without an e-mail address nobody can be invited.")]})
        await _require_givable(mine, seat)
        known = await recipient_with(details.email)
        if known is not None:  # whoever was only forwarded a document becomes a colleague as anybody does
            details, person = replace(details, tax_id=""), known.id
        try:
            made = await add_contact(details=details, seats=[seat], person=person, source="colleague")
        except EmailTakenError as error:
            raise _taken(error, people) from None
        await send_invitation(person=made)
    return made


async def invite_again(*, customer: UUID, person: UUID, by: Actor) -> None:
    """
    Send a colleague's invitation once more: earlier ones stop working.

    Raises:
        NotPermittedError: *by* does not manage the company.
        NotFoundError: nobody of the company.
        WrongStateError: she is deactivated, or has access already.

    """
    async with _managing(by, customer, person):
        await send_invitation(person=person)


async def edit_colleague(
    *, customer: UUID, person: UUID, details: Details, by: Actor, version: int | None = None
) -> None:
    """
    Change what is known of a colleague who belongs to nobody else.

    The address of somebody who signs in stays: it is the key to her account, and that is nobody's but hers.

    Raises:
        NotPermittedError: *by* does not manage the company.
        NotFoundError: nobody of the company.
        NotTheirsError: she belongs to other companies too.
        StaleError: she was changed since *version* was shown.
        InvalidInputError: something of it cannot be used.

    """
    async with _managing(by, customer, person) as (_mine, people):
        found = await find_person(person, kind=Audience.CONTACT)
        if not await is_theirs(person, by):
            raise NotTheirsError
        if not may_change_email(found):
            details = replace(details, email=found.email or "")
        details = replace(details, tax_id=found.tax_id or "", language=found.language)
        try:
            await edit_person(person=person, details=details, version=version)
        except EmailTakenError as error:
            raise _taken(error, people) from None


async def give_rights(*, customer: UUID, person: UUID, role: UUID, reach: Reach, by: Actor) -> None:
    """
    Give a colleague another role or reach at the company; it counts at the next request.

    Raises:
        NotPermittedError: *by* does not manage the company.
        NotFoundError: nobody of the company, or no such role.
        OwnAccessError: it is oneself.
        BeyondOwnRightsError: it would hold something that *by* lacks, or she manages further than *by*.
        LastManagerError: nobody of the company could manage it any more.

    """
    async with _managing(by, customer, person) as (mine, people):
        if (people[person].role, people[person].reach) == (role, reach):
            return
        if person == by.person:
            raise OwnAccessError
        seat = Seat(customer=customer, role=role, reach=reach)
        await _require_givable(mine, seat)
        await set_seat(person=person, seat=seat)
        await _keep_manager(customer, people)


async def remove_colleague(*, customer: UUID, person: UUID, heir: UUID | None, by: Actor) -> None:
    """
    Take a colleague's place at the company away; who belongs to nobody else is deleted, and cannot sign in any more.

    What is addressed to her there goes to *heir*.

    Raises:
        NotPermittedError: *by* does not manage the company.
        NotFoundError: nobody of the company.
        OwnAccessError: it is oneself.
        BeyondOwnRightsError: she manages further than *by*.
        LastManagerError: nobody of the company could manage it any more.
        InvalidInputError: there are records, and nobody takes them.

    """
    async with _managing(by, customer, person) as (_mine, people):
        if person == by.person:
            raise OwnAccessError
        if heir is not None:
            await _hand_over(customer, person, heir, people)
        elif await count_records(person=person, customer=customer):
            raise InvalidInputError(fields={"heir": [_("Choose who gets the records of this person.")]})
        elsewhere = await Membership.exists().where(Membership.person == person, Membership.customer != customer)
        if elsewhere or await count_records(person=person):
            await remove_seat(person=person, customer=customer)
            if not elsewhere:  # former companies still address records to her: she stays known, and stays out
                await deactivate_person(person=person)
        else:
            await delete_person(person=person)
        await _keep_manager(customer, people)


async def hand_over(*, customer: UUID, person: UUID, to: UUID, by: Actor) -> int:
    """
    Hand what is addressed to a colleague, or to oneself, at the company to another colleague; returns how much.

    Raises:
        NotPermittedError: *by* does not manage the company.
        NotFoundError: one of them is nobody of the company.
        InvalidInputError: she does not use the portal.

    """
    async with _managing(by, customer, person) as (_mine, people):
        return await _hand_over(customer, person, to, people)


async def is_theirs(person: UUID, by: Actor) -> bool:
    """Whether *by* manages every company that the person belongs to."""
    rows = await Membership.select(Membership.customer).where(Membership.person == person)
    return all(manages(by, row["customer"]) for row in rows)


def may_change_email(person: Person) -> bool:
    """Whether the address of *person* has never been the key to her account: who began anew keeps hers too."""
    return person.state in {"address_book", "pending", "invited"} and not person.sign_ins


@asynccontextmanager
async def _managing(
    by: Actor, customer: UUID, person: UUID | None = None
) -> AsyncIterator[tuple[Held, dict[UUID, Held]]]:
    """Hold changes of one tenant's people in line, and ask the database whether *by* still manages the company."""
    require_seen(by, customer)
    if not manages(by, customer) or by.person is None:
        raise NotPermittedError
    async with transaction():
        await lock_tenant()
        people = await people_at(customer)
        mine = people.get(by.person)
        if mine is None or mine.manages is None or mine.state != "active":
            raise NotPermittedError
        if person is not None:
            _require_changeable(mine, people.get(person))
        yield mine, people


def _require_changeable(mine: Held, theirs: Held | None) -> None:
    if theirs is None or theirs.role is None or mine.manages is None:
        raise NotFoundError
    if theirs.manages is not None and theirs.manages > mine.manages:
        raise BeyondOwnRightsError


async def _require_givable(mine: Held, seat: Seat) -> None:
    role = await find_role(seat.role)
    if role.audience != Audience.CONTACT.value:
        raise NotFoundError
    if not mine.may_give(read_grants(role.grants), seat.reach):
        raise BeyondOwnRightsError


async def _keep_manager(customer: UUID, before: dict[UUID, Held]) -> None:
    if managers_of(before) and not managers_of(await people_at(customer)):
        raise LastManagerError


async def _hand_over(customer: UUID, person: UUID, to: UUID, people: dict[UUID, Held]) -> int:
    if to not in people or people[to].role is None:
        raise NotFoundError
    return await hand_over_records(person=person, to=to, customer=customer)


def _taken(error: EmailTakenError, people: dict[UUID, Held]) -> InvalidInputError:
    """Say that an address is taken, and by whom only where that is a colleague."""
    if error.person in people:
        return InvalidInputError(fields={"email": [_("{name} is a colleague already.").format(name=error.name)]})
    return InvalidInputError(
        fields={"email": [_("This address cannot be used here. Please ask us to add the person.")]}
    )
