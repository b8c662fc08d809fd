"""Work that comes back: once per period and tenant, with any number of workers, whenever they were restarted."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.clock import now
from core.db import fetch, request_scope, transaction, uuid7
from core.messages.queue import PermanentError, Work, enqueue, work
from core.messages.running import working_for
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from core.contributions import Schedule

log = logging.getLogger("portico.worker")

LOOK_AGAIN = timedelta(seconds=60)
"""How soon a module that was switched on meanwhile is noticed."""

EVERY = timedelta(seconds=1)
"""How often a worker looks through all tenants: it comes by after every piece of work, and there may be thousands."""

KEPT = timedelta(days=30)
"""How long done work is kept, and with it the memory of its once_key."""

_TENANTS = "SELECT id FROM tenant WHERE status = 'active' ORDER BY id"

# The condition makes it one winner: who comes second finds the period taken.
_CLAIM = """
INSERT INTO schedule_run (id, key, tenant, ran_at) VALUES ({}, {}, {}, {})
ON CONFLICT (key, tenant) DO UPDATE SET ran_at = excluded.ran_at WHERE schedule_run.ran_at < excluded.ran_at
RETURNING key
"""


def period_start(moment: datetime, every: int) -> datetime:
    """Return when the present period of *every* seconds began; periods are counted from 1970 on, in UTC."""
    return datetime.fromtimestamp(int(moment.timestamp()) // every * every, UTC)


class Timetable:
    """What one worker knows of schedules: when to look at each again. The database decides who runs it."""

    def __init__(self) -> None:
        self._not_before: dict[tuple[str, UUID], datetime] = {}
        self._looked: datetime | None = None

    async def queue_due(self) -> int:
        """Put down the work of every schedule that is due, for every tenant that has its module. Returns how many."""
        declared = registry().schedules
        moment = now()
        if not declared or (self._looked is not None and self._looked <= moment < self._looked + EVERY):
            return 0
        self._looked = moment
        async with request_scope(tenant=None):
            tenants = [as_uuid(row["id"]) for row in await fetch(_TENANTS)]
        queued = 0
        for tenant in tenants:
            due = [owned.item for owned in declared.values() if self._is_due(owned.item, tenant)]
            if due:
                queued += await self._claim(tenant, due)
        return queued

    def _is_due(self, schedule: Schedule, tenant: UUID) -> bool:
        known = self._not_before.get((schedule.key, tenant))
        return known is None or known <= now()

    async def _claim(self, tenant: UUID, due: list[Schedule]) -> int:
        queued = 0
        async with working_for(tenant) as snapshot:
            on = snapshot.modules()
            for schedule in due:
                moment = now()
                start = period_start(moment, schedule.every)
                following = start + timedelta(seconds=schedule.every)
                self._not_before[schedule.key, tenant] = min(following, moment + LOOK_AGAIN)
                owner = registry().schedules[schedule.key].owner
                if (owner == CORE or owner in on) and await claim(schedule, tenant, start):
                    queued += 1
        return queued


async def claim(schedule: Schedule, tenant: UUID, start: datetime) -> bool:
    """Take the period that began at *start*, and put its work down; False where another worker was first."""
    async with transaction():
        if not await fetch(_CLAIM, uuid7(), schedule.key, tenant, start):
            return False
        once_key = f"schedule:{schedule.key}:{tenant}:{int(start.timestamp())}"
        await enqueue(kind="core.schedule", payload={"key": schedule.key}, tenant=tenant, once_key=once_key)
    return True


@work("core.schedule", atomic=False)
async def run_schedule(item: Work) -> None:
    """
    Run a schedule for a tenant, unless its module has been switched off since.

    Raises:
        PermanentError: no module declares it any more.

    """
    owned = registry().schedules.get(item.payload["key"])
    if owned is None:
        message = f"schedule {item.payload['key']!r} is declared by no module"
        raise PermanentError(message)
    tenant = await load_snapshot(current_tenant_id())
    if owned.owner == CORE or owned.owner in tenant.modules():
        await owned.item.run()


async def tidy_queue() -> None:
    """Delete the tenant's work that was done long ago; what failed stays until somebody has dealt with it."""
    sql = "DELETE FROM queue WHERE tenant = {} AND done_at < {}"
    async with transaction():
        await fetch(sql, current_tenant_id(), now() - KEPT)
