"""The first sign-in with a temporary password, and access that staff reset."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.accounts import services
from core.accounts.errors import WrongCredentialsError
from core.accounts.invitations import invite_person, reset_access, send_again
from core.accounts.options import FIRST_SIGN_IN
from core.accounts.sessions import COOKIE, Device
from core.accounts.tables import Account
from core.clock import later
from core.db import execute
from core.errors import NotFoundError, WrongStateError
from core.people.tables import Person
from core.tenancy.snapshot import as_uuid
from tests.accounts.conftest import (
    OTHER,
    PASSWORD,
    happenings,
    link_in,
    mails_of,
    prefer,
    sent,
    state_of,
    whole_database,
)
from tests.portal_fixtures import Browser, Portal, World

EVA = "eva@prueba.example"
HERE = Device(agent="tests", address="192.0.2.1")


@pytest.fixture
async def temporary(portal: Portal, invited: Person) -> Person:
    """Somebody invited at a portal that mails temporary passwords."""
    await prefer(portal, FIRST_SIGN_IN, "temporary_password")
    async with portal.work():
        await invite_person(person=invited.id)
    return invited


async def mailed_password(portal: Portal) -> str:
    """The password in the last mail, made when that leaves."""
    carried = await sent(portal, (await mails_of(portal, "temporary_password"))[-1])
    assert carried is not None
    assert carried.path == "/"
    return carried.code


async def signs_in(portal: Portal, password: str, email: str = EVA) -> bool:
    try:
        async with portal.work():
            await services.sign_in(email=email, password=password, device=HERE)
    except WrongCredentialsError:
        return False
    return True


async def enter(portal: Portal, password: str, email: str = EVA) -> Browser:
    browser = await portal.browser()
    page = await browser.post("/sign-in", {"email": email, "password": password})
    assert (page.status_code, page.headers["location"]) == (303, "/account/password")
    return browser


async def test_it_opens_the_box_alone_until_an_own_password_is_set(portal: Portal, temporary: Person) -> None:
    password = await mailed_password(portal)
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", password)  # 79 bits
    browser = await enter(portal, password)
    for path in ("/", "/profile", "/account/sessions", "/account/email", "/account/notifications"):
        assert (await browser.get(path)).headers.get("location") == "/account/password", path
    box = await browser.get("/account/password")
    assert "temporary password" in box.text
    assert 'name="current"' not in box.text
    assert (await state_of(portal, temporary))["state"] == "invited"
    before = browser.client.cookies.get(COOKIE)
    for typed, reason in ((password, "the password you have now"), ("short", "at least 15")):
        page = await browser.post("/account/password", {"password": typed, "repeat": typed}, page="/account/password")
        assert (page.status_code, reason in page.text) == (422, True)
    done = await browser.post("/account/password", {"password": OTHER, "repeat": OTHER}, page="/account/password")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert browser.client.cookies.get(COOKIE) not in {before, None}
    home = await browser.get("/")
    assert (home.status_code, "Your password is set. Welcome!" in home.text) == (200, True)
    assert (await state_of(portal, temporary))["state"] == "active"
    assert [await signs_in(portal, each) for each in (password, OTHER)] == [False, True]
    told = [(kind, facts.get("how")) for kind, _, facts in await happenings(portal, "core.password_changed")]
    assert told == [("core.password_changed", "first")]
    assert [mail.template for mail in await mails_of(portal)] == ["temporary_password"]


async def test_it_ends_with_its_hours_in_the_same_words_as_a_wrong_one(portal: Portal, temporary: Person) -> None:
    password = await mailed_password(portal)
    with later(timedelta(hours=167)):
        assert await signs_in(portal, password)
    with later(timedelta(hours=168, minutes=1)):
        browser = await portal.browser()
        expired = await browser.post("/sign-in", {"email": EVA, "password": password})
        wrong = await browser.post("/sign-in", {"email": EVA, "password": "wrong"})
        assert (expired.status_code, wrong.status_code) == (422, 422)
        assert "do not match" in expired.text
        assert not await signs_in(portal, password)


async def test_inviting_again_ends_the_earlier_one_at_once(portal: Portal, temporary: Person) -> None:
    first = await mailed_password(portal)
    assert await signs_in(portal, first)
    async with portal.work():
        await invite_person(person=temporary.id)
    assert not await signs_in(portal, first)
    second = await mailed_password(portal)
    third = await mailed_password(portal)  # a mail that had to be sent again
    assert [await signs_in(portal, each) for each in (first, second, third)] == [False, False, True]


async def test_a_forgotten_one_is_replaced(portal: Portal, temporary: Person) -> None:
    first = await mailed_password(portal)
    async with portal.work():
        await send_again(email=EVA)
    second = await mailed_password(portal)
    assert [await signs_in(portal, each) for each in (first, second)] == [False, True]


async def test_it_stands_in_no_table(portal: Portal, temporary: Person) -> None:
    password = await mailed_password(portal)
    assert password not in await whole_database(("account", "queue", "mail", "activity", "link"))


async def test_an_account_of_several_portals_gets_a_link_instead(portal: Portal, temporary: Person) -> None:
    mail = (await mails_of(portal, "temporary_password"))[-1]
    async with portal.work():
        await execute("UPDATE account SET offices = 2 WHERE email = {}", EVA)
    assert await sent(portal, mail) is None  # it was linked meanwhile
    async with portal.work():
        await invite_person(person=temporary.id)
    assert (await mails_of(portal))[-1].template == "invitation"


async def test_a_password_of_her_own_is_never_replaced_by_one(portal: Portal, temporary: Person) -> None:
    mail = (await mails_of(portal, "temporary_password"))[-1]
    browser = await enter(portal, await mailed_password(portal))
    await browser.post("/account/password", {"password": OTHER, "repeat": OTHER}, page="/account/password")
    assert await sent(portal, mail) is None
    assert await signs_in(portal, OTHER)


@pytest.mark.parametrize("way", ["link", "temporary_password"])
async def test_staff_reset_begins_anew(portal: Portal, ana: Person, way: str) -> None:
    await prefer(portal, FIRST_SIGN_IN, way)
    browser = await portal.browser(ana)
    async with portal.work():
        await send_again(email="ana@acimos.example")
    old = await link_in(portal, (await mails_of(portal, "reset"))[-1])
    assert old is not None
    async with portal.work():
        await reset_access(person=ana.id)
    assert (await browser.get("/profile")).status_code == 303
    assert (await (await portal.browser()).get(old)).status_code == 410
    assert not await signs_in(portal, PASSWORD, "ana@acimos.example")
    assert (await state_of(portal, ana))["state"] == "invited"
    mail = (await mails_of(portal))[-1]
    assert (mail.template, mail.to) == ("invitation" if way == "link" else way, "ana@acimos.example")
    assert mail.facts["reset_by"] == "staff"
    carried = await sent(portal, mail)
    assert carried is not None
    if way == "link":
        fresh = await portal.browser()
        done = await fresh.post(carried.path, {"password": OTHER, "repeat": OTHER}, page=carried.path)
    else:
        fresh = await enter(portal, carried.code, "ana@acimos.example")
        done = await fresh.post("/account/password", {"password": OTHER, "repeat": OTHER}, page="/account/password")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await state_of(portal, ana))["state"] == "active"


async def test_a_reset_leaves_the_password_of_a_shared_account_alone(world: World, ana: Person) -> None:
    first, second = world.first, world.second
    customer = await second.customer("Elsewhere SA")
    there = await second.contact("ana@elsewhere.example", customer)
    account = (await state_of(first, ana))["account"]
    async with second.work():
        await Account.update({Account.offices: 2}).where(Account.id == account)
        await Person.update({Person.account: account}).where(Person.id == there.id)
    there.account = ana.account = as_uuid(account)
    at_first, at_second = await first.browser(ana), await second.browser(there)
    async with first.work():
        await reset_access(person=ana.id)
    assert (await at_first.get("/profile")).status_code == 303
    assert (await at_second.get("/profile")).status_code == 200
    assert await signs_in(first, PASSWORD, "ana@acimos.example")
    assert [(mail.template, mail.to) for mail in await mails_of(first)] == [("reset", "ana@acimos.example")]
    assert (await state_of(first, ana))["state"] == "active"


async def test_whose_access_cannot_be_reset(world: World, ana: Person, invited: Person) -> None:
    async with world.first.work():
        with pytest.raises(WrongStateError):
            await reset_access(person=invited.id)
        await Person.update({Person.state: "deactivated"}).where(Person.id == ana.id)
        with pytest.raises(WrongStateError):
            await reset_access(person=ana.id)
    async with world.second.work():
        with pytest.raises(NotFoundError):
            await reset_access(person=ana.id)
