"""A piece of work that staff registers by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from litestar import Response

from core.sdk import Translator, action, current_actor, errors, form, imports, page, render, see_other
from plugins.timesheets.forms import EntryForm, or_none
from plugins.timesheets.pages import AnyRequest
from plugins.timesheets.permissions import MANAGE
from plugins.timesheets.preferences import DRAFTS
from plugins.timesheets.queries import job_choices, workers
from plugins.timesheets.routes.registering import register_by
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.staff.choosing import ask_customer, customer_asked
from plugins.timesheets.states import EntryState

_ = Translator("timesheets")


@page("/new", name="timesheets:new-entry", permission=MANAGE)
async def new_entry(request: AnyRequest) -> Response[Any]:
    """Ask who worked when; first, for whom."""
    actor = current_actor()
    customer = await customer_asked(request)
    if customer is None:
        return await ask_customer(request, _("Register hours"), "/staff/timesheets/new", "/staff/timesheets")
    filled = EntryForm()
    filled.day.data, filled.new.data = actor.tenant.today(), uuid4()
    filled.draft.data = bool(actor.tenant.setting(DRAFTS))
    return await _form_page(filled, customer)


async def _offer(filled: EntryForm, customer: UUID) -> None:
    """Let the customer's jobs and open projects be chosen."""
    filled.project.choices = or_none(await imports.projects_of(customer))
    filled.job.choices = or_none([(str(job.id), f"{job.worker} · {job.title}") for job in await job_choices(customer)])


async def _form_page(filled: EntryForm, customer: tuple[UUID, str], *, status: int = 200) -> Response[Any]:
    await _offer(filled, customer[0])
    return await render(
        "timesheets/entry_form.html",
        status=status,
        title=_("Register hours"),
        frame="layouts/staff.html",
        base="/staff/timesheets",
        form=filled,
        customer=customer,
        workers=[name for _id, name in await workers()],
    )


@action("/new", name="timesheets:register", permission=MANAGE)
async def register(request: AnyRequest) -> Response[Any]:
    """Register an entry; sent twice it is there once."""
    customer = await customer_asked(request)
    if customer is None:
        raise errors.NotFoundError
    filled = await form(request, EntryForm)
    await _offer(filled, customer[0])
    if filled.validate():
        name = filled.worker.data
        made = await register_by(
            filled,
            customer=customer[0],
            worker=(await worker_named(name=name), name),
            source="staff",
            state=EntryState.DRAFT if filled.draft.data else EntryState.FOR_APPROVAL,
        )
        if made is not None:
            return see_other(f"/staff/timesheets/{made}", flash_text=_("The hours are registered."))
    return await _form_page(filled, customer, status=422)


HANDLERS: list[Any] = [new_entry, register]
