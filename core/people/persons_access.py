"""The way in of a person: invited, with a login, deactivated, reactivated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.accounts.invitations import create_login, end_access, invite_person, reset_access
from core.accounts.oidc.identities import has_identity
from core.db import transaction
from core.errors import InvalidInputError, WrongStateError
from core.people.persons_known import (
    OwnAccessError,
    RecipientError,
    find_person,
    full_name,
    has_account,
    is_recipient,
    is_self,
)
from core.people.roles import has_administrator, keep_administrator, lock_tenant
from core.people.tables import Person
from core.records.activity import write_activity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from core.i18n import LazyString


async def send_invitation(*, person: UUID) -> None:
    """
    Invite a person, or once more: earlier invitations stop working.

    Raises:
        NotFoundError: no such person.
        InvalidInputError: she has no e-mail address.
        WrongStateError: she is deactivated, or has access already.

    """
    async with transaction():
        found = await find_person(person)
        await invite(person, full_name(found))


async def invite(person: UUID, name: str) -> None:
    """Invite a person and write it down. In a transaction."""
    await invite_person(person=person)
    await write_activity(kind="core.person_invited", data={"person": str(person), "name": name})


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What became of one of many invitations: sent, or the reason why not."""

    person: UUID
    name: str
    email: str
    reason: LazyString | None = None


async def invite_people(*, people: Iterable[UUID]) -> list[Invited]:
    """
    Invite several people, or once more; who cannot be invited does not stop the others.

    Raises:
        NotFoundError: somebody of them is none of the tenant.

    """
    wanted = list(people)
    done: dict[UUID, Invited] = {}
    for person in sorted(set(wanted)):  # in one order, so that two who invite the same people follow one another
        found = await find_person(person)
        reason = None
        try:
            await send_invitation(person=person)
        except InvalidInputError as error:
            reason = next((texts[0] for texts in error.fields.values()), error.message)
        except WrongStateError as error:
            reason = error.message
        done[person] = Invited(person=person, name=full_name(found), email=found.email or "", reason=reason)
    return [done[person] for person in dict.fromkeys(wanted)]


async def reset_person_access(*, person: UUID) -> None:
    """
    Begin anew with a person's access: sessions, links and password end, and the first-sign-in mail goes out again.

    Raises:
        NotFoundError: no such person.
        OwnAccessError: it is oneself.
        WrongStateError: she has no access.

    """
    async with transaction():
        found = await find_person(person)
        if is_self(person):
            raise OwnAccessError
        await reset_access(person=person)
        await write_activity(kind="core.person_access_reset", data={"person": str(person), "name": full_name(found)})


async def give_login(*, person: UUID) -> None:
    """
    Make a login for a person; nothing is sent, and who has one keeps it.

    Raises:
        NotFoundError: no such person.
        InvalidInputError: she has no e-mail address.
        WrongStateError: she is deactivated.

    """
    async with transaction():
        found = await find_person(person)
        if await create_login(person=person) != found.account:
            await write_activity(
                kind="core.person_edited",
                data={"person": str(person), "name": full_name(found), "changed": ["account"]},
            )


async def deactivate_person(*, person: UUID) -> None:
    """
    End a person's access at once: sessions, links, sign-in. Her name stays where she acted.

    Raises:
        NotFoundError: no such person.
        OwnAccessError: it is oneself.
        RecipientError: she is in address books only, and has none.
        LastAdministratorError: nobody could manage roles any more.

    """
    async with transaction():
        await lock_tenant()
        found = await find_person(person)
        if is_self(person):
            raise OwnAccessError
        if found.state == "deactivated":
            return
        if is_recipient(found):
            raise RecipientError
        had_administrator = await has_administrator() if found.kind == "staff" else False
        await end_access(person=person)
        await Person.update({Person.state: "deactivated"}).where(Person.id == person)
        await keep_administrator(before=had_administrator)
        await write_activity(
            kind="core.person_deactivated",
            data={"person": str(person), "name": full_name(found), "before": found.state},
        )


async def reactivate_person(*, person: UUID) -> None:
    """
    Let a person in again. Who had a way to sign in has it again, the others wait for an invitation.

    Raises:
        NotFoundError: no such person.

    """
    from core.accounts.tables import Account  # noqa: PLC0415 -- the state of her password is read only here

    async with transaction():
        found = await find_person(person)
        if found.state != "deactivated":
            return
        account = await Account.objects().where(Account.id == found.account).first() if has_account(found) else None
        state = "address_book"
        if account is not None:
            had = account.password_hash or account.password_state == "set" or await has_identity(person=person)  # noqa: S105 -- a state
            state = "active" if had else "pending"
        await Person.update({Person.state: state}).where(Person.id == person)
        await write_activity(kind="core.person_reactivated", data={"person": str(person), "name": full_name(found)})
