"""Linking where the first sign-in is with a temporary password: the same offer as behind an invitation."""

from __future__ import annotations

import pytest

from core.accounts.invitations import invite_person
from core.accounts.services import sign_in
from core.accounts.sessions import COOKIE, Device
from core.people.tables import Person
from core.tenancy.scoped_tables import Setting
from core.tenancy.snapshot import raise_version
from tests.accounts.conftest import OTHER, PASSWORD, mails_of, prefer, sent
from tests.accounts.offices import EMAIL, accounts, everything_of, known_contact, person_of, token_in, with_password
from tests.accounts.switching import actor_at
from tests.portal_fixtures import Browser, Portal, World

BOX = "/account/password"
OFFER = 'action="/account/password/link"'
THIRD = "cinco peces rojos nadan"


async def invited(portal: Portal, email: str = EMAIL) -> tuple[Person, str]:
    """Somebody with a temporary password, and that."""
    person = await known_contact(portal, email)
    async with portal.work():
        await invite_person(person=person.id)
    carried = await sent(portal, (await mails_of(portal, "temporary_password"))[-1])
    assert carried is not None
    return person, carried.code


async def in_the_box(portal: Portal, code: str, email: str = EMAIL) -> Browser:
    browser = await portal.browser()
    page = await browser.post("/sign-in", {"email": email, "password": code})
    assert (page.status_code, page.headers["location"]) == (303, BOX)
    return browser


@pytest.fixture
async def mailed(world: World) -> World:
    await prefer(world.second, "accounts.first_sign_in", "temporary_password")
    return world


async def test_the_mail_is_the_same_for_who_may_link_and_who_may_not(mailed: World) -> None:
    await with_password(mailed.first)
    for email in (EMAIL, "eva@acimos.example"):
        await invited(mailed.second, email)
    assert [mail.template for mail in await mails_of(mailed.second)] == ["temporary_password"] * 2


async def test_it_is_offered_in_the_box_and_the_same_password_links(mailed: World) -> None:
    first = await with_password(mailed.first)
    second, code = await invited(mailed.second)
    at_first = await everything_of(mailed.first)
    browser = await in_the_box(mailed.second, code)
    assert OFFER in (await browser.get(BOX)).text
    wrong = await browser.post(f"{BOX}/link", {"password": code}, page=BOX)
    assert (wrong.status_code, OFFER in wrong.text) == (422, True)
    before = browser.client.cookies.get(COOKIE)
    done = await browser.post(f"{BOX}/link", {"password": PASSWORD}, page=BOX)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert browser.client.cookies.get(COOKIE) not in {before, None}
    assert (await actor_at(mailed.second, browser)).offices == 2
    assert (await browser.get("/")).status_code == 200
    assert await accounts() == [{"id": first.account, "email": EMAIL, "offices": 2}]
    assert (await person_of(mailed.second, second)).state == "active"
    assert [mail.template for mail in await mails_of(mailed.second)] == ["temporary_password", "linked"]
    assert await everything_of(mailed.first) == at_first


async def test_it_may_be_declined(mailed: World) -> None:
    await with_password(mailed.first)
    _second, code = await invited(mailed.second)
    browser = await in_the_box(mailed.second, code)
    page = (await browser.get(f"{BOX}?separate=1")).text
    assert [OFFER in page, 'name="repeat"' in page] == [False, True]
    done = await browser.post(BOX, {"password": OTHER, "repeat": OTHER}, page=f"{BOX}?separate=1")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert [account["offices"] for account in await accounts()] == [1, 1]


async def test_who_has_nothing_elsewhere_sees_the_box(mailed: World) -> None:
    _second, code = await invited(mailed.second)
    browser = await in_the_box(mailed.second, code)
    page = (await browser.get(BOX)).text
    assert [OFFER in page, 'name="repeat"' in page] == [False, True]
    for path in ("link", "forgotten"):
        assert (await browser.post(f"{BOX}/{path}", {"password": PASSWORD}, page=BOX)).status_code in {303, 409}
    assert [account["offices"] for account in await accounts()] == [1]


async def test_forgotten_there_comes_back_to_linking(mailed: World) -> None:
    first = await with_password(mailed.first)
    _second, code = await invited(mailed.second)
    browser = await in_the_box(mailed.second, code)
    page = await browser.post(f"{BOX}/forgotten", {}, page=BOX)
    assert (page.status_code, EMAIL in page.text) == (200, True)
    path = f"/linking-password/{await token_in(mailed.second, 'linking_password')}"
    done = await browser.post(path, {"password": THIRD, "repeat": THIRD}, page=path)
    assert done.status_code == 303
    back = done.headers["location"]
    assert back.startswith("/invitation/")
    linked = await browser.post(f"{back}/link", {"password": THIRD}, page=back)
    assert (linked.status_code, linked.headers["location"]) == (303, "/")
    assert await accounts() == [{"id": first.account, "email": EMAIL, "offices": 2}]


async def test_a_password_of_ones_own_is_no_temporary_one(mailed: World) -> None:
    """Only a first sign-in offers it: not the box of a password that is too weak."""
    await with_password(mailed.first)
    await prefer(mailed.second, "accounts.password_policy", "link")
    await with_password(mailed.second, password="Perro-1")
    async with mailed.second.work():
        await Setting.update({Setting.value: '"nist"'}).where(Setting.key == "accounts.password_policy")
        await raise_version(mailed.second.tenant.id)
    async with mailed.second.work():
        assert (await sign_in(email=EMAIL, password="Perro-1", device=Device())).restricted
    browser = await in_the_box(mailed.second, "Perro-1")
    assert OFFER not in (await browser.get(BOX)).text
