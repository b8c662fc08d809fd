"""The log of everything that happened: who finds what in it, whether it is whole, and what is taken away."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest

from core import clock
from core.db import execute
from core.people.actor import Actor, ActorKind, acting_as
from core.people.tables import Customer, Person
from core.records.activity import write_activity
from core.records.audit import chain_new
from core.tenancy.snapshot import load_snapshot
from tests.portal_fixtures import Browser, Portal, World

SECRET = "Compañía Secreta"


def rows_of(page: str) -> list[str]:
    """The sentences that the list shows, in its order."""
    body = page.split("<tbody")[1].split("</tbody>", maxsplit=1)[0] if "<tbody" in page else ""
    found = re.findall(r'data-label="What happened"[^>]*>(.*?)</td>', body, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in found]


async def happen(portal: Portal, kind: str, by: Person, *, customer: Customer | None = None, **data: str) -> None:
    async with portal.work():
        actor = Actor(kind=ActorKind.STAFF, tenant=await load_snapshot(portal.tenant.id), person=by.id)
        with acting_as(actor):
            await write_activity(kind=kind, customer=customer.id if customer else None, data=data)


@pytest.fixture
async def boss(portal: Portal) -> Person:
    return await portal.staff("boss@a.example", name="Berta Jefa")


@pytest.fixture
async def browser(portal: Portal, boss: Person) -> Browser:
    return await portal.browser(boss)


@pytest.fixture
async def told(portal: Portal, boss: Person, world: World) -> Person:
    """Three things that happened here, one of another tenant."""
    carla = await portal.staff("carla@a.example", role="clerk", name="Carla Otra")
    acme = await portal.customer("=Acme")
    async with portal.work():  # what setting the tests up has left
        await execute("DELETE FROM activity WHERE tenant = {}", portal.tenant.id)
    with clock.later(timedelta(days=-40)):
        await happen(portal, "core.person_deactivated", boss, person="x", name="Dora")
    await happen(portal, "core.person_reactivated", boss, person=str(carla.id), name="Carla Otra")
    await happen(portal, "core.project_changed", carla, customer=acme, name="Obra 1")
    stranger = await world.second.staff("s@b.example", name="Sara Ajena")
    await happen(world.second, "core.project_changed", stranger, name=SECRET)
    return carla


EVERYTHING = [
    "Carla Otra changed the project Obra 1",
    "Berta Jefa reactivated Carla Otra",
    "Berta Jefa deactivated Dora",
]


async def log(browser: Browser, query: str = "") -> list[str]:
    page = await browser.get(f"/staff/log?{query}")
    assert page.status_code == 200
    assert SECRET not in page.text
    return rows_of(page.text)


async def test_it_is_found_by_person_kind_period_and_record(browser: Browser, told: Person) -> None:
    today = clock.now().date()
    assert await log(browser) == EVERYTHING
    assert await log(browser, "q=berta") == EVERYTHING[1:]
    assert await log(browser, "q=carla") == EVERYTHING[:2]
    assert await log(browser, f"person={told.id}") == EVERYTHING[:2]
    assert await log(browser, "q=nobody") == []
    assert await log(browser, "kind=core.person_deactivated") == EVERYTHING[2:]
    assert await log(browser, f"day_from={today - timedelta(days=3)}") == EVERYTHING[:2]
    assert await log(browser, f"day_to={today - timedelta(days=3)}") == EVERYTHING[2:]
    assert await log(browser, "kind=no.such&day_from=nonsense&record=x&person=%00&after=z") == EVERYTHING
    assert await log(browser, "day_from=0001-01-01&day_to=9999-12-31") == EVERYTHING


async def test_pages_go_by_key_and_take_few_queries(
    portal: Portal, browser: Browser, boss: Person, told: Person
) -> None:
    for number in range(60):
        await happen(portal, "core.project_changed", boss, name=f"P{number}")
    page = await browser.get("/staff/log?kind=core.project_changed")
    first = rows_of(page.text)
    following = re.search(r'href="(/staff/log\?[^"]*after=[^"]+)"', page.text)
    assert following
    second = rows_of((await browser.get(unescape(following[1]))).text)
    assert first + second == [
        *(f"Berta Jefa changed the project P{number}" for number in reversed(range(60))),
        EVERYTHING[0],
    ]


async def test_it_says_how_far_it_is_whole(portal: Portal, browser: Browser, told: Person) -> None:
    assert "not chained yet" in (await browser.get("/staff/log")).text
    async with portal.work():
        await chain_new()
    assert "Chained up to entry 3, and not checked yet." in (await browser.get("/staff/log")).text
    answer = await browser.post("/staff/log/check", page="/staff/log")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/log")
    assert "Whole up to entry 3" in (await browser.get("/staff/log")).text
    await happen(portal, "core.project_changed", told, name="P")
    assert "1 entry is newer." in (await browser.get("/staff/log")).text
    async with portal.work():
        await execute(
            "UPDATE activity SET kind = 'core.profile_edited' WHERE tenant = {} AND sequence = 2", portal.tenant.id
        )
    await browser.post("/staff/log/check", page="/staff/log")
    assert "does not hold from entry 2 on" in (await browser.get("/staff/log")).text


async def test_a_copy_holds_everything_and_no_formula(browser: Browser, told: Person) -> None:
    answer = await browser.get("/staff/log/export.csv?q=carla")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[2:5] for row in rows] == [
        ["Person", "What happened", "Customer"],
        ["Carla Otra", EVERYTHING[0], "'=Acme"],
        ["Berta Jefa", EVERYTHING[1], ""],
    ]
    assert [(await browser.get("/staff/log/export.csv")).status_code for _ in range(5)] == [200] * 4 + [429]


async def test_only_who_may_see_it_does(portal: Portal, told: Person) -> None:
    clerk = await portal.browser(told)
    contact = await portal.browser(await portal.contact("c@a.example", await portal.customer("Otra")))
    for browser in (clerk, contact):
        for path in ("/staff/log", "/staff/log/export.csv"):
            assert (await browser.get(path)).status_code == 403
