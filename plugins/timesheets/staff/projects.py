"""Projects as staff keeps them: budgets of hours and tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from litestar import Response
from litestar.params import FromPath

from core.sdk import Translator, action, current_actor, errors, form, forms, lists, load, page, render, see_other
from plugins.timesheets.forms import BudgetForm, StaffTaskForm, read_version, task_choices
from plugins.timesheets.lists import ALL_PROJECTS
from plugins.timesheets.pages import AnyRequest, list_page
from plugins.timesheets.permissions import MANAGE_PROJECTS, STAFF_PROJECTS
from plugins.timesheets.queries import tasks_of
from plugins.timesheets.routes.projects import project_context
from plugins.timesheets.services import TaskDetails, add_task, change_task, change_undertaking
from plugins.timesheets.staff.documents import LARGEST
from plugins.timesheets.states import TaskState
from plugins.timesheets.tables import Undertaking

_ = Translator("timesheets")


@page("/projects", name="timesheets:staff-projects", permission=STAFF_PROJECTS)
async def list_projects(request: AnyRequest) -> Response[str]:
    """Show the projects of all customers."""
    return await list_page(request, ALL_PROJECTS, "timesheets/staff_projects.html")


@page("/projects/{undertaking:uuid}", name="timesheets:staff-project", permission=STAFF_PROJECTS)
async def show_project(undertaking: FromPath[UUID]) -> Response[str]:
    """Show a project."""
    return await _project_page(await load(current_actor(), Undertaking, undertaking))


async def _project_page(
    found: Undertaking,
    *,
    budget: BudgetForm | None = None,
    task: StaffTaskForm | None = None,
    status: int = 200,
) -> Response[str]:
    may = current_actor().can(MANAGE_PROJECTS)
    context = await project_context(found)
    if budget is None:
        budget = BudgetForm(
            data={
                "budget": found.budget_seconds,
                "customer_adds_tasks": found.customer_adds_tasks,
                "version": str(found.version),
            }
        )
    if task is None:
        task = StaffTaskForm()
        task.new.data = uuid4()
    task.parent.choices = task_choices(context["tasks"])
    return await render(
        "timesheets/staff_project.html",
        status=status,
        title=context["facts"]["name"],
        budget_form=budget if may else None,
        task_form=task if may else None,
        largest=LARGEST,
        **context,
    )


@action("/projects/{undertaking:uuid}/budget", name="timesheets:set-budget", permission=MANAGE_PROJECTS)
async def set_budget(request: AnyRequest, undertaking: FromPath[UUID]) -> Response[Any]:
    """Set the budget, and whether the customer adds tasks."""
    actor = current_actor()
    found = await load(actor, Undertaking, undertaking)
    filled = await form(request, BudgetForm)
    version = str(filled.version.data or "")
    if filled.validate():
        try:
            await change_undertaking(
                undertaking=undertaking,
                version=read_version(version),
                budget_seconds=filled.budget.data or 0,
                customer_adds_tasks=bool(filled.customer_adds_tasks.data),
                by=actor,
            )
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
        else:
            return see_other(f"/staff/timesheets/projects/{undertaking}", flash_text=_("The project was changed."))
    return await _project_page(found, budget=filled, status=422)


def _details(filled: StaffTaskForm) -> TaskDetails:
    return TaskDetails(
        title=filled.title.data,
        parent=UUID(filled.parent.data) if filled.parent.data else None,
        state=TaskState(filled.status.data),
        progress=filled.progress.data or 0,
        starts_on=filled.starts_on.data,
        ends_on=filled.ends_on.data,
    )


@action("/projects/{undertaking:uuid}/tasks", name="timesheets:staff-add-task", permission=MANAGE_PROJECTS)
async def add(request: AnyRequest, undertaking: FromPath[UUID]) -> Response[Any]:
    """Add a task."""
    actor = current_actor()
    found = await load(actor, Undertaking, undertaking)
    filled = await form(request, StaffTaskForm)
    filled.parent.choices = task_choices(await tasks_of(found))
    if filled.validate():
        try:
            await add_task(undertaking=undertaking, details=_details(filled), by=actor, task=filled.new.data)
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
        else:
            return see_other(f"/staff/timesheets/projects/{undertaking}", flash_text=_("The task was added."))
    return await _project_page(found, task=filled, status=422)


@page("/projects/{undertaking:uuid}/tasks/{task:uuid}", name="timesheets:edit-task", permission=MANAGE_PROJECTS)
async def edit_task(undertaking: FromPath[UUID], task: FromPath[UUID]) -> Response[str]:
    """Ask what is to be changed about a task."""
    found = await load(current_actor(), Undertaking, undertaking)
    row = next((each for each in await tasks_of(found) if each["id"] == task), None)
    if row is None:
        raise errors.NotFoundError
    filled = StaffTaskForm(
        data={
            "title": row["title"],
            "parent": str(row["parent"] or ""),
            "status": row["state"],
            "progress": row["progress"],
            "starts_on": row["starts_on"],
            "ends_on": row["ends_on"],
        }
    )
    return await _task_page(found, task, filled)


async def _task_page(found: Undertaking, task: UUID, filled: StaffTaskForm, *, status: int = 200) -> Response[str]:
    filled.parent.choices = task_choices(await tasks_of(found))
    return await render(
        "timesheets/staff_task.html",
        status=status,
        title=_("Change a task"),
        form=filled,
        undertaking=found,
        task=task,
    )


@action("/projects/{undertaking:uuid}/tasks/{task:uuid}", name="timesheets:change-task", permission=MANAGE_PROJECTS)
async def change(request: AnyRequest, undertaking: FromPath[UUID], task: FromPath[UUID]) -> Response[Any]:
    """Change a task."""
    actor = current_actor()
    found = await load(actor, Undertaking, undertaking)
    filled = await form(request, StaffTaskForm)
    filled.parent.choices = task_choices(await tasks_of(found))
    if filled.validate():
        try:
            await change_task(task=task, undertaking=undertaking, details=_details(filled), by=actor)
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
        else:
            return see_other(f"/staff/timesheets/projects/{undertaking}", flash_text=_("The task was changed."))
    return await _task_page(found, task, filled, status=422)


HANDLERS: list[Any] = [
    list_projects,
    *lists.downloads(ALL_PROJECTS, name="timesheets:staff-projects-", permission=STAFF_PROJECTS, path="/projects"),
    show_project,
    set_budget,
    add,
    edit_task,
    change,
]
