"""
Parting one office from a linked account: it gets an account of its own, for which she sets a password anew.

Its owner does it for herself; a tenant that no longer allows linking does it for everybody who signs in there.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.accounts.links import supersede_links
from core.accounts.mails import put_down_mail
from core.accounts.offices import count_offices, find_office
from core.accounts.proofs import prove_password
from core.accounts.sessions import SET_PASSWORD, rotate_session
from core.accounts.tables import Account, KnownDevice, Session
from core.clock import now
from core.db import fetch, transaction
from core.errors import NotFoundError
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id, tenant_scope, unscoped
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from core.people.actor import Actor

log = logging.getLogger("portico.accounts")

_LINKED = """
FROM person p JOIN account a ON a.id = p.account
WHERE p.tenant = {} AND p.deleted_at IS NULL AND a.offices > 1
"""
_WHO = f"""
SELECT p.id AS person, p.account AS account, p.state AS state, a.email AS email,
       CASE WHEN a.email_verified_at IS NULL THEN 0 ELSE 1 END AS verified
{_LINKED}
ORDER BY p.id
"""
_HOW_MANY = f"SELECT count(*) AS number {_LINKED}"


async def unlink_office(*, office: UUID, password: str, by: Actor) -> str | None:
    """
    Part one of the actor's offices from her account; her sessions there end.

    Where it is the office she is in, return her session's new token: it can do nothing but set the new password.
    Another office's password she sets through a link in a mail.

    Raises:
        NotFoundError: it is none of hers, or she has parted it already.
        InvalidInputError: the password is wrong.
        TooManyAttemptsError: the password was wrong too often.

    """
    found = await find_office(office=office, by=by)
    account = await prove_password(password=password, by=by, field="password")
    own = Account(email=account.email, email_verified_at=account.email_verified_at)
    async with transaction():
        await Account.insert(own)
        with unscoped("unlinking: the office that is parted may be another one than this"):
            there = (found.person, found.tenant)
            await _part(there, account=as_uuid(account.id), own=as_uuid(own.id), but=by.session)
        token = None
        if found.tenant == by.tenant.id:
            token = await rotate_session(by=by, account=as_uuid(own.id), restricted=SET_PASSWORD)
        await count_offices(account=as_uuid(account.id))
        if token is None:
            with tenant_scope(found.tenant):
                await put_down_mail(template="reset", person=found.person, to=found.email)
    log.info("unlinked tenant=%s person=%s", found.tenant, found.person)
    return token


async def count_linked() -> int:
    """Return how many contacts of the tenant in scope sign in with an account that opens other portals too."""
    (row,) = await fetch(_HOW_MANY, current_tenant_id())
    return int(row["number"])


async def part_everybody() -> None:
    """
    Part all contacts of the tenant in scope from accounts that open other portals too: it allows linking no longer.

    They sign in elsewhere as before. Here they set a password of their own, through a link in a mail. In the
    transaction that keeps the tenant from linking anybody more.
    """
    tenant = current_tenant_id()
    for row in await fetch(_WHO, tenant):
        person, account = as_uuid(row["person"]), as_uuid(row["account"])
        own = Account(email=row["email"], email_verified_at=now() if row["verified"] else None)
        await Account.insert(own)
        await _part((person, tenant), account=account, own=as_uuid(own.id), but=None)
        await count_offices(account=account)
        if row["state"] == "active":
            await put_down_mail(template="separated", person=person, to=row["email"])
        log.info("separated tenant=%s person=%s", tenant, person)


async def _part(there: tuple[UUID, UUID], *, account: UUID, own: UUID, but: UUID | None) -> None:
    """Give a person at a tenant the account *own*; sessions, links and known browsers of before go."""
    person, tenant = there
    hers = (Person.id == person) & (Person.account == account)
    if not await Person.update({Person.account: own}).where(hers).returning(Person.id):
        raise NotFoundError
    sessions: Any = (Session.account == account) & (Session.tenant == tenant)
    if but is not None:
        sessions &= Session.id != but
    await Session.delete().where(sessions)
    await supersede_links(person=person)
    await KnownDevice.delete().where(KnownDevice.person == person)
