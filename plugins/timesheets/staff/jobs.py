"""Who works where, as staff keeps it."""

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
    imports,
    lists,
    load,
    page,
    render,
    see_other,
)
from plugins.timesheets.forms import JobForm, chosen, or_none, read_version
from plugins.timesheets.lists import ALL_JOBS
from plugins.timesheets.pages import AnyRequest, list_page
from plugins.timesheets.permissions import MANAGE_JOBS, STAFF_JOBS
from plugins.timesheets.queries import job_facts, workers
from plugins.timesheets.routes.jobs import job_context
from plugins.timesheets.services import JobDetails, add_job, change_job
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.staff.choosing import ask_customer, customer_asked
from plugins.timesheets.states import JobState
from plugins.timesheets.tables import Job

_ = Translator("timesheets")


@page("/jobs", name="timesheets:staff-jobs", permission=STAFF_JOBS)
async def list_jobs(request: AnyRequest) -> Response[str]:
    """Show the jobs of all customers."""
    return await list_page(request, ALL_JOBS, "timesheets/staff_jobs.html", may_manage=current_actor().can(MANAGE_JOBS))


@page("/jobs/new", name="timesheets:new-job", permission=MANAGE_JOBS)
async def new_job(request: AnyRequest) -> Response[str]:
    """Ask who works where; first, whose the job is."""
    customer = await customer_asked(request)
    if customer is None:
        return await ask_customer(request, _("Add a job"), "/staff/timesheets/jobs/new", "/staff/timesheets/jobs")
    filled = JobForm()
    filled.starts_on.data, filled.new.data = current_actor().tenant.today(), uuid4()
    await _offer(filled, customer[0])
    return await _form_page(filled, customer=customer)


async def _offer(filled: JobForm, customer: UUID) -> None:
    """Let the customer's open projects and its contacts be chosen."""
    filled.project.choices = or_none(await imports.projects_of(customer))
    filled.contact.choices = or_none(await imports.contacts_of(customer))


async def _form_page(
    filled: JobForm, *, customer: tuple[UUID, str], job: Job | None = None, status: int = 200
) -> Response[str]:
    return await render(
        "timesheets/staff_job_form.html",
        status=status,
        title=job.title if job is not None else _("Add a job"),
        form=filled,
        job=job,
        customer=customer,
        workers=[name for _id, name in await workers()],
    )


@action("/jobs/new", name="timesheets:add-job", permission=MANAGE_JOBS)
async def add(request: AnyRequest) -> Response[Any]:
    """Add a job; the customer sees it at once."""
    customer = await customer_asked(request)
    if customer is None:
        raise errors.NotFoundError
    filled = await form(request, JobForm)
    await _offer(filled, customer[0])
    if filled.validate():
        try:
            details = await _details(filled, customer[0])
            made = await add_job(details=details, by=current_actor(), job=filled.new.data)
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
        else:
            return see_other(f"/staff/timesheets/jobs/{made.id}", flash_text=_("The job was added."))
    return await _form_page(filled, customer=customer, status=422)


async def _details(filled: JobForm, customer: UUID) -> JobDetails:
    assert filled.starts_on.data is not None  # noqa: S101 -- the form requires it
    return JobDetails(
        customer=customer,
        worker=await worker_named(name=filled.worker.data),
        worker_name=filled.worker.data,
        title=filled.title.data,
        place=filled.place.data,
        starts_on=filled.starts_on.data,
        ends_on=filled.ends_on.data,
        project=chosen(filled.project),
        addressee=chosen(filled.contact),
        planned_seconds=filled.planned.data or 0,
        state=JobState(filled.status.data),
    )


@page("/jobs/{job:uuid}", name="timesheets:staff-job", permission=STAFF_JOBS)
async def show_job(job: FromPath[UUID]) -> Response[str]:
    """Show a job."""
    found = await load(current_actor(), Job, job)
    return await render(
        "timesheets/staff_job.html",
        title=found.title,
        may_manage=current_actor().can(MANAGE_JOBS),
        **await job_context(found),
    )


@page("/jobs/{job:uuid}/edit", name="timesheets:edit-job", permission=MANAGE_JOBS)
async def edit_job(job: FromPath[UUID]) -> Response[str]:
    """Ask what is to be changed about a job."""
    found = await load(current_actor(), Job, job)
    names = await job_facts(found)
    filled = JobForm()
    filled.worker.data, filled.title.data, filled.place.data = names["worker"], found.title, found.place
    filled.starts_on.data, filled.ends_on.data = found.starts_on, found.ends_on
    filled.planned.data, filled.status.data = found.planned_seconds, found.state
    filled.project.data, filled.contact.data = str(found.project or ""), str(found.addressee or "")
    filled.version.data = str(found.version)
    await _offer_again(filled, found, names)
    return await _form_page(filled, customer=(found.customer, names["customer"]), job=found)


async def _offer_again(filled: JobForm, found: Job, names: dict[str, Any]) -> None:
    """Offer what there is, and what the job has already: a project may have been closed, a contact have left."""
    projects, contacts = await imports.projects_of(found.customer), await imports.contacts_of(found.customer)
    filled.project.choices = or_none(_with(projects, found.project, names["project"]))
    filled.contact.choices = or_none(_with(contacts, found.addressee, names["contact"]))


def _with(offered: list[tuple[str, str]], kept: UUID | None, name: str) -> list[tuple[str, str]]:
    if kept is None or str(kept) in dict(offered):
        return offered
    return [*offered, (str(kept), name)]


@action("/jobs/{job:uuid}/edit", name="timesheets:change-job", permission=MANAGE_JOBS)
async def change(request: AnyRequest, job: FromPath[UUID]) -> Response[Any]:
    """Change a job."""
    actor = current_actor()
    found = await load(actor, Job, job)
    names = await job_facts(found)
    filled = await form(request, JobForm)
    await _offer_again(filled, found, names)
    if filled.validate():
        version = str(filled.version.data or "")
        try:
            await change_job(
                job=job,
                version=read_version(version),
                details=await _details(filled, found.customer),
                by=actor,
            )
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
        else:
            return see_other(f"/staff/timesheets/jobs/{job}", flash_text=_("The job was changed."))
    return await _form_page(filled, customer=(found.customer, names["customer"]), job=found, status=422)


HANDLERS: list[Any] = [
    list_jobs,
    *lists.downloads(ALL_JOBS, name="timesheets:staff-jobs-", permission=STAFF_JOBS, path="/jobs"),
    new_job,
    add,
    show_job,
    edit_job,
    change,
]
