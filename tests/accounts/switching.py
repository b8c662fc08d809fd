"""Going from one office to another."""

from __future__ import annotations

import re

import httpx

from core.accounts.offices import Office, offices_of
from core.accounts.sessions import COOKIE, build_actor, identify
from core.people.actor import Actor
from core.people.tables import Person
from tests.accounts.offices import (
    EMAIL,
)
from tests.portal_fixtures import Browser, Portal, World

GO_ON = re.compile(r"0; url=http://([^/]+)(/hand-over/[\w-]+)")


async def actor_at(portal: Portal, browser: Browser) -> Actor:
    """Who the browser's session stands for."""
    token = browser.client.cookies.get(COOKIE)
    assert token is not None
    async with portal.work():
        host = portal.host.split(":")[0]
        identity = await identify(host=host, token=token, tenant=portal.tenant.id)
        assert identity is not None
        actor = await build_actor(identity, await portal.snapshot())
    assert actor is not None
    return actor


async def office_at(portal: Portal, account: object) -> Office:
    """The account's office at this tenant."""
    return next(
        office
        for office in await offices_of(account)
        if office.tenant == portal.tenant.id  # type: ignore[arg-type]  # a UUID
    )


async def leave(world: World, person: Person) -> tuple[Browser, httpx.Response, str]:
    """Go from the first office to the second; return the browser, the answer, and the path there."""
    browser = await world.first.browser(person)
    office = await office_at(world.second, person.account)
    answer = await browser.post(f"/account/offices/{office.id}/open")
    found = GO_ON.fullmatch(answer.headers["refresh"])
    assert found
    assert found[1] == world.second.host
    return browser, answer, found[2]


def origin(portal: Portal) -> str:
    return f"http://{portal.host}/"


async def linked_people(world: World) -> list[Person]:
    """The linked person's rows at both tenants."""
    found = []
    for portal in (world.first, world.second):
        async with portal.work():
            person = await Person.objects().where(Person.email_folded == EMAIL).first()
        assert person is not None
        found.append(person)
    return found
