"""The back office's pages about contacts and about its own staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery

from core.contributions import Audience
from core.db import transaction
from core.errors import NotFoundError
from core.forms import choices
from core.i18n import Translator
from core.people import customers, persons, queries
from core.people.actor import current_actor
from core.people.forms import (
    REACH_CHOICES,
    SHORT_REACHES,
    NewContactForm,
    PersonForm,
    SeatForm,
    StaffForm,
    fresh_id,
    person_data,
    read_id,
    refused_into,
    role_choices,
)
from core.people.pages import (
    PERSON_STATES,
    audience_path,
    choice_filter,
    column,
    fill_customer_choices,
    list_view,
    may,
    nothing_found,
    person_languages,
)
from core.people.persons import EmailTakenError, full_name
from core.people.roles import help_of, roles_for
from core.people.tables import Person
from core.web import action, form, page, render, see_other

_ = Translator("core")

VIEW = "core:person:view"
MANAGE = "core:person:manage"
MANAGE_STAFF = "core:role:manage"

AnyRequest = Request[Any, Any, Any]
Answer = Response[str] | Response[None]


# -- lists -------------------------------------------------------------------------------------------------------------


@page("/staff/people", name="people:contacts", permission=VIEW)
async def list_contacts(
    q: FromQuery[str] = "", after: FromQuery[str | None] = None, show: FromQuery[str] = ""
) -> Response[str]:
    """List contacts."""
    return await _list(Audience.CONTACT, q, after, show)


@page("/staff/staff", name="people:staff", permission=MANAGE_STAFF)
async def list_staff(
    q: FromQuery[str] = "", after: FromQuery[str | None] = None, show: FromQuery[str] = ""
) -> Response[str]:
    """List the staff."""
    return await _list(Audience.STAFF, q, after, show)


async def _list(audience: Audience, q: str, after: str | None, state: str) -> Response[str]:
    contacts = audience is Audience.CONTACT
    found = await queries.list_people(kind=audience, search=q, state=state, after=after)
    labels = {role.id: role.label for role in current_actor().tenant.roles.values()}
    for row in found.rows:
        row["url"] = f"/staff/people/{row['id']}"
        row["state"] = PERSON_STATES[row["state"]]
        row["customers"] = ", ".join(seat["customer_name"] for seat in row["seats"])
        row["role"] = (
            ", ".join(dict.fromkeys(seat["role_label"] for seat in row["seats"]))
            if contacts
            else labels.get(row["staff_role"], "")
        )
    path = audience_path(audience)
    title = _("Contacts") if contacts else _("Staff")
    new = (f"{path}/new", _("New contact") if contacts else _("New member of staff"))
    may_add = may(MANAGE if contacts else MANAGE_STAFF)
    view = list_view(
        title=title,
        path=path,
        page=found,
        columns=[
            column("name", _("Name"), "title"),
            column("email", _("E-mail"), "email"),
            *([column("customers", _("Customers"))] if contacts else []),
            column("role", _("Role")),
            column("state", _("State"), "state"),
            column("last_sign_in_at", _("Last sign-in"), "instant"),
        ],
        search=q,
        search_label=_("Name or e-mail"),
        empty=nothing_found(_("Nobody matches."))
        if q or state
        else nothing_found(_("Nobody is here yet."), action=new if may_add else None),
        chosen={"show": state},
        filters=[
            choice_filter("show", _("State"), [(key, chip["label"]) for key, chip in PERSON_STATES.items()], state)
        ],
        first=after is None,
    )
    return await render(
        "people/people.html",
        title=title,
        view=view,
        frame="layouts/staff.html",
        audience=audience.value,
        new_url=new[0] if may_add else None,
        new_label=new[1],
        can_see_contacts=may(VIEW),
        can_see_staff=may(MANAGE_STAFF),
        can_see_registrations=may(MANAGE) and bool(current_actor().tenant.setting("accounts.registration")),
    )


# -- new ---------------------------------------------------------------------------------------------------------------


@page("/staff/people/new", name="people:new_contact", permission=MANAGE)
async def new_contact(customer: FromQuery[str] = "") -> Response[str]:
    """Show an empty form; from a customer's page, with the customer chosen."""
    return await _new_contact_page(NewContactForm(data={**fresh_id(), "customer": customer}))


@action("/staff/people/new", name="people:add_contact", permission=MANAGE)
async def add_contact(request: AnyRequest) -> Answer:
    """Add a contact; what she may do is stored before anything is sent to her."""
    filled = await form(request, NewContactForm)
    seat = filled.seat() if filled.validate() else None
    if seat is None:
        return await _new_contact_page(filled, status=422)
    with refused_into(filled, "customer") as refusal:
        async with transaction():
            person = await persons.add_contact(
                details=filled.details(), seats=[seat], projects=filled.project_ids(), person=filled.id.data
            )
            if filled.access.data == "login":
                await persons.give_login(person=person)
            elif filled.access.data == "invite":
                await persons.send_invitation(person=person)
        said = (
            _("{name} was added, and the invitation is on its way to {email}.")
            if filled.access.data == "invite"
            else _("{name} was added. Nothing has been sent.")
        )
        name = f"{filled.given_name.data} {filled.family_name.data}"
        return see_other("/staff/people", flash_text=said.format(name=name, email=filled.email.data))
    return await _new_contact_page(filled, status=422, error=refusal.error)


async def _new_contact_page(
    filled: NewContactForm, *, status: int = 200, error: Exception | None = None
) -> Response[str]:
    roles = await roles_for(Audience.CONTACT)
    filled.role.choices = role_choices(roles)
    filled.language.choices = person_languages()
    await fill_customer_choices(filled.customer)
    chosen = read_id(filled.customer.data)
    projects = await queries.projects_of(chosen) if chosen else []
    filled.projects.choices = choices((str(row["id"]), row["name"]) for row in projects if row["state"] == "open")
    return await render(
        "people/contact_new.html",
        status=status,
        title=_("New contact"),
        form=filled,
        roles=[{"label": role.label, "help": help_of(role.preset)} for role in roles],
        has_customers=await queries.has_customers(),
        can_add_customers=may("core:customer:manage"),
        taken=error if isinstance(error, EmailTakenError) else None,
    )


@page("/staff/staff/new", name="people:new_staff", permission=MANAGE_STAFF)
async def new_staff() -> Response[str]:
    """Show an empty form."""
    return await _new_staff_page(StaffForm(data=fresh_id()))


@action("/staff/staff/new", name="people:add_staff", permission=MANAGE_STAFF)
async def add_staff(request: AnyRequest) -> Answer:
    """Add a member of the staff and send the invitation."""
    filled = await form(request, StaffForm)
    role = read_id(filled.role.data)
    if not filled.validate() or role is None:
        return await _new_staff_page(filled, status=422)
    with refused_into(filled) as refusal:
        async with transaction():
            person = await persons.add_staff(details=filled.details(), role=role, person=filled.id.data)
            await persons.send_invitation(person=person)
        return see_other(
            "/staff/staff", flash_text=_("The invitation is on its way to {email}.").format(email=filled.email.data)
        )
    return await _new_staff_page(filled, status=422, error=refusal.error)


async def _new_staff_page(filled: StaffForm, *, status: int = 200, error: Exception | None = None) -> Response[str]:
    roles = await roles_for(Audience.STAFF)
    filled.role.choices = role_choices(roles)
    filled.language.choices = person_languages()
    return await render(
        "people/staff_new.html",
        status=status,
        title=_("New member of staff"),
        form=filled,
        roles=[{"label": role.label, "help": help_of(role.preset)} for role in roles],
        taken=error if isinstance(error, EmailTakenError) else None,
    )


# -- one person --------------------------------------------------------------------------------------------------------


async def _visible(person: UUID, *, change: bool) -> Person:
    """Return the person if the reader's permissions are those for contacts, or for staff."""
    found = await persons.find_person(person)
    if found.kind == "staff" and not may(MANAGE_STAFF):
        raise NotFoundError
    if found.kind == "contact" and change:
        current_actor().require(MANAGE)
    return found


@page("/staff/people/{person:uuid}", name="people:person", permission=VIEW)
async def show_person(person: FromPath[UUID]) -> Response[str]:
    """Show a person with her data, rights and access."""
    found = await _visible(person, change=False)
    return await _person_page(found, PersonForm(data=person_data(found)))


async def _person_page(
    found: Person,
    filled: PersonForm,
    *,
    seat: SeatForm | None = None,
    status: int = 200,
    error: Exception | None = None,
) -> Response[str]:
    contact = found.kind == "contact"
    roles = await roles_for(Audience.CONTACT if contact else Audience.STAFF)
    filled.language.choices = person_languages()
    seats = (await queries.seats_of([found.id])).get(found.id, []) if contact else []
    assigned = await customers.projects_of_person(found.id) if contact else set()
    for one in seats:
        one["projects"] = [
            row | {"checked": row["id"] in assigned}
            for row in await queries.projects_of(one["customer"])
            if row["state"] == "open" or row["id"] in assigned
        ]
    blank = seat or SeatForm()
    blank.role.choices = role_choices(roles)
    if contact:
        await fill_customer_choices(blank.customer)
    return await render(
        "people/person.html",
        status=status,
        title=full_name(found),
        subject=found,
        chip=PERSON_STATES[found.state],
        form=filled,
        seat_form=blank,
        seats=seats,
        roles=[{"id": role.id, "label": role.label, "help": help_of(role.preset)} for role in roles],
        reaches=REACH_CHOICES,
        short_reaches=SHORT_REACHES,
        can_manage=may(MANAGE if contact else MANAGE_STAFF),
        can_add_customers=may("core:customer:manage"),
        has_customers=not contact or await queries.has_customers(),
        is_self=current_actor().person == found.id,
        back_url=audience_path(Audience(found.kind)),
        taken=error if isinstance(error, EmailTakenError) else None,
    )


@action("/staff/people/{person:uuid}", name="people:save_person", permission=VIEW)
async def save_person(request: AnyRequest, person: FromPath[UUID]) -> Answer:
    """Change what is known of a person."""
    found = await _visible(person, change=True)
    filled = await form(request, PersonForm)
    refused: Exception | None = None
    if filled.validate():
        with refused_into(filled, "email") as refusal:
            renewed = await persons.edit_person(person=person, details=filled.details())
            said = (
                _(
                    "Saved. The e-mail address is the key to the account: the present access has ended, "
                    "and starts anew with the new address."
                )
                if renewed
                else _("Saved.")
            )
            return see_other(f"/staff/people/{person}", flash_text=said, kind="warning" if renewed else "success")
        refused = refusal.error
    return await _person_page(found, filled, status=422, error=refused)


@action("/staff/people/{person:uuid}/seats", name="people:save_seat", permission=MANAGE)
async def save_seat(request: AnyRequest, person: FromPath[UUID]) -> Answer:
    """Give a contact a place at a customer, or change it, with her projects there."""
    found = await _visible(person, change=True)
    filled = await form(request, SeatForm)
    seat = filled.seat() if filled.validate() else None
    if seat is not None:
        with refused_into(filled, "customer"):
            await persons.set_seat(person=person, seat=seat, projects=filled.project_ids())
            return see_other(f"/staff/people/{person}#rights", flash_text=_("Saved. It counts from the next page on."))
    return await _person_page(found, PersonForm(data=person_data(found)), seat=filled, status=422)


@action("/staff/people/{person:uuid}/seats/{customer:uuid}/remove", name="people:remove_seat", permission=MANAGE)
async def remove_seat(person: FromPath[UUID], customer: FromPath[UUID]) -> Answer:
    """Take a contact's place at a customer away."""
    await _visible(person, change=True)
    await persons.remove_seat(person=person, customer=customer)
    return see_other(f"/staff/people/{person}#rights", flash_text=_("Removed. It counts from the next page on."))


@action("/staff/people/{person:uuid}/role", name="people:set_staff_role", permission=MANAGE_STAFF)
async def set_staff_role(request: AnyRequest, person: FromPath[UUID]) -> Answer:
    """Give a member of the staff another role."""
    role = read_id(str((await request.form()).get("role", "")))
    if role is None:
        raise NotFoundError
    await persons.set_staff_role(person=person, role=role)
    return see_other(f"/staff/people/{person}#rights", flash_text=_("Saved. It counts from the next page on."))


@action("/staff/people/{person:uuid}/login", name="people:create_login", permission=VIEW)
async def make_login(person: FromPath[UUID]) -> Answer:
    """Make the login without sending anything."""
    await _visible(person, change=True)
    await persons.give_login(person=person)
    return see_other(f"/staff/people/{person}#access", flash_text=_("The login exists. Nothing has been sent yet."))


@action("/staff/people/{person:uuid}/invite", name="people:invite", permission=VIEW)
async def invite(person: FromPath[UUID]) -> Answer:
    """Send the invitation, or once more."""
    found = await _visible(person, change=True)
    await persons.send_invitation(person=person)
    said = _("The invitation is on its way to {email}. Earlier ones no longer work.").format(email=found.email)
    return see_other(f"/staff/people/{person}#access", flash_text=said)


@action("/staff/people/{person:uuid}/deactivate", name="people:deactivate", permission=VIEW)
async def deactivate(person: FromPath[UUID]) -> Answer:
    """End a person's access."""
    found = await _visible(person, change=True)
    await persons.deactivate_person(person=person)
    said = _("{name} has no access any more.").format(name=full_name(found))
    return see_other(f"/staff/people/{person}#access", flash_text=said)


@action("/staff/people/{person:uuid}/reactivate", name="people:reactivate", permission=VIEW)
async def reactivate(person: FromPath[UUID]) -> Answer:
    """Let a person in again."""
    found = await _visible(person, change=True)
    await persons.reactivate_person(person=person)
    said = _("{name} is active again.") if persons.has_account(found) else _("{name} can be invited again.")
    return see_other(f"/staff/people/{person}#access", flash_text=said.format(name=full_name(found)))


HANDLERS: list[Any] = [
    list_contacts,
    list_staff,
    new_contact,
    add_contact,
    new_staff,
    add_staff,
    show_person,
    save_person,
    save_seat,
    remove_seat,
    set_staff_role,
    make_login,
    invite,
    deactivate,
    reactivate,
]
