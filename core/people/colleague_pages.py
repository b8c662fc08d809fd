"""What the pages of one colleague show, to a manager of the company."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.contributions import Reach
from core.errors import NotFoundError, NotPermittedError
from core.forms import choices
from core.i18n import Translator
from core.people import colleagues
from core.people.colleague_forms import ColleagueForm, HeirForm, NewColleagueForm, RightsForm
from core.people.colleagues_rights import Held, offered_by, people_at
from core.people.companies import shown_for
from core.people.customer_forms import differences
from core.people.forms import SHORT_REACHES, person_data
from core.people.handing_over import count_projects, count_records
from core.people.pages import PERSON_STATES, person_languages
from core.people.persons import full_name
from core.people.roles import help_of
from core.people.tables import Person
from core.web import render

if TYPE_CHECKING:
    from uuid import UUID

    from litestar import Response

    from core.people.actor import Actor

_ = Translator("core")

_NOT_INVITED: dict[str, Any] = {"label": _("Not invited yet"), "tone": "warning", "icon": "hourglass"}
STATES = PERSON_STATES | {"address_book": _NOT_INVITED, "pending": _NOT_INVITED}
"""Address books and logins are the tenant's; the customer's people are invited or not."""


def company_name(actor: Actor, customer: UUID) -> str:
    """Return the name of one of the reader's companies."""
    return next(place.name for place in actor.places if place.customer == customer)


async def rights_of(actor: Actor, customer: UUID) -> tuple[Held, dict[UUID, Held]]:
    """Return what the reader holds at a company, and what everybody there does."""
    people = await people_at(customer)
    mine = people.get(actor.person) if actor.person else None
    if mine is None:
        raise NotPermittedError
    return mine, people


async def new_page(actor: Actor, customer: UUID, filled: NewColleagueForm, *, status: int = 200) -> Response[str]:
    """Show the form for a new colleague."""
    mine, _people = await rights_of(actor, customer)
    roles = offered_by(mine, actor.tenant)
    filled.offer(roles, mine.widest or Reach.OWN)
    filled.language.choices = person_languages()
    return await render(
        "people/colleague_new.html",
        status=status,
        title=_("Invite a colleague"),
        form=filled,
        roles=[{"label": role.label, "help": help_of(role.preset)} for role in roles],
        company=company_name(actor, customer),
        back_url=f"/colleagues?customer={customer}",
        shown_for=shown_for(actor),
    )


async def colleague_page(
    actor: Actor,
    customer: UUID,
    person: UUID,
    *,
    data: ColleagueForm | None = None,
    rights: RightsForm | None = None,
    heirs: dict[str, HeirForm] | None = None,
    status: int = 200,
    stale: bool = False,
) -> Response[str]:
    """Show a colleague; forms that were refused come back as they were filled."""
    mine, people = await rights_of(actor, customer)
    held = people.get(person)
    if held is None or held.role is None or held.reach is None:
        raise NotFoundError
    names = {row.id: row for row in await Person.objects().where(Person.id.is_in(list(people)))}
    found = names.get(person)
    if found is None:
        raise NotFoundError
    roles = offered_by(mine, actor.tenant)
    present = actor.tenant.roles[held.role]
    if present.id not in {role.id for role in roles}:
        roles.insert(0, present)
    filled = rights or RightsForm(data={"role": str(held.role), "reach": held.reach.word})
    filled.offer(roles, max(mine.widest or Reach.OWN, held.reach))
    data = data or ColleagueForm(data=person_data(found))
    data.language.choices = person_languages()
    changed = differences(data, _shown(found)) if stale else []
    if stale:
        data.version.data = str(found.version)
    offered = _heirs(people, names, person)
    forms = {name: (heirs or {}).get(name) or HeirForm(prefix=f"{name}-") for name in ("take", "leave")}
    for one in forms.values():
        one.heir.choices = choices([("", _("Choose a colleague")), *offered])
    return await render(
        "people/colleague.html",
        status=status,
        title=full_name(found),
        subject=found,
        chip=STATES[found.state],
        company=company_name(actor, customer),
        customer=customer,
        form=data,
        differences=changed,
        rights_form=filled,
        roles=[{"label": role.label, "help": help_of(role.preset)} for role in roles],
        role=present.label,
        reach=SHORT_REACHES[held.reach.word],
        records=await count_records(person=person, customer=customer),
        projects=await count_projects(person=person, customer=customer),
        heirs=forms,
        has_heirs=bool(offered),
        is_self=person == actor.person,
        is_theirs=await colleagues.is_theirs(person, actor),
        may_change_email=colleagues.may_change_email(found),
        beyond=bool(held.manages and mine.manages and held.manages > mine.manages),
        back_url=f"/colleagues?customer={customer}",
        shown_for=shown_for(actor),
    )


def _shown(found: Person) -> dict[str, Any]:
    """Return what the form shows of a colleague: her address only while it is nobody's key."""
    shown = {"given_name", "family_name", "phone", "mobile", "other_contact"}
    if colleagues.may_change_email(found):
        shown.add("email")
    return {name: value for name, value in person_data(found).items() if name in shown}


def _heirs(people: dict[UUID, Held], names: dict[UUID, Person], person: UUID) -> list[tuple[str, str]]:
    """Return who can take over from *person*: colleagues of the company itself who use the portal."""
    wanted = [one for one, held in people.items() if one != person and held.role and held.state == "active"]
    found = sorted((names[one] for one in wanted if one in names), key=lambda row: row.name_folded)
    return [(str(row.id), full_name(row)) for row in found]
