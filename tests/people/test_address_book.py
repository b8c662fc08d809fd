"""Recipients of forwarded documents: contacts of the address book, without a place, a way in or a word from us."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.accounts.invitations import create_login, invite_waiting
from core.accounts.services import request_reset
from core.accounts.sessions import Device
from core.accounts.tables import Account
from core.contributions import Reach
from core.db import outside
from core.errors import NotFoundError, WrongStateError
from core.messages.tables import Notice
from core.people import address_book, colleagues, persons
from core.people.colleagues_rights import LastManagerError, managers_of, people_at
from core.people.contact_queries import contacts_found, count_never_invited, heirs_of
from core.people.persons import Details, EmailTakenError, Seat
from core.people.persons_known import RecipientError
from core.people.queries import people_with_roles
from core.people.seen import as_person
from core.people.tables import AddressBookEntry, Customer, Membership
from core.records.audiences import contacts_with
from core.records.base import beyond_reach
from core.records.kinds import audience
from core.tenancy.snapshot import load_snapshot
from tests.db_fixtures import Databases
from tests.messages.forwarding import a_sheet, allow, letters, send, told
from tests.people.books import ANA, HER, HIM, add, book, people, person_with
from tests.people.colleagues import do
from tests.people.sheets import SEE, Sheet, sheets_world
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
    assert [f"mailto:{one}" in only for one in (ANA, HIM, HER)] == [False, True, False]
    assert only.count(HIM.replace("@", "@<wbr>")) == 2  # as name and as address: both may break, and only there
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
