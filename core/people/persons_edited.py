"""Adding people and changing what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from core.accounts.invitations import detach_account
from core.accounts.tables import Registration
from core.contributions import Audience
from core.db import UniqueViolationError, transaction, uuid7
from core.errors import InvalidInputError
from core.i18n import Translator
from core.people.persons_access import give_login, invite, send_invitation
from core.people.persons_deleted import is_deleted, is_known
from core.people.persons_known import (
    ChangedMeanwhileError,
    EmailTakenError,
    OwnAccessError,
    checked,
    find_person,
    has_account,
    is_recipient,
    is_self,
    name_of,
    refuse_taken,
    sorted_name,
)
from core.people.persons_seats import assign, role_for, take_seat
from core.people.registrations import waiting_for
from core.people.roles import has_administrator, keep_administrator, lock_tenant
from core.people.tables import RECIPIENT, AddressBookEntry, Person
from core.people.told import write_channels
from core.records.activity import write_activity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from core.people.persons_known import Details, Seat
    from core.people.told import Channel

_ = Translator("core")


async def add_contact(
    *,
    details: Details,
    seats: Sequence[Seat] = (),
    projects: Collection[UUID] = (),
    person: UUID | None = None,
    source: str = "staff",
) -> UUID:
    """
    Add a contact to the address book and return her id; nothing is sent. The same *person* id again adds nothing.

    The id of a recipient of forwarded documents makes a contact of her: what is said here holds, nothing else does.

    Raises:
        InvalidInputError: something of it cannot be used.
        EmailTakenError: somebody of the tenant has the address, or waits with a registration.
        NotFoundError: a customer, role or project is not one of the tenant.
        OneCustomerError: several places, and the tenant wants one only.

    """
    person = person or uuid7()
    async with transaction():
        known: Person | None = await Person.objects().where(Person.id == person).first()
        if known is not None and (not is_recipient(known) or is_deleted(known)):
            return person
        clean = await checked(details, person=person, contact=True)
        if source != "registration":
            await refuse_waiting(clean.email)
        if known is None:
            await _insert(person, clean, kind=Audience.CONTACT, source=source)
        elif not await _complete(person, clean):
            return person
        for seat in seats:
            await take_seat(person, seat, None)
        if projects:
            await assign(person, {seat.customer for seat in seats}, set(projects))
        await write_activity(
            kind="core.person_added",
            customer=seats[0].customer if seats else None,
            data={
                "person": str(person),
                "name": name_of(clean),
                "kind": "contact",
                "source": source,
                **({"before": RECIPIENT} if known is not None else {}),
            },
        )
    return person


Access = Literal["none", "login", "invite"]


async def enrol_contact(
    *,
    details: Details,
    seats: Sequence[Seat],
    access: Access,
    person: UUID,
    projects: Collection[UUID] = (),
    channels: Mapping[str, Channel] | None = None,
) -> bool:
    """
    Add a contact with her rights and, after them, her way in; False where *person* was there, and nothing happens.

    A recipient of forwarded documents is not there yet: she is completed.

    *channels* is how she is told of kinds of activity, where that is not the default.

    Raises as `add_contact` does, and:
        InvalidInputError: she is to have access and has no e-mail address.

    """
    async with transaction():
        await lock_tenant()
        if await is_known(person):
            return False
        await add_contact(details=details, seats=seats, projects=projects, person=person)
        await write_channels(person=person, channels=channels or {})
        if access == "login":
            await give_login(person=person)
        elif access == "invite":
            await send_invitation(person=person)
    return True


async def check_contact(*, details: Details, person: UUID) -> None:
    """
    Check what is typed for a new contact; nothing is stored.

    Raises:
        InvalidInputError: something of it cannot be used.
        EmailTakenError: somebody of the tenant has the address, or waits with a registration.

    """
    clean = await checked(details, person=person, contact=True)
    await refuse_waiting(clean.email)


async def refuse_waiting(email: str) -> None:
    """Raise EmailTakenError where a registration with the address waits for a decision."""
    waiting = await waiting_for(email) if email else None
    if waiting is None:
        return
    row = await Registration.select().where(Registration.id == waiting).first()
    name = f"{row['given_name']} {row['family_name']}".strip() if row else email
    raise EmailTakenError(name=name or email, registration=waiting)


async def add_staff(*, details: Details, role: UUID, person: UUID | None = None) -> UUID:
    """
    Add a member of the tenant's staff and return the id; nothing is sent. The same *person* id again adds nothing.

    Raises:
        InvalidInputError: something of it cannot be used; staff need an e-mail address.
        EmailTakenError: somebody of the tenant has the address.
        NotFoundError: the role is none for staff.

    """
    person = person or uuid7()
    async with transaction():
        if await Person.exists().where(Person.id == person):
            return person
        clean = await checked(details, person=person, contact=False)
        if not clean.email:
            raise InvalidInputError(fields={"email": [_("Without an e-mail address nobody can be invited.")]})
        await role_for(role, Audience.STAFF)
        await _insert(person, clean, kind=Audience.STAFF, source="staff", role=role)
        await write_activity(
            kind="core.person_added", data={"person": str(person), "name": name_of(clean), "kind": "staff"}
        )
    return person


async def _insert(person: UUID, clean: Details, *, kind: Audience, source: str, role: UUID | None = None) -> None:
    row = Person(
        id=person, kind=kind.value, tax_id=clean.tax_id or None, staff_role=role, source=source, **stored(clean)
    )
    try:
        async with transaction():
            await Person.insert(row)
    except UniqueViolationError:
        await refuse_taken(clean.email, person)
        raise


async def _complete(person: UUID, clean: Details) -> bool:
    """Make a contact of a recipient; False where somebody was quicker."""
    values = stored(clean) | {"tax_id": clean.tax_id or None, "state": "address_book"}
    try:
        async with transaction():
            won = (
                await Person.update({**values, Person.version: Person.version + 1})
                .where(Person.id == person, Person.state == RECIPIENT)
                .returning(Person.id)
            )
    except UniqueViolationError:
        await refuse_taken(clean.email, person)
        raise
    return bool(won)


def stored(clean: Details) -> dict[Any, Any]:
    """Return *details* that were checked as the table keeps them."""
    return {
        "email": clean.email or None,
        "email_folded": clean.email or None,
        "given_name": clean.given_name,
        "family_name": clean.family_name,
        "name_folded": sorted_name(clean),
        "phone": clean.phone or None,
        "mobile": clean.mobile or None,
        "other_contact": clean.other_contact or None,
        "language": clean.language,
    }


async def edit_person(*, person: UUID, details: Details, version: int | None = None) -> bool:
    """
    Change what is known of a person; return whether her access had to start anew.

    Another e-mail address parts her from her account: whoever reads the new address must not inherit it. Where she had
    access, the new address is invited. *version* is the one that was shown: nobody overwrites what they have not seen.

    Raises:
        NotFoundError: no such person.
        ChangedMeanwhileError: she was changed since that version.
        InvalidInputError: something of it cannot be used.
        EmailTakenError: somebody else of the tenant has the address.

    """
    async with transaction():
        found = await find_person(person)
        if version is not None and version != found.version:
            raise ChangedMeanwhileError
        recipient = is_recipient(found)
        clean = await checked(details, person=person, contact=found.kind == "contact", recipient=recipient)
        if found.kind == "staff" and not clean.email:
            raise InvalidInputError(fields={"email": [_("Staff need an e-mail address.")]})
        after = stored(clean) | ({} if clean.tax_id is None else {"tax_id": clean.tax_id or None})
        changed = sorted(name for name, value in after.items() if getattr(found, name) != value)
        if not changed:
            return False
        moves = "email" in changed and (has_account(found) or found.state in {"invited", "active"})
        if moves and is_self(person):
            raise OwnAccessError
        had_administrator = await has_administrator() if moves and found.kind == "staff" else False
        try:
            async with transaction():
                won = (
                    await Person.update({**after, Person.version: Person.version + 1})
                    .where(Person.id == person, Person.version == found.version)
                    .returning(Person.id)
                )
        except UniqueViolationError:
            await refuse_taken(clean.email, person)
            raise
        if not won:
            raise ChangedMeanwhileError
        if recipient and "email" in changed:
            await _move_entries(person, clean.email)
        shown = [name for name in changed if name not in {"email_folded", "name_folded"}]
        await write_activity(
            kind="core.person_edited",
            data={"person": str(person), "name": name_of(clean), "changed": shown, "access_renewed": moves},
        )
        if moves:
            await detach_account(person=person)
            await keep_administrator(before=had_administrator)
            if clean.email and found.state in {"invited", "active"}:
                await invite(person, name_of(clean))
    return moves


async def _move_entries(person: UUID, email: str) -> None:
    """Let the address books follow the corrected address of a recipient; where it stands already, once is enough."""
    for entry in await AddressBookEntry.objects().where(AddressBookEntry.person == person):
        there = (AddressBookEntry.customer == entry.customer) & (AddressBookEntry.email == email)
        if await AddressBookEntry.exists().where(there):
            await AddressBookEntry.update({AddressBookEntry.person: person}).where(there)
            await AddressBookEntry.delete().where(AddressBookEntry.id == entry.id)
        else:
            await AddressBookEntry.update({AddressBookEntry.email: email}).where(AddressBookEntry.id == entry.id)
