"""Another sign-in linked by a link to its address: by who asked for it, once, and only while it may be."""

from __future__ import annotations

import asyncio

import pytest

from core.accounts.changing_email import CHANGE_REQUESTED
from core.accounts.errors import LinkSpentError
from core.accounts.hand_over import hand_over
from core.accounts.invitations import send_again
from core.accounts.joining import ASKED, find_joining, join_by_link, join_by_password, request_joining
from core.accounts.offices import arrange_office, offices_of
from core.accounts.sessions import COOKIE
from core.db import outside
from core.errors import DomainError, InvalidInputError, NotFoundError, TooManyAttemptsError
from core.people.persons import deactivate_person
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, mails_of, prefer, run_queue, whole_database
from tests.accounts.joining import THERE, asked, opens, two
from tests.accounts.offices import (
    EMAIL,
    accounts,
    known_contact,
    linked,
    office_rows,
    person_of,
    token_in,
    with_password,
)
from tests.accounts.switching import actor_at
from tests.portal_fixtures import Browser, World, make_portal


async def test_without_the_other_password_a_link_proves_the_address(world: World) -> None:
    first, second = await two(world)
    browser, there = await world.first.browser(first), await world.second.browser(second)
    status, said = await asked(world.first, browser, password="")
    assert (status, f"If {THERE} opens another portal" in said) == (303, True)
    token = await token_in(world.first, "join")
    path = f"/link-sign-in/{token}"
    page = await browser.get(path)
    assert (page.status_code, THERE in page.text, 'name="password"' in page.text) == (200, True, False)
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
    done = await browser.post(path, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/account/offices")
    assert await accounts() == [{"id": first.account, "email": EMAIL, "offices": 2}]
    assert (await there.get("/profile")).status_code == 303
    assert [await opens(world.second, *pair) for pair in ((EMAIL, PASSWORD), (THERE, OTHER))] == [True, False]
    assert (await browser.get(path)).status_code == 410


async def test_the_answer_is_the_same_where_nothing_is_there_and_no_mail_leaves(world: World) -> None:
    first, _second = await two(world)
    browser = await world.first.browser(first)
    known, unknown = [
        (await asked(world.first, browser, email=email, password=""))[1] for email in (THERE, "x@y.example")
    ]
    assert known.count(THERE) == unknown.count("x@y.example") > 0
    assert [mail.to for mail in await mails_of(world.first, "join")] == [THERE]
    actor = await actor_at(world.first, browser)
    async with world.first.work():
        await request_joining(current=PASSWORD, email="third@y.example", by=actor)
        with pytest.raises(TooManyAttemptsError):
            await request_joining(current=PASSWORD, email="fourth@y.example", by=actor)
    assert ASKED.burst == 3


async def test_who_only_holds_the_address_links_nothing(world: World) -> None:
    """Mallory types Ana's address; Ana presses the button. Neither gets into what is the other's."""
    mallory = await with_password(world.first, "mallory@acimos.example")
    await with_password(world.second, THERE, OTHER)
    browser = await world.first.browser(mallory)
    await asked(world.first, browser, password="")
    token = await token_in(world.first, "join")
    path = f"/link-sign-in/{token}"
    before = await whole_database(("account", "person", "session", "link"))
    anas = await world.first.browser()
    assert 'name="password"' in (await anas.get(path)).text
    for typed in ("", OTHER, "wrong"):
        assert (await anas.post(path, {"password": typed}, page=path)).status_code == 422
    assert await whole_database(("account", "person", "session", "link")) == before
    assert [await opens(world.second, THERE, password) for password in (OTHER, PASSWORD)] == [True, False]


async def test_on_another_device_the_password_is_asked(world: World) -> None:
    first, _second = await two(world)
    await asked(world.first, await world.first.browser(first), password="")
    path = f"/link-sign-in/{await token_in(world.first, 'join')}"
    phone = await world.first.browser()
    done = await phone.post(path, {"password": PASSWORD}, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert phone.client.cookies.get(COOKIE) is None
    assert [account["offices"] for account in await accounts()] == [2]


async def test_a_scanner_spoils_nothing_and_of_twenty_one_links(world: World) -> None:
    first, _second = await two(world)
    browser = await world.first.browser(first)
    await asked(world.first, browser, password="")
    token = await token_in(world.first, "join")
    scanner = await world.first.browser()
    before = await whole_database(("account", "person", "session", "link"))
    for method in ("HEAD", "GET", "OPTIONS"):
        await scanner.client.request(method, f"/link-sign-in/{token}")
    assert (await scanner.post(f"/link-sign-in/{token}", page=f"/link-sign-in/{token}")).status_code == 422
    assert await whole_database(("account", "person", "session", "link")) == before
    actor = await actor_at(world.first, browser)

    async def join() -> bool:
        try:
            async with world.first.work():
                await join_by_link(token=token, password="", by=actor)
        except DomainError:
            return False
        return True

    tasks = [asyncio.create_task(join(), context=outside()) for _number in range(20)]
    assert sum(await asyncio.gather(*tasks)) == 1
    assert [account["offices"] for account in await accounts()] == [2]


async def test_a_link_that_has_become_pointless_is_spent(world: World) -> None:
    first, _second = await two(world)
    await asked(world.first, await world.first.browser(first), password="")
    token = await token_in(world.first, "join")
    await prefer(world.second, "accounts.linking", False)
    async with world.first.work():
        assert await find_joining(token) is None
        with pytest.raises(LinkSpentError):
            await join_by_link(token=token, password=PASSWORD, by=None)


async def test_all_that_both_open_comes_along_with_its_names(world: World) -> None:
    """Ana has linked two portals at one address, and has a third one at another."""
    _first, second = await linked(world)
    third = await make_portal(world.app, "Third", portal_name="third", country="ES", zone="Europe/Madrid")
    ana = await with_password(third, THERE, OTHER)
    at_second = await actor_at(world.second, await world.second.browser(second))
    office = next(one for one in await offices_of(second.account) if one.tenant == world.second.tenant.id)
    async with world.second.work():
        await arrange_office(office=office.id, nickname="Traducciones", preferred=True, by=at_second)
    actor = await actor_at(third, await third.browser(ana))
    async with third.work():
        await join_by_password(current=OTHER, email=EMAIL, password=PASSWORD, by=actor)
    assert await accounts() == [{"id": ana.account, "email": THERE, "offices": 3}]
    assert {office.nickname for office in await offices_of(ana.account)} == {"", "Traducciones"}
    for portal in (world.first, world.second, third):
        assert [await opens(portal, *pair) for pair in ((THERE, OTHER), (EMAIL, PASSWORD))] == [True, False]


# -- a change of address that meets an account elsewhere ---------------------------------------------------------------


async def changing(world: World) -> tuple[Person, Person, Browser, str]:
    first, second = await two(world)
    browser = await world.first.browser(first)
    done = await browser.post("/account/email", {"email": THERE, "current": PASSWORD}, page="/account/email")
    assert done.status_code == 303
    assert "another portal" not in (await browser.get("/account/email")).text
    await run_queue(CHANGE_REQUESTED)
    return first, second, browser, f"/change-email/{await token_in(world.first, 'change_email')}"


async def test_linking_is_offered_behind_the_link_alone(world: World) -> None:
    first, second, browser, path = await changing(world)
    page = (await browser.get(path)).text
    assert ["You already have access with this e-mail address" in page, 'name="join"' in page] == [True, True]
    done = await browser.post(path, {"join": "yes"}, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/profile")
    assert await accounts() == [{"id": first.account, "email": THERE, "offices": 2}]
    assert (await person_of(world.first, first)).email == THERE
    assert (await person_of(world.second, second)).account == first.account
    assert [await opens(world.second, THERE, password) for password in (PASSWORD, OTHER)] == [True, False]


@pytest.mark.parametrize("join", ["no", ""])
async def test_it_may_be_declined(world: World, join: str) -> None:
    _first, _second, browser, path = await changing(world)
    assert (await browser.post(path, {"join": join}, page=path)).status_code == 303
    assert sorted((account["email"], account["offices"]) for account in await accounts()) == [(THERE, 1), (THERE, 1)]
    assert [await opens(world.first, THERE, PASSWORD), await opens(world.second, THERE, OTHER)] == [True, True]
    assert await office_rows() == set()


async def test_an_address_that_opens_nothing_elsewhere_offers_nothing(world: World) -> None:
    _first, second, browser, path = await changing(world)
    async with world.second.work():
        await deactivate_person(person=second.id)
    assert 'name="join"' not in (await browser.get(path)).text
    assert (await browser.post(path, {"join": "yes"}, page=path)).status_code == 410
    assert sorted(str(account["email"]) for account in await accounts()) == sorted([EMAIL, THERE])


async def test_an_unknown_link_is_spent(world: World) -> None:
    first = await known_contact(world.first)
    assert first.email == EMAIL
    page = await (await world.first.browser()).get(f"/link-sign-in/{'A' * 43}")
    assert (page.status_code, "Nothing has been linked" in page.text) == (410, True)
    actor = await actor_at(world.first, await world.first.browser(await with_password(world.first, THERE)))
    async with world.first.work():
        with pytest.raises(InvalidInputError):
            await request_joining(current=PASSWORD, email="no address", by=actor)
        with pytest.raises(NotFoundError):
            await hand_over(office=first.id, by=actor)


async def test_a_reset_link_dies_with_the_address_at_every_portal(world: World) -> None:
    """Whoever reads the old mailbox has a link of the other portal; the new address has left it behind."""
    first, _second = await linked(world)
    async with world.second.work():
        await send_again(email=EMAIL)
    old = f"/reset/{await token_in(world.second, 'reset')}"
    stranger = await world.second.browser()
    assert (await stranger.get(old)).status_code == 200
    browser = await world.first.browser(first)
    await browser.post("/account/email", {"email": THERE, "current": PASSWORD}, page="/account/email")
    await run_queue(CHANGE_REQUESTED)
    path = f"/change-email/{await token_in(world.first, 'change_email')}"
    assert (await browser.post(path, page=path)).status_code == 303
    assert (await stranger.get(old)).status_code == 410
    assert (await stranger.post(old, {"password": OTHER, "repeat": OTHER}, page="/forgot-password")).status_code == 410
    assert [await opens(world.second, THERE, password) for password in (PASSWORD, OTHER)] == [True, False]
