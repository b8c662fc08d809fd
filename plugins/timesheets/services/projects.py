"""Projects as customers see them: hours against the budget, and a tree of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sdk import Translator, beyond_reach, errors, fold, load, now, transaction, write_activity
from plugins.timesheets.permissions import ADD_TASK
from plugins.timesheets.states import TaskState
from plugins.timesheets.tables import Task, Undertaking

if TYPE_CHECKING:
    from core.sdk import Actor

_ = Translator("timesheets")

PROJECT = "timesheets_undertaking"
"""The kind of record."""
LONGEST_TITLE = 200
MOST_TASKS = 500
DEEPEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDetails:
    """What is known of a task; `progress` in percent."""

    title: str
    parent: UUID | None = None
    state: TaskState = TaskState.OPEN
    progress: int = 0
    starts_on: date | None = None
    ends_on: date | None = None


async def undertaking_of(*, project: UUID, customer: UUID, name: str) -> UUID:
    """Return the undertaking of a project, made where there is none yet; the project is one of the tenant's."""
    row = Undertaking(customer=customer, project=project, name=name, name_folded=fold(name), published_at=now())
    with beyond_reach("projects: each has one sheet, whoever sees it"):
        await Undertaking.insert(row).on_conflict(action="DO NOTHING")
        found = await Undertaking.select(Undertaking.id).where(Undertaking.project == project).first()
    if found is None:
        raise errors.NotFoundError
    return UUID(str(found["id"]))


async def follow_project(*, project: UUID, customer: UUID, name: str) -> None:
    """Give a project its sheet, or the sheet the project's present name."""
    sheet = await undertaking_of(project=project, customer=customer, name=name)
    with beyond_reach("projects: each has one sheet, whoever sees it"):
        await Undertaking.update({Undertaking.name: name, Undertaking.name_folded: fold(name)}).where(
            Undertaking.id == sheet, Undertaking.name != name
        )


async def change_undertaking(
    *, undertaking: UUID, version: int, budget_seconds: int, customer_adds_tasks: bool, by: Actor
) -> None:
    """
    Set the budget of a project (0: none), and whether its customer may add tasks.

    Raises:
        NotFoundError: no such project.
        InvalidInputError: the budget is less than nothing.
        StaleError: somebody has changed it meanwhile.

    """
    if not 0 <= budget_seconds <= 10**9:
        raise errors.InvalidInputError(fields={"budget": [_("Hours cannot be less than nothing.")]})
    async with transaction():
        found = await load(by, Undertaking, undertaking)
        values: dict[Any, Any] = {
            Undertaking.budget_seconds: budget_seconds,
            Undertaking.customer_adds_tasks: customer_adds_tasks,
            Undertaking.version: version + 1,
        }
        won = (
            await Undertaking.update(values)
            .where(Undertaking.id == undertaking, Undertaking.version == version)
            .returning(Undertaking.id)
        )
        if not won:
            raise errors.StaleError
        await write_activity(
            kind="timesheets.project_changed",
            by=by,
            record=(PROJECT, found),
            data={"budget": {"seconds": budget_seconds}},
        )


def may_add_task(undertaking: Undertaking, by: Actor) -> bool:
    """Whether a contact may add a task to a loaded project."""
    return undertaking.customer_adds_tasks and by.can(ADD_TASK, customer=undertaking.customer)


async def add_task(*, undertaking: UUID, details: TaskDetails, by: Actor, task: UUID | None = None) -> UUID:
    """
    Add a task to a project and return its id; the same *task* id again adds nothing.

    Raises:
        NotFoundError: no such project within reach, or no such parent in it.
        NotPermittedError: a customer may not add tasks here.
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        found = await load(by, Undertaking, undertaking)
        if by.is_contact and not may_add_task(found, by):
            raise errors.NotPermittedError
        if task is not None and await Task.exists().where(Task.id == task):
            return task
        clean = _checked(details)
        tasks = {row.id: row for row in await Task.objects().where(Task.undertaking == undertaking)}
        if len(tasks) >= MOST_TASKS:
            raise errors.InvalidInputError(_("A project has at most {n} tasks.").format(n=MOST_TASKS))
        _check_place(details.parent, tasks)
        row = Task(undertaking=undertaking, by=by.person, **clean)
        if by.is_contact:
            row.state, row.progress = TaskState.OPEN.value, 0
        if task is not None:
            row.id = task
        await Task.insert(row)
        await write_activity(
            kind="timesheets.task_added", by=by, record=(PROJECT, found), data={"task": clean["title"]}
        )
        return row.id


def _check_place(parent: UUID | None, tasks: dict[UUID, Task]) -> None:
    depth = 1
    while parent is not None:
        above = tasks.get(parent)
        if above is None:
            raise errors.NotFoundError
        parent, depth = above.parent, depth + 1
        if depth > DEEPEST:
            raise errors.InvalidInputError(
                fields={"parent": [_("Tasks can lie {n} levels deep at most.").format(n=DEEPEST)]}
            )


async def change_task(*, task: UUID, undertaking: UUID, details: TaskDetails, by: Actor) -> None:
    """
    Change a task, by staff; its place in the tree stays.

    Raises:
        NotFoundError: no such task in that project.
        InvalidInputError: something of it cannot be used.

    """
    clean = _checked(details)
    clean.pop("parent")
    async with transaction():
        found = await load(by, Undertaking, undertaking)
        won = await Task.update(clean).where(Task.id == task, Task.undertaking == undertaking).returning(Task.id)
        if not won:
            raise errors.NotFoundError
        await write_activity(
            kind="timesheets.task_changed",
            by=by,
            record=(PROJECT, found),
            data={"task": clean["title"], "progress": clean["progress"]},
        )


def _checked(details: TaskDetails) -> dict[str, Any]:
    title = " ".join(details.title.replace("\x00", "").split())
    if not title:
        raise errors.InvalidInputError(fields={"title": [_("Give the task a name.")]})
    if len(title) > LONGEST_TITLE:
        raise errors.InvalidInputError(fields={"title": [_("Write at most {n} characters.").format(n=LONGEST_TITLE)]})
    if not 0 <= details.progress <= 100:
        raise errors.InvalidInputError(fields={"progress": [_("Progress goes from 0 to 100.")]})
    if details.starts_on and details.ends_on and details.ends_on < details.starts_on:
        raise errors.InvalidInputError(fields={"ends_on": [_("The last day is before the first.")]})
    done = details.state is TaskState.DONE
    return {
        "title": title,
        "parent": details.parent,
        "state": details.state.value,
        "progress": 100 if done else details.progress,
        "starts_on": details.starts_on,
        "ends_on": details.ends_on,
    }
