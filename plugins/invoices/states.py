"""Two axes: how much is collected, and whether it is due. No other module needs to know how they are worked out."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class PaymentState(StrEnum):
    """How much of an invoice has been collected."""

    PENDING = "pending"
    PARTIAL = "partial"
    COLLECTED = "collected"


class DueState(StrEnum):
    """Whether an invoice that is not collected is late. Due today is not late."""

    NOT_DUE = "not_due"
    OVERDUE = "overdue"


def payment_state(*, gross: int, due: int) -> PaymentState:
    """
    Return how much is collected, from the total and what is still due, in minor units.

    Nothing due, overpaid and a total of zero are *collected*; a negative total (a credit note in some formats) is
    looked at without its sign, so a credit note is *pending* until it has been settled.
    """
    if gross < 0:
        gross, due = -gross, -due
    if due <= 0:
        return PaymentState.COLLECTED
    return PaymentState.PENDING if due >= gross else PaymentState.PARTIAL


def due_state(*, state: PaymentState, due_on: date | None, today: date, credit: bool = False) -> DueState:
    """Return whether an invoice is late today. Collected ones and credit notes never are; without a date nothing is."""
    if credit or state is PaymentState.COLLECTED or due_on is None or due_on >= today:
        return DueState.NOT_DUE
    return DueState.OVERDUE


def signed(amount: int, *, credit: bool, total: int) -> int:
    """
    Return *amount* of a document with this *total* as sums count it.

    What a credit note gives back is negative, whichever sign its file uses; what was given back too much is positive.
    """
    return -amount if credit and total >= 0 else amount
