"""People who leave: deleted once their records have somebody else, kept for the log, restored as who they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.accounts.invitations import detach_account
from core.clock import now
from core.contributions import Audience
from core.db import UniqueViolationError, transaction
from core.errors import InvalidInputError, NotFoundError
from core.formats import FormatError, normalise_email
from core.i18n import Translator
from core.people.persons_known import OwnAccessError, find_person, full_name, is_recipient, is_self, refuse_taken
from core.people.roles import has_administrator, keep_administrator, lock_tenant
from core.people.tables import RECIPIENT, Person
from core.records.activity import write_activity

if TYPE_CHECKING:
    from uuid import UUID

_ = Translator("core")


class HeirNeededError(InvalidInputError):
    """Records are addressed to the person: `count` of them need somebody else first."""

    def __init__(self, *, name: str, count: int) -> None:
        self.count = count
        text = _.plural(
            "{n} record is addressed to {name}. Choose who takes it over, then delete.",
            "{n} records are addressed to {name}. Choose who takes them over, then delete.",
        ).format(n=count, name=name)
        super().__init__(text, fields={"heir": [text]})


async def is_known(person: UUID) -> bool:
    """Whether there is a person with this id, deleted or not: a form that came before made her, or completed her."""
    return bool(await Person.exists().where(Person.id == person, Person.state != RECIPIENT))


async def find_anybody(person: UUID) -> Person:
    """
    Return a person of the tenant, deleted or not.

    Raises:
        NotFoundError: there is none with that id.

    """
    found: Person | None = await Person.objects().where(Person.id == person).first()
    if found is None:
        raise NotFoundError
    return found


def is_deleted(person: Person) -> bool:
    """Whether she was deleted; she can be restored."""
    return person.deleted_at is not None


async def delete_person(*, person: UUID, heir: UUID | None = None) -> None:
    """
    Delete a person: access ends, records go to *heir*. Her name stays where she acted, her rights for a return.

    Raises:
        NotFoundError: no such person.
        OwnAccessError: it is oneself.
        HeirNeededError: records are addressed to her, and there is no heir.
        InvalidInputError: the heir cannot have them.
        LastAdministratorError: nobody could manage roles any more.

    """
    from core.people.handing_over import count_records, hand_over_records  # noqa: PLC0415 -- records stand above people

    async with transaction():
        await lock_tenant()
        found = await find_person(person)
        if is_self(person):
            raise OwnAccessError
        had_administrator = await has_administrator() if found.kind == Audience.STAFF.value else False
        if found.kind == Audience.CONTACT.value:
            if heir is not None:
                await hand_over_records(person=person, to=heir)
            elif count := await count_records(person=person):
                raise HeirNeededError(name=full_name(found), count=count)
        await detach_account(person=person)
        await Person.update({Person.deleted_at: now(), Person.version: Person.version + 1}).where(Person.id == person)
        await keep_administrator(before=had_administrator)
        data = {"person": str(person), "name": full_name(found), "before": found.state}
        await write_activity(kind="core.person_deleted", data=data | ({"to": str(heir)} if heir else {}))


async def restore_person(*, person: UUID) -> None:
    """
    Bring a deleted person back as who she was, with her rights. Her former account stays behind: she is invited anew.

    Raises:
        NotFoundError: no such person.
        EmailTakenError: somebody else has her address by now.

    """
    async with transaction():
        await lock_tenant()
        found = await find_anybody(person)
        if not is_deleted(found):
            return
        if found.email_folded:
            await refuse_taken(found.email_folded, person)
        back = {
            Person.deleted_at: None,
            Person.account: None,
            Person.state: RECIPIENT if is_recipient(found) else "address_book",
            Person.invited_at: None,
            Person.version: Person.version + 1,
        }
        try:
            async with transaction():
                await Person.update(back).where(Person.id == person)
        except UniqueViolationError:
            await refuse_taken(found.email_folded or "", person)
            raise
        await write_activity(kind="core.person_restored", data={"person": str(person), "name": full_name(found)})


async def deleted_with(email: str) -> Person | None:
    """Return the contact who had this address and was deleted last, where no living person has it."""
    try:
        wanted = normalise_email(email)
    except FormatError:
        return None
    if await Person.exists().where(Person.email_folded == wanted, Person.deleted_at.is_null()):
        return None
    found: Person | None = (
        await Person.objects()
        .where(
            Person.email_folded == wanted,
            Person.kind == Audience.CONTACT.value,
            Person.deleted_at.is_not_null(),
        )
        .order_by(Person.deleted_at, ascending=False)
        .first()
    )
    return found
