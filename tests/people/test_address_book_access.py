"""How recipients of forwarded documents become contacts: by the form, by a colleague, or by registering."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from core.accounts.tables import Registration
from core.contributions import Reach
from core.errors import NotFoundError
from core.people import colleagues, persons
from core.people.actor import acting_as
from core.people.persons import Details, Seat
from core.people.registrations_deciding import approve_registration
from core.people.seen import as_person
from core.people.tables import Customer, Membership, Person
from core.preferences.values import save_settings
from core.tenancy.snapshot import load_snapshot
from tests.db_fixtures import Databases
from tests.messages.forwarding import letters
from tests.people.books import ANA, HER, HIM, add, book, people, person_with
from tests.people.colleagues import do
from tests.people.sheets import sheets_world
from tests.portal_fixtures import Portal, World


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with sheets_world(dialect, databases, tmp_path) as made:
        yield made


@pytest.fixture
async def portal(world: World) -> Portal:
    return world.first


@pytest.fixture
async def acme(portal: Portal) -> Customer:
    return await portal.customer("Acme")


def _form(portal: Portal, acme: Customer, person: Person, **more: str) -> dict[str, str]:
    return {
        "id": str(person.id),
        "given_name": "Ada",
        "family_name": "Visor",
        "email": HIM,
        "customer": str(acme.id),
        "role": str(portal.roles["viewer"].id),
        "reach": "company",
        "go": "save",
        "access": "invite",
        **more,
    }


REFUSED = [
    ("memoq", {}, "Give at least one: telephone, mobile, or another way to reach the person."),
    ("memoq", {"phone": "  "}, "Give at least one: telephone, mobile, or another way to reach the person."),
    ("memoq", {"role": ""}, "Choose one from the list."),
    ("onvio", {"family_name": ""}, "Please fill this in."),
    ("simple", {"given_name": ""}, "Please fill this in."),
]


async def test_giving_access_asks_for_what_the_tenant_must_know(portal: Portal, acme: Customer) -> None:
    """X7: the form of contacts opens, with its rules; what it refuses leaves a recipient."""
    await add(portal, acme, HIM)
    him = await person_with(portal, HIM)
    pilar = await portal.browser(await portal.staff("pilar@obrador.example"))
    page = (await pilar.get(f"/staff/people/{him.id}")).text
    assert f"/staff/people/new?person={him.id}" in page
    assert "/invite" not in page
    offered = (await pilar.get(f"/staff/people/new?person={him.id}")).text
    assert f'value="{HIM}"' in offered
    assert str(him.id) in offered
    for required, typed, said in REFUSED:
        async with portal.work():
            await save_settings({"people.required_fields": required, "people.invitation": "ask"})
        answer = await pilar.post("/staff/people/new", _form(portal, acme, him, **typed))
        assert (answer.status_code, said in answer.text) == (422, True), (required, typed)
    assert (await people(portal))[HIM] == ("recipient", "forwarding", False)
    assert await letters() == {}


@pytest.mark.parametrize(
    ("required", "typed"),
    [("memoq", {"other_contact": "ada on chat"}), ("onvio", {}), ("simple", {"family_name": ""})],
)
async def test_what_it_takes_makes_a_contact_who_is_invited_as_anybody(
    portal: Portal, acme: Customer, required: str, typed: dict[str, str]
) -> None:
    async with portal.work():
        await save_settings({"people.required_fields": required, "people.invitation": "ask"})
    await add(portal, acme, HIM)
    him = await person_with(portal, HIM)
    pilar = await portal.browser(await portal.staff("pilar@obrador.example"))
    for _twice in range(2):
        answer = await pilar.post("/staff/people/new", _form(portal, acme, him, **typed))
        assert answer.status_code == 303
    assert (await people(portal))[HIM] == ("invited", "forwarding", False)
    assert await book(portal, acme) == []
    async with portal.work():
        assert await Membership.count().where(Membership.person == him.id) == 1
    assert set(await letters()) == {HIM}


async def test_step_by_step_the_last_step_completes_her(portal: Portal, acme: Customer) -> None:
    async with portal.work():
        await save_settings({"people.contact_form": "wizard", "people.invitation": "ask"})
    await add(portal, acme, HIM)
    him = await person_with(portal, HIM)
    pilar = await portal.browser(await portal.staff("pilar@obrador.example"))
    typed = _form(portal, acme, him, activate="yes", send="now", go="next")
    for step in ("data", "access", "send"):
        assert (await pilar.post("/staff/people/new", typed | {"step": step})).status_code == 200
        assert (await people(portal))[HIM] == ("recipient", "forwarding", False)
    assert (await pilar.post("/staff/people/new", typed | {"step": "check"})).status_code == 303
    assert (await people(portal))[HIM] == ("invited", "forwarding", False)


async def test_nobody_else_is_completed_by_the_form(portal: Portal, acme: Customer) -> None:
    """The id that the form carries is anybody's to change: who is more than a recipient stays as she is."""
    await add(portal, acme, HIM)
    ana = await portal.contact(ANA, acme)
    pilar = await portal.browser(await portal.staff("pilar@obrador.example"))
    await pilar.post("/staff/people/new", _form(portal, acme, ana, email="new@else.example"))
    kept = await person_with(portal, ANA)
    assert (kept.given_name, kept.state) == ("Ana", "active")
    refused = await pilar.post("/staff/people/new", _form(portal, acme, ana, id=str(uuid4())))
    assert refused.status_code == 422
    assert "has this e-mail address already" in refused.text
    assert (await people(portal))[HIM] == ("recipient", "forwarding", False)


async def test_a_manager_invites_who_was_only_forwarded_a_document(portal: Portal, acme: Customer) -> None:
    """Of her own book or of another's: the answer is that for a stranger, and nothing that others typed is seen."""
    beta = await portal.customer("Beta")
    bea = await portal.contact("bea@beta.example", beta)
    await add(portal, acme, HIM)
    him = await person_with(portal, HIM)
    async with portal.work():
        await persons.edit_person(
            person=him.id, details=Details(given_name="Secret", family_name="", email=HIM, phone="+34 secret")
        )
    details = Details(given_name="Ada", family_name="Visor", email=HIM.upper())
    seat = Seat(customer=beta.id, role=portal.roles["viewer"].id)
    assert await do(portal, bea, colleagues.invite_colleague, details=details, seat=seat, person=uuid4()) == him.id
    now = await person_with(portal, HIM)
    assert (now.state, now.given_name, now.family_name) == ("invited", "Ada", "Visor")
    assert not now.phone
    assert await book(portal, acme) == [(HIM, HIM)]
    await add(portal, acme, HER)
    with pytest.raises(NotFoundError):  # the id of a form is anybody's to change
        await do(
            portal,
            bea,
            colleagues.invite_colleague,
            details=details,
            seat=seat,
            person=(await person_with(portal, HER)).id,
        )


async def test_who_registers_is_let_in_with_what_she_said_herself(portal: Portal, acme: Customer) -> None:
    await add(portal, acme, HIM)
    him = await person_with(portal, HIM)
    pilar = await portal.staff("pilar@obrador.example")
    async with portal.work():
        registration = Registration(
            email=HIM, given_name="Ada", family_name="Visor", company="Tax", phone="+34 1", state="waiting"
        )
        await Registration.insert(registration)
        by = await as_person(pilar, await load_snapshot(portal.tenant.id))
        with acting_as(by):
            made = await approve_registration(
                registration=registration.id, customer=acme.id, role=portal.roles["viewer"].id, reach=Reach.OWN
            )
    now = await person_with(portal, HIM)
    assert (made, now.state, now.given_name, now.phone) == (him.id, "invited", "Ada", "+34 1")
