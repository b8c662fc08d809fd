"""Adding people and changing what is known of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from core.accounts.invitations import detach_account
from core.accounts.tables import Registration
from core.contributions import Audience
from core.db import UniqueViolationError, transaction, uuid7
from core.errors import InvalidInputError
from core.i18n import LANGUAGES, Translator
from core.people.persons_access import give_login, invite, send_invitation
from core.people.persons_known import (
    ChangedMeanwhileError,
    EmailTakenError,
    OwnAccessError,
    checked,
    find_person,
    has_account,
    is_self,
    name_of,
    refuse_taken,
    sorted_name,
)
from core.people.persons_seats import assign, role_for, take_seat
from core.people.registrations import waiting_for
from core.people.roles import has_administrator, keep_administrator, lock_tenant
from core.people.tables import Person
from core.records.activity import write_activity

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from core.people.persons_known import Details, Seat

_ = Translator("core")

THEMES = ("auto", "light", "dark")


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

    Raises:
        InvalidInputError: something of it cannot be used.
        EmailTakenError: somebody of the tenant has the address, or waits with a registration.
        NotFoundError: a customer, role or project is not one of the tenant.
        OneCustomerError: several places, and the tenant wants one only.

    """
    person = person or uuid7()
    async with transaction():
        if await Person.exists().where(Person.id == person):
            return person
        clean = await checked(details, person=person, contact=True)
        if source != "registration":
            await refuse_waiting(clean.email)
        await _insert(person, clean, kind=Audience.CONTACT, source=source)
        for seat in seats:
            await take_seat(person, seat, None)
        if projects:
            await assign(person, {seat.customer for seat in seats}, set(projects))
        await write_activity(
            kind="core.person_added",
            customer=seats[0].customer if seats else None,
            data={"person": str(person), "name": name_of(clean), "kind": "contact", "source": source},
        )
    return person


Access = Literal["none", "login", "invite"]


async def enrol_contact(
    *, details: Details, seats: Sequence[Seat], access: Access, person: UUID, projects: Collection[UUID] = ()
) -> bool:
    """
    Add a contact with her rights and, after them, her way in; False where *person* was there, and nothing happens.

    Raises as `add_contact` does, and:
        InvalidInputError: she is to have access and has no e-mail address.

    """
    async with transaction():
        await lock_tenant()
        if await Person.exists().where(Person.id == person):
            return False
        await add_contact(details=details, seats=seats, projects=projects, person=person)
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
        id=person,
        kind=kind.value,
        email=clean.email or None,
        email_folded=clean.email or None,
        given_name=clean.given_name,
        family_name=clean.family_name,
        name_folded=sorted_name(clean),
        phone=clean.phone or None,
        mobile=clean.mobile or None,
        other_contact=clean.other_contact or None,
        tax_id=clean.tax_id or None,
        language=clean.language,
        staff_role=role,
        source=source,
    )
    try:
        async with transaction():
            await Person.insert(row)
    except UniqueViolationError:
        await refuse_taken(clean.email, person)
        raise


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
        clean = await checked(details, person=person, contact=found.kind == "contact")
        if found.kind == "staff" and not clean.email:
            raise InvalidInputError(fields={"email": [_("Staff need an e-mail address.")]})
        after = {
            "email": clean.email or None,
            "email_folded": clean.email or None,
            "given_name": clean.given_name,
            "family_name": clean.family_name,
            "name_folded": sorted_name(clean),
            "phone": clean.phone or None,
            "mobile": clean.mobile or None,
            "other_contact": clean.other_contact or None,
            "language": clean.language,
        } | ({} if clean.tax_id is None else {"tax_id": clean.tax_id or None})
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


async def edit_own_profile(*, person: UUID, details: Details) -> None:
    """
    Change one's own data; the e-mail address is not among them, for it is the key to the account.

    Raises:
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        found = await find_person(person)
        kept = replace(details, email=found.email or "", tax_id=None)
        clean = await checked(kept, person=person, contact=found.kind == "contact")
        after = {
            "given_name": clean.given_name,
            "family_name": clean.family_name,
            "name_folded": sorted_name(clean),
            "phone": clean.phone or None,
            "mobile": clean.mobile or None,
            "other_contact": clean.other_contact or None,
            "language": clean.language,
        }
        changed = sorted(name for name, value in after.items() if getattr(found, name) != value)
        if not changed:
            return
        await Person.update({**after, Person.version: Person.version + 1}).where(Person.id == person)
        shown = [name for name in changed if name != "name_folded"]
        await write_activity(kind="core.profile_edited", data={"person": str(person), "changed": shown})


async def choose_theme(*, person: UUID, theme: str) -> None:
    """
    Set how pages look for a person.

    Raises:
        InvalidInputError: there is no such look.

    """
    if theme not in THEMES:
        raise InvalidInputError(fields={"theme": [_("Choose one from the list.")]})
    await Person.update({Person.theme: theme}).where(Person.id == person)


async def choose_language(*, person: UUID, language: str | None) -> None:
    """
    Set a person's own language; None means the portal's.

    Raises:
        InvalidInputError: the portal does not have it.

    """
    if language is not None and language not in LANGUAGES:
        raise InvalidInputError(fields={"language": [_("Choose one from the list.")]})
    await Person.update({Person.language: language}).where(Person.id == person)
