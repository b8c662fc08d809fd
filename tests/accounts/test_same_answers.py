"""Unknown, known, disabled, invited and shut-out addresses: the same status, words, headers and cookies everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx
import pytest

from core.accounts.invitations import create_login, invite_person, open_account
from core.accounts.options import SIGN_IN_LINK
from core.accounts.tables import Account
from core.clock import now
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, prefer, state_of
from tests.portal_fixtures import Portal, World

WHO = ("known", "unknown", "disabled", "deactivated", "pending", "invited", "elsewhere")
FORMS: Mapping[str, Mapping[str, str]] = {
    "/sign-in": {"password": "certainly not the password"},
    "/forgot-password": {},
    "/sign-in-link": {},
    "/sign-in/help": {"name": "Somebody", "message": "I cannot get in."},
}


def address(who: str) -> str:
    """All as long as each other: the length of an answer must not differ by what is echoed."""
    return f"{who:x<11}@acimos.example"


@pytest.fixture
async def everybody(world: World) -> Portal:
    """Somebody of each sort at the first portal."""
    portal = world.first
    customer = await portal.customer("Alimentos Ácimos")
    for who in ("known", "disabled", "deactivated", "pending", "invited"):
        person = await portal.contact(address(who), customer, name="Ana Prueba")
        async with portal.work():
            if who in {"pending", "invited"}:
                await Person.update({Person.account: None, Person.state: "address_book"}).where(Person.id == person.id)
                await (create_login if who == "pending" else invite_person)(person=person.id)
                continue
            await open_account(person=person.id, password=PASSWORD)
            if who == "disabled":
                account = (await state_of(portal, person))["account"]
                await Account.update({Account.disabled_at: now()}).where(Account.id == account)
            elif who == "deactivated":
                await Person.update({Person.state: "deactivated"}).where(Person.id == person.id)
    there = await world.second.contact(address("elsewhere"), await world.second.customer("Elsewhere SA"))
    async with world.second.work():
        await open_account(person=there.id, password=OTHER)
    await prefer(portal, SIGN_IN_LINK, value=True)
    return portal


def answer(page: httpx.Response, who: str) -> tuple[int, str, list[tuple[str, str]]]:
    """What the reader gets, without the form's token, the address as typed, and what is random by design."""
    text = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", page.text).replace(address(who), "ADDRESS")
    headers = [(name, re.sub(r"=[\w-]{43};", "=RANDOM;", value)) for name, value in page.headers.multi_items()]
    return page.status_code, text, sorted(headers)


@pytest.mark.parametrize("path", FORMS)
async def test_every_sort_of_address_gets_the_same_answer(everybody: Portal, path: str) -> None:
    found = {}
    for who in WHO:
        browser = await everybody.browser()
        page = "/" if path == "/sign-in" else path
        async with everybody.work():
            await Account.raw("DELETE FROM rate_limit")
        found[who] = answer(await browser.post(path, {"email": address(who), **FORMS[path]}, page=page), who)
    assert {who: found[who] == found["known"] for who in WHO} == dict.fromkeys(WHO, True)
    assert found["known"][0] == (422 if path == "/sign-in" else 200)


@pytest.mark.parametrize("path", FORMS)
async def test_every_sort_of_address_is_stopped_alike(everybody: Portal, path: str) -> None:
    stopped = {}
    for who in ("known", "unknown", "invited"):
        browser = await everybody.browser()
        async with everybody.work():
            await Account.raw("DELETE FROM rate_limit")
        token = await browser.form_token("/" if path == "/sign-in" else path)
        typed = {"csrf_token": token, "email": address(who), **FORMS[path]}
        stopped[who] = [(await browser.client.post(path, data=typed)).status_code for _ in range(7)]
    assert stopped["unknown"] == stopped["invited"] == stopped["known"]
    assert stopped["known"][-1] == 429
