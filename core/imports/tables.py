"""What came in from outside, and what of it needs a decision."""

from __future__ import annotations

from piccolo.columns import JSON, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn  # noqa: N811 -- told apart from uuid.UUID
from piccolo.columns.base import OnDelete

from core.clock import now as utc_now
from core.tenancy.table import TenantTable


class ImportRun(TenantTable, tablename="import_run"):
    """One delivery: a folder, an upload, a call of the API."""

    kind = Text()
    way = Text(help_text="command, page or api")
    by = UUIDColumn(null=True, default=None)
    created = Integer(default=0)
    updated = Integer(default=0)
    unchanged = Integer(default=0)
    quarantined = Integer(default=0)
    refused = Integer(default=0)
    started_at = Timestamptz(default=utc_now)
    ended_at = Timestamptz(null=True, default=None)


class ImportProblem(TenantTable, tablename="import_problem"):
    """A file or row in quarantine, with the reason and what a decision needs."""

    run = ForeignKey(references=ImportRun, null=False, on_delete=OnDelete.restrict)
    kind = Text()
    place = Text(help_text="file name, or sheet and row")
    reason = Text(help_text="a stable code")
    data = JSON(default="{}")
    sha256 = Text(null=True, default=None)
    created_at = Timestamptz(default=utc_now)
    resolved_at = Timestamptz(null=True, default=None)
    resolution = Text(null=True, default=None)
    resolved_by = UUIDColumn(null=True, default=None)
