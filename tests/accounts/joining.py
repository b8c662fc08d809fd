"""Two sign-ins of one woman, as tests of linking them see them."""

from __future__ import annotations

from core.accounts.errors import WrongCredentialsError
from core.accounts.joining import JOIN_REQUESTED
from core.accounts.services import sign_in
from core.accounts.sessions import Device
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, run_queue
from tests.accounts.offices import (
    with_password,
)
from tests.portal_fixtures import Browser, Portal, World

THERE = "ana.prueba@casa.example"
FORM = "/account/offices/link"
EVERYTHING = ("account", "person", "session", "link", "linked_office", "setting")


async def two(world: World, there: str = THERE) -> tuple[Person, Person]:
    """The same woman at both portals, with an address and a password for each."""
    return await with_password(world.first), await with_password(world.second, there, OTHER)


async def opens(portal: Portal, email: str, password: str) -> bool:
    try:
        async with portal.work():
            await sign_in(email=email, password=password, device=Device())
    except WrongCredentialsError:
        return False
    return True


async def asked(portal: Portal, browser: Browser, **typed: str) -> tuple[int, str]:
    filled = {"email": THERE, "password": OTHER, "current": PASSWORD} | typed
    page = await browser.post(FORM, filled, page=FORM)
    shown = await browser.get("/account/offices") if page.status_code == 303 else page
    await run_queue(JOIN_REQUESTED)
    return page.status_code, shown.text
