"""The lists of registered work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import Audience, Translator, formats, lists
from plugins.timesheets.permissions import (
    APPROVE,
    MANAGE,
    STAFF_VIEW,
    VIEW,
)
from plugins.timesheets.states import ENTRY, EntryKind, EntryState
from plugins.timesheets.tables import Entry
from plugins.timesheets.values import first_day_of
from plugins.timesheets.words import ENTRY_STATES, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

_ = Translator("timesheets")


def _state(row: Mapping[str, Any], today: date) -> lists.Chip:  # noqa: ARG001 -- the list hands over the day
    return ENTRY_STATES[EntryState(row["state"])]


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
_STATE = lists.Column(key="state_chip", label=_("State"), kind="state", value=_state)
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
