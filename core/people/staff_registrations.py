"""The back office's queue of registrations: what waits first, and one page to decide on each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery

from core.accounts.oidc.registering import shown_identity
from core.accounts.tables import Registration
from core.contributions import Audience
from core.formats import country_name
from core.i18n import LANGUAGES, Translator, current_language
from core.people import queries, registrations_deciding
from core.people.actor import current_actor
from core.people.forms import refused_into, role_choices
from core.people.pages import choice_filter, column, fill_customer_choices, list_view, may, nothing_found
from core.people.persons import EmailTakenError, full_name
from core.people.queries import Page
from core.people.registration_forms import ApproveForm, ApproveKnownForm, RejectForm
from core.people.registrations import living_person
from core.people.registrations_deciding import Corrected, find_registration
from core.people.roles import help_of, roles_for
from core.web import action, form, page, render, see_other

_ = Translator("core")

MANAGE = "core:person:manage"
MAKE_CUSTOMERS = "core:customer:manage"
PATH = "/staff/registrations"
STATES: dict[str, dict[str, Any]] = {
    "waiting": {"label": _("Waiting for a decision"), "tone": "warning", "icon": "hourglass"},
    "approved": {"label": _("Approved"), "tone": "success", "icon": "circle-check"},
    "rejected": {"label": _("Refused"), "tone": "neutral", "icon": "circle-x"},
}

AnyRequest = Request[Any, Any, Any]


@page(PATH, name="people:registrations", permission=MANAGE)
async def list_registrations(after: FromQuery[UUID | None] = None, show: FromQuery[str] = "") -> Response[str]:
    """List what waits for a decision, oldest first; or everything, newest first."""
    everything = show == "all"
    found = await _page_of(after, everything=everything)
    for row in found.rows:
        row["name"] = f"{row['given_name']} {row['family_name']}".strip()
        row["url"] = f"{PATH}/{row['id']}"
        row["state"] = STATES[row["state"]]
    view = list_view(
        title=_("Registrations"),
        path=PATH,
        page=found,
        columns=[
            column("name", _("Name"), "title"),
            column("company", _("Company")),
            column("email", _("E-mail")),
            column("confirmed_at", _("Received"), "instant"),
            column("state", _("State"), "state"),
        ],
        search="",
        search_label=_("Search"),
        empty=nothing_found(_("No registration yet.") if everything else _("No registration waits for a decision.")),
        chosen={"show": "all"} if everything else {},
        filters=[
            choice_filter(
                "show",
                _("Show"),
                [("", _("What waits for a decision")), ("all", _("Decided ones too"))],
                "all" if everything else "",
            )
        ],
        first=after is None,
    )
    view["search"] = None
    return await render(
        "people/people.html",
        title=_("Registrations"),
        view=view,
        frame="layouts/staff.html",
        audience="registrations",
        new_url=None,
        new_label="",
        can_see_contacts=may("core:person:view"),
        can_see_staff=may("core:role:manage"),
        can_see_registrations=True,
    )


async def _page_of(after: UUID | None, *, everything: bool) -> Page:
    query = Registration.select(
        Registration.id,
        Registration.given_name,
        Registration.family_name,
        Registration.company,
        Registration.email,
        Registration.confirmed_at,
        Registration.state,
    )
    if everything:
        query = query.where(Registration.state != "unconfirmed")
        query = query.where(Registration.id < after) if after else query
    else:
        query = query.where(Registration.state == "waiting")
        query = query.where(Registration.id > after) if after else query
    rows = await query.order_by(Registration.id, ascending=not everything).limit(queries.PAGE + 1)
    shown = rows[: queries.PAGE]
    return Page(shown, str(shown[-1]["id"]) if len(rows) > queries.PAGE else None)


@page(f"{PATH}/{{registration:uuid}}", name="people:show_registration", permission=MANAGE)
async def show_registration(registration: FromPath[UUID]) -> Response[str]:
    """Show one registration; while it waits, with the forms to decide on it."""
    found = await find_registration(registration)
    return await _show(found, (await _form_of(found))(data=_typed(found)), RejectForm())


async def _form_of(found: Registration) -> type[ApproveForm | ApproveKnownForm]:
    """Return the form to approve with: nothing of somebody who is known already is changed by it."""
    known = await living_person(found.email) if found.state == "waiting" else None
    return ApproveForm if known is None else ApproveKnownForm


def _typed(found: Registration) -> dict[str, str]:
    names = {"given_name": found.given_name, "family_name": found.family_name, "company": found.company}
    return {**names, "phone": found.phone}


async def _show(
    found: Registration,
    approve: ApproveForm | ApproveKnownForm,
    reject: RejectForm,
    *,
    status: int = 200,
    error: Exception | None = None,
) -> Response[str]:
    roles = await roles_for(Audience.CONTACT)
    approve.role.choices = role_choices(roles)
    waiting = found.state == "waiting"
    known = await living_person(found.email) if waiting else None
    if waiting:
        if approve.is_new():
            approve.customer.data = ""
        await fill_customer_choices(approve.customer)
    return await render(
        "people/registration_decide.html",
        status=status,
        title=f"{found.given_name} {found.family_name}",
        registration=found,
        chip=STATES[found.state],
        facts=[*_facts(found), {"label": _("Wants to sign in with"), "value": await shown_identity(found.identity)}],
        approve=approve,
        reject=reject,
        roles=[{"label": role.label, "help": help_of(role.preset)} for role in roles],
        known={"person": known.id, "name": full_name(known)} if known is not None else None,
        known_staff=known is not None and known.kind == "staff",
        taken=error if isinstance(error, EmailTakenError) else None,
        can_add_customers=may(MAKE_CUSTOMERS),
        has_customers=not waiting or await queries.has_customers(),
    )


def _facts(found: Registration) -> list[dict[str, Any]]:
    return [
        {"label": _("E-mail"), "value": found.email},
        {"label": _("Company, as typed"), "value": found.company},
        {"label": _("Country"), "value": country_name(found.country, current_language()) if found.country else None},
        {"label": _("Telephone"), "value": found.phone or None},
        {"label": _("Language"), "value": LANGUAGES[found.language].name if found.language in LANGUAGES else None},
    ]


@action(
    f"{PATH}/{{registration:uuid}}/approve",
    name="people:approve_registration",
    permission=MANAGE,
    limit="invitation",
)
async def approve(request: AnyRequest, registration: FromPath[UUID]) -> Response[str]:
    """Make the contact, send the invitation, and open the contact to complete what is missing."""
    found = await find_registration(registration)
    form_class = await _form_of(found)
    filled: ApproveForm | ApproveKnownForm = await form(request, form_class)
    filled.role.choices = role_choices(await roles_for(Audience.CONTACT))
    if filled.is_new():
        current_actor().require(MAKE_CUSTOMERS)
    seat = filled.seat() if filled.validate() else None
    error: Exception | None = None
    if seat is not None:
        with refused_into(filled, "customer") as refusal:
            person = await registrations_deciding.approve_registration(
                registration=registration,
                customer=seat.customer,
                role=seat.role,
                reach=seat.reach,
                corrected=_corrected(filled),
                new_customer=filled.company.data if filled.is_new() else "",
            )
            said = _("{name} is a contact now, and a mail with the way in is sent. Complete what is missing here.")
            return see_other(
                f"/staff/people/{person}", flash_text=said.format(name=f"{found.given_name} {found.family_name}")
            )
        error = refusal.error
        found = await find_registration(registration)
    status = 409 if isinstance(error, registrations_deciding.DecidedError) else 422
    return await _show(found, filled, RejectForm(), status=status, error=error)


def _corrected(filled: ApproveForm | ApproveKnownForm) -> Corrected | None:
    if not isinstance(filled, ApproveForm):
        return None
    return Corrected(given_name=filled.given_name.data, family_name=filled.family_name.data, phone=filled.phone.data)


@action(f"{PATH}/{{registration:uuid}}/reject", name="people:reject_registration", permission=MANAGE)
async def reject(request: AnyRequest, registration: FromPath[UUID]) -> Response[str]:
    """Refuse, and say so in a mail."""
    found = await find_registration(registration)
    filled = await form(request, RejectForm)
    if not filled.validate():
        return await _show(found, (await _form_of(found))(data=_typed(found)), filled, status=422)
    await registrations_deciding.reject_registration(registration=registration, reason=filled.reason.data)
    said = _("The registration of {name} is refused, and a mail says so.")
    return see_other(PATH, flash_text=said.format(name=f"{found.given_name} {found.family_name}"))


HANDLERS: list[Any] = [list_registrations, show_registration, approve, reject]
