"""Who is signed in where. The cookie is a random token, stored as its SHA-256; how long it lasts: `LASTS`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.accounts.identities import LASTS, SEEN_EVERY, SET_PASSWORD, Identity, build_actor, identify
from core.accounts.tables import Session
from core.accounts.tokens import TOKEN_LENGTH, new_token, token_hash
from core.clock import now
from core.db import execute
from core.errors import NotFoundError, NotSignedInError
from core.tenancy.scope import unscoped

if TYPE_CHECKING:
    from core.people.actor import Actor

__all__ = [
    "COOKIE",
    "RESTRICTED_LASTS",
    "SET_PASSWORD",
    "TOKEN_LENGTH",
    "Device",
    "Identity",
    "OpenSession",
    "build_actor",
    "create_session",
    "end_other_sessions",
    "end_session",
    "end_sessions_everywhere",
    "end_sessions_of",
    "forget_expired_sessions",
    "identify",
    "new_token",
    "open_sessions",
    "renew_token",
    "rotate_session",
    "touch",
]

COOKIE = "portico_session"
RESTRICTED_LASTS = timedelta(minutes=30)
"""How long a session lives that can only set the password."""
_LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """From where somebody acts: the browser's own words about itself, the network address, and what it is known by."""

    agent: str = ""
    address: str = ""
    token: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session as its person sees it."""

    id: UUID
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    current: bool


async def create_session(
    *,
    person: UUID,
    account: UUID,
    kind: str,
    device: Device,
    restricted: str | None = None,
    identity: UUID | None = None,
) -> str:
    """Sign *person* (of *kind* contact or staff) in, by an *identity* or a proof of ours; return the new token."""
    token, present = new_token(), now()
    lasts = RESTRICTED_LASTS if restricted else LASTS[kind].absolute
    await Session.insert(
        Session(
            token_hash=token_hash(token),
            person=person,
            account=account,
            restricted=restricted,
            identity=identity,
            created_at=present,
            seen_at=present,
            expires_at=present + lasts,
            agent=device.agent[:_LONGEST_AGENT],
            address=device.address,
        )
    )
    return token


async def rotate_session(*, by: Actor, account: UUID | None = None, restricted: str | None = None) -> str:
    """
    Give the session a new token, and return it; the one before opens nothing any more.

    The session has all rights from now on, or is *restricted* and lives shortly. *account* is given where its person
    has got another one.

    Raises:
        NotSignedInError: the session has ended meanwhile.

    """
    token, present = new_token(), now()
    lasts = RESTRICTED_LASTS if restricted else LASTS[by.kind.value].absolute
    changed = (
        await Session.update(
            {
                Session.token_hash: token_hash(token),
                Session.account: account or by.account,
                Session.restricted: restricted,
                Session.seen_at: present,
                Session.expires_at: present + lasts,
            }
        )
        .where((Session.id == by.session) & (Session.expires_at > present))
        .returning(Session.id)
    )
    if not changed:
        raise NotSignedInError
    return token


async def renew_token(*, session: UUID) -> str | None:
    """Give a session another token, and return it; None where it has ended. The one before opens nothing any more."""
    token = new_token()
    open_now = (Session.id == session) & (Session.expires_at > now())
    changed = await Session.update({Session.token_hash: token_hash(token)}).where(open_now).returning(Session.id)
    return token if changed else None


async def touch(identity: Identity) -> None:
    """Write down that the session is in use, at most every five minutes."""
    present = now()
    if identity.session is None or identity.seen_at is None or present - identity.seen_at < SEEN_EVERY:
        return
    await execute(
        "UPDATE session SET seen_at = {} WHERE id = {} AND tenant = {}", present, identity.session, identity.tenant
    )


async def open_sessions(*, by: Actor) -> list[OpenSession]:
    """Return where the person is signed in at this portal: this session first, then the last used."""
    present = now()
    rows = await Session.select(Session.id, Session.agent, Session.address, Session.created_at, Session.seen_at).where(
        (Session.person == by.person) & (Session.expires_at > present)
    )
    idle = LASTS[by.kind.value].idle
    found = [OpenSession(**row, current=row["id"] == by.session) for row in rows if row["seen_at"] + idle > present]
    return sorted(found, key=lambda session: (session.current, session.seen_at), reverse=True)


async def end_session(*, session: UUID, by: Actor) -> None:
    """
    End one of the person's own sessions.

    Raises:
        NotFoundError: it is not hers, or has ended already.

    """
    ended = await Session.delete().where((Session.id == session) & (Session.person == by.person)).returning(Session.id)
    if not ended:
        raise NotFoundError


async def end_other_sessions(*, by: Actor) -> int:
    """End all sessions of the account at this portal but this one; return how many."""
    ended = (
        await Session.delete().where((Session.account == by.account) & (Session.id != by.session)).returning(Session.id)
    )
    return len(ended)


async def end_sessions_of(*, account: UUID) -> int:
    """End all sessions of *account* at this portal: deactivation, another e-mail. Return how many."""
    return len(await Session.delete().where(Session.account == account).returning(Session.id))


async def end_sessions_everywhere(*, account: UUID, but: UUID | None = None) -> None:
    """End the sessions of *account* at every portal that it serves, except *but*: its password is another one now."""
    ended: Any = Session.account == account
    if but is not None:
        ended &= Session.id != but
    with unscoped("sessions: a new password ends them at every portal of the account"):
        await Session.delete().where(ended)


async def forget_expired_sessions() -> None:
    """Delete sessions of the tenant in scope that are past their absolute limit."""
    await Session.delete().where(Session.expires_at <= now())
