"""A piece of work that is registered by hand: by contacts who may, and in the same way by staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from litestar import Response

from core.sdk import Translator, action, current_actor, errors, form, forms, lists, page, render, see_other
from plugins.timesheets.forms import CustomerForm, RegisterForm, chosen, or_none, pick
from plugins.timesheets.pages import AnyRequest
from plugins.timesheets.permissions import REGISTER
from plugins.timesheets.queries import offer_to, open_customer, register_at
from plugins.timesheets.routes.entries import by_field
from plugins.timesheets.services import NewEntry, Values, register_entry
from plugins.timesheets.states import EntryKind, EntryState

if TYPE_CHECKING:
    from plugins.timesheets.forms import NewWorkForm
    from plugins.timesheets.queries import Offer

_ = Translator("timesheets")

_PATH = "/timesheets/new"


async def register_by(
    filled: NewWorkForm, *, customer: UUID, worker: tuple[UUID, str], source: str, state: EntryState
) -> UUID | None:
    """Register what a valid form says, and return the entry; None where it is refused: the form says why."""
    actor, day = current_actor(), filled.day.data
    if day is None:
        return None
    try:
        return await register_entry(
            entry=NewEntry(
                customer=customer,
                worker=worker[0],
                worker_name=worker[1],
                day=day,
                values=filled.values(day, actor.tenant.zone) or Values(),
                project=chosen(filled.project),
                job=chosen(filled.job),
                task=filled.task.data,
                note=filled.note.data,
                kind=EntryKind(filled.kind.data),
                source=source,
                external_id=str(filled.new.data),
            ),
            state=state,
            by=actor,
        )
    except errors.InvalidInputError as error:
        forms.add_problems(filled, by_field(error))
        return None


async def _customer_asked(request: AnyRequest) -> tuple[UUID, str] | None:
    """
    Return the customer whose hours are registered: the one that the address names, the active one, the only one.

    Raises:
        NotFoundError: it is none of the reader's.
        NotPermittedError: she may not there.

    """
    actor, asked = current_actor(), request.query_params.get("customer", "")
    at = register_at(actor)
    wanted = (await open_customer(asked) or (None,))[0] if asked else actor.active_customer
    if asked and wanted not in {place.customer for place in actor.places}:
        raise errors.NotFoundError
    if wanted is None and len(at) == 1:
        wanted = next(iter(at))
    if wanted is None and at:
        return None
    if wanted not in at:
        raise errors.NotPermittedError
    return wanted, at[wanted]


@page("/new", name="timesheets:contact-new-entry", permission=REGISTER)
async def new_entry(request: AnyRequest) -> Response[Any]:
    """Ask who worked when; first, for which company where there are several."""
    customer = await _customer_asked(request)
    if customer is None:
        filled = CustomerForm()
        filled.customer.choices = pick(list(register_at(current_actor()).items()))
        return await render(
            "timesheets/choose.html",
            title=_("Register hours"),
            frame="layouts/portal.html",
            form=filled,
            path=_PATH,
            back_url="/timesheets",
        )
    offer = await _offer(customer[0])
    blank = RegisterForm()
    blank.day.data, blank.new.data = current_actor().tenant.today(), uuid4()
    return await _form_page(blank, customer, offer)


async def _offer(customer: UUID) -> Offer:
    offer = await offer_to(current_actor(), customer)
    if offer is None:
        raise errors.NotPermittedError
    return offer


def _let_choose(filled: RegisterForm, offer: Offer) -> None:
    projects = list(offer.projects.items())
    filled.worker.choices = pick(list(offer.workers.items()))
    if offer.needs_project:
        filled.project.choices = pick(projects)
    else:
        filled.project.choices = or_none([(str(id), name) for id, name in projects])
    filled.job.choices = or_none([(str(job.id), f"{job.worker} · {job.title}") for job in offer.jobs])


async def _form_page(
    filled: RegisterForm, customer: tuple[UUID, str], offer: Offer, *, status: int = 200
) -> Response[Any]:
    _let_choose(filled, offer)
    return await render(
        "timesheets/entry_form.html",
        status=status,
        title=_("Register hours"),
        frame="layouts/portal.html",
        base="/timesheets",
        form=filled,
        customer=customer,
        nothing=offer.is_empty,
        shown_for=lists.shown_for(current_actor()),
    )


@action("/new", name="timesheets:contact-register", permission=REGISTER)
async def register(request: AnyRequest) -> Response[Any]:
    """Register an entry; it waits for approval, and sent twice it is there once."""
    customer = await _customer_asked(request)
    if customer is None:
        raise errors.NotFoundError
    lists.require_shown_for(current_actor(), (await request.form()).get(lists.SHOWN_FOR))
    offer = await _offer(customer[0])
    filled = await form(request, RegisterForm)
    _let_choose(filled, offer)
    if filled.validate():
        worker = UUID(filled.worker.data)
        made = await register_by(
            filled,
            customer=customer[0],
            worker=(worker, offer.workers[worker]),
            source="customer",
            state=EntryState.FOR_APPROVAL,
        )
        if made is not None:
            return see_other(f"/timesheets/{made}", flash_text=_("The hours are registered."))
    return await _form_page(filled, customer, offer, status=422)


HANDLERS: list[Any] = [new_entry, register]
