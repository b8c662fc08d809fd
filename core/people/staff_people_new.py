"""The back office's forms for new people: contacts on one page or by steps, and staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.params import FromQuery

from core.contributions import Audience, Reach
from core.db import transaction
from core.errors import InvalidInputError
from core.forms import add_problems, choices
from core.i18n import Translator
from core.people import persons, queries
from core.people.actor import current_actor
from core.people.address_book import first_customer_of
from core.people.contact_options import invitation_of, is_wizard, required_of
from core.people.forms import StaffForm, fresh_id, known_role, person_data, read_id, refused_into, role_choices
from core.people.forms_contacts import STEPS, NewContactForm, Step
from core.people.pages import may, person_languages
from core.people.persons import EmailTakenError, full_name
from core.people.persons_known import is_recipient
from core.people.previews import preview_of
from core.people.roles import roles_for
from core.people.seen import as_seat
from core.people.staff_people_pages import MANAGE, MANAGE_STAFF, Answer, AnyRequest, fill_customers, role_helps
from core.people.told import chosen_channels, contact_default, kinds_for_contacts
from core.web import action, form, page, render, see_other

if TYPE_CHECKING:
    from uuid import UUID

    from core.people.actor import Actor
    from core.people.tables import Person
    from core.people.told import Channel

_ = Translator("core")

NEW = "/staff/people/new"


@page(NEW, name="people:new_contact", permission=MANAGE)
async def new_contact(customer: FromQuery[str] = "", person: FromQuery[str] = "") -> Response[str]:
    """Show an empty form; from a customer's page with the customer chosen, of a recipient with what is known of her."""
    recipient = await _recipient(read_id(person))
    if recipient is not None:
        chosen = await first_customer_of(recipient.id)
        known = person_data(recipient) | {"customer": str(chosen) if chosen else ""}
        return await _contact_page(NewContactForm(data=known))
    return await _contact_page(NewContactForm(data={**fresh_id(), "customer": customer}))


async def _recipient(person: UUID | None) -> Person | None:
    """Return the contact who is in address books only and whom the form completes, if it is about one."""
    found = await persons.find_living(person) if person is not None else None
    return found if found is not None and is_recipient(found) else None


@action(NEW, name="people:add_contact", permission=MANAGE, limit="invitation")
async def add_contact(request: AnyRequest) -> Answer:
    """Add a contact, or go a step on or back; nothing is stored and nothing sent before the last step."""
    filled = await form(request, NewContactForm)
    sent = await request.form()
    wanted, step = str(sent.get("go", "")), filled.step_of(str(sent.get("step", "")))
    if wanted == "find":
        return await _contact_page(filled, step=step)
    steps = filled.steps()
    if wanted == "back" and is_wizard(current_actor().tenant):
        return await _contact_page(filled, step=steps[max(steps.index(step) - 1, 0)])
    last = not is_wizard(current_actor().tenant) or step == steps[-1]
    error, former = await _problems(filled)
    at = filled.refused_at("check" if last else step)
    if at is None and last and not filled.form_errors:
        answer, error = await _enrol(filled)
        if answer is not None:
            return answer
        at = filled.refused_at("check")
    elif at is None and not last:
        return await _contact_page(filled, step=steps[steps.index(step) + 1])
    return await _contact_page(filled, step=at or step, status=422, error=error, former=former)


async def _problems(filled: NewContactForm) -> tuple[Exception | None, Person | None]:
    """Put everything that is wrong to its field; return a taken address, and who had it and was deleted."""
    filled.validate()
    filled.check_customer()
    filled.seat()
    access = filled.wanted_access()
    if access != "none" and not filled.email.data and not filled.email.errors:
        add_problems(filled, {"email": [_("Without an e-mail address nobody can be invited.")]})
    error: Exception | None = None
    if filled.id.data is not None and not await _is_stored(filled):
        try:
            await persons.check_contact(details=filled.details(), person=filled.id.data)
        except InvalidInputError as refused:
            error = refused
            add_problems(filled, {name: texts for name, texts in refused.fields.items() if not filled[name].errors})
    former = None
    if filled.email.data and not filled.email.errors and not filled.somebody_else.data:
        former = await persons.deleted_with(filled.email.data)
    if former is not None and not await _is_stored(filled):
        said = _("{name}, who was deleted, had this address. Restore that contact, or say that this is somebody else.")
        add_problems(filled, {"email": [said.format(name=full_name(former))]})
    return error, former


async def _is_stored(filled: NewContactForm) -> bool:
    """Whether the form came before: sent twice, it adds once and says so twice."""
    return filled.id.data is not None and await persons.is_known(filled.id.data)


async def _enrol(filled: NewContactForm) -> tuple[Answer | None, Exception | None]:
    seat, id, access = filled.seat(), filled.id.data, filled.wanted_access()
    if seat is None or id is None:
        return None, None
    with refused_into(filled, "customer") as refusal:
        await persons.enrol_contact(
            details=filled.details(),
            seats=[seat],
            projects=filled.project_ids(),
            person=id,
            access=access,
            channels=await _channels(filled),
        )
        name = f"{filled.given_name.data} {filled.family_name.data}".strip()
        if access == "invite":
            said = _("{name} was added, and the invitation is on its way to {email}.")
            return see_other("/staff/people", flash_text=said.format(name=name, email=filled.email.data)), None
        said = (
            _("{name} was added with a login. Nothing has been sent: the invitation is sent from here.")
            if access == "login"
            else _("{name} was added. Nothing has been sent.")
        )
        by_hand = invitation_of(current_actor().tenant) == "by_hand" or access == "login"
        path = f"/staff/people/{id}" if by_hand else "/staff/people"
        return see_other(path, flash_text=said.format(name=name)), None
    return None, refusal.error


async def _somebody_there(filled: NewContactForm) -> Actor | None:
    """Return who the contact will be, as far as it is chosen and can be."""
    customer, role = read_id(filled.customer.data), read_id(filled.role.data)
    tenant = current_actor().tenant
    if customer is None or role is None or role not in tenant.roles:
        return None
    return await as_seat(customer=customer, role=role, reach=Reach.parse(filled.reach.data), tenant=tenant)


async def _channels(filled: NewContactForm) -> dict[str, Channel]:
    """Return how the contact is told of things, where staff have chosen something else than what is usual."""
    somebody = await _somebody_there(filled) if filled.told.data else None
    if somebody is None:
        return {}
    return chosen_channels(somebody.tenant, somebody.modules, filled.mails.data or [])


def _offer_mails(filled: NewContactForm, somebody: Actor | None) -> None:
    """Offer the kinds that the contact can hear of; at first those are ticked that come by mail anyhow."""
    kinds = kinds_for_contacts(somebody.modules) if somebody else []
    filled.mails.choices = choices((kind.key, kind.label) for kind in kinds)
    if not filled.told.data:
        tenant = current_actor().tenant
        filled.mails.data = [kind.key for kind in kinds if contact_default(tenant, kind) == "mail"]


async def _contact_page(
    filled: NewContactForm,
    *,
    step: Step = "data",
    status: int = 200,
    error: Exception | None = None,
    former: Person | None = None,
) -> Response[str]:
    tenant = current_actor().tenant
    roles = await roles_for(Audience.CONTACT)
    filled.role.choices = role_choices(roles)
    filled.language.choices = person_languages()
    await fill_customers(filled.customer, search=filled.customer_search.data or "")
    chosen = read_id(filled.customer.data)
    projects = await queries.projects_of(chosen) if chosen else []
    filled.projects.choices = choices((str(row["id"]), row["name"]) for row in projects if row["state"] == "open")
    steps = filled.steps()
    somebody = await _somebody_there(filled)
    _offer_mails(filled, somebody)
    recipient = await _recipient(filled.id.data)
    title = _("Give access to {name}").format(name=full_name(recipient)) if recipient else _("New contact")
    return await render(
        "people/contact_steps.html" if is_wizard(tenant) else "people/contact_new.html",
        status=status,
        title=title,
        recipient=recipient,
        cancel_url=f"/staff/people/{recipient.id}" if recipient else "/staff/people",
        form=filled,
        step=step,
        steps=[{"key": key, "label": STEPS[key]} for key in steps],
        carried=list(filled.carried(step)),
        invitation=invitation_of(tenant),
        ways_needed=required_of(tenant) == "memoq",
        access=filled.wanted_access(),
        summary=_summary(filled),
        seen=preview_of(somebody) if somebody and step == "seen" else None,
        roles=role_helps(roles),
        has_customers=await queries.has_customers(),
        can_add_customers=may("core:customer:manage"),
        taken=error if isinstance(error, EmailTakenError) else None,
        former=former,
    )


def _summary(filled: NewContactForm) -> list[dict[str, Any]]:
    """Return what the last step shows before it stores anything."""
    chosen = {field: dict(_pairs(field)) for field in (filled.customer, filled.role, filled.reach, filled.language)}
    rows: list[tuple[Any, Any]] = [
        (_("Name"), f"{filled.given_name.data or ''} {filled.family_name.data or ''}".strip()),
        (filled.tax_id.label.text, filled.tax_id.data),
        (filled.email.label.text, filled.email.data),
        (filled.phone.label.text, filled.phone.data),
        (filled.mobile.label.text, filled.mobile.data),
        (filled.other_contact.label.text, filled.other_contact.data),
        *((field.label.text, labels.get(field.data)) for field, labels in chosen.items() if field.data),
    ]
    return [{"label": label, "value": value or None} for label, value in rows]


def _pairs(field: Any) -> list[tuple[Any, Any]]:
    return [(choice.value, choice.label) for choice in field.choices or ()]


# -- staff -------------------------------------------------------------------------------------------------------------


@page("/staff/staff/new", name="people:new_staff", permission=MANAGE_STAFF)
async def new_staff() -> Response[str]:
    """Show an empty form."""
    return await _staff_page(StaffForm(data=fresh_id()))


@action("/staff/staff/new", name="people:add_staff", permission=MANAGE_STAFF, limit="invitation")
async def add_staff(request: AnyRequest) -> Answer:
    """Add a member of the staff and send the invitation."""
    filled = await form(request, StaffForm)
    role, valid = known_role(filled.role.data, Audience.STAFF), filled.validate()
    if role is None and not filled.role.errors:
        add_problems(filled, {"role": [_("Choose one from the list.")]})
    if not valid or role is None:
        return await _staff_page(filled, status=422)
    with refused_into(filled) as refusal:
        async with transaction():
            person = await persons.add_staff(details=filled.details(), role=role, person=filled.id.data)
            await persons.send_invitation(person=person)
        return see_other(
            "/staff/staff", flash_text=_("The invitation is on its way to {email}.").format(email=filled.email.data)
        )
    return await _staff_page(filled, status=422, error=refusal.error)


async def _staff_page(filled: StaffForm, *, status: int = 200, error: Exception | None = None) -> Response[str]:
    roles = await roles_for(Audience.STAFF)
    filled.role.choices = role_choices(roles)
    filled.language.choices = person_languages()
    return await render(
        "people/staff_new.html",
        status=status,
        title=_("New member of staff"),
        form=filled,
        roles=role_helps(roles),
        taken=error if isinstance(error, EmailTakenError) else None,
    )


HANDLERS: list[Any] = [new_contact, add_contact, new_staff, add_staff]
