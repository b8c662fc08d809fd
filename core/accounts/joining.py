"""
Linking later: somebody who signs in here signs in at other portals too, and makes the two sign-ins one.

She proves both: the one she uses here by its password, the other one by its password or through a link to its address.
The one she uses here stays, with its address and password; what the other one opened, it opens from now on. The other
one is deleted, with its password, sessions and links: who knew them gets in nowhere any more. Whether an address opens
anything elsewhere is told to nobody but its holder, and no portal's staff learns of it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from core.accounts import rate_limits
from core.accounts.errors import LinkSpentError, NoSuchSignInError, WrongCredentialsError
from core.accounts.linking import allow_linking, hold_tenants, linkable_accounts, lock_proved, prove_account
from core.accounts.links import LinkFacts, Purpose, consume_link, find_link, supersede_links
from core.accounts.mails import put_down_mail
from core.accounts.offices import accept_password, count_offices, forget_account
from core.accounts.oidc.identities import forget_identities
from core.accounts.proofs import prove_asker, prove_password
from core.accounts.rate_limits import Limit
from core.accounts.sessions import end_sessions_everywhere, rotate_session
from core.accounts.tables import Account, KnownDevice, Link, LinkedOffice, Session
from core.db import fetch, transaction
from core.errors import InvalidInputError
from core.formats import typed_email
from core.messages.queue import enqueue
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id, tenant_scope, unscoped
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from core.people.actor import Actor

log = logging.getLogger("portico.accounts")

JOIN_REQUESTED = "core.join_requested"
ASKED = Limit(name="join", burst=3, period=timedelta(hours=1))
"""Addresses that one account may have mailed."""

_OWN = "SELECT tenant AS tenant, kind AS kind FROM person WHERE account = {} AND deleted_at IS NULL"


async def may_join(*, by: Actor) -> bool:
    """Whether the actor may make another sign-in one with this one: a contact, at portals that allow linking."""
    if by.account is None or by.restricted is not None or by.viewed_by is not None or by.is_staff:
        return False
    return await _tenants_of(by.account) is not None


async def _tenants_of(account: UUID) -> frozenset[UUID] | None:
    """Return where the account is known, or None where it may not be linked to another one."""
    with unscoped("joining: where the owner of an account is known"):
        rows = await fetch(_OWN, account)
        tenants = frozenset(as_uuid(row["tenant"]) for row in rows)
        if not rows or any(row["kind"] != "contact" for row in rows) or not await allow_linking(tenants):
            return None
    return tenants


async def joinable_accounts(*, email: str, account: UUID) -> dict[UUID, frozenset[UUID]]:
    """Return the accounts of *email* that may become one with *account*, with their tenants."""
    tenants = await _tenants_of(account)
    if tenants is None:
        return {}
    return await linkable_accounts(email=email, account=account, taken=tenants)


# -- with the other password -------------------------------------------------------------------------------------------


async def join_by_password(*, current: str, email: str, password: str, by: Actor) -> str:
    """
    Make the sign-in with this *email* and *password* one with the actor's own; return her session's new token.

    Raises:
        InvalidInputError: no e-mail address, a wrong current password, or (NoSuchSignInError) nothing to be linked.
        TooManyAttemptsError: a password was wrong too often.

    """
    address = await _asked(current=current, email=email, by=by)
    assert by.account is not None  # noqa: S101 -- _asked() has refused who has none
    offered = await joinable_accounts(email=address, account=by.account)
    try:
        other, hashed = await prove_account(email=address, accounts=list(offered), password=password)
    except InvalidInputError as error:
        raise NoSuchSignInError from error
    async with transaction():
        await hold_tenants(accounts=[by.account, other])
        await lock_proved(other, hashed)
        if other not in await joinable_accounts(email=address, account=by.account):  # now that nothing can change
            raise LinkSpentError
        await _absorb(account=by.account, others=[other], email=address)
        await accept_password(account=by.account, password=current)
        return await _renew(by)


async def _asked(*, current: str, email: str, by: Actor) -> str:
    """Return the address as it is stored, once the actor has proved that it is her."""
    address = typed_email(email)
    if by.account is None or by.person is None or not await may_join(by=by):
        raise WrongCredentialsError
    await prove_password(password=current, by=by)
    return address


async def _renew(by: Actor) -> str:
    """End the account's other sessions: this one alone has shown that it may open the other portals too."""
    assert by.account is not None  # noqa: S101 -- whoever joins has one
    await end_sessions_everywhere(account=by.account, but=by.session)
    return await rotate_session(by=by)


# -- with a link to the other address ----------------------------------------------------------------------------------


async def request_joining(*, current: str, email: str, by: Actor) -> str:
    """
    Have a link sent to the address of the other sign-in, if there is one; return the address as it is stored.

    Raises:
        InvalidInputError: no e-mail address, or a wrong current password.
        TooManyAttemptsError: the password was wrong too often, or too many addresses.

    """
    address = await _asked(current=current, email=email, by=by)
    await rate_limits.take(ASKED, str(by.account))
    await rate_limits.take(rate_limits.RESET, address)
    await enqueue(kind=JOIN_REQUESTED, payload={"person": str(by.person), "email": address}, tenant=current_tenant_id())
    return address


async def answer_joining(*, person: UUID, email: str) -> None:
    """Send the link, where the address opens something that may be linked; nobody sees whether it does."""
    row = await Person.select(Person.account).where((Person.id == person) & (Person.state == "active")).first()
    if row is None or row["account"] is None or not await joinable_accounts(email=email, account=row["account"]):
        return
    own = await Account.select(Account.email).where(Account.id == row["account"]).first()
    if own is not None:
        await put_down_mail(template="join", person=person, to=email, facts={"from": own["email"]})


async def find_joining(token: str) -> LinkFacts | None:
    """Return the link that makes two sign-ins one, changing nothing; None where it does not work (any more)."""
    found = await _find(token)
    return found[0] if found is not None else None


async def _find(token: str) -> tuple[LinkFacts, list[UUID]] | None:
    link = await find_link(token, Purpose.JOIN)
    if link is None or not link.active:
        return None
    others = await joinable_accounts(email=link.email, account=link.account)
    return (link, list(others)) if others else None


async def join_by_link(*, token: str, password: str, by: Actor | None) -> str | None:
    """
    Make the sign-ins of the link's address one with that of who asked. Return the new token of her session here.

    Who is not signed in as who asked gives *her* password: somebody whose address was typed links nothing.

    Raises:
        LinkSpentError: the link does not work (any more).
        InvalidInputError: she is not signed in, and this is not the password.
        TooManyAttemptsError: too many attempts on this link.

    """
    found = await _find(token)
    if found is None:
        raise LinkSpentError
    link, others = found
    hers = by if by is not None and is_hers(link, by) else None
    if hers is None:
        await prove_asker(link=link, password=password)
    async with transaction():
        await hold_tenants(accounts=[link.account, *others])
        await consume_link(token, Purpose.JOIN)
        await join_holder(account=link.account, email=link.email, held=others)
        if hers is not None:
            return await _renew(hers)
        await end_sessions_everywhere(account=link.account)
    return None


def is_hers(link: LinkFacts, by: Actor | None) -> bool:
    """Whether the link belongs to who is signed in: then it needs no password."""
    return by is not None and by.person == link.person and by.restricted is None and by.viewed_by is None


async def join_holder(*, account: UUID, email: str, held: Collection[UUID]) -> None:
    """
    Make the accounts of *email*, which the owner of *account* has just proved to hold, one with hers.

    In the transaction of that proof, with the tenants of the accounts *held*; others that have come up since stay
    apart. What they know of her stays as it is at each tenant.

    Raises:
        LinkSpentError: there is nothing to link any more.

    """
    found = await joinable_accounts(email=email, account=account)
    taken: set[UUID] = set()
    others = []
    for other, tenants in found.items():
        if other in held and not taken & tenants:
            others.append(other)
            taken |= tenants
    if not others:
        raise LinkSpentError
    await _absorb(account=account, others=others, email=email, first_proof=True)


# -- two become one ----------------------------------------------------------------------------------------------------


async def _absorb(*, account: UUID, others: Collection[UUID], email: str, first_proof: bool = False) -> None:
    """
    Let *account* serve the people of *others* as well; those are deleted, with all that opened anything.

    In a transaction that holds their tenants, and has found them joinable since. Where holding the address is the first
    proof, identities that anybody connected there before go too.
    """
    own = await Account.select(Account.email).where(Account.id == account).first()
    if own is None:
        raise LinkSpentError
    names: dict[UUID, str] = {}
    for other in others:
        rows = await LinkedOffice.select(LinkedOffice.tenant, LinkedOffice.nickname).where(
            LinkedOffice.account == other
        )
        names |= {as_uuid(row["tenant"]): row["nickname"] for row in rows if row["nickname"]}
        with unscoped("joining: two accounts of one owner become one"):
            moved = (
                await Person.update({Person.account: account})
                .where(Person.account == other)
                .returning(Person.id, Person.tenant, Person.state)
            )
            await Session.delete().where(Session.account == other)
            people = [as_uuid(row["id"]) for row in moved]
            await KnownDevice.delete().where(KnownDevice.person.is_in(people))
            await Link.update({Link.account: None}).where(Link.account == other)
            for person in people:
                await supersede_links(person=person)
                if first_proof:
                    await forget_identities(person=person)
        await forget_account(account=other)
        for row in moved:
            if row["state"] == "active":
                with tenant_scope(as_uuid(row["tenant"])):
                    await put_down_mail(
                        template="linked", person=as_uuid(row["id"]), to=email, facts={"email": own["email"]}
                    )
    await count_offices(account=account)
    for tenant, name in names.items():
        there = (LinkedOffice.account == account) & (LinkedOffice.tenant == tenant) & (LinkedOffice.nickname == "")
        await LinkedOffice.update({LinkedOffice.nickname: name}).where(there)
    here = await Person.select(Person.id).where(Person.account == account).first()
    if here is not None:
        await put_down_mail(template="linked", person=as_uuid(here["id"]), to=own["email"])
    log.info("joined tenant=%s account=%s", current_tenant_id(), account)
