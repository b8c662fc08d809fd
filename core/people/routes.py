"""One's own profile and looks, and the company of a contact."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromQuery

from core.accounts.pages import own_frame
from core.accounts.tables import Session
from core.errors import NotFoundError, NotPermittedError
from core.i18n import Translator
from core.people import customers, persons, queries
from core.people.actor import Actor, current_actor
from core.people.companies import SHOWN_FOR, require_shown_for, shown_for
from core.people.company import read_address, read_invoicing
from core.people.customer_forms import CompanyForm, address_data, differences
from core.people.forms import ProfileForm, person_data, read_id, refused_into
from core.people.pages import address_lines, person_languages
from core.people.persons import Details, find_person
from core.people.tables import Customer, Person
from core.web import action, form, is_local_path, page, render, see_other, visit

_ = Translator("core")

OWN = "everybody's own data"
EDIT_PERSONAL = "portal.edit_personal"
EDIT_COMPANY = "portal.edit_company"
VIEW_COMPANY = "core:company:view"
CHANGE_COMPANY = "core:company:edit"
ALL_COMPANIES = "all"

AnyRequest = Request[Any, Any, Any]
Answer = Response[str] | Response[None]


def _back() -> str:
    """Return the page that a small form of the frame was sent from."""
    headers = dict(visit().scope["headers"])
    referrer = headers.get(b"referer", b"").decode("latin-1")
    path = referrer.removeprefix(visit().origin) if referrer.startswith(f"{visit().origin}/") else "/"
    return path if is_local_path(path) else "/"


async def _me() -> Person:
    person = current_actor().person
    if person is None:
        raise NotFoundError
    return await find_person(person)


# -- profile -----------------------------------------------------------------------------------------------------------


def _may_edit_personal(actor: Actor) -> bool:
    return actor.viewed_by is None and (actor.is_staff or bool(actor.tenant.setting(EDIT_PERSONAL)))


@page("/profile", name="people:profile", signed_in=OWN)
async def show_profile() -> Response[str]:
    """Show one's own data."""
    me = await _me()
    return await _profile_page(me, ProfileForm(data=person_data(me)))


async def _profile_page(me: Person, filled: ProfileForm, *, status: int = 200) -> Response[str]:
    actor = current_actor()
    filled.language.choices = person_languages()
    seats = (await queries.seats_of([me.id])).get(me.id, [])
    return await render(
        "people/profile.html",
        status=status,
        title=_("My profile"),
        frame=own_frame(),
        form=filled,
        me=me,
        seats=seats,
        role=actor.tenant.roles[me.staff_role].label if me.staff_role in actor.tenant.roles else None,
        can_edit=_may_edit_personal(actor),
    )


@action("/profile", name="people:save_profile", signed_in=OWN)
async def save_profile(request: AnyRequest) -> Answer:
    """Change one's own data; where the tenant keeps it, the language alone."""
    me = await _me()
    actor = current_actor()
    if actor.viewed_by is not None:
        raise NotPermittedError
    filled = await form(request, ProfileForm)
    if not _may_edit_personal(actor):
        sent = await request.form()
        if any(name in sent for name in ("given_name", "family_name", "phone", "mobile", "other_contact")):
            raise NotPermittedError
        await persons.choose_language(person=me.id, language=filled.language.data or None)
        return see_other("/profile", flash_text=_("Saved."))
    if filled.validate():
        with refused_into(filled):
            details = Details(
                given_name=filled.given_name.data,
                family_name=filled.family_name.data,
                phone=filled.phone.data,
                mobile=filled.mobile.data,
                other_contact=filled.other_contact.data,
                language=filled.language.data or None,
            )
            await persons.edit_own_profile(person=me.id, details=details)
            return see_other("/profile", flash_text=_("Saved."))
    return await _profile_page(me, filled, status=422)


@page("/profile/settings", name="people:profile_settings", signed_in=OWN)
async def profile_settings() -> Response[str]:
    """Lead to password, sessions and notifications."""
    actor = current_actor()
    return await render(
        "people/profile_settings.html", title=_("Settings"), frame=own_frame(), is_contact=actor.is_contact
    )


@action("/theme", name="people:theme", signed_in=OWN)
async def choose_theme(request: AnyRequest) -> Answer:
    """Choose light, dark or as the system has it."""
    me = await _me()
    await persons.choose_theme(person=me.id, theme=str((await request.form()).get("theme", "")))
    return see_other(_back())


# -- company -----------------------------------------------------------------------------------------------------------


@action("/company/switch", name="people:switch_company", signed_in="the choice is among one's own companies")
async def switch_company(request: AnyRequest) -> Answer:
    """Narrow lists and cards to one company, or show all of one's own."""
    actor = current_actor()
    sent = str((await request.form()).get("company", ""))
    company = None if sent == ALL_COMPANIES else read_id(sent)
    if (company is None and sent != ALL_COMPANIES) or not actor.is_contact:
        raise NotFoundError
    if company is not None and company not in {place.customer for place in actor.places}:
        raise NotFoundError
    await Session.update({Session.active_customer: company}).where(Session.id == actor.session)
    return see_other(_back())


def _company(actor: Actor, asked: str) -> UUID:
    """Return the company to show: the one asked for, the active one, the first that may be seen."""
    seen = [place.customer for place in actor.places if actor.can(VIEW_COMPANY, customer=place.customer)]
    wanted = read_id(asked) or actor.active_customer
    if asked and read_id(asked) not in seen:
        raise NotFoundError
    if wanted in seen:
        return wanted
    if not seen:
        raise NotPermittedError
    return seen[0]


def _may_edit_company(actor: Actor, customer: UUID) -> bool:
    allowed = bool(actor.tenant.setting(EDIT_COMPANY))
    return allowed and actor.viewed_by is None and actor.can(CHANGE_COMPANY, customer=customer)


@page("/company", name="people:company", permission=VIEW_COMPANY)
async def show_company(customer: FromQuery[str] = "") -> Response[str]:
    """Show the company's data."""
    company = _company(current_actor(), customer)
    found = await customers.find_customer(company)
    return await _company_page(found, CompanyForm(data=address_data(found)))


async def _company_page(
    found: Customer, filled: CompanyForm, *, status: int = 200, stale: bool = False
) -> Response[str]:
    actor = current_actor()
    changed = differences(filled, address_data(found)) if stale else []
    if stale:
        filled.version.data = str(found.version)
    seen = {place.customer: place.name for place in actor.places if actor.can(VIEW_COMPANY, customer=place.customer)}
    invoicing = read_invoicing(found.invoicing)
    return await render(
        "people/company.html",
        status=status,
        title=found.name,
        form=filled,
        company=found,
        address=address_lines(read_address(found.address)).replace("\n", ", "),
        invoicing=invoicing,
        can_edit=_may_edit_company(actor, found.id),
        allowed_by_tenant=bool(actor.tenant.setting(EDIT_COMPANY)),
        others=[{"id": one, "name": name} for one, name in seen.items() if one != found.id],
        shown_for=shown_for(actor),
        differences=changed,
    )


@action("/company", name="people:save_company", permission=VIEW_COMPANY)
async def save_company(request: AnyRequest) -> Answer:
    """Change the company's address and invoicing preferences. The form carries the company that it was shown for."""
    actor = current_actor()
    sent = await request.form()
    company = _company(actor, str(sent.get("customer", "")))
    if not _may_edit_company(actor, company):
        raise NotPermittedError
    require_shown_for(actor, sent.get(SHOWN_FOR))
    found = await customers.find_customer(company)
    filled = await form(request, CompanyForm)
    if filled.validate():
        with refused_into(filled) as refusal:
            await customers.edit_company(
                customer=company,
                address=filled.address(),
                invoicing=filled.invoicing(),
                version=filled.shown_version(),
            )
            return see_other(
                f"/company?customer={company}",
                flash_text=_("Saved. It counts for what is issued from now on; documents that exist stay as they are."),
            )
        if isinstance(refusal.error, customers.CustomerChangedError):
            found = await customers.find_customer(company)
            return await _company_page(found, filled, status=refusal.error.status, stale=True)
    return await _company_page(found, filled, status=422)


HANDLERS: list[Any] = [
    show_profile,
    save_profile,
    profile_settings,
    choose_theme,
    switch_company,
    show_company,
    save_company,
]
