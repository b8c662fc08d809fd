"""Verbs on registered work. They know no HTTP; each writes what happened in its own transaction."""

from plugins.timesheets.services.approving import (
    Approved,
    Passed,
    approve_entries,
)
from plugins.timesheets.services.correcting import (
    Correction,
    Values,
    accept_correction,
    answer_dispute,
    correct_entry,
    dispute_entry,
)
from plugins.timesheets.services.deputies import add_deputy, end_deputy
from plugins.timesheets.services.entries import (
    NewEntry,
    add_entry,
    invoice_entries,
    register_entry,
    submit_entries,
)
from plugins.timesheets.services.jobs import JobDetails, add_job, change_job
from plugins.timesheets.services.placing import Placement
from plugins.timesheets.services.projects import (
    PROJECT,
    TaskDetails,
    add_task,
    change_task,
    change_undertaking,
    follow_project,
    undertaking_of,
)
from plugins.timesheets.services.receiving import KIND, Receipt, receive_entries, receive_portion
from plugins.timesheets.services.reminding import remind, remind_now
from plugins.timesheets.services.reopening import reopen_entries, undo_approval

__all__ = [
    "KIND",
    "PROJECT",
    "Approved",
    "Correction",
    "JobDetails",
    "NewEntry",
    "Passed",
    "Placement",
    "Receipt",
    "TaskDetails",
    "Values",
    "accept_correction",
    "add_deputy",
    "add_entry",
    "add_job",
    "add_task",
    "answer_dispute",
    "approve_entries",
    "change_job",
    "change_task",
    "change_undertaking",
    "correct_entry",
    "dispute_entry",
    "end_deputy",
    "follow_project",
    "invoice_entries",
    "receive_entries",
    "receive_portion",
    "register_entry",
    "remind",
    "remind_now",
    "reopen_entries",
    "submit_entries",
    "undertaking_of",
    "undo_approval",
]
