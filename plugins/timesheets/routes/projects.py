"""Projects as the customer sees them: hours against the budget, tasks, comments, files."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from litestar import Response
from litestar.params import FromPath

from core.sdk import (
    Translator,
    action,
    current_actor,
    errors,
    form,
    forms,
    lists,
    load,
    page,
    records,
    render,
    see_other,
)
from plugins.timesheets.forms import TaskForm, task_choices
from plugins.timesheets.lists import CONTACT_PROJECTS
from plugins.timesheets.pages import AnyRequest, chip, list_page
from plugins.timesheets.permissions import ADD_TASK, PROJECTS
from plugins.timesheets.queries import hours_where, project_facts, sees_entries, tasks_of
from plugins.timesheets.services import PROJECT, TaskDetails, add_task
from plugins.timesheets.services.projects import may_add_task
from plugins.timesheets.states import TaskState
from plugins.timesheets.tables import Entry, Undertaking
from plugins.timesheets.words import CLOSED_PROJECT, OPEN_PROJECT, OVER_BUDGET, TASK_STATES

_ = Translator("timesheets")


@page("/projects", name="timesheets:projects", permission=PROJECTS)
async def list_projects(request: AnyRequest) -> Response[str]:
    """Show the reader's projects."""
    return await list_page(request, CONTACT_PROJECTS, "timesheets/projects.html")


@page("/projects/{undertaking:uuid}", name="timesheets:project", permission=PROJECTS)
async def show_project(undertaking: FromPath[UUID]) -> Response[str]:
    """Show a project."""
    return await _project_page(await load(current_actor(), Undertaking, undertaking))


async def _project_page(found: Undertaking, *, filled: TaskForm | None = None, status: int = 200) -> Response[str]:
    context = await project_context(found)
    if may_add_task(found, current_actor()):
        if filled is None:
            filled = TaskForm()
            filled.new.data = uuid4()
        filled.parent.choices = task_choices(context["tasks"])
    return await render(
        "timesheets/project.html", status=status, title=context["facts"]["name"], task_form=filled, **context
    )


async def project_context(found: Undertaking) -> dict[str, Any]:
    """Return what every page of a loaded project shows."""
    actor = current_actor()
    facts = await project_facts(found)
    hours = await hours_where(Entry.project == found.project) if sees_entries(actor) else None
    budget = found.budget_seconds
    return {
        **await records.context(actor=actor, kind=PROJECT, record=found),
        "undertaking": found,
        "facts": facts,
        "chips": [
            chip(OPEN_PROJECT if facts["state"] == "open" else CLOSED_PROJECT),
            *([chip(OVER_BUDGET)] if hours and budget and hours.total > budget else []),
        ],
        "hours": hours,
        "used": round(100 * hours.total / budget) if hours and budget else None,
        "tasks": [{**row, "chip": chip(TASK_STATES[TaskState(row["state"])])} for row in await tasks_of(found)],
    }


@action("/projects/{undertaking:uuid}/tasks", name="timesheets:add-task", permission=ADD_TASK)
async def add(request: AnyRequest, undertaking: FromPath[UUID]) -> Response[Any]:
    """Add a task, where the office lets customers."""
    actor = current_actor()
    found = await load(actor, Undertaking, undertaking)
    filled = await form(request, TaskForm)
    filled.parent.choices = task_choices(await tasks_of(found))
    if filled.validate():
        try:
            await add_task(
                undertaking=undertaking,
                details=TaskDetails(
                    title=filled.title.data, parent=UUID(filled.parent.data) if filled.parent.data else None
                ),
                by=actor,
                task=filled.new.data,
            )
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
        else:
            return see_other(f"/timesheets/projects/{undertaking}", flash_text=_("The task was added."))
    return await _project_page(found, filled=filled, status=422)


HANDLERS: list[Any] = [
    list_projects,
    *lists.downloads(CONTACT_PROJECTS, name="timesheets:projects-", permission=PROJECTS, path="/projects"),
    show_project,
    add,
]
