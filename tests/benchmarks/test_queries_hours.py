"""Pages of registered work, jobs and projects cost at most eight statements, however many rows there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.people.actor import acting_as
from tests.portal_fixtures import World

pytest.importorskip("plugins.timesheets", reason="the module of registered work is not installed")
pytest.importorskip("plugins.invoices", reason="the module of invoices is not installed")

from plugins.timesheets.services import JobDetails, add_job, add_task, approve_entries, undertaking_of
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.services.projects import TaskDetails
from tests.benchmarks.test_queries import MOST, statements
from tests.plugins.timesheets.made import DAY, Works, actor_of, works

CONTACT = (
    "/timesheets",
    "/timesheets?period=all&sort=by_worker",
    "/timesheets?period=2026-W45&state=for_approval",
    "/timesheets/{entry}",
    "/timesheets/approve-all?period=all",
    "/timesheets/approvals/{approval}",
    "/timesheets/deputies",
    "/timesheets/jobs?period=all",
    "/timesheets/jobs/{job}",
    "/timesheets/projects",
    "/timesheets/projects/{undertaking}",
)
STAFF = (
    "/staff/timesheets?period=all&sort=by_week",
    "/staff/timesheets/{entry}",
    "/staff/timesheets/approvals/{approval}",
    "/staff/timesheets/new?customer={customer}",
    "/staff/timesheets/jobs?period=all",
    "/staff/timesheets/jobs/{job}",
    "/staff/timesheets/jobs/{job}/edit",
    "/staff/timesheets/projects",
    "/staff/timesheets/projects/{undertaking}",
    "/staff/timesheets/upload",
)


async def _more(made: Works, number: int) -> None:
    """Add entries of several workers and weeks, jobs and tasks."""
    by = await actor_of(made.staff)
    for place in range(number):
        await made.entry(worker_name=f"Worker {place}", day=DAY + timedelta(days=3 * place))
        await _job(made, f"Worker {place}")
    sheet = await undertaking_of(project=made.project.id, customer=made.customer.id, name="Line a")
    with acting_as(by):
        for place in range(number):
            await add_task(undertaking=sheet, details=TaskDetails(title=f"Task {place}"), by=by)


async def _job(made: Works, worker: str) -> Any:
    details = JobDetails(
        customer=made.customer.id,
        worker=await worker_named(name=worker),
        worker_name=worker,
        title="Welder",
        starts_on=DAY,
        project=made.project.id,
        addressee=made.approver.id,
    )
    return (await add_job(details=details)).id


async def test_pages_of_hours_cost_few_statements_whatever_there_is(world: World) -> None:
    portal = world.first
    made = await works(portal)
    async with portal.work():
        approved = await made.entries(3)
        ids: dict[str, Any] = {
            "customer": made.customer.id,
            "entry": await made.entry(),
            "job": await _job(made, "One"),
        }
        ids["undertaking"] = await undertaking_of(project=made.project.id, customer=made.customer.id, name="Line a")
        by = await actor_of(made.manager)
        with acting_as(by):
            (ids["approval"],) = (await approve_entries(entries=approved, shown_at=now(), by=by)).approvals
        await _more(made, 2)
    few = {
        **await statements(world, portal, made.manager, CONTACT, **ids),
        **await statements(world, portal, made.staff, STAFF, **ids),
    }
    assert {path: found for path, found in few.items() if len(found) > MOST} == {}
    async with portal.work():
        await _more(made, 15)
    many = {
        **await statements(world, portal, made.manager, CONTACT, **ids),
        **await statements(world, portal, made.staff, STAFF, **ids),
    }
    assert {path: len(found) for path, found in many.items()} == {path: len(found) for path, found in few.items()}
