"""What the back office's pages about people share: who may be seen, the page of one person, fields for customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Request, Response

from core.contributions import Audience
from core.errors import NotFoundError
from core.forms import choices
from core.i18n import Translator
from core.people import customers, persons, queries
from core.people.actor import current_actor
from core.people.address_book import books_of
from core.people.contact_options import has_one_customer
from core.people.contact_queries import first_mail_of, heirs_of
from core.people.customer_forms import differences
from core.people.forms import (
    REACH_CHOICES,
    SHORT_REACHES,
    PersonForm,
    RecipientForm,
    SeatForm,
    StaffDataForm,
    person_data,
    read_id,
    role_choices,
)
from core.people.handing_over import count_records
from core.people.pages import audience_path, may, person_chip, person_languages
from core.people.persons import ChangedMeanwhileError, EmailTakenError, full_name
from core.people.persons_known import is_recipient
from core.people.queries import customer_names, suggest_customers
from core.people.roles import help_of, roles_for
from core.web import render

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from wtforms import SelectField

    from core.people.tables import Person, Role

_ = Translator("core")

VIEW = "core:person:view"
MANAGE = "core:person:manage"
MANAGE_STAFF = "core:role:manage"

AnyRequest = Request[Any, Any, Any]
Answer = Response[str] | Response[None]


async def visible(person: UUID, *, change: bool, deleted: bool = False) -> Person:
    """Return the person if the reader's permissions are those for contacts, or for staff."""
    found = await (persons.find_anybody(person) if deleted else persons.find_person(person))
    if found.kind == "staff" and not may(MANAGE_STAFF):
        raise NotFoundError
    if found.kind == "contact" and change:
        current_actor().require(MANAGE)
    return found


async def fill_customers(field: SelectField, *, search: str = "") -> None:
    """Offer what *search* finds, a first few without it, and what is chosen; the one that is found alone is chosen."""
    found = {one["value"]: one["label"] for one in await suggest_customers(search)}
    chosen = read_id(field.data)
    if search and not field.data and len(found) == 1:
        field.data = next(iter(found))
    elif field.data and field.data not in found:
        names = await customer_names([chosen] if chosen else [])
        found = {str(one): name for one, name in names.items()} | found
        if not names:
            field.data = ""
    field.choices = choices([("", "–"), *found.items()])


def role_helps(roles: Iterable[Role]) -> list[dict[str, Any]]:
    """Return roles with what each is for, as radio buttons show them."""
    return [{"id": role.id, "label": role.label, "help": help_of(role.preset)} for role in roles]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What did not work on a person's page: the page is shown again with it."""

    form: PersonForm | None = None
    seat: SeatForm | None = None
    customer_search: str = ""
    heir: Any = None
    role: Any = None
    """Why a member of the staff cannot have the role that was sent."""
    error: Exception | None = None
    status: int = 422


def form_of(found: Person) -> type[PersonForm]:
    """Return the form of what is known of a person: it asks for more of some than of others."""
    if found.kind == "staff":
        return StaffDataForm
    return RecipientForm if is_recipient(found) else PersonForm


async def person_page(found: Person, refused: Refused | None = None) -> Response[str]:
    """Return a person's page: data, rights, access; again with what was refused."""
    refused = refused or Refused(status=200)
    contact, living = found.kind == "contact", found.deleted_at is None
    filled = refused.form or form_of(found)(data=person_data(found))
    filled.language.choices = person_languages()
    stale = isinstance(refused.error, ChangedMeanwhileError)
    changed = differences(filled, person_data(found)) if stale else []
    if stale:
        filled.version.data = str(found.version)
    roles = await roles_for(Audience.CONTACT if contact else Audience.STAFF)
    seats = (await queries.seats_of([found.id])).get(found.id, []) if contact else []
    if contact:
        await _with_projects(found, seats)
    blank = refused.seat or SeatForm()
    blank.role.choices = role_choices(roles)
    can_manage = living and may(MANAGE if contact else MANAGE_STAFF)
    if contact and can_manage:
        await fill_customers(blank.customer, search=refused.customer_search)
    records = await count_records(person=found.id) if contact and can_manage else 0
    return await render(
        "people/person.html",
        status=refused.status,
        title=full_name(found),
        subject=found,
        chip=person_chip(found.state, invited_at=found.invited_at, deleted=not living),
        form=filled,
        differences=changed,
        seat_form=blank,
        customer_search=refused.customer_search,
        seats=seats,
        may_have_more=not (seats and has_one_customer(current_actor().tenant)),
        roles=role_helps(roles),
        reaches=REACH_CHOICES,
        short_reaches=SHORT_REACHES,
        living=living,
        recipient=is_recipient(found),
        books=(await books_of([found.id])).get(found.id, []) if is_recipient(found) else [],
        can_manage=can_manage,
        can_restore=not living and may(MANAGE if contact else MANAGE_STAFF),
        can_see_mail=may("core:message:view"),
        can_add_customers=may("core:customer:manage"),
        has_customers=not contact or await queries.has_customers(),
        first_mail=await first_mail_of(found.id) if found.state == "invited" else None,
        records=records,
        heirs=[one | {"name": _name(one)} for one in await heirs_of(found.id)] if records else [],
        heir_error=refused.heir,
        role_error=refused.role,
        is_self=current_actor().person == found.id,
        back_url=audience_path(Audience(found.kind)),
        taken=refused.error if isinstance(refused.error, EmailTakenError) else None,
    )


async def _with_projects(found: Person, seats: list[dict[str, Any]]) -> None:
    assigned = await customers.projects_of_person(found.id)
    for one in seats:
        one["projects"] = [
            row | {"checked": row["id"] in assigned}
            for row in await queries.projects_of(one["customer"])
            if row["state"] == "open" or row["id"] in assigned
        ]
        one["linked"] = [row["name"] for row in one["projects"] if row["checked"]]


def _name(row: dict[str, Any]) -> str:
    return f"{row['given_name']} {row['family_name']}".strip() or row["email"] or ""
