"""Giving people a way in: a login of their own, and the invitation by which they set its password."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from core.accounts.hashing import hash_password
from core.accounts.links import supersede_links
from core.accounts.mails import put_down_mail
from core.accounts.offices import count_offices
from core.accounts.oidc.identities import forget_identities
from core.accounts.options import gives_temporary_passwords, invites_by_itself
from core.accounts.sessions import end_sessions_of
from core.accounts.tables import Account
from core.accounts.temporary import CHOSEN, chosen_password, end_password, end_temporary_password
from core.clock import now
from core.db import fetch, hold_row, transaction
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.i18n import Translator
from core.people.tables import RECIPIENT, Person
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

_ = Translator("core")
log = logging.getLogger("portico.accounts")

BY_STAFF = {"reset_by": "staff"}
"""What mails are told where the office began anew with somebody: they say so."""

_FIRST_CUSTOMER = """
SELECT c.name AS name FROM membership m JOIN customer c ON c.tenant = m.tenant AND c.id = m.customer
WHERE m.tenant = {} AND m.person = {} ORDER BY m.id LIMIT 1
"""

_WHO_SIGNS_IN = """
SELECT p.id AS person, p.state AS state, a.email_verified_at AS email_verified_at
FROM account a JOIN person p ON p.account = a.id
WHERE a.email = {} AND a.disabled_at IS NULL AND p.tenant = {} AND p.deleted_at IS NULL
      AND p.state IN ('active', 'invited')
ORDER BY p.id
"""


async def create_login(*, person: UUID) -> UUID:
    """
    Make an account for *person*, without a password and without a mail; return its id.

    A person who has one for her present address keeps it.

    Raises:
        NotFoundError: there is no such person.
        InvalidInputError: she has no e-mail address.
        WrongStateError: she is deactivated.

    """
    async with transaction():
        found = await _living(person)
        account = await _account_for(found) or await _new_account(found)
    return account  # noqa: RET504 -- inside the block mypy would miss a return: a transaction might swallow errors


async def _new_account(person: Person) -> UUID:
    account = Account(email=person.email_folded)
    await Account.insert(account)
    values: dict[Any, Any] = {Person.account: account.id}
    if person.state == "address_book":
        values[Person.state] = "pending"
    await Person.update(values).where(Person.id == person.id)
    return as_uuid(account.id)


async def invite_person(*, person: UUID) -> None:
    """
    Send *person* an invitation; earlier ones stop working at once.

    The caller writes the activity: this runs below the records.

    Raises:
        NotFoundError: there is no such person.
        InvalidInputError: she has no e-mail address.
        WrongStateError: she is deactivated, or has set her password already.

    """
    async with transaction():
        await create_login(person=person)
        found = await _living(person)
        if found.state == "active":
            raise WrongStateError(
                _("This person has signed in already. A forgotten password is reset at the sign-in page.")
            )
        await Person.update({Person.state: "invited", Person.invited_at: now()}).where(Person.id == person)
        await _send(found)


async def reset_access(*, person: UUID) -> None:
    """
    Begin anew with *person*: what she signed in with is dead, and she gets the mail of the first sign-in again.

    Where her account opens portals of other tenants too, its password stays: her sessions and links here end, and she
    gets a link to set a new one at the account's own address. The caller writes the activity.

    Raises:
        NotFoundError: there is no such person.
        InvalidInputError: she has no e-mail address.
        WrongStateError: she is deactivated, or has never been invited.

    """
    async with transaction():
        found = await _living(person)
        account = await Account.objects().where(Account.id == found.account).first()
        if account is None or found.state not in {"invited", "active"}:
            raise WrongStateError(_("This person has no access yet. Send an invitation."))
        await supersede_links(person=person)
        await forget_identities(person=person)
        await end_sessions_of(account=as_uuid(account.id))
        if account.offices > 1:
            await put_down_mail(template="reset", person=person, to=account.email, facts=BY_STAFF)
            return
        await end_password(account=as_uuid(account.id))
        await Person.update({Person.state: "invited", Person.invited_at: now()}).where(Person.id == person)
        await _send(found, BY_STAFF)


async def invite_waiting(*, people: Iterable[UUID]) -> list[UUID]:
    """
    Invite those of *people* who have an address and were never invited, if the tenant wants that; return whom.

    For the first document that is published for somebody. Called twice, it invites once.
    """
    if not invites_by_itself(await load_snapshot(current_tenant_id())):
        return []
    invited: list[UUID] = []
    async with transaction():
        for person in sorted(people):
            waits = (
                (Person.id == person)
                & Person.state.is_in(["address_book", "pending"])
                & Person.email_folded.is_not_null()
                & Person.deleted_at.is_null()
            )
            won = await Person.update({Person.invited_at: now()}).where(waits).returning(Person.id)
            if won:
                await invite_person(person=person)
                invited.append(person)
    return invited


async def detach_account(*, person: UUID) -> None:
    """
    Part *person* from her account: her e-mail address has changed, or she may no longer sign in.

    Her sessions and open links end. Who should come back is invited anew.
    """
    async with transaction():
        row = await Person.select(Person.account, Person.state).where(Person.id == person).first()
        await supersede_links(person=person)
        await forget_identities(person=person)
        if row is None or row["account"] is None:
            return
        await end_sessions_of(account=row["account"])
        values: dict[Any, Any] = {Person.account: None}
        if row["state"] in {"pending", "invited", "active"}:
            values[Person.state] = "address_book"
        await Person.update(values).where(Person.id == person)
        await count_offices(account=row["account"])


async def end_access(*, person: UUID) -> None:
    """End the sessions and open links of *person*; the account stays. For deactivation."""
    async with transaction():
        await supersede_links(person=person)
        row = await Person.select(Person.account).where(Person.id == person).first()
        if row is not None and row["account"] is not None:
            await end_sessions_of(account=row["account"])


async def open_account(*, person: UUID, password: str) -> UUID:
    """
    Give *person* a login that is ready to use, and return its account: for demo data and the first staff by command.

    Never for staff acting on a contact: nobody sets another's password.
    """
    hashed = await hash_password(password)
    async with transaction():
        account = await create_login(person=person)
        await Account.update(chosen_password(hashed) | {Account.email_verified_at: now()}).where(Account.id == account)
        await Person.update({Person.state: "active"}).where(Person.id == person)
    return account


async def send_again(*, email: str) -> None:
    """Answer a forgotten password: a link to who signs in with *email*, the first mail again to who was invited."""
    rows = await fetch(_WHO_SIGNS_IN, email, current_tenant_id())
    for row in rows:
        if row["state"] == "invited":
            found = await Person.objects().where(Person.id == as_uuid(row["person"])).first()
            if found is not None and found.email_folded == email:
                await _send(found)
        elif row["email_verified_at"] is not None:
            await put_down_mail(template="reset", person=as_uuid(row["person"]), to=email)


async def _send(person: Person, more: Mapping[str, str] | None = None) -> None:
    """Put the mail of the first sign-in down, with *more* facts; its link or password is made when it leaves."""
    id, account = as_uuid(person.id), as_uuid(person.account)
    await supersede_links(person=id)
    await end_temporary_password(account=account)
    rows = await fetch(_FIRST_CUSTOMER, current_tenant_id(), person.id)
    customer = rows[0]["name"] if rows else ""
    assert person.email_folded is not None  # noqa: S101 -- create_login() has refused people without one
    await put_down_mail(
        template=await _first_mail(account),
        person=id,
        to=person.email_folded,
        facts={"customer": customer, **(more or {})},
    )
    log.info("invited tenant=%s person=%s", current_tenant_id(), person.id)


async def _first_mail(account: UUID) -> str:
    """Return the template of the first sign-in: a link where the account opens more portals."""
    if not gives_temporary_passwords(await load_snapshot(current_tenant_id())):
        return "invitation"
    own = (Account.id == account) & (Account.password_state != CHOSEN) & (Account.offices == 1)
    return "temporary_password" if await Account.exists().where(own) else "invitation"


async def _living(person: UUID) -> Person:
    """Return who may get a way in, held: nobody lets somebody in whom a colleague shuts out at that moment."""
    await hold_row("person", person)
    found = await Person.objects().where((Person.id == person) & Person.deleted_at.is_null()).first()
    if found is None:
        raise NotFoundError
    if found.state == "deactivated":
        raise WrongStateError(_("This person is deactivated."))
    if found.state == RECIPIENT:  # nobody gets a login from being forwarded a document
        raise WrongStateError(
            _("This contact is in an address book only. Give access with the form of contacts first.")
        )
    if not found.email_folded:
        raise InvalidInputError(fields={"email": [_("Without an e-mail address nobody can be invited.")]})
    return found


async def _account_for(person: Person) -> UUID | None:
    """Return the account that the person has for her present address, if any."""
    own: Any = Account.id == person.account
    if person.state != "active":  # who is in may have changed her account's address at another portal
        own &= Account.email == person.email_folded
    return as_uuid(person.account) if await Account.exists().where(own) else None
