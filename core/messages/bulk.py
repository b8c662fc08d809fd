"""Activities about many records at once: which of them somebody sees, and each as an event of its own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from piccolo.columns.combination import WhereRaw

from core.db import fetch, fetch_one
from core.people.actor import acting_as
from core.records.activity import PARTS
from core.records.audiences import audiences
from core.registry import registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.contributions import RecordKind
    from core.messages.recipients import Event
    from core.people.actor import Actor

_PARTS = """
SELECT record_kind, record, customer, data FROM activity_part WHERE tenant = {} AND activity = {} ORDER BY id
"""
_PART = """
SELECT record_kind, record, customer, data FROM activity_part WHERE tenant = {} AND activity = {} AND record = {}
"""
_AMONG = '"{table}"."id" IN (SELECT record FROM activity_part WHERE tenant = {{}} AND activity = {{}})'


def is_bulk(event: Event) -> bool:
    """Whether *event* is about several records."""
    return event.record is None and PARTS in event.data


async def parts_of(event: Event) -> list[Event]:
    """Return a bulk event as one event for each of its records, with the facts of each."""
    return [_as_event(event, row) for row in await fetch(_PARTS, current_tenant_id(), event.id)]


def _as_event(event: Event, row: Mapping[str, Any]) -> Event:
    one = part_event(event, row["data"], (row["record_kind"], as_uuid(row["record"])))
    return replace(one, customer=as_uuid(row["customer"]))


def part_event(event: Event, facts: str | bytes, about: tuple[str, UUID]) -> Event:
    """Return a bulk event as one about the record *about* (kind, id), with its own *facts* (JSON)."""
    shared = {key: value for key, value in event.data.items() if key not in {PARTS, "digest"}}
    own = msgspec.json.decode(facts, type=dict[str, Any])
    return replace(event, record_kind=about[0], record=about[1], data={**shared, **own})


def _by_kind(parts: list[Event]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = defaultdict(list)
    for part in parts:
        if part.record_kind in registry().record_kinds and part.record is not None:
            found[part.record_kind].append(part.record)
    return found


async def contacts_of_parts(event: Event) -> dict[UUID, set[UUID]]:
    """Return the contacts who see records of a bulk event, with the records that each sees."""
    seen: dict[UUID, set[UUID]] = defaultdict(set)
    for kind, records in _by_kind(await parts_of(event)).items():
        declared: RecordKind = registry().record_kinds[kind].item
        for person, found in (await audiences(declared.table, records, declared.view)).items():
            seen[person] |= found
    return seen


async def parts_seen(event: Event, person: UUID, *, staff: bool) -> list[Event]:
    """Return the parts of a bulk event that a person hears of: a contact's by her reach, all of them for staff."""
    parts = await parts_of(event)
    if staff:
        return parts
    seen = (await contacts_of_parts(event)).get(person, set())
    return [part for part in parts if part.record in seen]


async def parts_on_page(actor: Actor, event: Event) -> tuple[int, Event | None]:
    """Return how many records of a bulk event *actor* may see now, and one of them."""
    total, one = 0, None
    rows = await fetch(
        "SELECT DISTINCT record_kind FROM activity_part WHERE tenant = {} AND activity = {}",
        current_tenant_id(),
        event.id,
    )
    for row in rows:
        owned = registry().record_kinds.get(row["record_kind"])
        if owned is None:
            continue
        table = owned.item.table
        within = WhereRaw(_AMONG.format(table=table._meta.tablename), current_tenant_id(), event.id)
        with acting_as(actor):
            total += await table.count().where(within)
            first = await table.select(table.id).where(within).limit(1)
        if first and one is None:
            found = await fetch_one(_PART, current_tenant_id(), event.id, first[0]["id"])
            one = _as_event(event, found) if found else None
    return total, one
