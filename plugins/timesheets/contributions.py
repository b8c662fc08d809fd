"""What the module declares: permissions, kinds of records, what can happen, settings, menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import (
    Audience,
    MenuItem,
    Permission,
    Reach,
    RecordKind,
    Schedule,
    Setting,
    Translator,
    formats,
)
from plugins.timesheets import permissions as may
from plugins.timesheets.preferences import (
    ASKS,
    DISPUTES,
    DRAFTS,
    ESCALATE_AFTER,
    PROCEDURE,
    SECOND_AFTER,
    SHOW_RATES,
)
from plugins.timesheets.services import PROJECT, remind
from plugins.timesheets.services.approving import APPROVAL
from plugins.timesheets.services.jobs import JOB
from plugins.timesheets.states import ENTRY
from plugins.timesheets.tables import Approval, Entry, Job, Undertaking

if TYPE_CHECKING:
    from datetime import date

    from core.sdk import Actor, LazyString

_ = Translator("timesheets")

_STAFF = (Reach.GROUP,)


def _for_contacts(key: str, label: LazyString, text: LazyString) -> Permission:
    return Permission(key=key, label=label, help=text)


def _for_staff(key: str, label: LazyString, text: LazyString) -> Permission:
    return Permission(key=key, label=label, help=text, audience=Audience.STAFF, reaches=_STAFF)


PERMISSIONS = (
    _for_contacts(
        may.VIEW, _("See registered work"), _("Who worked when and how long. Projects: on the person's own projects.")
    ),
    _for_contacts(may.APPROVE, _("Approve registered work"), _("Hours count as agreed from then on.")),
    _for_contacts(
        may.DISPUTE, _("Dispute registered work"), _("Say that something is wrong, and propose what is right.")
    ),
    _for_contacts(
        may.REGISTER, _("Register hours"), _("For somebody who works there already. The hours wait for approval.")
    ),
    _for_contacts(
        may.CHANGE,
        _("Change registered work"),
        _("Until it is approved, with a reason. What it said before stays visible."),
    ),
    _for_contacts(may.JOBS, _("See jobs"), _("Who works where, from when to when.")),
    _for_contacts(may.PROJECTS, _("See projects"), _("Tasks, progress, and hours against the budget.")),
    _for_contacts(may.ADD_TASK, _("Add tasks"), _("On projects where the office allows it.")),
    _for_staff(may.STAFF_VIEW, _("See registered work"), _("All hours of all customers, drafts too.")),
    _for_staff(
        may.MANAGE,
        _("Look after registered work"),
        _("Correct and answer, ask for approval, open again, mark as invoiced."),
    ),
    _for_staff(may.BRING_IN, _("Bring in registered work"), _("Upload lists of hours and say how they are read.")),
    _for_staff(may.STAFF_JOBS, _("See jobs"), _("All jobs of all customers.")),
    _for_staff(may.MANAGE_JOBS, _("Manage jobs"), _("Add and change who works where.")),
    _for_staff(may.STAFF_PROJECTS, _("See projects"), _("All projects of all customers.")),
    _for_staff(may.MANAGE_PROJECTS, _("Manage projects"), _("Budgets of hours and tasks.")),
)

_APPROVER = {may.VIEW: Reach.PROJECTS, may.APPROVE: Reach.PROJECTS, may.DISPUTE: Reach.PROJECTS}
_ALL_STAFF = dict.fromkeys(
    (
        may.STAFF_VIEW,
        may.MANAGE,
        may.BRING_IN,
        may.STAFF_JOBS,
        may.MANAGE_JOBS,
        may.STAFF_PROJECTS,
        may.MANAGE_PROJECTS,
    ),
    Reach.GROUP,
)
PRESETS = {
    "basic": _APPROVER,
    "viewer": {may.VIEW: Reach.COMPANY, may.JOBS: Reach.COMPANY, may.PROJECTS: Reach.COMPANY},
    "accounting": {may.VIEW: Reach.COMPANY},
    "manager": dict.fromkeys((may.VIEW, may.APPROVE, may.DISPUTE, may.JOBS, may.PROJECTS, may.ADD_TASK), Reach.GROUP),
    "administrator": _ALL_STAFF,
    "clerk": _ALL_STAFF,
}

_SECTION = "timesheets"
SETTINGS = (
    Setting(
        key=DISPUTES,
        label=_("Customers may write on registered work and dispute it"),
        help=_("Off: instead of the form they read your own procedure below."),
        kind="boolean",
        default=True,
        section=_SECTION,
        weight=10,
    ),
    Setting(
        key=PROCEDURE,
        label=_("What to do about mistakes in registered work"),
        help=_("Stands where customers look for it. Empty: a sentence that says to get in touch."),
        kind="long_text",
        default="",
        section=_SECTION,
        weight=20,
    ),
    Setting(
        key=DRAFTS,
        label=_("Hours that come in are drafts first"),
        help=_("On: customers see them once you have asked for their approval."),
        kind="boolean",
        default=False,
        section=_SECTION,
        weight=30,
    ),
    Setting(
        key=SHOW_RATES,
        label=_("Customers see hourly rates"),
        kind="boolean",
        default=False,
        section=_SECTION,
        weight=40,
    ),
    Setting(
        key=ASKS,
        label=_("Ask for approval by mail"),
        help=_("Once for each week, when its hours have come in; then again, and then somebody else, as set below."),
        kind="boolean",
        default=True,
        section=_SECTION,
        weight=50,
    ),
    Setting(
        key=SECOND_AFTER,
        label=_("Ask again after (days)"),
        kind="integer",
        default=3,
        minimum=1,
        maximum=60,
        section=_SECTION,
        weight=60,
    ),
    Setting(
        key=ESCALATE_AFTER,
        label=_("Ask whoever may approve for the whole company after (days)"),
        kind="integer",
        default=7,
        minimum=1,
        maximum=90,
        section=_SECTION,
        weight=70,
    ),
)


def _takes_comments(actor: Actor) -> bool:
    return bool(actor.is_staff or actor.tenant.setting(DISPUTES))


def _day_and_hours(day: date, seconds: int, language: str) -> str:
    return f"{formats.day(day, language)} · {formats.duration(seconds, language)}"


def _entry_title(record: Any) -> formats.Lazily:
    return formats.lazily(_day_and_hours, record.day, record.worked_seconds)


def _approval_title(record: Any) -> formats.Lazily:
    return formats.lazily(formats.day_range, record.first_day, record.last_day)


RECORDS = (
    RecordKind(
        key=ENTRY,
        label=_("Registered work"),
        table=Entry,
        title=_entry_title,
        url=lambda record: f"/timesheets/{record.id}",
        staff_url=lambda record: f"/staff/timesheets/{record.id}",
        view=may.VIEW,
        staff_view=may.STAFF_VIEW,
        comments=_takes_comments,
        icon="clock",
    ),
    RecordKind(
        key=APPROVAL,
        label=_("Approval"),
        table=Approval,
        title=_approval_title,
        url=lambda record: f"/timesheets/approvals/{record.id}",
        staff_url=lambda record: f"/staff/timesheets/approvals/{record.id}",
        view=may.VIEW,
        staff_view=may.STAFF_VIEW,
        comments=False,
        icon="circle-check",
    ),
    RecordKind(
        key=JOB,
        label=_("Job"),
        table=Job,
        title=lambda record: str(record.title),  # type: ignore[attr-defined]  # a job
        url=lambda record: f"/timesheets/jobs/{record.id}",
        staff_url=lambda record: f"/staff/timesheets/jobs/{record.id}",
        view=may.JOBS,
        staff_view=may.STAFF_JOBS,
        search=("title", "place"),
        icon="briefcase",
    ),
    RecordKind(
        key=PROJECT,
        label=_("Project"),
        table=Undertaking,
        title=lambda record: str(record.name),  # type: ignore[attr-defined]  # an undertaking
        url=lambda record: f"/timesheets/projects/{record.id}",
        staff_url=lambda record: f"/staff/timesheets/projects/{record.id}",
        view=may.PROJECTS,
        staff_view=may.STAFF_PROJECTS,
        attachments=True,
        icon="folder",
    ),
)

SCHEDULES = (Schedule(key="timesheets.remind", every=900, run=remind),)

MENU = (
    MenuItem(
        key="timesheets.list",
        label=_("Registered work"),
        icon="clock",
        path="/timesheets",
        permission=may.VIEW,
        weight=10,
        card="timesheets.for_approval",
    ),
    MenuItem(
        key="timesheets.jobs",
        label=_("Jobs"),
        icon="briefcase",
        path="/timesheets/jobs",
        permission=may.JOBS,
        weight=12,
    ),
    MenuItem(
        key="timesheets.projects",
        label=_("Projects"),
        icon="folder",
        path="/timesheets/projects",
        permission=may.PROJECTS,
        weight=14,
    ),
    MenuItem(
        key="timesheets.staff",
        label=_("Registered work"),
        icon="clock",
        path="/staff/timesheets",
        permission=may.STAFF_VIEW,
        audience=Audience.STAFF,
        weight=10,
        card="timesheets.staff_disputed",
    ),
    MenuItem(
        key="timesheets.staff_jobs",
        label=_("Jobs"),
        icon="briefcase",
        path="/staff/timesheets/jobs",
        permission=may.STAFF_JOBS,
        audience=Audience.STAFF,
        weight=12,
    ),
    MenuItem(
        key="timesheets.staff_projects",
        label=_("Projects"),
        icon="folder",
        path="/staff/timesheets/projects",
        permission=may.STAFF_PROJECTS,
        audience=Audience.STAFF,
        weight=14,
    ),
)
