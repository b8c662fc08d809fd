"""From a kind and an id to a record: the one way in for comments, files, first views, deep links and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from core.contributions import Reach
from core.db import fetch
from core.errors import NotFoundError
from core.people.actor import Actor, acting_as, actor_or_none
from core.records.base import CustomerRecord, beyond_reach
from core.registry import CORE, owner_of, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.contributions import RecordKind

R = TypeVar("R", bound=CustomerRecord)

_PLACES = """
SELECT m.person AS person, m.role AS role, m.reach AS reach, m.customer AS at, c.id AS customer, p.state AS state,
       cm.granted AS granted
FROM customer c
JOIN membership m ON m.tenant = c.tenant AND (m.customer = c.id OR (m.reach = 'group' AND m.customer = c.parent))
JOIN person p ON p.tenant = m.tenant AND p.id = m.person
LEFT JOIN customer_module cm ON cm.tenant = c.tenant AND cm.customer = c.id AND cm.module = {}
WHERE c.tenant = {} AND c.id = {} AND p.deleted_at IS NULL AND p.kind = 'contact'
"""


def kind_of(key: str, actor: Actor | None = None) -> RecordKind:
    """
    Return the declared kind *key*, if its module is on for *actor*.

    Raises:
        NotFoundError: unknown, or switched off.

    """
    owned = registry().record_kinds.get(key)
    if owned is None or (actor is not None and owned.owner != CORE and owned.owner not in actor.modules):
        raise NotFoundError
    return owned.item


async def load_record(actor: Actor, kind: str, record: UUID) -> CustomerRecord:
    """
    Return the record if *actor* may see it.

    Raises:
        NotFoundError: unknown, foreign, out of reach, unpublished, or its module is off.

    """
    return await load(actor, kind_of(kind, actor).table, record)


async def load(actor: Actor, table: type[R], record: UUID) -> R:
    """
    Return the row of *table* if *actor* may see it.

    Raises:
        NotFoundError: unknown, foreign, out of reach or unpublished.

    """
    with acting_as(actor):
        found = await table.objects().where(table.id == record).first()
    if found is None:
        raise NotFoundError
    return found


async def audience(record: CustomerRecord, permission: str | None = None) -> dict[UUID, Reach]:
    """
    Return the contacts who would see *record* with *permission* (its view by default), with the reach that lets them.

    The inverse of the reads of `CustomerRecord`; a property test holds the two together. Includes invited people who
    have not signed in yet, not the deactivated.
    """
    if not record.published_at:  # type: ignore[truthy-bool]  # Piccolo types nullable columns as never None
        return {}
    return await _within(record, await contacts_with(permission or type(record).view, _key(record.customer)))


async def contacts_with(permission: str, customer: UUID) -> dict[UUID, Reach]:
    """Return the contacts who have *permission* at *customer*, with its reach there; none where its module is off."""
    wanted, module = permission, owner_of(permission)
    acting = actor_or_none()
    on_page = acting is not None and acting.session is not None and acting.tenant.id == current_tenant_id()
    tenant = acting.tenant if acting is not None and on_page else await load_snapshot(current_tenant_id())
    if module != CORE and module not in tenant.modules():
        return {}
    found: dict[UUID, Reach] = {}
    rows = await fetch(_PLACES, module, tenant.id, customer)
    for row in rows:
        granted = row["granted"] if row["granted"] is not None else tenant.enabled.get(module, module == CORE)
        if not granted or row["state"] == "deactivated":
            continue
        role = tenant.roles.get(as_uuid(row["role"]))
        reach = role.grants.get(wanted) if role else None
        if reach is None or (as_uuid(row["at"]) != as_uuid(row["customer"]) and reach < Reach.GROUP):
            continue
        person, effective = as_uuid(row["person"]), min(reach, Reach.parse(row["reach"]))
        found[person] = max(found.get(person, effective), effective)
    return found


async def _within(record: CustomerRecord, reaches: Mapping[UUID, Reach]) -> dict[UUID, Reach]:
    table = type(record)
    seen: dict[UUID, Reach] = {}
    customer = _key(record.customer)
    for person, reach in reaches.items():
        if reach >= Reach.COMPANY:
            seen[person] = reach
            continue
        with beyond_reach("audience: asks for another person's reach"):
            condition = table.within_reach({customer: reach}, person)
            if await table.exists().where(table.id == record.id).where(condition):
                seen[person] = reach
    return seen


def _key(value: object) -> UUID:
    return as_uuid(getattr(value, "id", value))
