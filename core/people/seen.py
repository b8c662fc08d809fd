"""What an actor sees of the portal: entries of the rail, cards, kinds of records. The frame and previews draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.accounts.identities import Identity, build_actor
from core.clock import now
from core.contributions import Audience, Reach
from core.db import uuid7
from core.people.actor import Actor, ActorKind, Place
from core.people.tables import Customer, CustomerModule
from core.registry import CORE, registry

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from core.contributions import Card, MenuItem, RecordKind
    from core.people.tables import Person
    from core.tenancy.snapshot import RoleGrants, TenantSnapshot


@dataclass(frozen=True, slots=True)
class SeenKind:
    """A kind of record, how far it is seen by customer (empty for staff, who see all), and what may be done."""

    kind: RecordKind
    reaches: dict[UUID, Reach]


def audience_of(actor: Actor) -> Audience:
    """Return for whom the pages are that *actor* sees."""
    return Audience.CONTACT if actor.is_contact else Audience.STAFF


def menu_of(actor: Actor) -> list[MenuItem]:
    """Return the entries of the rail that *actor* may use, in their order."""
    audience = audience_of(actor)
    return [
        owned.item
        for owned in registry().menu_items
        if owned.item.audience is audience
        and actor.can(owned.item.permission)
        and (owned.item.shown is None or owned.item.shown(actor))
    ]


def cards_of(actor: Actor) -> list[Card]:
    """Return the cards of the home page that *actor* may see, in their order."""
    return [
        owned.item
        for owned in registry().cards.values()
        if owned.item.audience is audience_of(actor) and actor.can(owned.item.permission)
    ]


def kinds_of(actor: Actor) -> list[SeenKind]:
    """Return the kinds of records that *actor* sees, with how far."""
    found = []
    for owned in registry().record_kinds.values():
        if owned.owner != CORE and owned.owner not in actor.modules:
            continue
        if actor.is_contact:
            reaches = actor.reaches(owned.item.view)
            if reaches:
                found.append(SeenKind(owned.item, reaches))
        elif actor.can(owned.item.staff_view):
            found.append(SeenKind(owned.item, {}))
    return found


async def as_person(person: Person, tenant: TenantSnapshot) -> Actor | None:
    """Return the actor that *person* is when she signs in; None for who cannot."""
    if person.state == "deactivated" or _has_left(person.deleted_at):
        return None
    identity = Identity(
        tenant=tenant.id,
        host_kind="name",
        status="active",
        config_version=tenant.version,
        person=person.id,
        kind=person.kind,
        name=f"{person.given_name} {person.family_name}".strip(),
        email=person.email or "",
        language=person.language,
        staff_role=person.staff_role,
        seen_at=now(),
    )
    return await build_actor(identity, tenant)


def as_role(role: RoleGrants, tenant: TenantSnapshot) -> Actor:
    """Return somebody with *role* at a customer that has all modules which customers get, as far as the role goes."""
    on = tenant.modules()
    if role.audience is Audience.STAFF:
        return Actor(kind=ActorKind.STAFF, tenant=tenant, staff_grants=role.grants, modules=on)
    granted = frozenset(module for module in on if tenant.enabled.get(module))
    place = Place(customer=uuid7(), name="", role=role.id, reach=Reach.GROUP, modules=granted)
    return Actor(kind=ActorKind.CONTACT, tenant=tenant, places=(place,), modules=granted)


async def as_seat(*, customer: UUID, role: UUID, reach: Reach, tenant: TenantSnapshot) -> Actor:
    """Return somebody with nothing but this place, as the tenant and the customer have their modules now."""
    rows = await CustomerModule.select(CustomerModule.module, CustomerModule.granted).where(
        CustomerModule.customer == customer
    )
    own = {row["module"]: bool(row["granted"]) for row in rows}
    granted = frozenset(module for module in tenant.modules() if own.get(module, tenant.enabled[module]))
    name = await Customer.select(Customer.name).where(Customer.id == customer).first()
    place = Place(customer=customer, name=name["name"] if name else "", role=role, reach=reach, modules=granted)
    return Actor(kind=ActorKind.CONTACT, tenant=tenant, places=(place,), modules=granted)


def _has_left(deleted_at: datetime | None) -> bool:
    return deleted_at is not None
