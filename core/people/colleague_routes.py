"""The pages on which a customer's people see each other, and their managers keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery

from core.accounts import rate_limits
from core.contributions import Audience, Reach
from core.errors import NotFoundError, NotPermittedError, StaleError
from core.forms import add_problems
from core.i18n import Translator
from core.people import colleagues, queries
from core.people.actor import current_actor
from core.people.address_book_routes import ADDRESS_BOOK, address_book_rows
from core.people.colleague_forms import ColleagueForm, HeirForm, NewColleagueForm, RightsForm
from core.people.colleague_pages import STATES, colleague_page, company_name, new_page, rights_of
from core.people.colleagues_rights import (
    MANAGE,
    VIEW,
    companies_seen,
    manages,
    offered_by,
    require_seen,
)
from core.people.companies import SHOWN_FOR, require_shown_for
from core.people.forms import SHORT_REACHES, fresh_id, read_id, refused_into
from core.people.pages import choice_filter, column, list_view, nothing_found
from core.web import action, form, page, render, see_other

if TYPE_CHECKING:
    from core.people.actor import Actor

_ = Translator("core")

AnyRequest = Request[Any, Any, Any]
Answer = Response[str] | Response[None]


@page("/colleagues", name="people:colleagues", permission=VIEW)
async def list_colleagues(
    customer: FromQuery[str] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
    show: FromQuery[str] = "",
) -> Response[str]:
    """List who of the company uses the portal, and its address book: of the company asked for, or the active one."""
    actor = current_actor()
    company = _company(actor, customer)
    may_manage = manages(actor, company)
    only_book = show == ADDRESS_BOOK
    found = queries.Page([], None)
    if not only_book:
        found = await queries.list_people(kind=Audience.CONTACT, customer=company, search=q, after=after)
    for row in found.rows:
        seat = next(seat for seat in row["seats"] if seat["customer"] == company)
        row["url"] = f"/colleagues/{company}/{row['id']}" if may_manage else None
        row["role"], row["reach"] = seat["role_label"], SHORT_REACHES[seat["reach"]]
        row["state"] = STATES[row["state"]]
        if row["id"] == actor.person:
            row["name"] = str(_("{name} (you)").format(name=row["name"]))
    if found.after is None:
        found.rows.extend(await address_book_rows(company, search=q, may_manage=may_manage))
    seen = companies_seen(actor)
    path = f"/colleagues?customer={company}" if len(seen) > 1 else "/colleagues"
    view = list_view(
        title=_("Colleagues"),
        path="/colleagues",
        page=found,
        columns=[
            column("name", _("Name"), "title"),
            column("email", _("E-mail"), "email"),
            column("role", _("Role")),
            column("reach", _("Reach")),
            column("state", _("State"), "state"),
        ],
        search=q,
        search_label=_("Name or e-mail"),
        empty=nothing_found(_("Nobody matches.") if q else _("Nobody is here yet.")),
        chosen={"customer": str(company) if len(seen) > 1 else "", "show": show if only_book else ""},
        filters=[choice_filter("show", _("Show"), [(ADDRESS_BOOK, _("Address book only"))], show)],
        first=after is None,
    )
    view["keep"] = [{"name": "customer", "value": str(company)}] if len(seen) > 1 else []
    view["reset_url"] = path
    return await render(
        "people/colleagues.html",
        title=_("Colleagues"),
        view=view,
        company=company_name(actor, company),
        companies_seen=[{"id": one, "name": company_name(actor, one), "current": one == company} for one in seen],
        new_url=f"/colleagues/{company}/new" if may_manage else None,
    )


def _company(actor: Actor, asked: str) -> UUID:
    seen = companies_seen(actor)
    wanted = read_id(asked)
    if asked:
        if wanted is None:
            raise NotFoundError
        require_seen(actor, wanted)
        return wanted
    if not seen:
        require_seen(actor, actor.places[0].customer)
    return actor.active_customer if actor.active_customer in seen else seen[0]


def _status(refusal: refused_into) -> int:
    return refusal.error.status if refusal.error else 422


def _managed(customer: UUID) -> Actor:
    """Return who acts, if she manages the company."""
    actor = current_actor()
    require_seen(actor, customer)
    if not manages(actor, customer):
        raise NotPermittedError
    return actor


# -- new ---------------------------------------------------------------------------------------------------------------


@page("/colleagues/{customer:uuid}/new", name="people:new_colleague", permission=MANAGE)
async def new_colleague(
    customer: FromPath[UUID],
    email: FromQuery[str] = "",
    given_name: FromQuery[str] = "",
    family_name: FromQuery[str] = "",
) -> Response[str]:
    """Show the form, with what the company's address book knows."""
    actor = _managed(customer)
    known = {"email": email, "given_name": given_name, "family_name": family_name}
    return await new_page(actor, customer, NewColleagueForm(data={**fresh_id(), **known}))


@action("/colleagues/{customer:uuid}/new", name="people:invite_colleague", permission=MANAGE, limit="invitation")
async def invite_colleague(request: AnyRequest, customer: FromPath[UUID]) -> Answer:
    """Add a colleague and send the invitation."""
    actor = _managed(customer)
    require_shown_for(actor, (await request.form()).get(SHOWN_FOR))
    filled = await form(request, NewColleagueForm)
    mine, _people = await rights_of(actor, customer)
    filled.offer(offered_by(mine, actor.tenant), mine.widest or Reach.OWN)
    seat = filled.seat(customer) if filled.validate() else None
    if seat is not None:
        with refused_into(filled, "role", limits=True) as refusal:
            await rate_limits.take(rate_limits.INVITATION, "person", str(actor.person))
            await colleagues.invite_colleague(details=filled.details(), seat=seat, by=actor, person=filled.id.data)
            said = _("The invitation is on its way to {email}.").format(email=filled.email.data)
            return see_other(f"/colleagues?customer={customer}", flash_text=said)
        return refusal.answered(await new_page(actor, customer, filled, status=_status(refusal)))
    return await new_page(actor, customer, filled, status=422)


# -- one colleague -----------------------------------------------------------------------------------------------------


@page("/colleagues/{customer:uuid}/{person:uuid}", name="people:colleague", permission=MANAGE)
async def show_colleague(customer: FromPath[UUID], person: FromPath[UUID]) -> Response[str]:
    """Show a colleague to a manager."""
    return await colleague_page(_managed(customer), customer, person)


async def _sent(request: AnyRequest, customer: UUID) -> Actor:
    actor = _managed(customer)
    require_shown_for(actor, (await request.form()).get(SHOWN_FOR))
    return actor


@action("/colleagues/{customer:uuid}/{person:uuid}", name="people:save_colleague", permission=MANAGE)
async def save_colleague(request: AnyRequest, customer: FromPath[UUID], person: FromPath[UUID]) -> Answer:
    """Change what is known of a colleague."""
    actor = await _sent(request, customer)
    filled = await form(request, ColleagueForm)
    if filled.validate():
        with refused_into(filled) as refusal:
            await colleagues.edit_colleague(
                customer=customer,
                person=person,
                details=filled.details(),
                by=actor,
                version=filled.shown_version(),
            )
            return see_other(f"/colleagues/{customer}/{person}", flash_text=_("Saved."))
        return await colleague_page(
            actor, customer, person, data=filled, status=_status(refusal), stale=isinstance(refusal.error, StaleError)
        )
    return await colleague_page(actor, customer, person, data=filled, status=422)


@action("/colleagues/{customer:uuid}/{person:uuid}/rights", name="people:colleague_rights", permission=MANAGE)
async def change_rights(request: AnyRequest, customer: FromPath[UUID], person: FromPath[UUID]) -> Answer:
    """Give a colleague another role, or let it go less or further."""
    actor = await _sent(request, customer)
    filled = await form(request, RightsForm)
    filled.offer([], Reach.GROUP)
    seat = filled.seat(customer) if filled.validate() else None
    if seat is not None:
        with refused_into(filled, "role") as refusal:
            await colleagues.give_rights(customer=customer, person=person, role=seat.role, reach=seat.reach, by=actor)
            return see_other(
                f"/colleagues/{customer}/{person}#rights", flash_text=_("Saved. It counts from the next page on.")
            )
        return await colleague_page(actor, customer, person, rights=filled, status=_status(refusal))
    return await colleague_page(actor, customer, person, rights=filled, status=422)


@action(
    "/colleagues/{customer:uuid}/{person:uuid}/invite",
    name="people:invite_colleague_again",
    permission=MANAGE,
    limit="invitation",
)
async def invite_again(request: AnyRequest, customer: FromPath[UUID], person: FromPath[UUID]) -> Answer:
    """Send the invitation once more."""
    actor = await _sent(request, customer)
    await rate_limits.take(rate_limits.INVITATION, "person", str(actor.person))
    await colleagues.invite_again(customer=customer, person=person, by=actor)
    said = _("The invitation is on its way. Earlier ones no longer work.")
    return see_other(f"/colleagues/{customer}/{person}", flash_text=said)


@action("/colleagues/{customer:uuid}/{person:uuid}/hand-over", name="people:hand_over_records", permission=MANAGE)
async def hand_over(request: AnyRequest, customer: FromPath[UUID], person: FromPath[UUID]) -> Answer:
    """Hand what is addressed to a colleague, or to oneself, to another one."""
    actor = await _sent(request, customer)
    filled = await form(request, HeirForm, prefix="take-")
    heir = read_id(filled.heir.data)
    if heir is not None:
        with refused_into(filled):
            count = await colleagues.hand_over(customer=customer, person=person, to=heir, by=actor)
            said = _.plural("{n} record was handed over.", "{n} records were handed over.").format(n=count)
            return see_other(f"/colleagues/{customer}/{person}#records", flash_text=said)
    else:
        add_problems(filled, {"heir": [_("Choose one from the list.")]})
    return await colleague_page(actor, customer, person, heirs={"take": filled}, status=422)


@action("/colleagues/{customer:uuid}/{person:uuid}/remove", name="people:remove_colleague", permission=MANAGE)
async def remove_colleague(request: AnyRequest, customer: FromPath[UUID], person: FromPath[UUID]) -> Answer:
    """Take a colleague's place at the company away."""
    actor = await _sent(request, customer)
    filled = await form(request, HeirForm, prefix="leave-")
    with refused_into(filled, "heir") as refusal:
        await colleagues.remove_colleague(customer=customer, person=person, heir=read_id(filled.heir.data), by=actor)
        return see_other(
            f"/colleagues?customer={customer}", flash_text=_("The person has no access to this company any more.")
        )
    return await colleague_page(actor, customer, person, heirs={"leave": filled}, status=_status(refusal))


HANDLERS: list[Any] = [
    list_colleagues,
    new_colleague,
    invite_colleague,
    show_colleague,
    save_colleague,
    change_rights,
    invite_again,
    hand_over,
    remove_colleague,
]
