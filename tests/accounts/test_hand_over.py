"""The hand-over to another host: who arrives, once, and with what."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from core.accounts.hand_over import arrive, find_arrival
from core.accounts.offices import offices_of
from core.accounts.sessions import COOKIE, Device
from core.accounts.tables import Session
from core.clock import later
from core.db import outside
from core.errors import DomainError
from core.people.tables import Person
from tests.accounts.conftest import PASSWORD, prefer
from tests.accounts.offices import (
    EMAIL,
    linked,
    with_password,
)
from tests.accounts.switching import GO_ON, actor_at, leave, office_at, origin
from tests.portal_fixtures import World


async def test_switching_signs_in_at_the_other_host(world: World) -> None:
    first, second = await linked(world)
    _browser, answer, path = await leave(world, first)
    assert answer.status_code == 200
    assert answer.headers["referrer-policy"] == "origin"
    there = await world.second.browser()
    page = await there.get(path, headers={"referer": origin(world.first)})
    assert (page.status_code, "data-send" in page.text, page.headers["referrer-policy"]) == (200, True, "no-referrer")
    arrived = await there.post(path, page=path)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/")
    assert (await actor_at(world.second, there)).person == second.id
    assert (await there.post(path, page="/profile")).status_code == 410


async def test_a_link_that_somebody_else_sent_does_not_press_its_button(world: World) -> None:
    first, _second = await linked(world)
    *_rest, path = await leave(world, first)
    stranger = await world.second.browser()
    for referer in ("", "http://evil.example/", f"http://{world.second.host}/", f"{origin(world.first)[:-1]}.evil/"):
        page = await stranger.get(path, headers={"referer": referer})
        assert (page.status_code, "data-send" in page.text, EMAIL in page.text) == (200, False, True)
    eva = await with_password(world.second, "eva@acimos.example")
    page = await (await world.second.browser(eva)).get(path, headers={"referer": origin(world.first)})
    assert "data-send" not in page.text


async def test_looking_at_a_hand_over_changes_nothing(world: World) -> None:
    first, _second = await linked(world)
    *_rest, path = await leave(world, first)
    scanner = await world.second.browser()
    for _again in range(3):
        assert (await scanner.get(path)).status_code == 200
        assert (await scanner.client.head(path)).status_code == 200
    assert COOKIE not in scanner.client.cookies
    there = await world.second.browser()
    assert (await there.post(path, page=path)).status_code == 303


async def test_a_hand_over_holds_for_a_minute_at_that_portal_alone(world: World) -> None:
    first, _second = await linked(world)
    *_rest, path = await leave(world, first)
    token = path.rpartition("/")[2]
    async with world.first.work():
        assert await find_arrival(token) is None
    with later(timedelta(seconds=61)):
        async with world.second.work():
            assert await find_arrival(token) is None
    async with world.second.work():
        assert await find_arrival(token) is not None


async def test_of_twenty_at_once_one_arrives(world: World) -> None:
    first, _second = await linked(world)
    *_rest, path = await leave(world, first)

    async def come() -> bool:
        try:
            async with world.second.work():
                await arrive(token=path.rpartition("/")[2], device=Device())
        except DomainError:
            return False
        return True

    tasks = [asyncio.create_task(come(), context=outside()) for _number in range(20)]
    assert sum(await asyncio.gather(*tasks)) == 1


async def test_switching_does_not_prolong_a_session(world: World) -> None:
    first, second = await linked(world)
    async with world.first.work():
        await Session.delete().where(Session.person == first.id)
    async with world.second.work():
        await Session.delete().where(Session.person == second.id)
    browser = await world.first.browser(first)
    with later(timedelta(hours=20)):
        office = await office_at(world.second, first.account)
        answer = await browser.post(f"/account/offices/{office.id}/open")
        path = answer.headers["refresh"].rpartition("/")[2]
        async with world.second.work():
            await arrive(token=path, device=Device())
    ends = []
    for portal in (world.first, world.second):
        async with portal.work():
            ends += [row["expires_at"] for row in await Session.select(Session.expires_at)]
    assert len(ends) == 2
    assert ends[0] == ends[1]


async def test_a_session_of_one_portal_is_none_at_the_other(world: World) -> None:
    first, _second = await linked(world)
    browser = await world.first.browser(first)
    other = await world.second.browser()
    other.client.cookies.set(COOKIE, browser.token, domain=world.second.host.split(":")[0])
    assert (await other.get("/profile")).status_code == 303


async def test_who_is_shut_out_at_one_portal_stays_at_the_other(world: World) -> None:
    first, second = await linked(world)
    async with world.second.work():
        await Person.update({Person.state: "deactivated"}).where(Person.id == second.id)
    browser = await world.first.browser(first)
    page = await browser.get("/")
    assert (page.status_code, "office-menu" in page.text) == (200, False)
    found = await offices_of(first.account)
    assert [office.tenant for office in found] == [world.first.tenant.id]


async def test_another_portal_is_nobodys_business(world: World) -> None:
    first, _second = await linked(world)
    eva = await with_password(world.first, "eva@acimos.example")
    office = await office_at(world.second, first.account)
    browser = await world.first.browser(eva)
    for path in ("", "/open", "/unlink"):
        assert (await browser.post(f"/account/offices/{office.id}{path}")).status_code == 404
    assert (await browser.get(f"/account/offices/{office.id}/unlink")).status_code == 404


async def test_a_stricter_portal_looks_at_the_password_itself(world: World) -> None:
    first, _second = await linked(world)
    await prefer(world.first, "accounts.password_policy", "memoq")
    browser = await world.first.browser(first)
    office = await office_at(world.second, first.account)
    assert office.accepted
    weak = "Corta-Pe1"
    change = {"current": PASSWORD, "password": weak, "repeat": weak}
    assert (await browser.post("/account/password", change, page="/account/password")).status_code == 303
    answer = await browser.post(f"/account/offices/{office.id}/open")
    assert answer.headers["refresh"] == f"0; url=http://{world.second.host}/"
    there = await world.second.browser()
    done = await there.post("/sign-in", {"email": EMAIL, "password": weak})
    assert done.headers["location"] == "/account/password"
    assert not (await office_at(world.second, first.account)).accepted


async def test_a_good_password_opens_the_stricter_portal_too(world: World) -> None:
    first, _second = await linked(world)
    await prefer(world.first, "accounts.password_policy", "memoq")
    browser = await world.first.browser(first)
    good = "Largo y bueno, con 7 letras"
    change = {"current": PASSWORD, "password": good, "repeat": good}
    await browser.post("/account/password", change, page="/account/password")
    office = await office_at(world.second, first.account)
    assert not office.accepted
    anew = await world.first.browser()
    await anew.post("/sign-in", {"email": EMAIL, "password": good})
    assert (await office_at(world.second, first.account)).accepted
    answer = await anew.post(f"/account/offices/{office.id}/open")
    assert GO_ON.fullmatch(answer.headers["refresh"])
