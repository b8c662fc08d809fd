"""What the home pages count."""

from __future__ import annotations

from core.sdk import Audience, Card, Translator
from plugins.timesheets.permissions import APPROVE, STAFF_VIEW
from plugins.timesheets.states import EntryState

_ = Translator("timesheets")

CARDS = (
    Card(
        key="timesheets.for_approval",
        label=_("Hours for approval"),
        list="timesheets",
        query={"state": EntryState.FOR_APPROVAL.value, "period": "all"},
        permission=APPROVE,
        icon="hourglass",
        sum="hours",
        tone="info",
        weight=5,
        empty=_("Nothing waits for approval."),
    ),
    Card(
        key="timesheets.staff_disputed",
        label=_("Disputed hours"),
        list="timesheets.staff",
        query={"state": EntryState.DISPUTED.value, "period": "all"},
        permission=STAFF_VIEW,
        icon="message-exclamation",
        sum="hours",
        tone="warning",
        audience=Audience.STAFF,
        weight=5,
        empty=_("Nothing is disputed."),
    ),
    Card(
        key="timesheets.staff_waiting",
        label=_("Hours for approval"),
        list="timesheets.staff",
        query={"state": EntryState.FOR_APPROVAL.value, "period": "all"},
        permission=STAFF_VIEW,
        icon="hourglass",
        sum="hours",
        audience=Audience.STAFF,
        weight=6,
        empty=_("Nothing waits for approval."),
    ),
    Card(
        key="timesheets.staff_to_invoice",
        label=_("Approved, not invoiced"),
        list="timesheets.staff",
        query={"state": EntryState.APPROVED.value, "period": "all"},
        permission=STAFF_VIEW,
        icon="circle-check",
        sum="hours",
        tone="success",
        audience=Audience.STAFF,
        weight=7,
        empty=_("Everything is invoiced."),
    ),
)
