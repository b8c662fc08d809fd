"""What the pages about one contact, and about many to invite, read beside the lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.contributions import Audience, Reach
from core.db import fetch
from core.people.queries import people_found
from core.people.tables import Membership, Person
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_instant

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

NEVER_INVITED = ("address_book", "pending")
MOST_AT_ONCE = 500
"""Invitations that one press of a button sends; the rest waits for the next."""
MOST_HEIRS = 200

# The mail table stands above people; only the state of a person's own first mail is read here.
_FIRST_MAIL = """
SELECT state AS state, recipient AS recipient, created_at AS created_at, sent_at AS sent_at FROM mail
WHERE tenant = {} AND person = {} AND kind IN ('core.invitation', 'core.temporary_password')
ORDER BY created_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class FirstMail:
    """The mail of somebody's first sign-in: queued, sent or failed."""

    state: str
    recipient: str
    at: datetime


async def first_mail_of(person: UUID) -> FirstMail | None:
    """Return the latest invitation that was put to the mail server, if any."""
    rows = await fetch(_FIRST_MAIL, current_tenant_id(), person)
    if not rows:
        return None
    return FirstMail(rows[0]["state"], rows[0]["recipient"], as_instant(rows[0]["sent_at"] or rows[0]["created_at"]))


def _invitable(query: Any) -> Any:
    return query.where(
        Person.kind == Audience.CONTACT.value,
        Person.state.is_in(list(NEVER_INVITED)),
        Person.email_folded.is_not_null(),
        Person.deleted_at.is_null(),
    )


async def count_never_invited() -> int:
    """Return how many contacts with an address were never invited."""
    return int(await _invitable(Person.count()))


async def never_invited(*, limit: int = MOST_AT_ONCE) -> list[UUID]:
    """Return contacts with an address who were never invited, by name."""
    rows = await _invitable(Person.select(Person.id)).order_by(Person.name_folded).order_by(Person.id).limit(limit)
    return [row["id"] for row in rows]


async def contacts_found(*, search: str, state: str, limit: int = MOST_AT_ONCE) -> list[UUID]:
    """Return the contacts that a list shows over all its pages and who may be invited, by name."""
    query = people_found(Person.select(Person.id), kind=Audience.CONTACT, search=search, state=state)
    query = query.where(Person.state.is_in([*NEVER_INVITED, "invited"]), Person.email_folded.is_not_null())
    rows = await query.order_by(Person.name_folded).order_by(Person.id).limit(limit)
    return [row["id"] for row in rows]


async def heirs_of(person: UUID) -> list[dict[str, Any]]:
    """Return the active contacts who share a customer with *person*, or have its whole group, by name."""
    rows = await Membership.select(Membership.customer, Membership.customer.parent.as_alias("parent")).where(
        Membership.person == person
    )
    customers = {row["customer"] for row in rows}
    parents = {row["parent"] for row in rows if row["parent"]}
    if not customers:
        return []
    near: Any = Membership.customer.is_in(list(customers))
    if parents:
        near |= Membership.customer.is_in(list(parents)) & (Membership.reach == Reach.GROUP.word)
    members = {row["person"] for row in await Membership.select(Membership.person).where(near)} - {person}
    if not members:
        return []
    found: list[dict[str, Any]] = (
        await Person.select(Person.id, Person.given_name, Person.family_name, Person.email)
        .where(Person.id.is_in(list(members)), Person.state == "active", Person.deleted_at.is_null())
        .order_by(Person.name_folded)
        .limit(MOST_HEIRS)
    )
    return found
