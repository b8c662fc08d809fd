"""Work to be done later, and work that comes back."""

from __future__ import annotations

from piccolo.columns import JSON, Integer, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn  # noqa: N811 -- told apart from uuid.UUID

from core.clock import now as utc_now
from core.db import Table


class QueueItem(Table, tablename="queue"):
    """Work for the worker. `once_key` makes the same work queue once; global, since the worker looks across tenants."""

    tenant = UUIDColumn(null=True, default=None)
    kind = Text()
    payload = JSON(default="{}")
    once_key = Text(null=True, default=None)
    run_at = Timestamptz(default=utc_now)
    leased_until = Timestamptz(null=True, default=None)
    attempts = Integer(default=0)
    error = Text(null=True, default=None)
    created_at = Timestamptz(default=utc_now)
    done_at = Timestamptz(null=True, default=None)
    failed_at = Timestamptz(null=True, default=None, help_text="given up; staff sees it")


class ScheduleRun(Table, tablename="schedule_run"):
    """When a schedule ran last for a tenant."""

    key = Text()
    tenant = UUIDColumn()
    ran_at = Timestamptz()
