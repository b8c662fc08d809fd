"""Words of the field for states and kinds of work."""

from __future__ import annotations

from typing import Final

from core.sdk import LazyString, Translator, lists
from plugins.timesheets.states import CorrectionState, EntryKind, EntryState, JobState, TaskState

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
