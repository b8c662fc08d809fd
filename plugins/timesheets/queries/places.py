"""Reads of what entries belong to: projects and their tasks, jobs, workers, customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from core.sdk import Customer, Person
from plugins.timesheets.states import JobState
from plugins.timesheets.tables import Job, Task, Undertaking, Worker

MOST_JOBS: Final = 500
"""Jobs that a form offers, the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChoice:
    """A job that an entry can belong to."""

    id: UUID
    title: str
    worker: str
    worker_id: UUID


async def tasks_of(undertaking: Undertaking) -> list[dict[str, Any]]:
    """Return the tasks of a loaded project as a flat tree: each with its depth, parents before their children."""
    rows = await Task.select().where(Task.undertaking == undertaking.id).order_by(Task.id)
    children: dict[UUID | None, list[dict[str, Any]]] = {}
    for row in rows:
        children.setdefault(row["parent"], []).append(row)
    found: list[dict[str, Any]] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for row in children.get(parent, []):
            found.append({**row, "depth": depth})
            walk(row["id"], depth + 1)

    walk(None, 0)
    return found


async def project_facts(undertaking: Undertaking) -> dict[str, Any]:
    """Return name, number, state, days and customer of a loaded project."""
    row: Any = (
        await Undertaking.select(
            Undertaking.project.name.as_alias("name"),
            Undertaking.project.number.as_alias("number"),
            Undertaking.project.state.as_alias("state"),
            Undertaking.project.starts_on.as_alias("starts_on"),
            Undertaking.project.ends_on.as_alias("ends_on"),
            Undertaking.customer.name.as_alias("customer"),
        )
        .where(Undertaking.id == undertaking.id)
        .first()
    )
    return dict(row)


async def job_facts(job: Job) -> dict[str, Any]:
    """Return the names around a loaded job."""
    row: Any = (
        await Job.select(
            Job.worker.name.as_alias("worker"),
            Job.customer.name.as_alias("customer"),
            Job.project.name.as_alias("project"),
            Job.addressee.given_name.as_alias("given"),
            Job.addressee.family_name.as_alias("family"),
        )
        .where(Job.id == job.id)
        .first()
    )
    return {**row, "contact": f"{row['given'] or ''} {row['family'] or ''}".strip()}


async def workers() -> list[tuple[UUID, str]]:
    """Return the tenant's workers by name, for staff to choose from."""
    rows = await Worker.select(Worker.id, Worker.name).order_by(Worker.name_folded).limit(5_000)
    return [(row["id"], row["name"]) for row in rows]


async def names_of(people: list[UUID]) -> dict[UUID, str]:
    """Return the names of people."""
    rows = await Person.select(Person.id, Person.given_name, Person.family_name).where(
        Person.id.is_in(people or [UUID(int=0)])
    )
    return {row["id"]: f"{row['given_name']} {row['family_name']}".strip() for row in rows}


async def open_customer(text: str) -> tuple[UUID, str] | None:
    """Return the customer with the id that *text* says, with its name; None where none is open with it."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    found: Any = (
        await Customer.select(Customer.id, Customer.name)
        .where(Customer.id == wanted, Customer.closed_at.is_null())
        .first()
    )
    return (found["id"], found["name"]) if found is not None else None


async def job_choices(customer: UUID, *, within: Any = None) -> list[JobChoice]:
    """Return the customer's jobs that are not called off to choose from, the latest first; or those *within* reach."""
    query = Job.select(Job.id, Job.title, Job.worker.name.as_alias("worker"), Job.worker.as_alias("worker_id")).where(
        Job.customer == customer, Job.state != JobState.CANCELLED.value
    )
    rows = await (
        (query if within is None else query.where(within))
        .order_by(Job.starts_on, ascending=False)
        .order_by(Job.id)
        .limit(MOST_JOBS)
    )
    return [JobChoice(**row) for row in rows]
