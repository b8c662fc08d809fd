"""
Linking: somebody is invited at an address with which she signs in at another portal already.

Only who holds the invitation learns of it, and only who proves the password of that account links it. The other
portal's staff learns nothing, this portal's staff sees an active person. Never by the address alone, never by staff.
Both tenants must allow it; people of the staff keep an account for each portal.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.accounts import rate_limits
from core.accounts.entering import SignedIn, enter
from core.accounts.errors import LinkSpentError, WrongLinkingPasswordError
from core.accounts.hashing import verify_password
from core.accounts.links import LinkFacts, Purpose, consume_link, find_link
from core.accounts.mails import put_down_mail
from core.accounts.offices import accept_password, count_offices, forget_account
from core.accounts.options import links_accounts, policy_of
from core.accounts.passwords import check
from core.accounts.rate_limits import Limit
from core.accounts.sessions import SET_PASSWORD, Device
from core.accounts.tables import Account, KnownDevice, Link, Session
from core.db import execute, fetch, fetch_one, for_update, transaction
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id, unscoped
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet

log = logging.getLogger("portico.accounts")

LINKING = Limit(name="linking", burst=5, period=timedelta(minutes=15))
"""Attempts to prove the password of another portal, by address: more invitations give no more attempts."""

_ELSEWHERE = """
SELECT a.id AS account, p.tenant AS tenant, p.kind AS kind, p.state AS state, t.status AS status
FROM account a
JOIN person p ON p.account = a.id AND p.deleted_at IS NULL
JOIN tenant t ON t.id = p.tenant
WHERE a.email = {} AND a.id <> {} AND a.email_verified_at IS NOT NULL AND a.disabled_at IS NULL
      AND a.password_state = 'set' AND a.password_hash IS NOT NULL
ORDER BY a.offices DESC, a.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingOffer:
    """Who holds the invitation has access at other portals with this address, and may link it: by its password."""

    person: UUID
    email: str
    own_account: UUID
    """The one made for the invitation: nobody has proved anything with it yet."""
    accounts: tuple[UUID, ...]


async def offer_for(link: LinkFacts) -> LinkingOffer | None:
    """Return what may be linked behind this invitation, or None: then a password of her own is set as usual."""
    if link.purpose is not Purpose.INVITATION:
        return None
    return await offer_to(person=link.person, account=link.account, email=link.email, kind=link.kind)


async def offer_to(*, person: UUID, account: UUID, email: str, kind: str) -> LinkingOffer | None:
    """Return what a person who has *account*, made for an invitation to *email*, may link instead of it."""
    here = current_tenant_id()
    if kind != "contact" or not links_accounts(await load_snapshot(here)):
        return None
    fresh = (Account.id == account) & Account.email_verified_at.is_null()
    if not await Account.exists().where(fresh):
        return None
    accounts = tuple(await linkable_accounts(email=email, account=account, taken={here}))
    return LinkingOffer(person=person, email=email, own_account=account, accounts=accounts) if accounts else None


async def linkable_accounts(*, email: str, account: UUID, taken: AbstractSet[UUID]) -> dict[UUID, frozenset[UUID]]:
    """
    Return the other accounts with this address that may be linked to who is known at the tenants *taken*.

    Each opens a portal now, is nobody's there, and all its tenants, which come along, allow linking.
    """
    with unscoped("linking: whether the holder of an address has an account at another portal"):
        served: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
        for row in await fetch(_ELSEWHERE, email, account):
            served[as_uuid(row["account"])].append(row)
        return {
            found: frozenset(as_uuid(row["tenant"]) for row in rows)
            for found, rows in served.items()
            if await _may_be_linked(rows, taken)
        }


async def _may_be_linked(rows: list[Mapping[str, Any]], taken: AbstractSet[UUID]) -> bool:
    tenants = {as_uuid(row["tenant"]) for row in rows}
    if taken & tenants or any(row["kind"] != "contact" for row in rows):
        return False
    if not any(row["state"] == "active" and row["status"] == "active" for row in rows):
        return False
    return await allow_linking(tenants)


async def allow_linking(tenants: Iterable[UUID]) -> bool:
    """Whether all these tenants let their contacts sign in with an account of several portals."""
    return all([links_accounts(await load_snapshot(tenant)) for tenant in sorted(tenants)])


async def hold_tenants(*, accounts: Collection[UUID]) -> None:
    """
    Keep the tenants of *accounts*, and this one, from refusing to link before the transaction ends.

    First in the transaction, and always in the same order: two that link never wait for each other. The people of the
    accounts are held as well, since whoever changes an account holds its person before.
    """
    with unscoped("linking: holds the tenants whose people are linked"):
        places = ", ".join(["{}"] * len(accounts))
        people = f"FROM person WHERE account IN ({places}) AND deleted_at IS NULL"
        found = await fetch(f"SELECT DISTINCT tenant AS tenant {people}", *accounts)
        for tenant in sorted({as_uuid(row["tenant"]) for row in found} | {current_tenant_id()}):
            await execute("UPDATE tenant SET config_version = config_version WHERE id = {}", tenant)
        await fetch(f"SELECT id AS id {people} ORDER BY id {for_update()}", *accounts)


async def link_accounts(*, token: str, password: str, device: Device) -> SignedIn:
    """
    Link the person of an invitation to the account whose password is given, and sign her in.

    A password too weak for this tenant's policy opens a session that can only set a new one.

    Raises:
        LinkSpentError: the invitation does not work (any more), or there is nothing to link.
        WrongLinkingPasswordError: no account of hers has this password; the invitation stays as it is.
        TooManyAttemptsError: too many attempts for this address.

    """
    link = await find_link(token, Purpose.INVITATION)
    offer = await offer_for(link) if link is not None else None
    if link is None or offer is None:
        raise LinkSpentError
    account, hashed = await prove_account(email=link.email, accounts=offer.accounts, password=password)
    weak = bool(check(password, policy_of(await load_snapshot(current_tenant_id()))))
    async with transaction():
        await hold_tenants(accounts=[account])
        await consume_link(token, Purpose.INVITATION)
        await lock_proved(account, hashed)
        again = await offer_for(link)
        if again is None or account not in again.accounts:
            raise LinkSpentError
        await take_over(again, account, password)
        signed_in = await enter(
            person=link.person,
            account=account,
            kind=link.kind,
            device=device,
            how="invitation",  # all that this portal's staff may learn
            restricted=SET_PASSWORD if weak else None,
            announce=False,
        )
        await put_down_mail(template="linked", person=link.person, to=link.email)
    log.info("linked tenant=%s person=%s", current_tenant_id(), link.person)
    return signed_in


async def prove_account(*, email: str, accounts: Collection[UUID], password: str) -> tuple[UUID, str]:
    """
    Return which of the *accounts* of *email* the *password* opens, with the hash that said so; all are asked.

    Raises:
        WrongLinkingPasswordError: none of them; where there is none at all it takes as long.
        TooManyAttemptsError: too many attempts for this address.

    """
    await rate_limits.take(LINKING, email)
    found = None
    if not accounts:
        await verify_password(None, password)
        raise WrongLinkingPasswordError
    rows = await Account.select(Account.id, Account.password_hash).where(Account.id.is_in([*accounts]))
    hashes = {as_uuid(row["id"]): row["password_hash"] for row in rows}
    for account in accounts:
        hashed = hashes.get(account)
        if await verify_password(hashed, password) and hashed is not None and found is None:
            found = account, hashed
    if found is None:
        raise WrongLinkingPasswordError
    await rate_limits.reset(LINKING, email)
    return found


async def lock_proved(account: UUID, hashed: str) -> None:
    """Hold the account; somebody may have changed its password since it was proved."""
    row = await fetch_one(
        f"SELECT password_hash FROM account WHERE id = {{}} AND disabled_at IS NULL {for_update()}",  # noqa: S608 -- no text of others
        account,
    )
    if row is None or row["password_hash"] != hashed:
        raise WrongLinkingPasswordError


async def take_over(offer: LinkingOffer, account: UUID, password: str) -> None:
    """Give the person the proved account; the fresh one goes, with all that anybody did with it."""
    await Session.delete().where(Session.account == offer.own_account)
    await KnownDevice.delete().where(KnownDevice.person == offer.person)
    await Link.update({Link.account: None}).where(Link.account == offer.own_account)
    moved = (
        await Person.update({Person.account: account, Person.state: "active"})
        .where((Person.id == offer.person) & (Person.account == offer.own_account))
        .returning(Person.id)
    )
    if not moved:
        raise LinkSpentError
    await forget_account(account=offer.own_account)
    await count_offices(account=account)
    await accept_password(account=account, password=password)
