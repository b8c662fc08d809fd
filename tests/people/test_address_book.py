"""Recipients of forwarded documents: contacts of the address book, without a place, a way in or a word from us."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.accounts.invitations import create_login, invite_waiting
from core.accounts.services import request_reset
from core.accounts.sessions import Device
from core.accounts.tables import Account, Registration
from core.contributions import Reach
from core.db import outside
from core.errors import NotFoundError, WrongStateError
from core.messages.tables import Notice
from core.people import address_book, colleagues, persons
from core.people.actor import acting_as
from core.people.address_book import add_recipients, entries_of
from core.people.colleagues_rights import LastManagerError, managers_of, people_at
from core.people.contact_queries import contacts_found, count_never_invited, heirs_of
from core.people.persons import Details, EmailTakenError, Seat
from core.people.persons_known import RecipientError
from core.people.queries import people_with_roles
from core.people.registrations_deciding import approve_registration
from core.people.seen import as_person
from core.people.tables import AddressBookEntry, Customer, Membership, Person
from core.preferences.values import save_settings
from core.records.audiences import contacts_with
from core.records.base import beyond_reach
from core.records.kinds import audience
from core.tenancy.snapshot import load_snapshot
from tests.db_fixtures import Databases
from tests.messages.forwarding import a_sheet, allow, letters, send, told
from tests.people.sheets import SEE, Sheet, sheets_world
from tests.portal_fixtures import Portal, World

ANA, HIM, HER = "ana@acme.example", "adviser@tax.example", "her@else.example"


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


async def add(portal: Portal, customer: Customer, *emails: str) -> list[str]:
    """Put addresses in a customer's book, as forwarding does."""
    async with portal.work():
        return await add_recipients(customer=customer.id, emails=emails, by=None)


async def book(portal: Portal, customer: Customer) -> list[tuple[str, str]]:
    """Name and address of everybody in a customer's book, as the customer sees it."""
    async with portal.work():
        return [(entry.name, entry.email) for entry in await entries_of(customer.id)]


async def people(portal: Portal) -> dict[str, tuple[str, str, bool]]:
    """State, source, and whether they are deleted, of everybody who is no active contact, by address."""
    async with portal.work():
        rows = await Person.select().where(Person.state != "active").order_by(Person.id)
    return {row["email"]: (row["state"], row["source"], row["deleted_at"] is not None) for row in rows}


async def person_with(portal: Portal, email: str) -> Person:
    async with portal.work():
        found = await Person.objects().where(Person.email_folded == email, Person.deleted_at.is_null()).first()
    assert found is not None
    return found


async def do(portal: Portal, who: Person, verb: Any, **facts: Any) -> Any:
    """Run a verb as this person, as a request would."""
    async with portal.work():
        by = await as_person(who, await load_snapshot(portal.tenant.id))
        assert by is not None
        with acting_as(by):
            return await verb(by=by, **facts)


# -- how they get there ------------------------------------------------------------------------------------------------


async def test_forwarding_adds_each_address_once(portal: Portal, acme: Customer) -> None:
    """Colleagues and the sender are none; whoever is known elsewhere is not made twice, and nothing of her is told."""
    await allow(portal)
    ana = await portal.contact(ANA, acme)
    await portal.contact("col@acme.example", acme)
    eva = await portal.contact("eva@beta.example", await portal.customer("Beta"), name="Eva Luz")
    await portal.staff("pilar@obrador.example")
    browser, sheet = await portal.browser(ana), await a_sheet(portal, acme)
    to = f"{HIM}, {ANA}, col@acme.example, eva@beta.example, pilar@obrador.example"
    assert (await send(browser, sheet, to)).status_code == 303
    assert (await send(browser, sheet, f"{HIM}, {HER}")).status_code == 303
    assert await people(portal) == {
        HIM: ("recipient", "forwarding", False),
        HER: ("recipient", "forwarding", False),
    }
    known = [HIM, "eva@beta.example", HER, "pilar@obrador.example"]
    assert await book(portal, acme) == sorted((email, email) for email in known)
    assert [one["recipients"] for one in await told(portal, "core.recipients_added")] == [
        f"{HIM}, eva@beta.example, pilar@obrador.example",
        HER,
    ]
    async with portal.work():
        assert await Membership.count().where(Membership.person == eva.id) == 1
    listed = (await browser.get("/colleagues")).text
    assert "eva@beta.example" in listed
    assert "Eva" not in listed


async def test_the_tenant_may_want_nobody_added(portal: Portal, acme: Customer) -> None:
    await allow(portal, **{"messages.forwarding_adds": False})
    browser, sheet = await portal.browser(await portal.contact(ANA, acme)), await a_sheet(portal, acme)
    assert "address book" not in (await browser.get(sheet.path)).text
    assert (await send(browser, sheet, HIM)).status_code == 303
    assert (await people(portal), await book(portal, acme)) == ({}, [])
    assert await told(portal, "core.recipients_added") == []
    assert set(await letters()) == {HIM}


async def test_at_the_same_moment_one_contact_comes_of_it(portal: Portal, acme: Customer) -> None:
    beta = await portal.customer("Beta")

    async def once(customer: Customer) -> list[str]:
        return await add(portal, customer, HIM)

    tasks = [asyncio.create_task(once(customer), context=outside()) for customer in (acme, acme, beta, acme)]
    assert sorted(map(len, await asyncio.gather(*tasks))) == [0, 0, 1, 1]
    assert await people(portal) == {HIM: ("recipient", "forwarding", False)}
    assert (await book(portal, acme), await book(portal, beta)) == ([(HIM, HIM)], [(HIM, HIM)])


async def test_who_was_deleted_is_not_made_anew(portal: Portal, acme: Customer) -> None:
    """A recipient comes back as one; a contact whom staff deleted stays so, and her rights with her."""
    old = await portal.contact("old@acme.example", acme)
    await add(portal, acme, HIM)
    him = await person_with(portal, HIM)
    async with portal.work():
        await persons.delete_person(person=old.id)
        await persons.delete_person(person=him.id)
    assert await book(portal, acme) == []
    assert await add(portal, acme, HIM, "old@acme.example") == [HIM]
    assert await people(portal) == {
        "old@acme.example": ("address_book", "staff", True),
        HIM: ("recipient", "forwarding", False),
    }
    assert (await person_with(portal, HIM)).id == him.id
    async with portal.work():
        await persons.delete_person(person=him.id)
        await persons.restore_person(person=him.id)
    assert (await people(portal))[HIM] == ("recipient", "forwarding", False)


async def test_people_of_a_group_are_no_recipients_of_its_companies(portal: Portal) -> None:
    mother = await portal.customer("Mother")
    child = await portal.customer("Child", parent=mother.id)
    await portal.contact("boss@mother.example", mother, reach="group")
    await portal.contact("clerk@mother.example", mother, reach="company")
    assert await add(portal, child, "boss@mother.example", "clerk@mother.example") == ["clerk@mother.example"]


# -- what they are not -------------------------------------------------------------------------------------------------


async def test_they_have_no_right_and_hear_nothing(portal: Portal) -> None:
    """With data that could leak: a published sheet, a colleague who sees it and is told, and who manages."""
    mother = await portal.customer("Mother")
    acme = await portal.customer("Acme", parent=mother.id)
    await allow(portal)
    ana = await portal.contact(ANA, acme)
    sheet = await a_sheet(portal, acme)
    assert (await send(await portal.browser(ana), sheet, HIM)).status_code == 303
    him = await person_with(portal, HIM)
    roles = portal.roles["manager"].id
    async with portal.work():
        with beyond_reach("tests look behind"):
            record = await Sheet.objects().where(Sheet.id == sheet.id).first()
        assert record is not None
        assert set(await audience(record)) == {ana.id}
        assert set(await contacts_with(SEE, acme.id)) == {ana.id}
        assert managers_of(await people_at(acme.id)) == {ana.id}
        assert (await people_with_roles())[roles] == 1
        assert await invite_waiting(people=[him.id]) == []
        assert await count_never_invited() == 0
        assert await contacts_found(search="", state="recipient") == []
        assert (await as_person(him, await load_snapshot(portal.tenant.id))).places == ()  # type: ignore[union-attr]  # a contact
    viewer = portal.roles["viewer"].id
    with pytest.raises(LastManagerError):
        await do(
            portal,
            await portal.contact("boss@mother.example", mother, reach="group"),
            colleagues.give_rights,
            customer=acme.id,
            person=ana.id,
            role=viewer,
            reach=Reach.COMPANY,
        )
    await letters()
    async with portal.work():
        assert him.id not in {row["person"] for row in await Notice.select(Notice.person)}
        assert him.id not in {row["id"] for row in await heirs_of(ana.id)}


async def test_every_other_way_to_a_login_is_closed(portal: Portal, acme: Customer) -> None:
    await add(portal, acme, HIM)
    him = await person_with(portal, HIM)
    seat = Seat(customer=acme.id, role=portal.roles["manager"].id)
    async with portal.work():
        for verb in (create_login, persons.give_login, persons.send_invitation, persons.reset_person_access):
            with pytest.raises(WrongStateError):
                await verb(person=him.id)
        with pytest.raises(RecipientError):
            await persons.set_seat(person=him.id, seat=seat)
        with pytest.raises(RecipientError):
            await persons.deactivate_person(person=him.id)
        (done,) = await persons.invite_people(people=[him.id])
        assert "address book only" in str(done.reason)
        await persons.reactivate_person(person=him.id)
        assert await Account.exists().where(Account.email == HIM) is False
    assert (await people(portal))[HIM] == ("recipient", "forwarding", False)
    pilar = await portal.browser(await portal.staff("pilar@obrador.example"))
    for path in ("invite", "login", "reset", "deactivate"):
        assert (await pilar.post(f"/staff/people/{him.id}/{path}")).status_code == 409, path
    assert (await pilar.post("/staff/people/invite", {"who": "never"})).status_code == 303
    assert await letters() == {}


async def test_a_forgotten_password_says_and_does_the_same_as_for_strangers(portal: Portal, acme: Customer) -> None:
    await add(portal, acme, HIM)
    answers: list[tuple[Any, ...]] = []
    for email in (HIM, "nobody@else.example"):
        browser = await portal.browser()
        answer = await browser.post("/forgot-password", {"email": email}, page="/forgot-password")
        page = await browser.get(answer.headers.get("location", "/"))
        answers.append((answer.status_code, re.sub(r'value="[^"]+"', "", page.text).replace(email, "")))
        signed = await browser.post("/sign-in", {"email": email, "password": "x"})
        answers[-1] += (signed.status_code,)
    assert answers[0] == answers[1]
    async with portal.work():
        await request_reset(email=HIM, device=Device(agent="tests", address="127.0.0.1"))
    assert await letters() == {}


# -- how they become more ----------------------------------------------------------------------------------------------


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


# -- how they are kept -------------------------------------------------------------------------------------------------


async def test_staff_find_change_and_delete_them(portal: Portal, acme: Customer) -> None:
    await add(portal, acme, HIM)
    ana = await portal.contact(ANA, acme)
    him = await person_with(portal, HIM)
    pilar = await portal.browser(await portal.staff("pilar@obrador.example"))
    everybody = (await pilar.get("/staff/people")).text
    assert [text in everybody for text in (ANA, HIM, "Address book only")] == [True, True, True]
    only = (await pilar.get("/staff/people?show=recipient")).text
    assert [ANA in only, HIM in only, ">Acme<" in only] == [False, True, True]
    customer = (await pilar.get(f"/staff/customers/{acme.id}")).text
    assert "1 recipient of forwarded documents" in customer
    assert f"/staff/people/{him.id}" in customer
    page = await pilar.get(f"/staff/people/{him.id}")
    assert "Added by forwarding" in page.text
    sent = {"given_name": "", "family_name": "", "email": "right@tax.example", "version": str(him.version)}
    assert (await pilar.post(f"/staff/people/{him.id}", sent)).status_code == 303
    assert await book(portal, acme) == [("right@tax.example", "right@tax.example")]
    refused = await pilar.post(f"/staff/people/{him.id}", sent | {"email": "", "version": str(him.version + 1)})
    assert refused.status_code == 422
    assert (await pilar.post(f"/staff/people/{him.id}/delete")).status_code == 303
    assert await book(portal, acme) == []
    assert ana.state == "active"


async def test_managers_keep_their_own_book(portal: Portal, acme: Customer) -> None:
    beta = await portal.customer("Beta")
    ana = await portal.browser(await portal.contact(ANA, acme))
    bea = await portal.browser(await portal.contact("bea@beta.example", beta))
    acc = await portal.browser(await portal.contact("acc@acme.example", acme, role="accounting"))
    await add(portal, acme, HIM, HER)
    await add(portal, beta, HIM)
    listed = (await ana.get("/colleagues")).text
    assert [text in listed for text in (ANA, HIM, HER)] == [True, True, True]
    only = (await ana.get("/colleagues?show=address-book&q=ADVIS")).text
    assert [f">{ANA}<" in only, HIM in only, HER in only] == [False, True, False]
    (path,) = set(re.findall(rf"/colleagues/{acme.id}/address-book/[0-9a-f-]+", only))
    assert (await ana.get(path)).status_code == 200
    shown = re.search(r'name="for" value="([^"]*)"', (await ana.get(path)).text)
    assert shown is not None
    names = {"given_name": "Ada", "family_name": "Visor", "for": shown[1]}
    assert [(await who.get(path)).status_code for who in (bea, acc)] == [404, 403]
    assert [(await who.post(path, names)).status_code for who in (bea, acc)] == [404, 403]
    assert (await bea.get(path.replace(str(acme.id), str(beta.id)))).status_code == 404
    assert (await ana.post(path, names | {"given_name": "x" * 101})).status_code == 422
    assert (await ana.post(path, names)).status_code == 303
    assert await book(portal, acme) == [("Ada Visor", HIM), (HER, HER)]
    assert await book(portal, beta) == [(HIM, HIM)]
    assert "Ada" not in (await bea.get("/colleagues")).text
    assert (await ana.post(f"{path}/remove", names)).status_code == 303
    assert (await people(portal))[HIM] == ("recipient", "forwarding", False)
    assert (await book(portal, acme), await book(portal, beta)) == ([(HER, HER)], [(HIM, HIM)])
    async with portal.work():
        entry = await AddressBookEntry.objects().where(AddressBookEntry.email == HER).first()
    assert entry is not None
    assert (await ana.post(f"/colleagues/{acme.id}/address-book/{entry.id}/remove", names)).status_code == 303
    assert (await people(portal))[HER] == ("recipient", "forwarding", True)
    assert [one["what"] for one in await told(portal, "core.address_book_changed")] == ["renamed", "removed", "removed"]


async def test_what_a_long_book_finds_can_be_opened(portal: Portal, acme: Customer) -> None:
    """A page shows the newest only; what a search finds among the rest is there as well."""
    ana = await portal.browser(await portal.contact(ANA, acme))
    await add(portal, acme, HIM)
    him = await person_with(portal, HIM)
    async with portal.work():
        later = [
            AddressBookEntry(customer=acme.id, person=him.id, email=f"p{n}@later.example")
            for n in range(address_book.SHOWN)
        ]
        await AddressBookEntry.insert(*later)
    assert HIM not in (await ana.get("/colleagues?show=address-book")).text
    found = (await ana.get("/colleagues?show=address-book&q=adviser")).text
    (path,) = set(re.findall(rf"/colleagues/{acme.id}/address-book/[0-9a-f-]+", found))
    assert (await ana.get(path)).status_code == 200


async def test_the_other_tenant_knows_nothing_of_it(world: World, portal: Portal, acme: Customer) -> None:
    await add(portal, acme, HIM)
    other = world.second
    theirs = await other.customer("Acme")
    assert await book(other, theirs) == []
    assert await add(other, theirs, HIM) == [HIM]
    him, same = await person_with(portal, HIM), await person_with(other, HIM)
    assert him.id != same.id
    async with other.work():
        assert await address_book.recipient_with(HIM) is not None
        with pytest.raises(NotFoundError):
            await persons.find_person(him.id)


async def test_an_address_is_not_taken_from_its_owner(portal: Portal, acme: Customer) -> None:
    """Staff are told whose it is; a list from their own system completes her."""
    await add(portal, acme, HIM)
    async with portal.work():
        with pytest.raises(EmailTakenError):
            await persons.add_contact(details=Details(given_name="Ada", family_name="Visor", email=HIM))
        him = await person_with(portal, HIM)
        await persons.add_contact(
            details=Details(given_name="Ada", family_name="Visor", email=HIM), person=him.id, source="import"
        )
    assert (await people(portal))[HIM] == ("address_book", "forwarding", False)
