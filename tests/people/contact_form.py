"""The form of a new contact, as tests fill it in."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx

from core.people.tables import Person
from core.preferences.values import save_settings
from tests.people.test_persons import mails
from tests.portal_fixtures import Browser, Portal

NEW = "/staff/people/new"
ID = "01890000-0000-7000-8000-00000000000a"
TICKED = re.compile(r'<input checked[^>]*name="mails"[^>]*value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return what a page carries unseen."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page.text) if name != "csrf_token"}


def current(page: httpx.Response) -> str:
    """Return the label of the step that is shown."""
    found = re.search(r'aria-current="step">([^<]+)<', page.text)
    assert found
    return found[1]


async def typed(portal: Portal, **more: str) -> dict[str, str]:
    """A whole contact."""
    customer = await portal.customer("Nuñez")
    return {
        "id": ID,
        "given_name": "Ana",
        "family_name": "García López",
        "email": "ana@nunez.example",
        "mobile": "600 1",
        "customer": str(customer.id),
        "role": str(portal.roles["basic"].id),
        "reach": "company",
    } | more


async def chosen(portal: Portal, **settings: Any) -> Browser:
    """Have the tenant choose, and return an administrator's browser."""
    async with portal.work():
        await save_settings(settings)
    return await portal.browser(await portal.staff("pilar@obrador.example"))


async def stored(portal: Portal) -> list[tuple[str, str, int]]:
    """Return every contact with her state, and how many mails wait."""
    async with portal.work():
        rows = await Person.objects().where(Person.kind == "contact").order_by(Person.name_folded)
        return [(row.email, row.state, await mails()) for row in rows]


async def walk(admin: Browser, data: dict[str, str], *answers: dict[str, str]) -> httpx.Response:
    """Go from step to step with what each page carries, as a browser does; return the last answer."""
    page = await _past_what_asks_nothing(admin, await admin.post(NEW, {**data, "step": "data", "go": "next"}, page=NEW))
    for answer in answers:
        page = await admin.post(NEW, {"id": data["id"], **hidden(page), "go": "next", **answer}, page=NEW)
        page = await _past_what_asks_nothing(admin, page)
    return page


async def _past_what_asks_nothing(admin: Browser, page: httpx.Response) -> httpx.Response:
    while page.status_code == 200 and current(page) in {"What is seen", "Notifications"}:
        sent = {"id": ID, **hidden(page), "mails": TICKED.findall(page.text), "go": "next"}
        page = await admin.post(NEW, sent, page=NEW)
    return page
