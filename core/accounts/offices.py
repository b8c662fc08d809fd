"""
The tenants at which one account signs in: its owner's *offices*.

They belong to the account: no tenant reads them, and nothing of one office shows at another but its name, to the owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from core.accounts.passwords import check
from core.accounts.policies import NIST, POLICIES, Policy
from core.accounts.tables import Account, LinkedOffice
from core.clock import now
from core.config import settings
from core.db import execute, fetch, hold_row, transaction
from core.errors import InvalidInputError, NotFoundError
from core.i18n import Translator
from core.tenancy.scope import unscoped
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from core.people.actor import Actor

_ = Translator("core")

LONGEST_NICKNAME = 60

_OFFICES = """
SELECT o.id AS id, t.id AS tenant, t.name AS name, o.nickname AS nickname, o.preferred AS preferred,
       p.id AS person, a.email AS email, h.host AS host, s.value AS policy,
       CASE WHEN o.accepted_at >= a.password_set_at THEN 1 ELSE 0 END AS accepted
FROM linked_office o
JOIN account a ON a.id = o.account AND a.disabled_at IS NULL
JOIN tenant t ON t.id = o.tenant AND t.status = 'active'
JOIN person p ON p.tenant = o.tenant AND p.account = o.account AND p.state = 'active' AND p.deleted_at IS NULL
JOIN tenant_host h ON h.tenant = o.tenant AND h.kind <> 'former'
LEFT JOIN setting s ON s.tenant = o.tenant AND s.key = 'accounts.password_policy'
WHERE o.account = {}
ORDER BY CASE h.kind WHEN 'domain' THEN 1 ELSE 0 END
"""
_SERVED = "SELECT DISTINCT tenant FROM person WHERE account = {} AND deleted_at IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A tenant's portal that the account opens, as its owner calls it."""

    id: UUID
    tenant: UUID
    name: str
    nickname: str
    preferred: bool
    person: UUID
    email: str
    """The account's, folded."""
    host: str
    policy: Policy
    """What the portal asks of passwords."""
    accepted: bool
    """Whether the present password was found good enough for that."""

    @property
    def label(self) -> str:
        """What the owner calls it, or its own name."""
        return self.nickname or self.name

    @property
    def origin(self) -> str:
        """Scheme, host and port of its portal."""
        return settings().origin(self.host)


async def offices_of(account: UUID) -> list[Office]:
    """Return where the owner of *account* gets in now, by label. One statement."""
    with unscoped("offices: an account's owner reads at which portals it signs in"):
        rows = await fetch(_OFFICES, account)
    found = {
        row["tenant"]: Office(
            id=as_uuid(row["id"]),
            tenant=as_uuid(row["tenant"]),
            name=row["name"],
            nickname=row["nickname"],
            preferred=bool(row["preferred"]),
            person=as_uuid(row["person"]),
            email=row["email"],
            host=row["host"],
            accepted=bool(row["accepted"]),
            policy=POLICIES[msgspec.json.decode(row["policy"])] if row["policy"] else NIST,
        )
        for row in rows  # a domain of the tenant's own comes last, and counts
    }
    return sorted(found.values(), key=lambda office: (office.label.casefold(), office.tenant))


async def count_offices(*, account: UUID) -> int:
    """Make the account's offices those of the living people who sign in with it, and return how many there are."""
    async with transaction():
        await hold_row("account", account)
        with unscoped("offices: counts the portals whose people sign in with the account"):
            served = {as_uuid(row["tenant"]) for row in await fetch(_SERVED, account)}
        rows = await LinkedOffice.select(LinkedOffice.tenant).where(LinkedOffice.account == account)
        known = {as_uuid(row["tenant"]) for row in rows}
        wanted = served if len(served) > 1 else set()
        for gone in known - wanted:
            await LinkedOffice.delete().where((LinkedOffice.account == account) & (LinkedOffice.tenant == gone))
        for fresh in sorted(wanted - known):
            await LinkedOffice.insert(LinkedOffice(account=account, tenant=fresh))
        number = max(1, len(wanted))
        await Account.update({Account.offices: number}).where((Account.id == account) & (Account.offices != number))
    return number


async def accept_password(*, account: UUID, password: str) -> None:
    """Note at which offices the password, just proved, is good enough: on the way there nobody sees it."""
    good = [office.id for office in await offices_of(account) if not check(password, office.policy)]
    if good:
        mine = (LinkedOffice.account == account) & LinkedOffice.id.is_in(good)
        await LinkedOffice.update({LinkedOffice.accepted_at: now()}).where(mine)


async def preferred_office(*, account: UUID) -> Office | None:
    """Return where the owner wants to land after signing in, if she gets in there."""
    return next((office for office in await offices_of(account) if office.preferred), None)


async def find_office(*, office: UUID, by: Actor) -> Office:
    """
    Return one of the actor's offices.

    Raises:
        NotFoundError: it is none of hers, or she does not get in there now.

    """
    if by.account is None or by.offices < 2:
        raise NotFoundError
    for found in await offices_of(by.account):
        if found.id == office:
            return found
    raise NotFoundError


async def arrange_office(*, office: UUID, nickname: str, preferred: bool, by: Actor) -> None:
    """
    Set what the actor calls one of her offices, and whether she lands there after signing in: at most one is preferred.

    Raises:
        NotFoundError: it is none of hers.
        InvalidInputError: the nickname is too long.

    """
    nickname = " ".join(nickname.split())
    if len(nickname) > LONGEST_NICKNAME:
        raise InvalidInputError(fields={"nickname": [_("Use at most {n} characters.").format(n=LONGEST_NICKNAME)]})
    async with transaction():
        found = await find_office(office=office, by=by)
        mine: Any = LinkedOffice.account == by.account
        if preferred:
            await LinkedOffice.update({LinkedOffice.preferred: False}).where(mine)
        await LinkedOffice.update({LinkedOffice.nickname: nickname, LinkedOffice.preferred: preferred}).where(
            mine & (LinkedOffice.id == found.id)
        )


async def forget_account(*, account: UUID) -> None:
    """Delete an account that nobody signs in with any more; its links are dead, its sessions have ended."""
    await execute("DELETE FROM linked_office WHERE account = {}", account)
    await execute("DELETE FROM account WHERE id = {}", account)
