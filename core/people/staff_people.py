"""The back office's pages about contacts and about its own staff."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery

from core.contributions import Audience
from core.i18n import Translator
from core.people import persons, queries, staff_people_access, staff_people_import, staff_people_new
from core.people.actor import current_actor
from core.people.address_book import books_of
from core.people.contact_queries import NEVER_INVITED, count_never_invited
from core.people.forms import SeatForm, known_role, refused_into
from core.people.pages import (
    PERSON_STATES,
    audience_path,
    choice_filter,
    column,
    list_view,
    may,
    nothing_found,
    person_chip,
)
from core.people.persons import ChangedMeanwhileError
from core.people.registration_texts import ENABLED
from core.people.staff_people_pages import (
    MANAGE,
    MANAGE_STAFF,
    VIEW,
    Answer,
    AnyRequest,
    Refused,
    form_of,
    person_page,
    visible,
)
from core.people.tables import RECIPIENT
from core.web import action, form, page, render, see_other

_ = Translator("core")

# -- lists -------------------------------------------------------------------------------------------------------------


@page("/staff/people", name="people:contacts", permission=VIEW)
async def list_contacts(
    q: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
    show: FromQuery[str] = "",
    deleted: FromQuery[str] = "",
) -> Response[str]:
    """List contacts."""
    return await _list(Audience.CONTACT, q, after, show, deleted=deleted == "1")


@page("/staff/staff", name="people:staff", permission=MANAGE_STAFF)
async def list_staff(
    q: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
    show: FromQuery[str] = "",
    deleted: FromQuery[str] = "",
) -> Response[str]:
    """List the staff."""
    return await _list(Audience.STAFF, q, after, show, deleted=deleted == "1")


async def _list(audience: Audience, q: str, after: str | None, state: str, *, deleted: bool) -> Response[str]:
    contacts = audience is Audience.CONTACT
    found = await queries.list_people(kind=audience, search=q, state=state, after=after, deleted=deleted)
    books = await books_of(row["id"] for row in found.rows if row["state"] == RECIPIENT)
    labels = {role.id: role.label for role in current_actor().tenant.roles.values()}
    for row in found.rows:
        row["url"] = f"/staff/people/{row['id']}"
        gone = row["deleted_at"] is not None
        row["selectable"] = bool(row["email"]) and not gone and row["state"] in {*NEVER_INVITED, "invited"}
        row["state"] = person_chip(row["state"], invited_at=row["invited_at"], deleted=gone)
        places = [seat["customer_name"] for seat in row["seats"]]
        row["customers"] = ", ".join(places or [book["name"] for book in books.get(row["id"], [])])
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
        chosen={"show": state, "deleted": "1" if deleted else ""},
        filters=[
            choice_filter("show", _("State"), [(key, chip["label"]) for key, chip in PERSON_STATES.items()], state),
            choice_filter(
                "deleted",
                _("Deleted"),
                [("1", _("Show deleted contacts") if contacts else _("Show deleted staff"))],
                "1" if deleted else "",
            )
            | {"kind": "multi"},
        ],
        first=after is None,
    )
    if contacts and may_add:
        asked = urlencode({key: value for key, value in (("q", q), ("show", state)) if value})
        view["selectable"] = any(row["selectable"] for row in found.rows)
        view["actions"] = [
            {
                "label": _("Send invitations"),
                "url": f"/staff/people/invite?{asked}" if asked else "/staff/people/invite",
                "icon": "send",
                "kind": "primary",
                "confirm": _("Send an invitation to everybody who is ticked? Earlier links no longer work."),
            }
        ]
    return await render(
        "people/people.html",
        title=title,
        view=view,
        frame="layouts/staff.html",
        audience=audience.value,
        new_url=new[0] if may_add else None,
        new_label=new[1],
        never_invited=await count_never_invited() if contacts and may_add else 0,
        can_import=contacts and may_add,
        can_see_contacts=may(VIEW),
        can_see_staff=may(MANAGE_STAFF),
        can_see_registrations=may(MANAGE) and bool(current_actor().tenant.setting(ENABLED)),
    )


# -- one person --------------------------------------------------------------------------------------------------------


@page("/staff/people/{person:uuid}", name="people:person", permission=VIEW)
async def show_person(person: FromPath[UUID]) -> Response[str]:
    """Show a person with her data, rights and access; also one who was deleted."""
    return await person_page(await visible(person, change=False, deleted=True))


@action("/staff/people/{person:uuid}", name="people:save_person", permission=VIEW)
async def save_person(request: AnyRequest, person: FromPath[UUID]) -> Answer:
    """Change what is known of a person."""
    found = await visible(person, change=True)
    filled = await form(request, form_of(found))
    if not filled.validate():
        return await person_page(found, Refused(form=filled))
    with refused_into(filled, "email") as refusal:
        renewed = await persons.edit_person(person=person, details=filled.details(), version=filled.shown_version())
        said = (
            _(
                "Saved. The e-mail address is the key to the account: the present access has ended, "
                "and starts anew with the new address."
            )
            if renewed
            else _("Saved.")
        )
        return see_other(f"/staff/people/{person}", flash_text=said, kind="warning" if renewed else "success")
    if isinstance(refusal.error, ChangedMeanwhileError):
        filled.email.errors = []
        stored = await persons.find_person(person)
        return await person_page(stored, Refused(form=filled, error=refusal.error, status=409))
    return await person_page(found, Refused(form=filled, error=refusal.error))


@action("/staff/people/{person:uuid}/seats", name="people:save_seat", permission=MANAGE)
async def save_seat(request: AnyRequest, person: FromPath[UUID]) -> Answer:
    """Give a contact a place at a customer, or change it, with her projects there."""
    found = await visible(person, change=True)
    filled = await form(request, SeatForm)
    sent = await request.form()
    search = str(sent.get("customer_search", "")).strip()
    if sent.get("go") == "find":
        return await person_page(found, Refused(seat=filled, customer_search=search, status=200))
    seat = filled.seat() if filled.validate() else None
    if seat is not None:
        with refused_into(filled, "customer"):
            await persons.set_seat(person=person, seat=seat, projects=filled.project_ids())
            return see_other(f"/staff/people/{person}#rights", flash_text=_("Saved. It counts from the next page on."))
    return await person_page(found, Refused(seat=filled, customer_search=search))


@action("/staff/people/{person:uuid}/seats/{customer:uuid}/remove", name="people:remove_seat", permission=MANAGE)
async def remove_seat(person: FromPath[UUID], customer: FromPath[UUID]) -> Answer:
    """Take a contact's place at a customer away."""
    await visible(person, change=True)
    await persons.remove_seat(person=person, customer=customer)
    return see_other(f"/staff/people/{person}#rights", flash_text=_("Removed. It counts from the next page on."))


@action("/staff/people/{person:uuid}/role", name="people:set_staff_role", permission=MANAGE_STAFF)
async def set_staff_role(request: AnyRequest, person: FromPath[UUID]) -> Answer:
    """Give a member of the staff another role."""
    found = await visible(person, change=True)
    role = known_role(str((await request.form()).get("role", "")), Audience.STAFF)
    if role is None:
        return await person_page(found, Refused(role=_("Choose one from the list.")))
    await persons.set_staff_role(person=person, role=role)
    return see_other(f"/staff/people/{person}#rights", flash_text=_("Saved. It counts from the next page on."))


HANDLERS: list[Any] = [
    list_contacts,
    list_staff,
    show_person,
    save_person,
    save_seat,
    remove_seat,
    set_staff_role,
    *staff_people_new.HANDLERS,
    *staff_people_access.HANDLERS,
    *staff_people_import.HANDLERS,
]
