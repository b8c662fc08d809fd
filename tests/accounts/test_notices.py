"""Word of what happened to one's access: new devices by mail, sign-ins and passwords in the log; and words to staff."""

from __future__ import annotations

import re

import pytest

from core.accounts import services, setting_passwords
from core.accounts.browser import DEVICE_COOKIE
from core.accounts.entering import DEVICE_LASTS, FAILURES, forget_old_devices
from core.accounts.errors import WrongCredentialsError
from core.accounts.sessions import Device
from core.accounts.showing import hidden_address
from core.accounts.tables import KnownDevice
from core.clock import later
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, happenings, link_in, mails_of, state_of, whole_database
from tests.accounts.test_sessions import actor_of
from tests.portal_fixtures import Browser, Portal, World

ANA = "ana@acimos.example"
SIGN_IN = {"email": ANA, "password": PASSWORD}
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


async def sign_in(browser: Browser) -> None:
    assert (await browser.post("/sign-in", SIGN_IN)).status_code == 303


async def test_a_new_device_is_told_but_not_the_very_first(portal: Portal, ana: Person) -> None:
    laptop, phone = await portal.browser(), await portal.browser()
    phone.client.headers.update(FIREFOX)
    await sign_in(laptop)
    assert await mails_of(portal) == []
    await laptop.post("/logout", page="/account/password")
    await sign_in(laptop)
    assert await mails_of(portal) == []
    await sign_in(phone)
    (mail,) = await mails_of(portal)
    assert (mail.template, mail.to, mail.facts["device"]) == ("new_device", ANA, "Firefox · Linux")
    assert await link_in(portal, mail) == "/account/sessions"
    await phone.post("/logout", page="/account/password")
    await sign_in(phone)
    assert len(await mails_of(portal)) == 1
    row = await state_of(portal, ana)
    assert row["sign_ins"] == 4
    assert row["last_sign_in_at"] is not None


async def test_a_device_is_known_to_one_person_and_by_a_secret(portal: Portal, ana: Person) -> None:
    browser = await portal.browser()
    page = await browser.post("/sign-in", SIGN_IN)
    cookies = [value for name, value in page.headers.multi_items() if name == "set-cookie"]
    (cookie,) = [value for value in cookies if value.startswith(DEVICE_COOKIE)]
    assert re.fullmatch(rf"{DEVICE_COOKIE}=[\w-]{{43}}; Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000", cookie)
    token = browser.client.cookies[DEVICE_COOKIE]
    assert token not in await whole_database(("known_device", "activity", "queue"))
    async with portal.work():
        rows = await KnownDevice.select()
    assert [row["person"] for row in rows] == [ana.id]
    with later(DEVICE_LASTS):
        async with portal.work():
            await forget_old_devices()
            assert await KnownDevice.count() == 0


async def test_a_failed_sign_in_makes_no_device_known(portal: Portal, ana: Person) -> None:
    browser = await portal.browser()
    await browser.post("/sign-in", SIGN_IN | {"password": "wrong"})
    assert browser.client.cookies.get(DEVICE_COOKIE) is None
    async with portal.work():
        assert await KnownDevice.count() == 0


async def test_sign_ins_and_passwords_stand_in_the_log(portal: Portal, ana: Person) -> None:
    here = Device(agent="tests", address="192.0.2.1")
    async with portal.work():
        done = await services.sign_in(email=ANA, password=PASSWORD, device=here)
    for email in (ANA, "unknown@acimos.example", "no address, perhaps a password"):
        async with portal.work():
            with pytest.raises(WrongCredentialsError):
                await services.sign_in(email=email, password="wrong", device=here)
    actor = await actor_of(portal, done.token)
    async with portal.work():
        await setting_passwords.change_password(current=PASSWORD, password=OTHER, by=actor)
    told = await happenings(portal, "core.signed_in", "core.sign_in_failed", "core.password_changed")
    failed = {"network": "192.0.2.1"}
    assert told == [
        ("core.signed_in", str(ana.id), {"how": "password", "device": "tests"}),
        ("core.sign_in_failed", None, failed | {"email": "a…@acimos.example"}),
        ("core.sign_in_failed", None, failed | {"email": "u…@acimos.example"}),
        ("core.sign_in_failed", None, failed | {"email": "…"}),
        ("core.password_changed", str(ana.id), {"how": "own"}),
    ]


async def test_an_attack_does_not_fill_the_log(portal: Portal, ana: Person) -> None:
    for number in range(FAILURES.burst + 10):
        async with portal.work():
            with pytest.raises(WrongCredentialsError):
                await services.sign_in(
                    email=f"a{number}@x.example", password="wrong", device=Device(address=f"192.0.2.{number}")
                )
    assert len(await happenings(portal, "core.sign_in_failed")) == FAILURES.burst


@pytest.mark.parametrize(
    ("email", "shown"), [("ana@x.example", "a…@x.example"), ("a@x", "a…@x"), ("secret", ""), ("@x", ""), ("", "")]
)
def test_addresses_are_hidden_from_others(email: str, shown: str) -> None:
    assert hidden_address(email) == shown


# -- problems signing in -----------------------------------------------------------------------------------------------

TROUBLE = {"name": "Ana <Prueba>", "email": ANA, "message": "No mail comes.\nWhat now?"}


async def report(browser: Browser, **typed: str) -> tuple[int, str]:
    page = await browser.post("/sign-in/help", TROUBLE | typed, page="/sign-in/help")
    return page.status_code, page.text


async def test_word_to_the_staff_gets_the_same_answer_for_everybody(portal: Portal, ana: Person) -> None:
    browser = await portal.browser()
    assert 'href="/sign-in/help"' in (await browser.get("/")).text
    known, unknown = await report(browser), await report(browser, email="unknown@x.example")
    assert known[0] == unknown[0] == 200
    told = await happenings(portal, "core.sign_in_trouble")
    assert told == [
        ("core.sign_in_trouble", None, TROUBLE),
        ("core.sign_in_trouble", None, TROUBLE | {"email": "unknown@x.example"}),
    ]


async def test_it_is_limited_and_checked(world: World) -> None:
    browser = await world.first.browser()
    for typed in ({"name": ""}, {"email": "nonsense"}, {"message": ""}, {"message": "x" * 1001}):
        assert (await report(browser, **typed))[0] == 422
    assert [(await report(browser))[0] for _ in range(4)] == [200, 200, 200, 429]
    assert (await report(await world.second.browser()))[0] == 200
