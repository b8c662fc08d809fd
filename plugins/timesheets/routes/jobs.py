"""Jobs as the customer sees them: read only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.sdk import current_actor, lists, load, page, records, render
from plugins.timesheets.lists import CONTACT_JOBS, job_chip
from plugins.timesheets.pages import AnyRequest, chip, list_page
from plugins.timesheets.permissions import JOBS
from plugins.timesheets.queries import hours_where, job_facts, sees_entries
from plugins.timesheets.services.jobs import JOB
from plugins.timesheets.tables import Entry, Job


@page("/jobs", name="timesheets:jobs", permission=JOBS)
async def list_jobs(request: AnyRequest) -> Response[str]:
    """Show who works for the reader."""
    return await list_page(request, CONTACT_JOBS, "timesheets/jobs.html")


@page("/jobs/{job:uuid}", name="timesheets:job", permission=JOBS)
async def show_job(job: FromPath[UUID]) -> Response[str]:
    """Show a job: who, where, until when, and its hours where the reader may see hours."""
    found = await load(current_actor(), Job, job)
    return await render("timesheets/job.html", title=found.title, **await job_context(found))


async def job_context(found: Job) -> dict[str, Any]:
    """Return what every page of a loaded job shows."""
    actor = current_actor()
    row = {"state": found.state, "starts_on": found.starts_on, "ends_on": found.ends_on}
    return {
        **await records.context(actor=actor, kind=JOB, record=found),
        "job": found,
        "names": await job_facts(found),
        "chip": chip(job_chip(row, actor.tenant.today())),
        "hours": await hours_where(Entry.job == found.id) if sees_entries(actor) else None,
    }


HANDLERS: list[Any] = [
    list_jobs,
    *lists.downloads(CONTACT_JOBS, name="timesheets:jobs-", permission=JOBS, path="/jobs"),
    show_job,
]
