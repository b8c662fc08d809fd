"""From a kind and an id to a record: the one way in for comments, files, first views, deep links and the API."""

from __future__ import annotations

from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from piccolo.querystring import QueryString

from core.contributions import Reach
from core.db import P, statement
from core.errors import NotFoundError
from core.people.actor import Actor, acting_as, actor_or_none
from core.people.tables import Person
from core.records.base import CustomerRecord, beyond_reach
from core.registry import CORE, owner_of, registry
from core.tenancy.scope import current_tenant_id, tenant_scope
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from core.contributions import RecordKind

R = TypeVar("R", bound=CustomerRecord)

_PLACES = """
SELECT m.person AS person, m.role AS role, m.reach AS reach, m.customer AS at, c.id AS customer, cm.granted AS granted,
       person.email AS email, person.state AS state, EXISTS ({}) AS own, EXISTS ({}) AS projects
FROM customer c
JOIN membership m ON m.tenant = c.tenant AND (m.customer = c.id OR (m.reach = 'group' AND m.customer = c.parent))
JOIN person ON person.tenant = m.tenant AND person.id = m.person
LEFT JOIN customer_module cm ON cm.tenant = c.tenant AND cm.customer = c.id AND cm.module = {}
WHERE c.tenant = {} AND c.id = {} AND person.deleted_at IS NULL AND person.kind = 'contact'
      AND person.state <> 'deactivated'
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


@dataclass(frozen=True, slots=True)
class Seer:
    """A contact who would see a record: how far she sees, her e-mail, and whether she can sign in already."""

    reach: Reach
    email: str
    state: str


async def audience(record: CustomerRecord, permission: str | None = None) -> dict[UUID, Reach]:
    """
    Return the contacts who would see *record* with *permission* (its view by default), with the reach that lets them.

    The inverse of the reads of `CustomerRecord`; a property test holds the two together. Includes invited people who
    have not signed in yet, not the deactivated. One statement.
    """
    return {person: seer.reach for person, seer in (await seers(record, permission)).items()}


async def seers(record: CustomerRecord, permission: str | None = None) -> dict[UUID, Seer]:
    """Return the audience of *record* with what decides whether each can be told of it. One statement."""
    table = type(record)
    wanted = permission or table.view
    module = owner_of(wanted)
    if not record.published_at:  # type: ignore[truthy-bool]  # Piccolo types nullable columns as never None
        return {}
    acting = actor_or_none()
    on_page = acting is not None and acting.session is not None and acting.tenant.id == current_tenant_id()
    tenant = acting.tenant if acting is not None and on_page else await load_snapshot(current_tenant_id())
    if module != CORE and module not in tenant.modules():
        return {}
    found: dict[UUID, Seer] = {}
    statement_ = statement(("audience", table), lambda: Context().run(_places, table))
    rows = await statement_.run(record=record.id, customer=_key(record.customer), module=module, tenant=tenant.id)
    for row in rows:
        granted = row["granted"] if row["granted"] is not None else tenant.enabled.get(module, module == CORE)
        role = tenant.roles.get(as_uuid(row["role"]))
        reach = role.grants.get(wanted) if role else None
        if not granted or reach is None or (as_uuid(row["at"]) != as_uuid(row["customer"]) and reach < Reach.GROUP):
            continue
        person, effective = as_uuid(row["person"]), min(reach, Reach.parse(row["reach"]))
        if effective >= Reach.COMPANY or row[effective.word]:
            known = found.get(person)
            best = effective if known is None else max(known.reach, effective)
            found[person] = Seer(best, row["email"] or "", row["state"])
    return found


def _places(table: type[CustomerRecord]) -> QueryString:
    """
    Build the statement of who has a place at a record's customer, and to whom it shows within the narrow reaches.

    Run in an empty context, so that nothing of the first who asks is in a statement that serves everybody.
    """
    shown: list[QueryString] = []
    with tenant_scope(cast("Any", P("tenant"))), beyond_reach("audience: asks for another person's reach"):
        for reach in (Reach.OWN, Reach.PROJECTS):
            # for the person of each row: the condition takes a column where a reader's own id would stand
            condition = table.within_reach(cast("Any", {P("customer"): reach}), cast("Any", Person.id))
            query = table.select(table.id).where(table.id == P("record")).where(condition)
            shown += query.querystrings
    return QueryString(_PLACES, *shown, P("module"), P("tenant"), P("customer"))


def _key(value: object) -> UUID:
    return as_uuid(getattr(value, "id", value))
