"""The lists of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import Audience, Translator, lists
from plugins.timesheets.permissions import (
    PROJECTS,
    STAFF_PROJECTS,
)
from plugins.timesheets.tables import Undertaking
from plugins.timesheets.words import CLOSED_PROJECT, OPEN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_ = Translator("timesheets")


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
    lists.Column(key="state_chip", label=_("State"), kind="state", value=_project_state),
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
