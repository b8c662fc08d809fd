"""Several portals with one account: the switcher, names, preference, unlinking."""

from __future__ import annotations

import asyncio
import re

import pytest

from core.accounts.hand_over import hand_over
from core.accounts.linking import link_accounts
from core.accounts.offices import arrange_office, find_office, offices_of
from core.accounts.sessions import COOKIE, Device
from core.accounts.tables import Account
from core.accounts.unlinking import unlink_office
from core.db import count_queries
from core.errors import DomainError, InvalidInputError, NotFoundError
from core.shell.frame import offices
from tests.accounts.conftest import OTHER, PASSWORD, mails_of
from tests.accounts.offices import (
    EMAIL,
    accounts,
    invitation_of,
    known_contact,
    linked,
    office_rows,
    person_of,
    token_in,
    with_password,
)
from tests.accounts.switching import GO_ON, actor_at, linked_people, office_at
from tests.portal_fixtures import World


async def test_one_portal_alone_has_no_switcher(world: World) -> None:
    first = await with_password(world.first)
    browser = await world.first.browser(first)
    page = (await browser.get("/")).text
    assert "office-menu" not in page
    assert "You sign in at this portal alone" in (await browser.get("/account/offices")).text


async def test_the_switcher_lists_exactly_the_linked_portals(world: World) -> None:
    first, _second = await linked(world)
    for portal, person in zip((world.first, world.second), await linked_people(world), strict=True):
        page = (await (await portal.browser(person)).get("/")).text
        menu = page[page.index('id="office-menu"') :]
        menu = menu[: menu.index("</details>")]
        shown = re.findall(r'<button class="menu-item" aria-pressed="(\w+)">.*?<span dir="auto">([^<]+)</span>', menu)
        names = (world.first.tenant.name, world.second.tenant.name)
        assert shown == [("true" if name == portal.tenant.name else "false", name) for name in sorted(names)]
    assert first.account is not None


async def test_names_and_the_portal_that_opens_first(world: World) -> None:
    first, second = await linked(world)
    actor = await actor_at(world.first, await world.first.browser(first))
    office = await office_at(world.second, first.account)
    async with world.first.work():
        await arrange_office(office=office.id, nickname="  My   agency ", preferred=True, by=actor)
        with pytest.raises(InvalidInputError):
            await arrange_office(office=office.id, nickname="x" * 61, preferred=True, by=actor)
    found = {office.tenant: (office.label, office.preferred) for office in await offices_of(first.account)}
    assert found == {
        world.first.tenant.id: (world.first.tenant.name, False),
        world.second.tenant.id: ("My agency", True),
    }
    browser = await world.first.browser()
    answer = await browser.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    found_way = GO_ON.fullmatch(answer.headers["refresh"])
    assert found_way
    assert found_way[1] == world.second.host
    there = await world.second.browser()
    await there.post(found_way[2], page=found_way[2])
    assert (await actor_at(world.second, there)).person == second.id
    deep = await (await world.first.browser()).post(
        "/sign-in", {"email": EMAIL, "password": PASSWORD, "next": "/profile"}
    )
    assert (deep.status_code, deep.headers["location"]) == (303, "/profile")


async def test_the_page_saves_a_name(world: World) -> None:
    first, _second = await linked(world)
    browser = await world.first.browser(first)
    page = (await browser.get("/account/offices")).text
    office = await office_at(world.second, first.account)
    form = page[page.index(f'action="/account/offices/{office.id}"') :]
    field = re.search(r'name="(o\d-nickname)"', form)
    assert field
    answer = await browser.post(f"/account/offices/{office.id}", {field[1]: "Agência"}, page="/account/offices")
    assert answer.status_code == 303
    assert [office.nickname for office in await offices_of(first.account)].count("Agência") == 1


async def test_unlinking_here_asks_for_a_password_of_its_own(world: World) -> None:
    first, second = await linked(world)
    browser = await world.second.browser(second)
    elsewhere = await world.second.browser(second)
    office = await office_at(world.second, first.account)
    path = f"/account/offices/{office.id}/unlink"
    assert (await browser.post(path, {"password": OTHER}, page=path)).status_code == 422
    done = await browser.post(path, {"password": PASSWORD}, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/account/password")
    assert (await browser.get("/profile")).headers["location"] == "/account/password"
    assert (await elsewhere.get("/profile")).status_code == 303
    await browser.post("/account/password", {"password": OTHER, "repeat": OTHER}, page="/account/password")
    assert (await browser.get("/profile")).status_code == 200
    assert await office_rows() == set()
    assert (await person_of(world.first, first)).account == first.account
    assert (await person_of(world.second, second)).account != first.account
    assert [account["offices"] for account in await accounts()] == [1, 1]


async def test_unlinking_another_office_sends_a_link(world: World) -> None:
    first, second = await linked(world)
    actor = await actor_at(world.first, await world.first.browser(first))
    there = await world.second.browser(second)
    office = await office_at(world.second, first.account)
    async with world.first.work():
        assert await unlink_office(office=office.id, password=PASSWORD, by=actor) is None
    assert (await there.get("/profile")).status_code == 303
    assert (await mails_of(world.second))[-1].template == "reset"
    token = await token_in(world.second, "reset")
    path = f"/reset/{token}"
    done = await there.post(path, {"password": OTHER, "repeat": OTHER}, page=path)
    assert done.status_code == 303
    async with world.first.work():
        assert await Account.count().where(Account.offices > 1) == 0
        with pytest.raises(NotFoundError):
            await find_office(office=office.id, by=actor)
        with pytest.raises(NotFoundError):
            await hand_over(office=office.id, by=actor)


async def test_the_button_pressed_twice_parts_an_office_once(world: World) -> None:
    first, second = await linked(world)
    actor = await actor_at(world.first, await world.first.browser(first))
    office = await office_at(world.second, first.account)
    before = len(await accounts())

    async def press() -> object:
        async with world.first.work():
            return await unlink_office(office=office.id, password=PASSWORD, by=actor)

    done = await asyncio.gather(press(), press(), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["NoneType", "NotFoundError"]
    assert len(await accounts()) == before + 1
    assert [mail.template for mail in await mails_of(world.second)].count("reset") == 1
    assert (await person_of(world.second, second)).account != first.account


async def test_unlinked_people_of_the_same_address_stay_apart(world: World) -> None:
    first = await with_password(world.first)
    second = await with_password(world.second, password=OTHER)
    assert first.account != second.account
    assert [account["offices"] for account in await accounts()] == [1, 1]
    for portal, right, wrong in ((world.first, PASSWORD, OTHER), (world.second, OTHER, PASSWORD)):
        browser = await portal.browser()
        assert (await browser.post("/sign-in", {"email": EMAIL, "password": wrong})).status_code == 422
        assert (await browser.post("/sign-in", {"email": EMAIL, "password": right})).status_code == 303
        change = {"current": right, "password": f"{right} mejor", "repeat": f"{right} mejor"}
        assert (await browser.post("/account/password", change, page="/account/password")).status_code == 303
    browser = await world.second.browser()
    assert (await browser.post("/sign-in", {"email": EMAIL, "password": f"{OTHER} mejor"})).status_code == 303
    assert COOKIE in browser.client.cookies


async def test_linking_by_the_pages(world: World) -> None:
    await with_password(world.first)
    second = await known_contact(world.second)
    path = f"/invitation/{await invitation_of(world.second, second)}"
    browser = await world.second.browser()
    page = (await browser.get(path)).text
    assert "You already have access with this e-mail address" in page
    assert world.first.tenant.name not in page
    assert "Repeat the new password" in (await browser.get(f"{path}?separate=1")).text
    refused = await browser.post(f"{path}/link", {"password": OTHER}, page=path)
    assert (refused.status_code, "not the password" in refused.text) == (422, True)
    sent = await browser.post(f"{path}/forgotten", page=path)
    assert (sent.status_code, EMAIL in sent.text) == (200, True)
    reset = f"/linking-password/{await token_in(world.second, 'linking_password')}"
    back = await browser.post(reset, {"password": OTHER, "repeat": OTHER}, page=reset)
    assert (back.status_code, back.headers["location"].startswith("/invitation/")) == (303, True)
    assert (await browser.get(back.headers["location"])).status_code == 200
    done = await browser.post(f"{path}/link", {"password": OTHER}, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await actor_at(world.second, browser)).offices == 2
    assert (await browser.get(path)).status_code == 410
    async with world.second.work():
        with pytest.raises(DomainError):
            await link_accounts(token=path.rpartition("/")[2], password=OTHER, device=Device())


async def test_the_switcher_costs_one_statement(world: World) -> None:
    first, _second = await linked(world)
    eva = await with_password(world.first, "eva@acimos.example")
    costs = []
    for person in (eva, first):
        actor = await actor_at(world.first, await world.first.browser(person))
        async with world.first.work():
            with count_queries() as counted:
                shown = await offices(actor)
        costs.append((len(shown), counted.value))
    assert costs == [(0, 0), (2, 1)]


async def test_a_scanner_that_presses_everything_spoils_no_linking(world: World) -> None:
    await with_password(world.first)
    second = await known_contact(world.second)
    path = f"/invitation/{await invitation_of(world.second, second)}"
    scanner = await world.second.browser()
    for _again in range(2):
        page = await scanner.get(path)
        await scanner.client.head(path)
        for address in re.findall(r'(?:action|formaction)="([^"]+)"', page.text):
            assert (await scanner.post(address, page=path)).status_code in {200, 422}
        await scanner.get(f"{path}?separate=1")
        assert (await scanner.post(path, page=path)).status_code == 422
    reset = f"/linking-password/{await token_in(world.second, 'linking_password')}"
    await scanner.get(reset)
    assert (await scanner.post(reset, page=reset)).status_code == 422
    ana = await world.second.browser()
    done = await ana.post(f"{path}/link", {"password": PASSWORD}, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/")
