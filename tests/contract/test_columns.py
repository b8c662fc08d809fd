"""Readers choose the columns of every list, also of modules that know nothing of it."""

from __future__ import annotations

import re

from core.db import fetch, request_scope
from tests.contract.town import Town
from tests.portal_fixtures import Browser

COLUMNS = "/lists/columns"
_HEAD = re.compile(r"<thead>.*?</thead>", re.DOTALL)


def heads(page: str) -> list[str]:
    """The columns of the table, by the links and words in its head."""
    (head,) = _HEAD.findall(page)
    return [text for text in re.findall(r">([^<>\n]+)<", head) if text.strip()]


async def choose(browser: Browser, *keys: str, **more: str) -> str:
    """Send the form; where it leads to."""
    sent = {"list": "bookings", "back": "/bookings?state=booked", "column": list(keys), **more}
    answer = await browser.post(COLUMNS, sent, page="/bookings")
    assert answer.status_code == 303, answer.status_code
    return answer.headers["location"]


async def test_a_contact_chooses_what_a_list_of_a_strangers_module_shows(town: Town) -> None:
    owner = town.visitors["owner"].browser
    standard = heads((await owner.get("/bookings")).text)
    assert len(standard) == 3
    room, _day, company = standard
    assert await choose(owner, "company", "title", "nonsense") == "/bookings?state=booked"
    page = (await owner.get("/bookings")).text
    assert heads(page) == [company, room]
    file = (await owner.get("/bookings/export.csv?period=all")).text.splitlines()[0]
    assert re.split("[;,]", file.removeprefix("\ufeff")) == [company, room]
    whole = (await owner.get("/bookings/export.csv?period=all&columns=all")).text.splitlines()[0]
    assert re.split("[;,]", whole.removeprefix("\ufeff")) == standard
    assert await choose(owner, "company", "title", up="title") == "/bookings?state=booked#column-title"
    assert heads((await owner.get("/bookings")).text) == [room, company]
    assert await choose(owner, "title", "company", down="title") == "/bookings?state=booked#column-title"
    assert heads((await owner.get("/bookings")).text) == [company, room]
    assert heads((await town.visitors["staff"].browser.get("/staff/bookings")).text)[:3] == standard
    for nonsense in ("nothing", "\u0663", "a\r\nb: c"):
        assert await choose(owner, "title", "company", up=nonsense) == "/bookings?state=booked"
    assert await choose(owner, back="/bookings?q=\u0663%20x") == "/bookings?q=%D9%A3%20x"
    await choose(owner, standard="1")
    assert heads((await owner.get("/bookings")).text) == standard


async def test_the_title_stays_and_the_way_back_is_the_list(town: Town) -> None:
    owner = town.visitors["owner"].browser
    room, day, _company = heads((await owner.get("/bookings")).text)
    for back in ("https://evil.test/bookings", "//evil.test", "/profile", "/bookings.evil", ""):
        assert await choose(owner, "day", back=back) == "/bookings"
    assert heads((await owner.get("/bookings")).text) == [room, day]
    await choose(owner)
    assert len(heads((await owner.get("/bookings")).text)) == 3
    await choose(owner, standard="1")


async def test_lists_that_are_not_hers_are_not_there(town: Town) -> None:
    owner, bare = town.visitors["owner"].browser, town.visitors["without permission"].browser
    for key in ("bookings.staff", "nothing", ""):
        answer = await owner.post(COLUMNS, {"list": key, "column": "title"}, page="/bookings")
        assert answer.status_code == 404
    assert (await bare.post(COLUMNS, {"list": "bookings", "column": "day"}, page="/profile")).status_code == 404
    async with request_scope(tenant=None, bypass=True):
        rows = await fetch("SELECT shown_columns FROM person")
    assert [row["shown_columns"] for row in rows if "staff" in row["shown_columns"]] == []
