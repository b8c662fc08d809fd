"""Registered work and what it belongs to. Durations are seconds; instants are UTC; rates are decimal text per hour."""

from __future__ import annotations

from typing import Any

from piccolo.columns import JSON, BigInt, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn  # noqa: N811 -- told apart from uuid.UUID
from piccolo.columns.base import OnDelete

from core.sdk import CustomerRecord, Person, TenantTable, now
from plugins.timesheets.permissions import JOBS, PROJECTS, STAFF_JOBS, STAFF_PROJECTS, STAFF_VIEW, VIEW


class Worker(TenantTable, tablename="timesheets_worker"):
    """Somebody who works for the tenant at its customers; not a person who signs in."""

    name = Text()
    name_folded = Text()
    email = Text(null=True, default=None, help_text="folded; tells workers of one name apart")
    external_id = Text(null=True, default=None, help_text="the key in the tenant's own system")


class Job(CustomerRecord, tablename="timesheets_job"):
    """A worker's place at a customer for some time. The addressee is the customer's contact for it."""

    view = JOBS
    staff_view = STAFF_JOBS

    worker = ForeignKey(references=Worker, null=False, on_delete=OnDelete.restrict)
    title = Text()
    search_folded = Text(default="")
    place = Text(default="")
    starts_on = Date()
    ends_on = Date(null=True, default=None)
    planned_seconds = Integer(default=0, help_text="per week")
    state = Text(default="active", help_text="plugins.timesheets.states.JobState")
    external_id = Text(null=True, default=None)


class Approval(CustomerRecord, tablename="timesheets_approval"):
    """
    What a contact has approved at one go; the addressee is who did it.

    `digest` is SHA-256 over id, version and seconds of its entries: what exactly was approved.
    """

    view = VIEW
    staff_view = STAFF_VIEW

    at = Timestamptz(default=now)
    by_name = Text()
    reference = Text(default="", help_text="order number or another reference of the customer")
    entries = Integer()
    seconds = BigInt()
    digest = Text()
    first_day = Date()
    last_day = Date()
    undone_at = Timestamptz(null=True, default=None)


class Entry(CustomerRecord, tablename="timesheets_entry"):
    """
    A piece of work: who, when, how long, on what. A draft is not published.

    `changed_at` is the last change of what a customer approves; whoever looked before has not seen it. It is taken
    while the tenant is locked, so that of two changes the later one is committed later.
    """

    view = VIEW
    staff_view = STAFF_VIEW

    worker = ForeignKey(references=Worker, null=False, on_delete=OnDelete.restrict)
    job = ForeignKey(references=Job, null=True, default=None, on_delete=OnDelete.restrict)
    task = Text(default="")
    day = Date()
    week = Integer(help_text="ISO year and week as yyyyww: what grouping by week goes by")
    starts_at = Timestamptz(null=True, default=None)
    ends_at = Timestamptz(null=True, default=None)
    break_seconds = Integer(default=0)
    worked_seconds = Integer()
    units = Text(default="", help_text="decimal text, where work is counted in something else than hours")
    kind = Text(default="regular", help_text="plugins.timesheets.states.EntryKind")
    note = Text(default="")
    search_folded = Text(default="")
    rate = Text(default="")
    currency = Text(default="", help_text="ISO 4217, of the rate")
    state = Text(default="draft", help_text="plugins.timesheets.states.EntryState")
    approval = ForeignKey(references=Approval, null=True, default=None, on_delete=OnDelete.restrict)
    invoice_number = Text(default="")
    source = Text(help_text="list, toggl, clockify, …, api, staff or customer")
    external_id = Text()
    fingerprint = Text(default="", help_text="of what the source said last, so that the same again changes nothing")
    changed_at = Timestamptz(default=now)


class Revision(TenantTable, tablename="timesheets_revision"):
    """What an entry said before it was changed; reached through the loaded entry alone."""

    entry = ForeignKey(references=Entry, null=False, on_delete=OnDelete.restrict)
    version = Integer()
    before = JSON()
    explanation = Text(default="")
    by = UUIDColumn(null=True, default=None)
    at = Timestamptz(default=now)


class Reopened(TenantTable, tablename="timesheets_reopened"):
    """What an approval had approved and was opened again; reached through the loaded approval alone."""

    approval = ForeignKey(references=Approval, null=False, on_delete=OnDelete.restrict)
    entry = ForeignKey(references=Entry, null=False, on_delete=OnDelete.restrict)
    worked_seconds = Integer()
    said = JSON(help_text="plugins.timesheets.values.Said: the entry as it was approved")
    explanation = Text()
    by = UUIDColumn(null=True, default=None)
    at = Timestamptz(default=now)


class Correction(TenantTable, tablename="timesheets_correction"):
    """What a contact says an entry should be; reached through the loaded entry alone."""

    entry = ForeignKey(references=Entry, null=False, on_delete=OnDelete.restrict)
    entry_version = Integer()
    proposed = JSON(default="{}", help_text="starts_at, ends_at, break_seconds, worked_seconds")
    explanation = Text()
    by = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    at = Timestamptz(default=now)
    state = Text(default="open", help_text="plugins.timesheets.states.CorrectionState")
    answer = Text(default="")
    decided_by = UUIDColumn(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)


class Undertaking(CustomerRecord, tablename="timesheets_undertaking"):
    """A project as this module shows it: its budget of hours, and what may be done with its tasks."""

    view = PROJECTS
    staff_view = STAFF_PROJECTS

    name = Text(default="", help_text="the project's, kept in step by what happens to it")
    name_folded = Text(default="")
    budget_seconds = BigInt(default=0, help_text="0: no budget")
    customer_adds_tasks = Boolean(default=False)


class Task(TenantTable, tablename="timesheets_task"):
    """A piece of a project; reached through the loaded undertaking alone."""

    undertaking = ForeignKey(references=Undertaking, null=False, on_delete=OnDelete.restrict)
    parent: ForeignKey[Any] = ForeignKey(references="self", null=True, default=None, on_delete=OnDelete.restrict)
    title = Text()
    state = Text(default="open", help_text="plugins.timesheets.states.TaskState")
    progress = Integer(default=0, help_text="percent")
    starts_on = Date(null=True, default=None)
    ends_on = Date(null=True, default=None)
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=now)


class Deputy(TenantTable, tablename="timesheets_deputy"):
    """Who is asked in an approver's stead, from a day to a day, both inclusive."""

    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    deputy = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    first_day = Date()
    last_day = Date()
    ended_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=now)


class Reminder(TenantTable, tablename="timesheets_reminder"):
    """That somebody was reminded of a customer's week: never twice of the same step."""

    customer = UUIDColumn()
    week = Integer(help_text="as Entry.week")
    step = Text(help_text="first, second or escalation")
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    at = Timestamptz(default=now)


class ColumnPlan(TenantTable, tablename="timesheets_column_plan"):
    """How lists with these columns are read: what staff has decided once."""

    signature = Text()
    columns = JSON(help_text="field: name of the column")
    zone = Text(default="")
    date_order = Text(default="")


class Intake(TenantTable, tablename="timesheets_intake"):
    """
    A list that is taken in: as staff has said it is read, how far it has come, and what became of its rows.

    `rows_done` rises in the transaction that takes those rows in: whoever goes on begins behind them.
    """

    problem = UUIDColumn(help_text="core.imports: the list, as it was uploaded")
    run = UUIDColumn(null=True, default=None, help_text="core.imports: the delivery")
    name = Text()
    by = UUIDColumn(null=True, default=None)
    wanted = JSON(help_text="plugins.timesheets.importing.Wanted: how it is read, and what may be made")
    state = Text(default="waiting", help_text="plugins.timesheets.states.IntakeState")
    rows = Integer(null=True, default=None, help_text="null until the list has been counted")
    rows_done = Integer(default=0)
    created = Integer(default=0)
    updated = Integer(default=0)
    unchanged = Integer(default=0)
    refused = Integer(default=0)
    problem_text = Text(default="", help_text="why nothing more can come of it: imports.keep_text()")
    created_at = Timestamptz(default=now)
    ended_at = Timestamptz(null=True, default=None)


class RefusedRow(TenantTable, tablename="timesheets_refused_row"):
    """A row of a list that was not taken in, and why; reached through its intake alone."""

    intake = ForeignKey(references=Intake, null=False, on_delete=OnDelete.restrict)
    line = Integer()
    reason = Text(help_text="imports.keep_text()")
    cells = JSON(help_text="the row as it stood in the list")


class KnownName(TenantTable, tablename="timesheets_known_name"):
    """What customer and project a name in lists stands for, as staff has decided once."""

    kind = Text(help_text="customer or project")
    name_folded = Text()
    customer = UUIDColumn()
    project = UUIDColumn(null=True, default=None)
