"""Linked portals: an identity is good at its own; whoever keeps that portal's provider gets in nowhere else by it."""

from __future__ import annotations

from core.accounts.tables import LinkedOffice
from core.clock import now
from tests.accounts.offices import linked
from tests.accounts.oidc.conftest import Door
from tests.accounts.oidc.test_signing_in import connect, identities
from tests.accounts.switching import office_at
from tests.portal_fixtures import World


async def test_with_an_identity_nobody_goes_on_to_another_portal(door: Door, world: World) -> None:
    first, _second = await linked(world)
    await LinkedOffice.update({LinkedOffice.accepted_at: now()}).where(LinkedOffice.account == first.account)
    office = await office_at(world.second, first.account)
    with_password = await world.first.browser(first)
    opened = await with_password.post(f"/account/offices/{office.id}/open", page="/profile")
    assert "/hand-over/" in str(opened.headers) + opened.text
    await connect(door, with_password)

    browser = await world.first.browser()
    assert (await door.through(browser)).headers["location"] == "/"
    assert (await browser.get("/profile")).status_code == 200
    opened = await browser.post(f"/account/offices/{office.id}/open", page="/profile")
    assert "/hand-over/" not in str(opened.headers) + opened.text
    assert f"{office.origin}/" in str(opened.headers) + opened.text


async def test_who_prefers_another_portal_lands_here_with_an_identity(door: Door, world: World) -> None:
    first, _second = await linked(world)
    await connect(door, await world.first.browser(first))
    mine = LinkedOffice.account == first.account
    await LinkedOffice.update({LinkedOffice.preferred: True}).where(
        mine & (LinkedOffice.tenant == world.second.tenant.id)
    )
    assert (await door.through(await world.first.browser())).headers["location"] == "/"


async def test_what_is_connected_shows_at_its_own_portal_alone(door: Door, world: World) -> None:
    first, second = await linked(world)
    await connect(door, await world.first.browser(first))
    assert len(await identities(world.first)) == 1
    assert await identities(world.second) == []
    assert "Acme ID" not in (await (await world.second.browser(second)).get("/account/sign-in")).text
