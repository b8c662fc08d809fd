"""First views: when a person of the customer saw a record first. Never a scanner's GET, never staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import now
from core.db import execute, fetch, hold_row, transaction, uuid7
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id

if TYPE_CHECKING:
    from core.people.actor import Actor
    from core.records.base import CustomerRecord


async def note_view(*, actor: Actor, kind: str, record: CustomerRecord) -> bool:
    """
    Note that *actor* has *record* before her eyes; return whether it was her first time. Staff leaves no trace.

    When each person saw it is kept; only the first of all is told, as an activity.
    """
    if not actor.is_contact or actor.person is None or actor.viewed_by is not None:
        return False
    async with transaction():
        added = await execute(
            "INSERT INTO first_view (id, tenant, record_kind, record, person, at) VALUES ({}, {}, {}, {}, {}, {}) "
            "ON CONFLICT (tenant, record_kind, record, person) DO NOTHING",
            uuid7(),
            current_tenant_id(),
            kind,
            record.id,
            actor.person,
            now(),
        )
        if not added:
            return False
        if await _first_of_all(kind, record):
            await write_activity(kind="core.first_viewed", by=actor, record=(kind, record))
    return True


async def _first_of_all(kind: str, record: CustomerRecord) -> bool:
    """Whether the view that was just noted is the record's only one; two at the same moment follow one another."""
    tenant = current_tenant_id()
    await hold_row(type(record)._meta.tablename, record.id)
    views = await fetch(
        "SELECT person FROM first_view WHERE tenant = {} AND record_kind = {} AND record = {} LIMIT 2",
        tenant,
        kind,
        record.id,
    )
    return len(views) == 1
