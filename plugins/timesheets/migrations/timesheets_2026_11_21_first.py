"""The first tables of the timesheets module. Frozen: a later change is a later migration."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core.sdk import ddl

ID = "2026-11-21T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "workers, jobs, entries, approvals, corrections, projects with tasks, reminders"

_RECORD = {
    "id": "uuid",
    "customer": "uuid",
    "project": "uuid?",
    "addressee": "uuid?",
    "published_at": "timestamptz?",
    "version": "integer",
    "created_at": "timestamptz",
}
_RECORD_KEYS: dict[str | tuple[str, ...], str | ddl.Ref] = {
    "customer": "customer",
    "project": "project",
    "addressee": "person",
}


async def _work() -> None:
    await ddl.create_table(
        "timesheets_worker",
        columns={"id": "uuid", "name": "text", "name_folded": "text", "email": "text?", "external_id": "text?"},
        unique=[("tenant", "external_id")],
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_worker", ["tenant", "name_folded"])
    await ddl.create_table(
        "timesheets_job",
        columns={
            **_RECORD,
            "worker": "uuid",
            "title": "text",
            "search_folded": "text",
            "place": "text",
            "starts_on": "date",
            "ends_on": "date?",
            "planned_seconds": "integer",
            "state": "text",
            "external_id": "text?",
        },
        unique=[("tenant", "external_id")],
        checks={
            "state": "state IN ('planned', 'active', 'ended', 'cancelled')",
            "order": "ends_on IS NULL OR ends_on >= starts_on",
        },
        foreign_keys={**_RECORD_KEYS, "worker": "timesheets_worker"},
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_job", ["tenant", "customer", "starts_on", "id"])
    await ddl.create_index("timesheets_job", ["tenant", "project"])
    await ddl.create_table(
        "timesheets_approval",
        columns={
            **_RECORD,
            "at": "timestamptz",
            "by_name": "text",
            "reference": "text",
            "entries": "integer",
            "seconds": "bigint",
            "digest": "text",
            "first_day": "date",
            "last_day": "date",
            "undone_at": "timestamptz?",
        },
        foreign_keys=_RECORD_KEYS,
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_approval", ["tenant", "customer", "at", "id"])
    await ddl.create_table(
        "timesheets_entry",
        columns={
            **_RECORD,
            "worker": "uuid",
            "job": "uuid?",
            "task": "text",
            "day": "date",
            "week": "integer",
            "starts_at": "timestamptz?",
            "ends_at": "timestamptz?",
            "break_seconds": "integer",
            "worked_seconds": "integer",
            "units": "text",
            "kind": "text",
            "note": "text",
            "search_folded": "text",
            "rate": "text",
            "currency": "text",
            "state": "text",
            "approval": "uuid?",
            "invoice_number": "text",
            "source": "text",
            "external_id": "text",
            "fingerprint": "text",
            "changed_at": "timestamptz",
        },
        unique=[("tenant", "source", "external_id")],
        checks={
            "state": "state IN ('draft', 'for_approval', 'disputed', 'approved', 'invoiced')",
            "kind": "kind IN ('regular', 'overtime', 'night', 'holiday', 'travel', 'standby')",
            "seconds": "worked_seconds >= 0 AND break_seconds >= 0",
            "draft": "(state = 'draft') = (published_at IS NULL)",
            "approval": "(state IN ('approved', 'invoiced')) = (approval IS NOT NULL)",
        },
        foreign_keys={
            **_RECORD_KEYS,
            "worker": "timesheets_worker",
            "job": "timesheets_job",
            "approval": "timesheets_approval",
        },
        tenant_scoped=True,
    )
    # a contact's list is counted and added up from the index alone
    columns = ["tenant", "customer", "day", "id", "published_at", "state", "worked_seconds"]
    await ddl.create_index("timesheets_entry", columns, name="ix_timesheets_entry_customer_day")
    # who works for a customer: one look for each worker that there is
    await ddl.create_index("timesheets_entry", ["tenant", "customer", "worker"])
    # the office's lists of a million entries: rows in their order, what is counted and added up, from the index alone;
    # with what else a group is sorted by, else SQLite reads and sorts the whole table
    await ddl.create_index("timesheets_entry", ["tenant", "day", "id", "state", "worked_seconds", "worker"])
    await ddl.create_index("timesheets_entry", ["tenant", "kind", "day", "id", "worked_seconds"])
    await ddl.create_index("timesheets_entry", ["tenant", "worked_seconds", "id"])
    await ddl.create_index("timesheets_entry", ["tenant", "state", "day", "id", "worked_seconds"])
    await ddl.create_index("timesheets_entry", ["tenant", "customer", "changed_at"])
    await ddl.create_index("timesheets_entry", ["tenant", "project", "day", "worked_seconds"])
    await ddl.create_index("timesheets_entry", ["tenant", "worker", "day", "id", "worked_seconds"])
    await ddl.create_index("timesheets_entry", ["tenant", "week", "worked_seconds", "worker", "day", "id"])
    await ddl.create_index("timesheets_entry", ["tenant", "approval"])
    await ddl.create_index(
        "timesheets_entry",
        ["tenant", "customer", "project"],
        where="state = 'for_approval'",
        name="ix_timesheets_entry_waiting",
    )


async def _around() -> None:
    await ddl.create_table(
        "timesheets_revision",
        columns={
            "id": "uuid",
            "entry": "uuid",
            "version": "integer",
            "before": "json",
            "explanation": "text",
            "by": "uuid?",
            "at": "timestamptz",
        },
        foreign_keys={"entry": "timesheets_entry", "by": "person"},
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_revision", ["tenant", "entry", "id"])
    await ddl.create_table(
        "timesheets_reopened",
        columns={
            "id": "uuid",
            "approval": "uuid",
            "entry": "uuid",
            "worked_seconds": "integer",
            "said": "json",
            "explanation": "text",
            "by": "uuid?",
            "at": "timestamptz",
        },
        foreign_keys={"approval": "timesheets_approval", "entry": "timesheets_entry", "by": "person"},
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_reopened", ["tenant", "approval", "id"])
    await ddl.create_index("timesheets_reopened", ["tenant", "entry"])
    await ddl.create_table(
        "timesheets_correction",
        columns={
            "id": "uuid",
            "entry": "uuid",
            "entry_version": "integer",
            "proposed": "json",
            "explanation": "text",
            "by": "uuid",
            "at": "timestamptz",
            "state": "text",
            "answer": "text",
            "decided_by": "uuid?",
            "decided_at": "timestamptz?",
        },
        checks={"state": "state IN ('open', 'accepted', 'corrected', 'answered')"},
        foreign_keys={"entry": "timesheets_entry", "by": "person", "decided_by": "person"},
        tenant_scoped=True,
    )
    await ddl.create_index(
        "timesheets_correction", ["tenant", "entry"], unique=True, where="state = 'open'", name="ix_correction_open"
    )
    await ddl.create_index("timesheets_correction", ["tenant", "entry", "id"])
    await ddl.create_table(
        "timesheets_undertaking",
        columns={
            **_RECORD,
            "name": "text",
            "name_folded": "text",
            "budget_seconds": "bigint",
            "customer_adds_tasks": "boolean",
        },
        unique=[("tenant", "project")],
        foreign_keys=_RECORD_KEYS,
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_undertaking", ["tenant", "customer", "id"])
    await ddl.create_table(
        "timesheets_task",
        columns={
            "id": "uuid",
            "undertaking": "uuid",
            "parent": "uuid?",
            "title": "text",
            "state": "text",
            "progress": "integer",
            "starts_on": "date?",
            "ends_on": "date?",
            "by": "uuid?",
            "created_at": "timestamptz",
        },
        checks={
            "state": "state IN ('open', 'in_progress', 'done')",
            "progress": "progress BETWEEN 0 AND 100",
        },
        foreign_keys={"undertaking": "timesheets_undertaking", "parent": "timesheets_task", "by": "person"},
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_task", ["tenant", "undertaking", "id"])
    await ddl.create_table(
        "timesheets_deputy",
        columns={
            "id": "uuid",
            "person": "uuid",
            "deputy": "uuid",
            "first_day": "date",
            "last_day": "date",
            "ended_at": "timestamptz?",
            "created_at": "timestamptz",
        },
        checks={"order": "last_day >= first_day"},
        foreign_keys={"person": "person", "deputy": "person"},
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_deputy", ["tenant", "person"])
    await ddl.create_table(
        "timesheets_reminder",
        columns={
            "id": "uuid",
            "customer": "uuid",
            "week": "integer",
            "step": "text",
            "person": "uuid",
            "at": "timestamptz",
        },
        unique=[("tenant", "customer", "week", "step", "person")],
        checks={"step": "step IN ('first', 'second', 'escalation')"},
        foreign_keys={"customer": "customer", "person": "person"},
        tenant_scoped=True,
    )
    await ddl.create_table(
        "timesheets_column_plan",
        columns={"id": "uuid", "signature": "text", "columns": "json", "zone": "text", "date_order": "text"},
        unique=[("tenant", "signature")],
        tenant_scoped=True,
    )
    await ddl.create_table(
        "timesheets_intake",
        columns={
            "id": "uuid",
            "problem": "uuid",
            "run": "uuid?",
            "name": "text",
            "by": "uuid?",
            "wanted": "json",
            "state": "text",
            "rows": "integer?",
            "rows_done": "integer",
            "created": "integer",
            "updated": "integer",
            "unchanged": "integer",
            "refused": "integer",
            "problem_text": "text",
            "created_at": "timestamptz",
            "ended_at": "timestamptz?",
        },
        foreign_keys={"problem": "import_problem", "run": "import_run", "by": "person"},
        checks={"state": "state IN ('waiting', 'running', 'done', 'failed')"},
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_intake", ["tenant", "problem", "id"])
    await ddl.create_index(
        "timesheets_intake",
        ["tenant", "problem"],
        unique=True,
        where="state IN ('waiting', 'running')",
        name="ix_timesheets_intake_open",
    )
    await ddl.create_table(
        "timesheets_refused_row",
        columns={"id": "uuid", "intake": "uuid", "line": "integer", "reason": "text", "cells": "json"},
        foreign_keys={"intake": "timesheets_intake"},
        tenant_scoped=True,
    )
    await ddl.create_index("timesheets_refused_row", ["tenant", "intake", "line"])
    await ddl.create_table(
        "timesheets_known_name",
        columns={"id": "uuid", "kind": "text", "name_folded": "text", "customer": "uuid", "project": "uuid?"},
        unique=[("tenant", "kind", "name_folded")],
        checks={"kind": "kind IN ('customer', 'project')"},
        foreign_keys={"customer": "customer", "project": "project"},
        tenant_scoped=True,
    )


async def forwards() -> MigrationManager:
    """Make the tables."""
    manager = MigrationManager(migration_id=ID, app_name="timesheets", description=DESCRIPTION)
    for step in (_work, _around):
        manager.add_raw(step)
    return manager
