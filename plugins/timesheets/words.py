"""Words of the field for states and kinds of work."""

from __future__ import annotations

from typing import Final

from core.sdk import LazyString, Translator, lists
from plugins.timesheets.reading import DateOrder
from plugins.timesheets.states import CorrectionState, EntryKind, EntryState, IntakeState, JobState, TaskState

_ = Translator("timesheets")

ENTRY_STATES: Final[dict[EntryState, lists.Chip]] = {
    EntryState.DRAFT: lists.Chip(label=_("Draft"), tone="neutral", icon="pencil"),
    EntryState.FOR_APPROVAL: lists.Chip(label=_("For approval"), tone="info", icon="hourglass"),
    EntryState.DISPUTED: lists.Chip(label=_("Disputed"), tone="warning", icon="message-exclamation"),
    EntryState.APPROVED: lists.Chip(label=_("Approved"), tone="success", icon="circle-check"),
    EntryState.INVOICED: lists.Chip(label=_("Invoiced"), tone="success", icon="file-invoice"),
}

KINDS: Final[dict[EntryKind, LazyString]] = {
    EntryKind.REGULAR: _("Regular hours"),
    EntryKind.OVERTIME: _("Overtime"),
    EntryKind.NIGHT: _("Night hours"),
    EntryKind.HOLIDAY: _("Public holiday"),
    EntryKind.TRAVEL: _("Travel"),
    EntryKind.STANDBY: _("On call"),
}

JOB_STATES: Final[dict[JobState, lists.Chip]] = {
    JobState.PLANNED: lists.Chip(label=_("Planned"), tone="info", icon="calendar"),
    JobState.ACTIVE: lists.Chip(label=_("Active"), tone="success", icon="user-check"),
    JobState.ENDED: lists.Chip(label=_("Ended"), tone="neutral", icon="check"),
    JobState.CANCELLED: lists.Chip(label=_("Cancelled"), tone="neutral", icon="ban"),
}

TASK_STATES: Final[dict[TaskState, lists.Chip]] = {
    TaskState.OPEN: lists.Chip(label=_("Open"), tone="neutral", icon="circle-dashed"),
    TaskState.IN_PROGRESS: lists.Chip(label=_("In progress"), tone="info", icon="circle-half-2"),
    TaskState.DONE: lists.Chip(label=_("Done"), tone="success", icon="circle-check"),
}

CORRECTIONS: Final[dict[CorrectionState, lists.Chip]] = {
    CorrectionState.OPEN: lists.Chip(label=_("Waits for an answer"), tone="warning", icon="hourglass"),
    CorrectionState.ACCEPTED: lists.Chip(label=_("Accepted"), tone="success", icon="circle-check"),
    CorrectionState.CORRECTED: lists.Chip(label=_("Corrected"), tone="success", icon="pencil"),
    CorrectionState.ANSWERED: lists.Chip(label=_("Answered"), tone="neutral", icon="message"),
}

CLOSED_PROJECT: Final = lists.Chip(label=_("Closed"), tone="neutral", icon="lock")
OPEN_PROJECT: Final = lists.Chip(label=_("Ongoing"), tone="success", icon="briefcase")
OVER_BUDGET: Final = lists.Chip(label=_("Over budget"), tone="danger", icon="alert-circle")

INTAKES: Final[dict[IntakeState, lists.Chip]] = {
    IntakeState.WAITING: lists.Chip(label=_("Being taken in"), tone="info", icon="hourglass"),
    IntakeState.RUNNING: lists.Chip(label=_("Being taken in"), tone="info", icon="hourglass"),
    IntakeState.DONE: lists.Chip(label=_("Taken in"), tone="success", icon="circle-check"),
    IntakeState.FAILED: lists.Chip(label=_("Not taken in"), tone="danger", icon="circle-x"),
}

OUTCOMES: Final[dict[str, lists.Chip]] = {
    "created": lists.Chip(label=_("Added"), tone="success", icon="circle-check"),
    "updated": lists.Chip(label=_("Updated"), tone="success", icon="refresh"),
    "unchanged": lists.Chip(label=_("Here already"), tone="neutral", icon="check"),
    "refused": lists.Chip(label=_("Refused"), tone="danger", icon="circle-x"),
}

ORDERS: Final[dict[DateOrder, LazyString]] = {
    DateOrder.DAY_FIRST: _("Day, month, year (21/11/2026)"),
    DateOrder.MONTH_FIRST: _("Month, day, year (11/21/2026)"),
    DateOrder.YEAR_FIRST: _("Year, month, day (2026-11-21)"),
}

FIELD_WORDS: Final[dict[str, LazyString]] = {
    "worker": _("Employee"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "email": _("E-mail"),
    "username": _("User name"),
    "customer": _("Customer"),
    "customer_number": _("Customer number"),
    "project": _("Project"),
    "project_number": _("Project number"),
    "task": _("Work"),
    "issue": _("Ticket"),
    "issue_summary": _("Title of the ticket"),
    "note": _("Note"),
    "day": _("Day"),
    "start": _("Start"),
    "end_day": _("Day of the end"),
    "end": _("End"),
    "break": _("Break"),
    "duration": _("Duration"),
    "hours": _("Decimal hours"),
    "seconds": _("Seconds"),
    "units": _("Units"),
    "kind": _("Kind of hours"),
    "rate": _("Rate per hour"),
    "currency": _("Currency"),
    "external_id": _("Key of the entry"),
}
