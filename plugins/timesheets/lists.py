"""The lists of registered work, of jobs and of projects, and the cards that count them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import Audience, Card, Translator, formats, lists
from plugins.timesheets.permissions import (
    APPROVE,
    JOBS,
    MANAGE,
    PROJECTS,
    STAFF_JOBS,
    STAFF_PROJECTS,
    STAFF_VIEW,
    VIEW,
)
from plugins.timesheets.states import ENTRY, EntryKind, EntryState, JobState
from plugins.timesheets.tables import Entry, Job, Undertaking
from plugins.timesheets.values import first_day_of
from plugins.timesheets.words import CLOSED_PROJECT, ENTRY_STATES, JOB_STATES, KINDS, OPEN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

_ = Translator("timesheets")


# -- registered work ---------------------------------------------------------------------------------------------------


def _state(row: Mapping[str, Any], today: date) -> lists.Chip:  # noqa: ARG001 -- the list hands over the day
    return ENTRY_STATES[EntryState(row["state"])]


def _state_text(row: Mapping[str, Any], today: date) -> Any:
    return _state(row, today).label


def _kind(row: Mapping[str, Any], today: date) -> Any:  # noqa: ARG001 -- the list hands over the day
    return None if row["kind_key"] == EntryKind.REGULAR.value else KINDS[EntryKind(row["kind_key"])]


def _in_state(state: EntryState) -> Callable[[lists.Reader], Any]:
    return lambda _reader: Entry.state == state.value


def _state_filter(*states: EntryState) -> lists.ChoiceFilter:
    return lists.ChoiceFilter(
        key="state",
        label=_("State"),
        options=tuple(
            lists.Option(value=state.value, label=ENTRY_STATES[state].label, where=_in_state(state)) for state in states
        ),
    )


def _of_kind(kind: EntryKind) -> Callable[[lists.Reader], Any]:
    return lambda _reader: Entry.kind == kind.value


_COMMON_FILTERS = (
    lists.RelationFilter(key="company", label=_("Company"), column=Entry.customer),
    lists.RelationFilter(key="project", label=_("Project"), column=Entry.project),
    lists.RelationFilter(key="worker", label=_("Employee"), column=Entry.worker),
    lists.ChoiceFilter(
        key="kind",
        label=_("Kind of hours"),
        options=tuple(lists.Option(value=kind.value, label=KINDS[kind], where=_of_kind(kind)) for kind in EntryKind),
        counts=False,
    ),
)

_WORKER = lists.Column(
    key="worker",
    label=_("Employee"),
    kind="title",
    source=Entry.worker.name,
    sort=Entry.worker.name_folded,
    nullable=False,
)
_DAY = lists.Column(key="day", label=_("Day"), kind="day", source=Entry.day, sort=True)
_FROM = lists.Column(key="starts_at", label=_("From"), kind="instant", source=Entry.starts_at, page=False)
_TO = lists.Column(key="ends_at", label=_("Until"), kind="instant", source=Entry.ends_at, page=False)
_BREAK = lists.Column(key="break", label=_("Break"), kind="duration", source=Entry.break_seconds, page=False)
_HOURS = lists.Column(key="hours", label=_("Hours"), kind="duration", source=Entry.worked_seconds, sort=True)
_COMPANY = lists.Column(
    key="company",
    label=_("Company"),
    source=Entry.customer.name,
    sort=Entry.customer.name_folded,
    nullable=False,
)
_PROJECT = lists.Column(key="project", label=_("Project"), source=Entry.project.name)
_TASK = lists.Column(key="task", label=_("Work"), source=Entry.task)
_NOTE = lists.Column(key="note", label=_("Note"), source=Entry.note, page=False)
_UNITS = lists.Column(key="units", label=_("Units"), source=Entry.units, page=False)
_KIND = lists.Column(key="kind", label=_("Kind"), value=_kind)
_STATE = lists.Column(key="state_chip", label=_("State"), kind="state", value=_state, export=False)
_STATE_TEXT = lists.Column(key="state_text", label=_("State"), value=_state_text, page=False)
_APPROVED_BY = lists.Column(key="approved_by", label=_("Approved by"), source=Entry.approval.by_name, page=False)
_APPROVED_AT = lists.Column(
    key="approved_at", label=_("Approved at"), kind="instant", source=Entry.approval.at, page=False
)
_REFERENCE = lists.Column(key="reference", label=_("Reference"), source=Entry.approval.reference, page=False)
_COMMENTS = lists.Column(
    key="comments", label=_("Comments"), kind="number", source=lists.comment_count(ENTRY, Entry), export=False
)
_FIELDS = {"state": Entry.state, "kind_key": Entry.kind, "week": Entry.week}
_COLUMNS = (
    _WORKER,
    _DAY,
    _COMPANY,
    _PROJECT,
    _TASK,
    _KIND,
    _FROM,
    _TO,
    _BREAK,
    _HOURS,
    _UNITS,
    _STATE,
    _STATE_TEXT,
    _COMMENTS,
    _NOTE,
    _APPROVED_BY,
    _APPROVED_AT,
    _REFERENCE,
)


def _project_heading(row: Mapping[str, Any], language: str) -> str:
    return row["project"] or _("Without a project").in_language(language)


def _week_heading(row: Mapping[str, Any], language: str) -> str:
    return formats.week_title(first_day_of(row["week"]), language)


GROUPS = (
    lists.Group(
        key="project",
        label=_("By project"),
        source=Entry.project,
        order=(Entry.customer.name_folded, Entry.project, Entry.day),
        text=_project_heading,
    ),
    lists.Group(
        key="worker",
        label=_("By employee"),
        source=Entry.worker,
        order=(Entry.worker.name_folded, Entry.worker, Entry.day),
        text=lambda row, language: str(row["worker"]),  # noqa: ARG005 -- names are the same in every language
    ),
    lists.Group(
        key="day",
        label=_("By day"),
        source=Entry.day,
        order=(Entry.day, Entry.worker.name_folded),
        text=lambda row, language: formats.long_day(row["day"], language),
    ),
    lists.Group(
        key="week",
        label=_("By week"),
        source=Entry.week,
        order=(Entry.week, Entry.worker.name_folded, Entry.day),
        text=_week_heading,
    ),
)
_SUMS = (lists.Sum(key="hours", label=_("Hours"), source=Entry.worked_seconds, kind="duration"),)

ENTRIES = lists.ListView(
    key="timesheets",
    title=_("Registered work"),
    path="/timesheets",
    table=Entry,
    permission=VIEW,
    columns=_COLUMNS,
    fields=_FIELDS,
    filters=(
        _state_filter(EntryState.FOR_APPROVAL, EntryState.DISPUTED, EntryState.APPROVED, EntryState.INVOICED),
        *_COMMON_FILTERS,
    ),
    search=(Entry.search_folded,),
    search_label=_("Search for employees and work"),
    period=lists.Period(column=Entry.day),
    default_sort="-day",
    sums=_SUMS,
    groups=GROUPS,
    facets=(Entry.state,),
    row_url=lambda row: f"/timesheets/{row['id']}",
    actions=(
        lists.ListAction(
            key="approve_all",
            label=_("Approve all"),
            path="/timesheets/approve-all",
            permission=APPROVE,
            icon="checks",
            kind="primary",
            whole=True,
        ),
        lists.ListAction(
            key="approve",
            label=_("Approve"),
            path="/timesheets/approve",
            permission=APPROVE,
            icon="check",
            kind="primary",
        ),
    ),
    empty=lists.Empty(
        title=_("No registered work yet"),
        text=_("As soon as hours are registered for you, you find them here and can approve them."),
    ),
    export_name="timesheets",
    compact=True,
)

STAFF_ENTRIES = lists.ListView(
    key="timesheets.staff",
    title=_("Registered work"),
    path="/staff/timesheets",
    table=Entry,
    permission=STAFF_VIEW,
    audience=Audience.STAFF,
    columns=_COLUMNS,
    fields=_FIELDS,
    filters=(_state_filter(*EntryState), *_COMMON_FILTERS),
    search=(Entry.search_folded, Entry.customer.name_folded),
    search_label=_("Search for employees, work and customers"),
    period=lists.Period(column=Entry.day),
    default_sort="-day",
    sums=_SUMS,
    groups=GROUPS,
    facets=(Entry.state,),
    row_url=lambda row: f"/staff/timesheets/{row['id']}",
    actions=(
        lists.ListAction(
            key="submit",
            label=_("Ask for approval"),
            path="/staff/timesheets/submit",
            permission=MANAGE,
            icon="send",
            kind="primary",
            confirm=_("Show these drafts to the customers and ask for their approval?"),
        ),
        lists.ListAction(
            key="invoice",
            label=_("Mark as invoiced"),
            path="/staff/timesheets/invoice",
            permission=MANAGE,
            icon="file-invoice",
            confirm=_("Mark the approved ones as invoiced? Nothing about them can be changed afterwards."),
        ),
        lists.ListAction(
            key="reopen",
            label=_("Open again"),
            path="/staff/timesheets/reopen",
            permission=MANAGE,
            icon="arrow-back-up",
        ),
    ),
    empty=lists.Empty(
        title=_("No registered work yet"),
        text=_("Bring in the hours that your own system has registered."),
        action_label=_("Upload hours"),
        action_url="/staff/timesheets/upload",
    ),
    export_name="timesheets",
    compact=True,
)

# -- jobs --------------------------------------------------------------------------------------------------------------


def job_chip(row: Mapping[str, Any], today: date) -> lists.Chip:
    """Return a job's state; what was to last until before today has ended, whoever forgot to say so."""
    state = JobState(row["state"])
    if state is JobState.ACTIVE and row["ends_on"] is not None and row["ends_on"] < today:
        state = JobState.ENDED
    if state is JobState.ACTIVE and row["starts_on"] > today:
        state = JobState.PLANNED
    return JOB_STATES[state]


def _planned(_reader: lists.Reader) -> Any:
    return (Job.state == "planned") | ((Job.state == "active") & (Job.starts_on > _reader.today))


def _active(reader: lists.Reader) -> Any:
    lasts = Job.ends_on.is_null() | (Job.ends_on >= reader.today)
    return (Job.state == "active") & (Job.starts_on <= reader.today) & lasts


def _ended(reader: lists.Reader) -> Any:
    return (Job.state == "ended") | ((Job.state == "active") & (Job.ends_on < reader.today))


_JOB_FILTERS = (
    lists.ChoiceFilter(
        key="state",
        label=_("State"),
        options=(
            lists.Option(value="planned", label=JOB_STATES[JobState.PLANNED].label, where=_planned),
            lists.Option(value="active", label=JOB_STATES[JobState.ACTIVE].label, where=_active),
            lists.Option(value="ended", label=JOB_STATES[JobState.ENDED].label, where=_ended),
            lists.Option(
                value="cancelled",
                label=JOB_STATES[JobState.CANCELLED].label,
                where=lambda _reader: Job.state == "cancelled",
            ),
        ),
    ),
    lists.RelationFilter(key="company", label=_("Company"), column=Job.customer),
    lists.RelationFilter(key="project", label=_("Project"), column=Job.project),
    lists.RelationFilter(key="worker", label=_("Employee"), column=Job.worker),
)
_JOB_COLUMNS = (
    lists.Column(
        key="worker",
        label=_("Employee"),
        kind="title",
        source=Job.worker.name,
        sort=Job.worker.name_folded,
        nullable=False,
    ),
    lists.Column(key="title", label=_("Job"), source=Job.title),
    lists.Column(
        key="company",
        label=_("Company"),
        source=Job.customer.name,
        sort=Job.customer.name_folded,
        nullable=False,
    ),
    lists.Column(key="project", label=_("Project"), source=Job.project.name),
    lists.Column(key="place", label=_("Place"), source=Job.place, page=False),
    lists.Column(key="starts_on", label=_("From"), kind="day", source=Job.starts_on, sort=True),
    lists.Column(key="ends_on", label=_("Until"), kind="day", source=Job.ends_on, sort=True),
    lists.Column(key="planned", label=_("Hours a week"), kind="duration", source=Job.planned_seconds),
    lists.Column(key="state_chip", label=_("State"), kind="state", value=job_chip, export=False),
    lists.Column(key="state_text", label=_("State"), value=lambda row, today: job_chip(row, today).label, page=False),
)
_JOB_FIELDS = {"state": Job.state}


def _ongoing(reader: lists.Reader) -> Any:  # noqa: ARG001 -- the list hands over the reader
    """Say which jobs contacts see: those of projects that are not closed."""
    return Job.project.is_null() | (Job.project.state == "open")


CONTACT_JOBS = lists.ListView(
    key="timesheets.jobs",
    title=_("Jobs"),
    path="/timesheets/jobs",
    table=Job,
    permission=JOBS,
    columns=_JOB_COLUMNS,
    fields=_JOB_FIELDS,
    filters=_JOB_FILTERS,
    search=(Job.search_folded,),
    search_label=_("Search for employees and jobs"),
    period=lists.Period(column=Job.starts_on, until=Job.ends_on),
    default_sort="worker",
    only=_ongoing,
    row_url=lambda row: f"/timesheets/jobs/{row['id']}",
    empty=lists.Empty(title=_("No jobs yet"), text=_("Here you see who works for you, where and until when.")),
    export_name="jobs",
)

ALL_JOBS = lists.ListView(
    key="timesheets.staff_jobs",
    title=_("Jobs"),
    path="/staff/timesheets/jobs",
    table=Job,
    permission=STAFF_JOBS,
    audience=Audience.STAFF,
    columns=_JOB_COLUMNS,
    fields=_JOB_FIELDS,
    filters=_JOB_FILTERS,
    search=(Job.search_folded, Job.customer.name_folded),
    search_label=_("Search for employees, jobs and customers"),
    period=lists.Period(column=Job.starts_on, until=Job.ends_on),
    default_sort="worker",
    row_url=lambda row: f"/staff/timesheets/jobs/{row['id']}",
    empty=lists.Empty(
        title=_("No jobs yet"),
        text=_("Say who works where, and the customers see it."),
        action_label=_("Add a job"),
        action_url="/staff/timesheets/jobs/new",
    ),
    export_name="jobs",
)

# -- projects ----------------------------------------------------------------------------------------------------------


def _project_state(row: Mapping[str, Any], today: date) -> lists.Chip:  # noqa: ARG001 -- the list hands over the day
    return OPEN_PROJECT if row["state"] == "open" else CLOSED_PROJECT


_PROJECT_FILTERS = (
    lists.ChoiceFilter(
        key="state",
        label=_("State"),
        options=(
            lists.Option(
                value="open", label=OPEN_PROJECT.label, where=lambda _reader: Undertaking.project.state == "open"
            ),
            lists.Option(
                value="closed", label=CLOSED_PROJECT.label, where=lambda _reader: Undertaking.project.state == "closed"
            ),
        ),
    ),
    lists.RelationFilter(key="company", label=_("Company"), column=Undertaking.customer),
)
_PROJECT_COLUMNS = (
    lists.Column(
        key="name",
        label=_("Project"),
        kind="title",
        source=Undertaking.project.name,
        sort=Undertaking.name_folded,
        nullable=False,
    ),
    lists.Column(key="number", label=_("Number"), source=Undertaking.project.number),
    lists.Column(
        key="company",
        label=_("Company"),
        source=Undertaking.customer.name,
        sort=Undertaking.customer.name_folded,
        nullable=False,
    ),
    lists.Column(key="starts_on", label=_("From"), kind="day", source=Undertaking.project.starts_on),
    lists.Column(key="ends_on", label=_("Until"), kind="day", source=Undertaking.project.ends_on),
    lists.Column(key="budget", label=_("Budget of hours"), kind="duration", source=Undertaking.budget_seconds),
    lists.Column(key="state_chip", label=_("State"), kind="state", value=_project_state, export=False),
    lists.Column(
        key="state_text", label=_("State"), value=lambda row, today: _project_state(row, today).label, page=False
    ),
)
_PROJECT_FIELDS = {"state": Undertaking.project.state}

CONTACT_PROJECTS = lists.ListView(
    key="timesheets.projects",
    title=_("Projects"),
    path="/timesheets/projects",
    table=Undertaking,
    permission=PROJECTS,
    columns=_PROJECT_COLUMNS,
    fields=_PROJECT_FIELDS,
    filters=_PROJECT_FILTERS,
    search=(Undertaking.name_folded,),
    search_label=_("Search for projects"),
    default_sort="name",
    row_url=lambda row: f"/timesheets/projects/{row['id']}",
    empty=lists.Empty(title=_("No projects yet"), text=_("Here you see what is done for you, and how far it is.")),
    export_name="projects",
)

ALL_PROJECTS = lists.ListView(
    key="timesheets.staff_projects",
    title=_("Projects"),
    path="/staff/timesheets/projects",
    table=Undertaking,
    permission=STAFF_PROJECTS,
    audience=Audience.STAFF,
    columns=_PROJECT_COLUMNS,
    fields=_PROJECT_FIELDS,
    filters=_PROJECT_FILTERS,
    search=(Undertaking.name_folded, Undertaking.customer.name_folded),
    search_label=_("Search for projects and customers"),
    default_sort="name",
    row_url=lambda row: f"/staff/timesheets/projects/{row['id']}",
    empty=lists.Empty(
        title=_("No projects yet"), text=_("Projects come with the first hours, or from a customer's page.")
    ),
    export_name="projects",
)

VIEWS = (ENTRIES, STAFF_ENTRIES, CONTACT_JOBS, ALL_JOBS, CONTACT_PROJECTS, ALL_PROJECTS)

CARDS = (
    Card(
        key="timesheets.for_approval",
        label=_("Hours for approval"),
        list="timesheets",
        query={"state": EntryState.FOR_APPROVAL.value, "period": "all"},
        permission=VIEW,
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
