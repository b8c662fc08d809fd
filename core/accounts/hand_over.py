"""
From one office to another, on another host: a link of 60 seconds that works once, at the other portal alone.

It is made at one portal for the person whom the same account serves at the other, and stored there: no other portal
knows it. Who follows it gets a session of its own there; the one here stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.accounts.entering import SignedIn, enter
from core.accounts.errors import LinkSpentError
from core.accounts.identities import LASTS
from core.accounts.links import LinkFacts, Purpose, consume_link, find_link
from core.accounts.offices import Office, find_office, preferred_office
from core.accounts.options import policy_of
from core.accounts.sessions import Device
from core.accounts.tables import Account, Link, Session
from core.accounts.tokens import new_token, token_hash
from core.clock import now
from core.db import transaction
from core.errors import NotFoundError
from core.people.tables import Person
from core.tenancy.scope import unscoped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.people.actor import Actor
    from core.tenancy.snapshot import TenantSnapshot

LINK_LASTS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody who comes from another office: her name here, and from which portal."""

    account: UUID
    name: str
    email: str
    origin: str
    since: datetime
    """When she proved who she is, there: coming here is no proof of it."""
    until: datetime
    """When the session ends that she comes from."""


async def hand_over(*, office: UUID, by: Actor) -> str:
    """
    Return the address at which the actor goes on at another of her offices, for one minute.

    Where that portal asks more of passwords than this one, and has not seen that hers is good enough, it is its sign-in
    page: there the password is looked at.

    Raises:
        NotFoundError: it is none of hers, she does not get in there now, or her session may do nothing but set a
            password, or is another's view.

    """
    if by.account is None or by.restricted is not None or by.viewed_by is not None:
        raise NotFoundError
    found = await find_office(office=office, by=by)
    wanted = (Session.created_at, Session.expires_at, Session.identity)
    session = await Session.select(*wanted).where(Session.id == by.session).first()
    if session is None:
        raise NotFoundError
    if session["identity"] is not None:  # good here alone: who keeps this portal's provider must not get in elsewhere
        return f"{found.origin}/"
    return await _issue(found, account=by.account, here=by.tenant, session=session)


async def land(*, signed_in: SignedIn, here: TenantSnapshot) -> str | None:
    """Return where somebody who has just signed in goes on, where she prefers another office to this one."""
    if signed_in.restricted:
        return None
    mine = Session.token_hash == token_hash(signed_in.token)
    wanted = (Session.account, Session.created_at, Session.expires_at)
    session = await Session.select(*wanted).where(mine & Session.identity.is_null()).first()
    if session is None or not await Account.exists().where((Account.id == session["account"]) & (Account.offices > 1)):
        return None
    office = await preferred_office(account=session["account"])
    if office is None or office.tenant == here.id:
        return None
    return await _issue(office, account=session["account"], here=here, session=session)


async def _issue(office: Office, *, account: UUID, here: TenantSnapshot, session: Mapping[str, datetime]) -> str:
    if not office.accepted and not policy_of(here).covers(office.policy):
        return f"{office.origin}/"
    token, present = new_token(), now()
    times = {"since": session["created_at"].isoformat(), "until": session["expires_at"].isoformat()}
    row = Link(
        tenant=office.tenant,
        token_hash=token_hash(token),
        purpose=Purpose.HAND_OVER.value,
        person=office.person,
        account=account,
        email=office.email,
        data=msgspec.json.encode({"origin": here.origin, **times}).decode(),
        created_at=present,
        expires_at=present + LINK_LASTS,
    )
    with unscoped("hand-over: a link is left at the office that somebody goes to"):
        await Link.insert(row)
    return f"{office.origin}{Purpose.HAND_OVER.path}/{token}"


async def find_arrival(token: str) -> Arrival | None:
    """Return who comes with the link, changing nothing; None where it does not work (any more)."""
    found = await _find(token)
    return found[1] if found is not None else None


async def _find(token: str) -> tuple[LinkFacts, Arrival] | None:
    link = await find_link(token, Purpose.HAND_OVER)
    if link is None:
        return None
    arrival = Arrival(
        account=link.account,
        name=f"{link.given_name} {link.family_name}".strip(),
        email=link.email,
        origin=link.data["origin"],
        since=datetime.fromisoformat(link.data["since"]),
        until=datetime.fromisoformat(link.data["until"]),
    )
    return link, arrival


async def arrive(*, token: str, device: Device) -> SignedIn:
    """
    Use the link up and open a session here; it is as old as the one that it comes from, and lives no longer.

    Raises:
        LinkSpentError: it does not work (any more).

    """
    found = await _find(token)
    if found is None:
        raise LinkSpentError
    link, arrival = found
    async with transaction():
        await consume_link(token, Purpose.HAND_OVER, alone=True)
        active = (Person.id == link.person) & (Person.account == link.account) & (Person.state == "active")
        if not await Person.exists().where(active & Person.deleted_at.is_null()):
            raise LinkSpentError
        signed_in = await enter(person=link.person, account=link.account, kind=link.kind, device=device, how="link")
        until = min(arrival.until, now() + LASTS[link.kind].absolute)
        await Session.update({Session.created_at: arrival.since, Session.expires_at: until}).where(
            Session.token_hash == token_hash(signed_in.token)
        )
    return signed_in
