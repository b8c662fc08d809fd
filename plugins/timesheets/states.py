"""In which state registered work is, and which steps lead from one to the next."""

from __future__ import annotations

from enum import StrEnum

ENTRY = "timesheets_entry"
"""The kind of record that an entry is."""


class EntryState(StrEnum):
    """
    Of an entry: a draft is for staff alone; *for approval* and *disputed* wait for customer and staff.

    *Approved* is final for the customer; *invoiced* is final for everybody.
    """

    DRAFT = "draft"
    FOR_APPROVAL = "for_approval"
    DISPUTED = "disputed"
    APPROVED = "approved"
    INVOICED = "invoiced"


class Step(StrEnum):
    """What happens to an entry."""

    SUBMIT = "submit"
    APPROVE = "approve"
    DISPUTE = "dispute"
    CORRECT = "correct"
    ANSWER = "answer"
    UNDO = "undo"
    REOPEN = "reopen"
    INVOICE = "invoice"


STEPS: dict[Step, dict[EntryState, EntryState]] = {
    Step.SUBMIT: {EntryState.DRAFT: EntryState.FOR_APPROVAL},
    Step.APPROVE: {EntryState.FOR_APPROVAL: EntryState.APPROVED},
    Step.DISPUTE: {EntryState.FOR_APPROVAL: EntryState.DISPUTED},
    Step.CORRECT: {
        EntryState.DRAFT: EntryState.DRAFT,
        EntryState.FOR_APPROVAL: EntryState.FOR_APPROVAL,
        EntryState.DISPUTED: EntryState.FOR_APPROVAL,
    },
    Step.ANSWER: {EntryState.DISPUTED: EntryState.FOR_APPROVAL},
    Step.UNDO: {EntryState.APPROVED: EntryState.FOR_APPROVAL},
    Step.REOPEN: {EntryState.APPROVED: EntryState.FOR_APPROVAL},
    Step.INVOICE: {EntryState.APPROVED: EntryState.INVOICED},
}
"""From which state each step leads where; from any other it is refused."""


def sources(step: Step) -> tuple[str, ...]:
    """Return the states that a step can start from, as the table stores them."""
    return tuple(state.value for state in STEPS[step])


def after(step: Step, state: EntryState) -> EntryState | None:
    """Return the state that a step leads to, or None where it is not to be taken."""
    return STEPS[step].get(state)


class JobState(StrEnum):
    """Of a job: whether somebody works there."""

    PLANNED = "planned"
    ACTIVE = "active"
    ENDED = "ended"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """Of a task within a project."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class CorrectionState(StrEnum):
    """Of a correction that a customer has proposed."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    ANSWERED = "answered"


class IntakeState(StrEnum):
    """Of a list that is taken in."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class EntryKind(StrEnum):
    """What sort of work an entry is."""

    REGULAR = "regular"
    OVERTIME = "overtime"
    NIGHT = "night"
    HOLIDAY = "holiday"
    TRAVEL = "travel"
    STANDBY = "standby"
