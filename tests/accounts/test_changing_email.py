"""One's own address: the password, a link to the new one, word to the old one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.accounts import rate_limits, services
from core.accounts.changing_email import CHANGE_REQUESTED, confirm_email
from core.accounts.errors import LinkSpentError, WrongCredentialsError
from core.accounts.rate_limits import Limit
from core.accounts.sessions import COOKIE, Device
from core.clock import later
from core.db import outside
from core.people.tables import Person
from tests.accounts.conftest import PASSWORD, happenings, link_in, mails_of, run_queue, state_of, whole_database
from tests.portal_fixtures import Browser, Portal, World

OLD, NEW = "ana@acimos.example", "ana.nueva@acimos.example"
PAGE = "/account/email"
HERE = Device(agent="tests", address="192.0.2.1")


async def ask(browser: Browser, email: str = NEW, current: str = PASSWORD) -> tuple[int, str]:
    page = await browser.post(PAGE, {"email": email, "current": current}, page=PAGE)
    shown = await browser.get(PAGE) if page.status_code == 303 else page
    await run_queue(CHANGE_REQUESTED)
    return page.status_code, shown.text


async def link_to_new(portal: Portal) -> str:
    path = await link_in(portal, (await mails_of(portal, "change_email"))[-1])
    assert path is not None
    return path


async def signs_in(portal: Portal, email: str) -> bool:
    try:
        async with portal.work():
            await services.sign_in(email=email, password=PASSWORD, device=HERE)
    except WrongCredentialsError:
        return False
    return True


async def test_from_asking_to_signing_in_with_the_new_one(portal: Portal, ana: Person) -> None:
    browser, elsewhere = await portal.browser(), await portal.browser()
    for each in (browser, elsewhere):
        await each.post("/sign-in", {"email": OLD, "password": PASSWORD})
    assert 'href="/account/email"' in (await browser.get("/profile/settings")).text
    status, said = await ask(browser)
    assert (status, NEW in said) == (303, True)
    mails = [(mail.template, mail.to) for mail in await mails_of(portal) if mail.template != "new_device"]
    assert mails == [("email_change_asked", OLD), ("change_email", NEW)]
    assert (await state_of(portal, ana))["email_folded"] == OLD
    path = await link_to_new(portal)
    page = await browser.get(path)
    assert (page.status_code, NEW in page.text, 'name="password"' in page.text) == (200, True, False)
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
    before, version = browser.client.cookies.get(COOKIE), (await state_of(portal, ana))["version"]
    done = await browser.post(path, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/profile")
    assert browser.client.cookies.get(COOKIE) not in {before, None}
    assert [(await each.get("/profile")).status_code for each in (browser, elsewhere)] == [200, 303]
    row = await state_of(portal, ana)
    assert (row["email"], row["email_folded"], row["state"], row["version"]) == (NEW, NEW, "active", version + 1)  # type: ignore[operator]  # a row's values are objects
    assert [await signs_in(portal, email) for email in (OLD, NEW)] == [False, True]
    assert [(mail.template, mail.to) for mail in await mails_of(portal)][-1] == ("email_changed", OLD)
    (told,) = await happenings(portal, "core.email_changed")
    assert told == ("core.email_changed", str(ana.id), {"from": OLD, "to": NEW})
    assert (await browser.get(path)).status_code == 410


async def test_on_another_device_the_password_is_asked(portal: Portal, ana: Person) -> None:
    await ask(await portal.browser(ana))
    path = await link_to_new(portal)
    phone = await portal.browser()
    assert 'name="password"' in (await phone.get(path)).text
    for typed in ("", "wrong"):
        assert (await phone.post(path, {"password": typed}, page=path)).status_code == 422
    assert (await state_of(portal, ana))["email_folded"] == OLD
    done = await phone.post(path, {"password": PASSWORD}, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await state_of(portal, ana))["email_folded"] == NEW
    assert phone.client.cookies.get(COOKIE) is None


async def test_a_scanner_at_the_new_address_changes_nothing(portal: Portal, ana: Person) -> None:
    await ask(await portal.browser(ana))
    path = await link_to_new(portal)
    scanner = await portal.browser()
    tables = ("link", "session", "account", "person")
    before = await whole_database(tables)
    for _ in range(3):
        for method in ("HEAD", "GET", "OPTIONS"):
            await scanner.client.request(method, path)
        assert (await scanner.post(path, page=path)).status_code == 422
    assert await whole_database(tables) == before


async def test_refused_at_the_form(portal: Portal, ana: Person) -> None:
    browser = await portal.browser(ana)
    for email, current, reason in (
        (NEW, "wrong", "not your current password"),
        (OLD, PASSWORD, "your address already"),
        ("nonsense", PASSWORD, "@"),
        ("", PASSWORD, "fill this in"),
    ):
        status, text = await ask(browser, email, current)
        assert (status, reason in text) == (422, True), email
    assert await mails_of(portal) == []


async def test_a_taken_address_shows_to_nobody_and_gets_no_mail(portal: Portal, ana: Person) -> None:
    customer = await portal.customer("Otra SA")
    await portal.contact("bea@otra.example", customer, name="Bea Otra")
    browser = await portal.browser(ana)
    taken = await ask(browser, "bea@otra.example")
    free = await ask(browser, "eva@otra.example")
    assert taken[0] == free[0] == 303
    assert [mail.to for mail in await mails_of(portal, "change_email")] == ["eva@otra.example"]


async def test_an_address_that_somebody_got_meanwhile_is_refused(portal: Portal, ana: Person) -> None:
    await ask(await portal.browser(ana))
    path = await link_to_new(portal)
    await portal.contact(NEW, await portal.customer("Otra SA"), name="Bea Otra")
    browser = await portal.browser(ana)
    assert (await browser.post(path, page=path)).status_code == 410
    row = await state_of(portal, ana)
    assert row["email_folded"] == OLD
    assert await signs_in(portal, OLD)


async def test_it_holds_an_hour_at_this_portal_alone(world: World, ana: Person) -> None:
    await ask(await world.first.browser(ana))
    path = await link_to_new(world.first)
    assert (await (await world.second.browser()).get(path)).status_code == 410
    stranger = await world.first.browser(await world.first.staff("pilar@obrador.example"))
    assert 'name="password"' in (await stranger.get(path)).text
    with later(timedelta(minutes=61)):
        assert (await (await world.first.browser()).get(path)).status_code == 410


async def test_of_twenty_at_once_one_wins(portal: Portal, ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    more = Limit(name="link_form", burst=50, period=timedelta(minutes=15))
    monkeypatch.setattr(rate_limits, "LINK_FORM", more)
    await ask(await portal.browser(ana))
    token = (await link_to_new(portal)).rpartition("/")[2]

    async def confirm() -> bool:
        try:
            async with portal.work():
                await confirm_email(token=token, password=PASSWORD, by=None)
                return True
        except LinkSpentError:
            return False

    tasks = [asyncio.create_task(confirm(), context=outside()) for _ in range(20)]
    assert sorted(await asyncio.gather(*tasks)) == [False] * 19 + [True]


async def test_people_of_other_portals_keep_their_address(world: World, ana: Person) -> None:
    first, second = world.first, world.second
    customer = await second.customer("Elsewhere SA")
    there = await second.contact(OLD, customer)
    account = (await state_of(first, ana))["account"]
    async with second.work():
        await Person.update({Person.account: account}).where(Person.id == there.id)
    browser = await first.browser(ana)
    await ask(browser)
    path = await link_to_new(first)
    assert (await browser.post(path, page=path)).status_code == 303
    assert (await state_of(second, there))["email_folded"] == OLD
    assert [await signs_in(second, email) for email in (OLD, NEW)] == [False, True]


@pytest.mark.parametrize("what", ["detached", "another change"])
async def test_an_older_link_is_dead(portal: Portal, ana: Person, what: str) -> None:
    browser = await portal.browser(ana)
    await ask(browser)
    path = await link_to_new(portal)
    if what == "detached":
        async with portal.work():
            await Person.update({Person.account: None, Person.state: "address_book"}).where(Person.id == ana.id)
    else:
        await ask(browser, "third@acimos.example")
        await link_to_new(portal)
    assert (await (await portal.browser()).get(path)).status_code == 410
