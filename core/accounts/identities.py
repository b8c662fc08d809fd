"""From a host and a cookie to who acts: one statement, a second for who has a place at a group, whatever the page."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from core.accounts.tokens import TOKEN_LENGTH, token_hash
from core.clock import now
from core.contributions import Audience, Reach
from core.db import fetch_raw
from core.people.actor import Actor, ActorKind, Place
from core.tenancy.snapshot import as_instant, as_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from core.tenancy.snapshot import TenantSnapshot

SET_PASSWORD = "set_password"  # noqa: S105 -- the name of a restriction
"""What a session is restricted to until its person has set an acceptable password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasts:
    """How long a session lives: `idle` without a request, `absolute` in all."""

    idle: timedelta
    absolute: timedelta


LASTS = {
    "staff": Lasts(idle=timedelta(minutes=30), absolute=timedelta(hours=12)),
    "contact": Lasts(idle=timedelta(hours=24), absolute=timedelta(days=30)),
}
SEEN_EVERY = timedelta(minutes=5)
"""How often a session's last use is written down: its idle time is measured to within this much, never too long."""

_IDENTIFY = """
SELECT h.kind AS host_kind, t.id AS tenant, t.status AS status, t.config_version AS config_version,
       s.id AS session, s.account AS account, a.offices AS offices,
       s.active_customer AS active_customer, s.restricted AS restricted,
       s.viewed_by AS viewed_by, s.seen_at AS seen_at, s.expires_at AS expires_at,
       p.id AS person, p.kind AS kind, p.given_name AS given_name, p.family_name AS family_name, p.email AS email,
       p.language AS language, p.theme AS theme, p.shown_columns AS shown_columns, p.staff_role AS staff_role,
       m.role AS role, m.reach AS reach, m.customer AS held_at, c.id AS customer, c.name AS name,
       cm.module AS module, cm.granted AS granted
FROM tenant_host h
JOIN tenant t ON t.id = h.tenant
LEFT JOIN session s ON s.token_hash = {} AND s.tenant = t.id AND s.expires_at > {}
LEFT JOIN account a ON a.id = s.account AND a.disabled_at IS NULL
LEFT JOIN person p ON p.tenant = s.tenant AND p.id = s.person AND p.account = a.id AND p.deleted_at IS NULL
     AND (p.state = 'active' OR (p.state = 'invited' AND s.restricted = 'set_password'))
LEFT JOIN membership m ON m.tenant = p.tenant AND m.person = p.id AND p.kind = 'contact'
LEFT JOIN customer c ON c.tenant = m.tenant AND c.id = m.customer
LEFT JOIN customer_module cm ON cm.tenant = c.tenant AND cm.customer = c.id
WHERE h.host = {} AND t.id = {} AND h.kind <> 'former'
"""

_PLACES = """
SELECT m.role AS role, m.reach AS reach, m.customer AS held_at, c.id AS customer, c.name AS name,
       cm.module AS module, cm.granted AS granted
FROM membership m
JOIN customer c ON c.tenant = m.tenant AND c.id = m.customer
LEFT JOIN customer_module cm ON cm.tenant = c.tenant AND cm.customer = c.id
WHERE m.tenant = {} AND m.person = {}
"""
# apart: joined by "or", SQLite would look at every customer of the tenant
_CHILDREN = """
SELECT m.role AS role, m.reach AS reach, m.customer AS held_at, c.id AS customer, c.name AS name,
       cm.module AS module, cm.granted AS granted
FROM membership m
JOIN customer c ON c.tenant = m.tenant AND c.parent = m.customer
LEFT JOIN customer_module cm ON cm.tenant = c.tenant AND cm.customer = c.id
WHERE m.tenant = {} AND m.person = {} AND m.reach = 'group'
"""


_MOST_KEPT: Final = 1_000


@dataclass(slots=True)
class _Kept:
    """What a session's rows meant when they were last read, and the actor made of them."""

    rows: list[dict[str, Any]]
    identity: Identity
    actor: Actor | None = None
    on: frozenset[str] = frozenset()


_kept: OrderedDict[str, _Kept] = OrderedDict()
"""By the token's hash. The rows are read at each request all the same: only rows that are equal mean the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a host and a session cookie stand for. Without `person` nobody is signed in."""

    tenant: UUID
    host_kind: str
    status: str
    config_version: int
    session: UUID | None = None
    person: UUID | None = None
    account: UUID | None = None
    kind: str = ""
    name: str = ""
    email: str = ""
    language: str | None = None
    theme: str = "auto"
    shown_columns: str = "{}"
    staff_role: UUID | None = None
    active_customer: UUID | None = None
    restricted: str | None = None
    viewed_by: UUID | None = None
    offices: int = 1
    seen_at: datetime | None = None
    held: Sequence[Mapping[str, Any]] | None = field(default=None, repr=False, compare=False)
    """The rows of her places, where they came with her: the tenant decides what they mean."""
    token_hash: str = field(default="", repr=False, compare=False)


async def identify(*, host: str, token: str | None, tenant: UUID) -> Identity | None:
    """
    Return who asks at *host*, which belongs to *tenant*, with the session cookie *token*. One statement.

    None where the host is no longer the tenant's. Expired and revoked sessions, those of another tenant, and those of
    disabled accounts and of deactivated or deleted people are nobody's.
    """
    hashed = token_hash(token) if token is not None and len(token) == TOKEN_LENGTH else ""
    present = now()
    rows = await fetch_raw(_IDENTIFY, hashed, present, host, tenant)
    if not rows:
        return None
    kept = _kept.get(hashed)
    if kept is not None and kept.rows == rows:
        _kept.move_to_end(hashed)
        if not _idle_too_long(kept.identity.seen_at, kept.identity.kind, present):
            return kept.identity
    identity = _identity(rows, tenant, hashed, present)
    if identity.person is not None:
        _kept[hashed] = _Kept(rows, identity)
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return identity


def _identity(rows: list[dict[str, Any]], tenant: UUID, hashed: str, present: datetime) -> Identity:
    row = rows[0]
    seen_at = as_instant(row["seen_at"]) if row["person"] is not None else None
    if _idle_too_long(seen_at, row["kind"], present):
        return Identity(
            tenant=tenant,
            host_kind=row["host_kind"],
            status=row["status"],
            config_version=row["config_version"],
        )
    return Identity(
        tenant=tenant,
        host_kind=row["host_kind"],
        status=row["status"],
        config_version=row["config_version"],
        session=as_uuid(row["session"]),
        person=as_uuid(row["person"]),
        account=as_uuid(row["account"]),
        kind=row["kind"],
        name=f"{row['given_name']} {row['family_name']}".strip(),
        email=row["email"] or "",
        language=row["language"],
        theme=row["theme"],
        shown_columns=row["shown_columns"],
        staff_role=_optional(row["staff_role"]),
        active_customer=_optional(row["active_customer"]),
        restricted=row["restricted"],
        viewed_by=_optional(row["viewed_by"]),
        offices=row["offices"],
        seen_at=seen_at,
        held=rows if row["role"] is not None else (),
        token_hash=hashed,
    )


def _idle_too_long(seen_at: datetime | None, kind: str, present: datetime) -> bool:
    return seen_at is None or seen_at + LASTS[kind].idle <= present


def _optional(value: object) -> UUID | None:
    return as_uuid(value) if value is not None else None


async def build_actor(identity: Identity, tenant: TenantSnapshot) -> Actor | None:
    """
    Return the actor of *identity*, or None where nobody is signed in.

    No statement where her places came along, but for who has a place at a group: its customers are read then.
    The same facts at the same version of the tenant are the same actor, with all that was worked out of her.
    """
    if identity.person is None or identity.status != "active":
        return None
    on = tenant.modules()
    kept = _kept.get(identity.token_hash)
    if kept is not None and kept.identity is identity and kept.actor is not None:
        if kept.actor.tenant is tenant and kept.on is on:
            return kept.actor
        kept.actor = None
    staff = identity.kind == "staff"
    held = () if staff else await _held(identity, identity.person)
    actor = _actor(identity, tenant, () if staff else _places(held, tenant, on), on)
    if kept is not None and kept.identity is identity and (staff or held is identity.held):
        kept.actor, kept.on = actor, on
    return actor


def _actor(identity: Identity, tenant: TenantSnapshot, places: tuple[Place, ...], on: frozenset[str]) -> Actor:
    staff = identity.kind == "staff"
    return Actor(
        kind=ActorKind.STAFF if staff else ActorKind.CONTACT,
        tenant=tenant,
        person=identity.person,
        account=identity.account,
        session=identity.session,
        name=identity.name or identity.email,
        email=identity.email,
        language=_language(identity.language, tenant),
        theme=identity.theme,
        shown_columns=identity.shown_columns,
        places=places,
        active_customer=identity.active_customer if _is_at(identity.active_customer, places) else None,
        staff_grants=_staff_grants(identity.staff_role, tenant) if staff else {},
        modules=on if staff else frozenset().union(*(place.modules for place in places)),
        restricted=identity.restricted,
        viewed_by=identity.viewed_by,
        offices=identity.offices,
    )


async def _held(identity: Identity, person: UUID) -> Sequence[Mapping[str, Any]]:
    rows = await fetch_raw(_PLACES, identity.tenant, person) if identity.held is None else identity.held
    if any(row["reach"] == Reach.GROUP.word for row in rows):
        rows = [*rows, *await fetch_raw(_CHILDREN, identity.tenant, person)]
    return rows


def _places(rows: Sequence[Mapping[str, Any]], tenant: TenantSnapshot, on: frozenset[str]) -> tuple[Place, ...]:
    found: dict[tuple[Any, Any], Mapping[str, Any]] = {}
    switches: dict[tuple[Any, Any], dict[str, bool]] = {}
    for row in rows:
        key = row["held_at"], row["customer"]
        found.setdefault(key, row)
        own = switches.setdefault(key, {})
        if row["module"] is not None:
            own[row["module"]] = bool(row["granted"])
    places = [
        Place(
            customer=as_uuid(customer),
            name=row["name"],
            role=as_uuid(row["role"]),
            reach=Reach.parse(row["reach"]),
            modules=frozenset(
                module for module in on if switches[held_at, customer].get(module, tenant.enabled[module])
            ),
            inherited=held_at != customer,
        )
        for (held_at, customer), row in found.items()
    ]
    if len(places) > 1:
        places.sort(key=lambda place: (place.name.casefold(), place.customer, place.inherited))
    return tuple(places)


def _staff_grants(role: UUID | None, tenant: TenantSnapshot) -> Mapping[str, Reach]:
    held = tenant.roles.get(role) if role is not None else None
    return held.grants if held is not None and held.audience is Audience.STAFF else {}


def _is_at(customer: UUID | None, places: tuple[Place, ...]) -> bool:
    return any(place.customer == customer for place in places)


def _language(own: str | None, tenant: TenantSnapshot) -> str:
    """Return the person's language if the portal offers it, else the portal's."""
    return own if own in tenant.languages else tenant.language
