"""The identities with which people sign in: connected by themselves, each of one person at one tenant."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.accounts.mails import put_down_mail
from core.accounts.oidc.attempts import Proved
from core.accounts.oidc.errors import IdentityTakenError, OnlyWayError
from core.accounts.oidc.kinds import ICONS, Kind
from core.accounts.oidc.tables import SignInIdentity
from core.accounts.proofs import prove_password
from core.accounts.tables import Account, Session
from core.accounts.temporary import CHOSEN
from core.clock import now
from core.db import UniqueViolationError, fetch, fetch_one, hold_row, transaction
from core.errors import InvalidInputError, NotFoundError
from core.i18n import Translator
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from core.people.actor import Actor

_ = Translator("core")
log = logging.getLogger("portico.accounts")

RECENT = timedelta(minutes=15)
"""How long after signing in nobody is asked for the password again before ways to sign in change."""
MOST = 10
"""Identities of one person."""
HOW = "identity"
"""By what somebody has signed in, as the log says it."""

_OF = """
SELECT i.id AS id, i.label AS label, i.connected_at AS connected_at, i.used_at AS used_at,
       v.name AS name, v.kind AS kind, v.enabled AS enabled
FROM sign_in_identity i JOIN sign_in_provider v ON v.tenant = i.tenant AND v.id = i.provider
WHERE i.tenant = {} AND i.person = {} ORDER BY i.id
"""
_WHO = """
SELECT i.id AS identity, p.id AS person, p.kind AS kind, p.state AS state, a.id AS account
FROM sign_in_identity i
JOIN person p ON p.tenant = i.tenant AND p.id = i.person
LEFT JOIN account a ON a.id = p.account AND a.disabled_at IS NULL
WHERE i.tenant = {} AND i.issuer = {} AND i.subject = {} AND p.deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """An identity as its person sees it."""

    id: UUID
    provider: str
    icon: str
    label: str
    connected_at: datetime
    used_at: datetime | None
    works: bool
    """Whether the tenant lets people sign in with the provider now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose an identity is, and whether she gets in."""

    identity: UUID
    person: UUID
    account: UUID | None
    kind: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How somebody signs in here: with a password of her own, and with what she has connected."""

    password: bool
    recent: bool
    """Whether she has signed in so lately that she need not prove again who she is."""
    identities: tuple[Connected, ...]


async def ways_of(by: Actor) -> Ways:
    """Return how the actor signs in."""
    rows = await fetch(_OF, current_tenant_id(), by.person)
    identities = tuple(
        Connected(
            id=as_uuid(row["id"]),
            provider=row["name"],
            icon=ICONS[Kind(row["kind"])],
            label=row["label"],
            connected_at=row["connected_at"],
            used_at=row["used_at"],
            works=bool(row["enabled"]),
        )
        for row in rows
    )
    return Ways(password=await has_password(by.account), recent=await _is_recent(by), identities=identities)


async def has_password(account: UUID | None) -> bool:
    """Whether an account has a password that its owner has chosen."""
    own = (Account.id == account) & (Account.password_state == CHOSEN) & Account.password_hash.is_not_null()
    return await Account.exists().where(own)


async def _is_recent(by: Actor) -> bool:
    lately = (Session.id == by.session) & (Session.created_at > now() - RECENT)
    return await Session.exists().where(lately)


async def prove_again(*, password: str, by: Actor) -> None:
    """
    See to it that it is the actor who sits there, before ways to sign in change.

    Raises:
        NotFoundError: she may not: the session can only set a password, or is another's view.
        InvalidInputError: her last sign-in is some time ago, and this is not her password.
        TooManyAttemptsError: the password was wrong too often.

    """
    if by.person is None or by.restricted is not None or by.viewed_by is not None:
        raise NotFoundError
    if await _is_recent(by):
        return
    if not await has_password(by.account):
        said = _("You signed in some time ago. Sign out and in again, then repeat this.")
        raise InvalidInputError(fields={"password": [said]})
    await prove_password(password=password, by=by, field="password")


async def holder_of(*, issuer: str, subject: str) -> Holder | None:
    """Return whose the identity is at this tenant; None where nobody has connected it. Addresses play no part."""
    row = await fetch_one(_WHO, current_tenant_id(), issuer, subject)
    if row is None:
        return None
    return Holder(
        identity=as_uuid(row["identity"]),
        person=as_uuid(row["person"]),
        account=as_uuid(row["account"]) if row["account"] is not None else None,
        kind=row["kind"],
        active=row["state"] == "active" and row["account"] is not None,
    )


async def add_identity(*, person: UUID, account: UUID, proved: Proved, name: str, by: Actor, tell: bool) -> UUID:
    """
    Give *person* an identity that she has proved, and return its id; *tell* her by mail. In a transaction.

    Raises:
        IdentityTakenError: somebody else here has it.
        InvalidInputError: she has too many.

    """
    held = await holder_of(issuer=proved.issuer, subject=proved.subject)
    if held is not None:
        if held.person != person:
            raise IdentityTakenError
        return held.identity
    await hold_row("account", account)
    if await SignInIdentity.count().where(SignInIdentity.person == person) >= MOST:
        raise InvalidInputError(_("These are enough ways to sign in. Remove one first."))
    row = SignInIdentity(
        person=person,
        provider=proved.provider,
        issuer=proved.issuer,
        subject=proved.subject,
        label=proved.label[:254],
        connected_at=now(),
    )
    try:
        async with transaction():
            await SignInIdentity.insert(row)
    except UniqueViolationError as error:  # of a deleted person, or connected elsewhere this very moment
        raise IdentityTakenError from error
    await write_activity(kind="core.identity_connected", by=by, data={"provider": name})
    if tell:
        await _tell("identity_connected", person, account, name)
    log.info("identity_connected tenant=%s person=%s", current_tenant_id(), person)
    return as_uuid(row.id)


async def _tell(template: str, person: UUID, account: UUID, name: str) -> None:
    row = await Account.select(Account.email).where(Account.id == account).first()
    if row is not None:
        facts = {"provider": name, "at": now().isoformat()}
        await put_down_mail(template=template, person=person, to=row["email"], facts=facts)


async def disconnect(*, identity: UUID, password: str, by: Actor) -> str:
    """
    Take one of the actor's identities away, and return its provider's name. Other sessions that it has opened end.

    Raises:
        NotFoundError: it is none of hers.
        OnlyWayError: she could not sign in any more.
        InvalidInputError: her last sign-in is some time ago, and this is not her password.
        TooManyAttemptsError: the password was wrong too often.

    """
    if not await SignInIdentity.exists().where((SignInIdentity.id == identity) & (SignInIdentity.person == by.person)):
        raise NotFoundError
    await prove_again(password=password, by=by)
    async with transaction():
        await hold_row("person", by.person)
        await hold_row("account", by.account)  # of two at once each would leave the other's way
        ways = await ways_of(by)
        found = next((each for each in ways.identities if each.id == identity), None)
        if found is None or by.account is None or by.person is None:
            raise NotFoundError
        others = [each for each in ways.identities if each.id != identity and each.works]
        if not ways.password and not others:
            raise OnlyWayError
        await Session.delete().where((Session.identity == identity) & (Session.id != by.session))
        await SignInIdentity.delete().where((SignInIdentity.id == identity) & (SignInIdentity.person == by.person))
        await write_activity(kind="core.identity_disconnected", by=by, data={"provider": found.provider})
        await _tell("identity_disconnected", by.person, by.account, found.provider)
    return found.provider


async def forget_identities(*, person: UUID) -> None:
    """Take all identities of *person* away: her access begins anew, or has ended. Sessions end by other means."""
    await SignInIdentity.delete().where(SignInIdentity.person == person)


async def has_identity(*, person: UUID) -> bool:
    """Whether she could sign in with something that she has connected."""
    return await SignInIdentity.exists().where(SignInIdentity.person == person)


async def note_use(*, identity: UUID, proved: Proved) -> None:
    """Write down that somebody has signed in with it, and what she is called there now."""
    values: dict[Any, Any] = {SignInIdentity.used_at: now()}
    if proved.label:
        values[SignInIdentity.label] = proved.label[:254]
    await SignInIdentity.update(values).where(SignInIdentity.id == identity)
