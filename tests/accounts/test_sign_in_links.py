"""One-time links that sign in: bound to the browser that asked, with a code for others; looking spoils nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.accounts import sign_in_links
from core.accounts.errors import LinkSpentError
from core.accounts.links import Purpose, find_link
from core.accounts.options import SIGN_IN_LINK
from core.accounts.rate_limits import Limit
from core.accounts.sessions import COOKIE, Device, new_token
from core.accounts.sign_in_link_routes import COOKIE as ASKED
from core.accounts.sign_in_links import SIGN_IN_REQUESTED, use_sign_in_link
from core.accounts.tables import Session
from core.clock import later
from core.db import outside
from core.errors import InvalidInputError
from core.messages.queue import MailLink
from core.people.tables import Person
from tests.accounts.conftest import happenings, mails_of, prefer, run_queue, sent, whole_database
from tests.portal_fixtures import Browser, Portal, World

ANA = "ana@acimos.example"
HERE = Device(agent="tests", address="192.0.2.1")


@pytest.fixture
async def offering(portal: Portal) -> Portal:
    """A portal that offers links to sign in."""
    await prefer(portal, SIGN_IN_LINK, value=True)
    return portal


async def ask(portal: Portal, browser: Browser, email: str = ANA) -> MailLink | None:
    """Ask for a link in this browser; what the mail carries, if one is sent."""
    before = len(await mails_of(portal, "sign_in"))
    page = await browser.post("/sign-in-link", {"email": email}, page="/sign-in-link")
    assert (page.status_code, email in page.text) == (200, True)
    assert await run_queue(SIGN_IN_REQUESTED) == 1
    mails = (await mails_of(portal, "sign_in"))[before:]
    return await sent(portal, mails[0]) if mails else None


async def asked(portal: Portal, browser: Browser) -> MailLink:
    carried = await ask(portal, browser)
    assert carried is not None
    return carried


async def sessions_of(portal: Portal, person: Person) -> int:
    async with portal.work():
        return int(await Session.count().where(Session.person == person.id))


async def test_the_browser_that_asked_needs_one_click(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    assert 'href="/sign-in-link"' in (await browser.get("/")).text
    link = await asked(offering, browser)
    page = await browser.get(link.path)
    assert page.status_code == 200
    assert "a…@acimos.example" in page.text
    assert ANA not in page.text
    assert 'name="code"' not in page.text
    names = ("cache-control", "referrer-policy", "x-robots-tag")
    assert [page.headers[name] for name in names] == ["no-store", "no-referrer", "noindex"]
    assert await sessions_of(offering, ana) == 0
    done = await browser.post(link.path, page=link.path)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await browser.get("/profile")).status_code == 200
    (told,) = await happenings(offering, "core.signed_in")
    assert (told[1], told[2]["how"]) == (str(ana.id), "link")


async def test_clicked_again_within_a_minute_it_is_the_same_session(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    link = await asked(offering, browser)
    token = await browser.form_token(link.path)
    first = await browser.client.post(link.path, data={"csrf_token": token})
    one = browser.client.cookies.get(COOKIE)
    browser.client.cookies.delete(COOKIE)  # the answer to the first click never came
    with later(timedelta(seconds=55)):
        assert (await browser.get(link.path)).status_code == 200
        second = await browser.post(link.path, page=link.path)
        assert (first.status_code, second.status_code) == (303, 303)
        assert browser.client.cookies.get(COOKIE) not in {one, None}
        assert (await browser.get("/profile")).status_code == 200
        assert await sessions_of(offering, ana) == 1
    with later(timedelta(seconds=65)):
        other = await offering.browser()
        other.client.cookies.set(ASKED, browser.client.cookies[ASKED], domain=offering.host.split(":")[0])
        assert (await other.get(link.path)).status_code == 410


async def test_another_device_needs_the_code(offering: Portal, ana: Person) -> None:
    link = await asked(offering, await offering.browser())
    phone = await offering.browser()
    assert 'name="code"' in (await phone.get(link.path)).text
    for typed in ("", "wrong", "aaaa-aaaa"):
        page = await phone.post(link.path, {"code": typed}, page=link.path)
        assert (page.status_code, await sessions_of(offering, ana)) == (422, 0)
    done = await phone.post(link.path, {"code": f" {link.code.upper()} "}, page=link.path)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await phone.get("/profile")).status_code == 200
    late = await offering.browser()
    for page in (await late.get(link.path), await late.post(link.path, {"code": link.code}, page="/")):
        assert (page.status_code, "no longer works" in page.text) == (410, True)


async def test_five_wrong_codes_end_it_but_not_for_the_browser_that_asked(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    link = await asked(offering, browser)
    thief = await offering.browser()
    token = await thief.form_token(link.path)
    for number in range(5):
        page = await thief.client.post(link.path, data={"csrf_token": token, "code": f"aaaa-aaa{number + 2}"})
        assert page.status_code == 422
    page = await thief.client.post(link.path, data={"csrf_token": token, "code": link.code})
    assert (page.status_code, await sessions_of(offering, ana)) == (410, 0)
    assert (await browser.post(link.path, page=link.path)).status_code == 303


async def test_a_code_opens_the_link_of_its_own_mail_alone(offering: Portal, ana: Person) -> None:
    customer = await offering.customer("Otra SA")
    await offering.contact("bea@otra.example", customer, name="Bea Otra")
    first = await asked(offering, await offering.browser())
    second = await ask(offering, await offering.browser(), "bea@otra.example")
    assert second is not None
    async with offering.work():
        with pytest.raises(InvalidInputError):
            await use_sign_in_link(token=first.path.rpartition("/")[2], browser="", code=second.code, device=HERE)


async def test_a_scanner_that_clicks_everything_spoils_nothing(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    link = await asked(offering, browser)
    scanner = await offering.browser()
    tables = ("link", "session", "account", "person", "rate_limit", "activity")
    before = await whole_database(tables)
    head = await scanner.client.head(link.path)
    for _ in range(7):
        head = await scanner.client.head(link.path)
        assert (head.status_code, head.content) == (200, b"")
        assert (await scanner.get(link.path)).status_code == 200
        assert (await scanner.post(link.path, page=link.path)).status_code == 422
        assert (await scanner.client.post(link.path)).status_code == 403
    assert await whole_database(tables) == before
    made_up = await scanner.client.head(f"/sign-in-link/{new_token()}")
    assert (made_up.status_code, made_up.headers.get("content-length")) == (200, head.headers.get("content-length"))
    assert (await browser.post(link.path, page=link.path)).status_code == 303


async def test_it_holds_ten_minutes_once_and_the_newest_wins(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    first = await asked(offering, browser)
    second = await asked(offering, browser)
    async with offering.work():
        found = [await find_link(link.path.rpartition("/")[2], Purpose.SIGN_IN) for link in (first, second)]
        assert [link is not None for link in found] == [False, True]
    with later(timedelta(minutes=9, seconds=55)):
        assert (await browser.get(second.path)).status_code == 200
    with later(timedelta(minutes=10, seconds=1)):
        assert (await browser.get(second.path)).status_code == 410


async def test_of_twenty_clicks_at_once_one_session_comes(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    link = await asked(offering, browser)
    secret, token = browser.client.cookies[ASKED], link.path.rpartition("/")[2]

    async def click(*, known: bool) -> str | None:
        try:
            async with offering.work():
                done = await use_sign_in_link(token=token, browser=secret if known else "", code=link.code, device=HERE)
                return done.token
        except (LinkSpentError, InvalidInputError):
            return None

    clicks = [asyncio.create_task(click(known=True), context=outside()) for _ in range(20)]
    got = [session for session in await asyncio.gather(*clicks) if session is not None]
    assert len(got) == len(set(got)) == 20
    assert await sessions_of(offering, ana) == 1
    assert await click(known=False) is None


async def test_of_twenty_with_the_code_one_wins(offering: Portal, ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    more = Limit(name="sign_in_code", burst=50, period=timedelta(days=7))
    monkeypatch.setattr(sign_in_links, "CODES", more)
    link = await asked(offering, await offering.browser())

    async def click() -> bool:
        try:
            async with offering.work():
                await use_sign_in_link(token=link.path.rpartition("/")[2], browser="", code=link.code, device=HERE)
                return True
        except LinkSpentError:
            return False

    clicks = [asyncio.create_task(click(), context=outside()) for _ in range(20)]
    assert sorted(await asyncio.gather(*clicks)) == [False] * 19 + [True]
    assert await sessions_of(offering, ana) == 1


async def test_strangers_and_the_uninvited_get_nothing(world: World, ana: Person, invited: Person) -> None:
    await prefer(world.first, SIGN_IN_LINK, value=True)
    await prefer(world.second, SIGN_IN_LINK, value=True)
    browser = await world.first.browser()
    for email in ("nobody@acimos.example", "eva@prueba.example"):
        assert await ask(world.first, browser, email) is None
    assert await ask(world.second, await world.second.browser()) is None
    assert await ask(world.first, browser) is not None


async def test_where_it_is_not_offered_there_is_nothing(portal: Portal, ana: Person) -> None:
    browser = await portal.browser()
    assert "sign-in-link" not in (await browser.get("/")).text
    assert (await browser.get("/sign-in-link")).status_code == 404
    assert (await browser.get(f"/sign-in-link/{new_token()}")).status_code == 404
    assert (await browser.post("/sign-in-link", {"email": ANA})).status_code == 404


async def test_a_link_of_somebody_who_was_shut_out_is_dead(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    link = await asked(offering, browser)
    async with offering.work():
        await Person.update({Person.state: "deactivated"}).where(Person.id == ana.id)
    assert (await browser.get(link.path)).status_code == 410


async def test_requests_are_limited_per_address(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    for email in (ANA, "nobody@acimos.example"):
        answers = [
            (await browser.post("/sign-in-link", {"email": email}, page="/sign-in-link")).status_code for _ in range(4)
        ]
        assert answers == [200, 200, 200, 429]


async def test_neither_token_nor_code_nor_cookie_is_stored(offering: Portal, ana: Person) -> None:
    browser = await offering.browser()
    link = await asked(offering, browser)
    dump = await whole_database(("link", "queue", "mail", "session"))
    secrets = (link.path.rpartition("/")[2], link.code, link.code.replace("-", ""), browser.client.cookies[ASKED])
    assert [secret for secret in secrets if secret in dump] == []
