"""The pages on which a customer's managers keep the company's address book: to whom documents were forwarded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath
from wtforms.validators import Length

from core.forms import Form, TextField
from core.i18n import Translator
from core.people import address_book as _verbs
from core.people.actor import current_actor
from core.people.companies import SHOWN_FOR, require_shown_for, shown_for
from core.people.forms import refused_into
from core.people.pages import PERSON_STATES
from core.people.tables import RECIPIENT
from core.web import action, form, page, render, see_other

if TYPE_CHECKING:
    from core.people.actor import Actor

_ = Translator("core")

ADDRESS_BOOK = "address-book"
"""The filter of the colleagues' list that shows the address book alone."""
MANAGE = "core:colleague:manage"
ONE = "/colleagues/{customer:uuid}/address-book/{address_book:uuid}"

AnyRequest = Request[Any, Any, Any]


class EntryForm(Form):
    """Whose an address is."""

    given_name = TextField(_("First name"), [Length(max=100)])
    family_name = TextField(_("Last name"), [Length(max=100)])


async def address_book_rows(customer: UUID, *, search: str, may_manage: bool) -> list[dict[str, Any]]:
    """Return a company's address book as rows of the colleagues' list."""
    return [
        {
            "name": entry.name,
            "email": entry.email,
            "role": None,
            "reach": None,
            "state": PERSON_STATES[RECIPIENT],
            "url": f"/colleagues/{customer}/address-book/{entry.id}" if may_manage else None,
        }
        for entry in await _verbs.entries_of(customer, search=search)
    ]


@page(ONE, name="people:address_book_entry", permission=MANAGE)
async def show_entry(customer: FromPath[UUID], address_book: FromPath[UUID]) -> Response[str]:
    """Show an address to a manager of the company."""
    return await _page(current_actor(), customer, address_book)


@action(ONE, name="people:rename_address_book_entry", permission=MANAGE)
async def rename_entry(request: AnyRequest, customer: FromPath[UUID], address_book: FromPath[UUID]) -> Response[str]:
    """Say whose an address is."""
    actor = await _sent(request, customer, address_book)
    filled = await form(request, EntryForm)
    if filled.validate():
        with refused_into(filled):
            await _verbs.rename_entry(
                customer=customer,
                entry=address_book,
                given_name=filled.given_name.data,
                family_name=filled.family_name.data,
                by=actor,
            )
            return see_other(_list(customer), flash_text=_("Saved."))
    return await _page(actor, customer, address_book, filled, status=422)


@action(f"{ONE}/remove", name="people:remove_address_book_entry", permission=MANAGE)
async def remove_entry(request: AnyRequest, customer: FromPath[UUID], address_book: FromPath[UUID]) -> Response[str]:
    """Take an address out of the company's address book."""
    actor = await _sent(request, customer, address_book)
    await _verbs.remove_entry(customer=customer, entry=address_book, by=actor)
    return see_other(_list(customer), flash_text=_("The address was taken out of the address book."))


async def _sent(request: AnyRequest, customer: UUID, entry: UUID) -> Actor:
    actor = current_actor()
    await _verbs.find_entry(customer=customer, entry=entry, by=actor)
    require_shown_for(actor, (await request.form()).get(SHOWN_FOR))
    return actor


def _list(customer: UUID) -> str:
    return f"/colleagues?{urlencode({'customer': customer, 'show': ADDRESS_BOOK})}"


async def _page(
    actor: Actor, customer: UUID, entry: UUID, filled: EntryForm | None = None, *, status: int = 200
) -> Response[str]:
    found = await _verbs.find_entry(customer=customer, entry=entry, by=actor)
    names = {"given_name": found.given_name, "family_name": found.family_name}
    return await render(
        "people/address_book_entry.html",
        status=status,
        title=found.name,
        entry=found,
        chip=PERSON_STATES[RECIPIENT],
        company=next(place.name for place in actor.places if place.customer == customer),
        customer=customer,
        form=filled or EntryForm(data=names),
        invite_url=f"/colleagues/{customer}/new?{urlencode(names | {'email': found.email})}",
        back_url=_list(customer),
        shown_for=shown_for(actor),
    )


HANDLERS: list[Any] = [show_entry, rename_entry, remove_entry]
