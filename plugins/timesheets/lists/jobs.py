"""The lists of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import Audience, Translator, lists
from plugins.timesheets.permissions import (
    JOBS,
    STAFF_JOBS,
)
from plugins.timesheets.states import JobState
from plugins.timesheets.tables import Job
from plugins.timesheets.words import JOB_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_ = Translator("timesheets")


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
    lists.Column(key="state_chip", label=_("State"), kind="state", value=job_chip),
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
