"""
Links that were mailed: random, stored hashed, single use, expiring, bound to tenant and purpose, the newest wins.

Looking at a link changes nothing, so what mail scanners fetch spoils nothing. It is consumed together with what it is
for, in one transaction and by one conditional UPDATE: of twenty at once, one wins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from core.accounts.errors import LinkSpentError
from core.accounts.options import invitation_lasts
from core.accounts.tables import Account, Link
from core.accounts.tokens import TOKEN_LENGTH, new_token, token_hash
from core.clock import now
from core.db import hold_row
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = timedelta(days=90)
"""How long spent links are kept, so that staff can see what was sent."""


_WANTED = (Link.id, Link.person, Link.account, Link.email, Link.data, Link.expires_at)


class Purpose(StrEnum):
    """What a link is for. A link opens nothing else."""

    INVITATION = "invitation"
    RESET = "reset"
    LINKING_PASSWORD = "linking-password"  # noqa: S105 -- a purpose
    HAND_OVER = "hand-over"
    SIGN_IN = "sign-in-link"
    CHANGE_EMAIL = "change-email"
    JOIN = "link-sign-in"

    @property
    def path(self) -> str:
        """The first part of the link's path on the portal."""
        return f"/{self.value}"


RESET_LASTS = timedelta(hours=1)
SIGN_IN_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """A link that would work now, and whose it is."""

    id: UUID
    purpose: Purpose
    person: UUID
    account: UUID
    email: str
    expires_at: datetime
    kind: str
    given_name: str
    family_name: str
    active: bool = True
    """Whether the person has access already; before that an invitation is all that lets her in."""
    data: Mapping[str, Any] = field(default_factory=dict)


async def issue_link(
    *, purpose: Purpose, person: UUID, account: UUID, email: str, data: Mapping[str, str] | None = None
) -> tuple[str, datetime]:
    """
    Make a link for *person*, end older ones of the purpose, and return its path with the token, and its end.

    *data* is what the link is bound to besides; secrets in it are hashed.
    """
    token, present = new_token(), now()
    expires_at = present + await _lasts(purpose)
    await supersede_links(person=person, purpose=purpose)
    await Link.insert(
        Link(
            token_hash=token_hash(token),
            purpose=purpose.value,
            person=person,
            account=account,
            email=email,
            data=msgspec.json.encode(data or {}).decode(),
            created_at=present,
            expires_at=expires_at,
        )
    )
    return f"{purpose.path}/{token}", expires_at


async def _lasts(purpose: Purpose) -> timedelta:
    if purpose in {Purpose.RESET, Purpose.LINKING_PASSWORD, Purpose.CHANGE_EMAIL, Purpose.JOIN}:
        return RESET_LASTS
    if purpose is Purpose.SIGN_IN:
        return SIGN_IN_LASTS
    return invitation_lasts(await load_snapshot(current_tenant_id()))


async def supersede_links(*, person: UUID, purpose: Purpose | None = None) -> None:
    """End the open links of *person*, who is held first as everywhere, of one purpose or of all."""
    await hold_row("person", person)
    condition: Any = (Link.person == person) & Link.used_at.is_null() & Link.superseded_at.is_null()
    if purpose is not None:
        condition &= Link.purpose == purpose.value
    await Link.update({Link.superseded_at: now()}).where(condition)


async def find_link(token: str, purpose: Purpose) -> LinkFacts | None:
    """
    Return what the link stands for, changing nothing.

    None where it is used, expired, superseded, of another tenant or purpose, made up, or its person was shut out.
    """
    return await _facts(await open_link(token, purpose), purpose)


async def find_invitation(link: UUID) -> LinkFacts | None:
    """As `find_link()`, for who has shown the token of an invitation before and was away with a provider since."""
    row = await Link.select(*_WANTED).where((Link.id == link) & _still_open(Purpose.INVITATION)).first()
    return await _facts(row, Purpose.INVITATION)


async def _facts(row: Mapping[str, Any] | None, purpose: Purpose) -> LinkFacts | None:
    if row is None or row["account"] is None:
        return None
    person = await Person.select().where((Person.id == row["person"]) & Person.deleted_at.is_null()).first()
    account = await Account.select().where((Account.id == row["account"]) & Account.disabled_at.is_null()).first()
    if person is None or account is None or not _belongs(row, person, account):
        return None
    return LinkFacts(
        id=as_uuid(row["id"]),
        purpose=purpose,
        person=as_uuid(row["person"]),
        account=as_uuid(row["account"]),
        email=row["email"],
        expires_at=row["expires_at"],
        kind=person["kind"],
        given_name=person["given_name"],
        family_name=person["family_name"],
        active=person["state"] == "active",
        data=read_data(row),
    )


async def open_link(token: str, purpose: Purpose) -> Mapping[str, Any] | None:
    """Return the row of a link that is neither used, superseded nor expired; whose it is has not been looked at."""
    if len(token) != TOKEN_LENGTH:
        return None
    return await Link.select(*_WANTED).where(_open(token, purpose)).first()


def read_data(link: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the row of a link is bound to besides."""
    found: dict[str, Any] = msgspec.json.decode(link["data"])
    return found


def _belongs(link: Mapping[str, Any], person: Mapping[str, Any], account: Mapping[str, Any]) -> bool:
    """Whether the person still has the account, and the account the address, that the link was sent for."""
    address = read_data(link).get("from", link["email"])  # a new address has still to become the account's
    return bool(
        person["state"] != "deactivated" and person["account"] == link["account"] and account["email"] == address
    )


def _open(token: str, purpose: Purpose) -> Any:
    return (Link.token_hash == token_hash(token)) & _still_open(purpose)


def _still_open(purpose: Purpose) -> Any:
    return (
        (Link.purpose == purpose.value)
        & (Link.expires_at > now())
        & Link.used_at.is_null()
        & Link.superseded_at.is_null()
    )


async def consume_link(token: str, purpose: Purpose, *, alone: bool = False) -> None:
    """
    Use the link up, in the transaction of what it is for; the person's other open links end with it, but not *alone*.

    Raises:
        LinkSpentError: somebody was quicker, or it can no longer be used.

    """
    await _consume(_open(token, purpose), alone=alone)


async def consume_found(link: LinkFacts) -> None:
    """
    As `consume_link()`, for a link that was found by its id.

    Raises:
        LinkSpentError: somebody was quicker, or it can no longer be used.

    """
    await _consume((Link.id == link.id) & _still_open(link.purpose), alone=False)


async def _consume(which: Any, *, alone: bool) -> None:
    found = await Link.select(Link.person).where(which).first()
    if found is not None:  # a person, then her links: whoever invites her or shuts her out takes the same order
        await hold_row("person", as_uuid(found["person"]))
    used = await Link.update({Link.used_at: now()}).where(which).returning(Link.person)
    if not used:
        raise LinkSpentError
    if not alone:
        await supersede_links(person=as_uuid(used[0]["person"]))


async def forget_spent_links() -> None:
    """Delete links of the tenant in scope that ended long ago."""
    await Link.delete().where(Link.expires_at <= now() - KEPT)
