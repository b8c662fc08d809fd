"""Linked portals: an identity is good at its own; whoever keeps that portal's provider gets in nowhere else by it."""

from __future__ import annotations

from datetime import timedelta

from core.accounts.oidc.identities import RECENT
from core.accounts.tables import LinkedOffice
from core.clock import later, now
from tests.accounts.offices import linked
from tests.accounts.oidc.conftest import Door, add
from tests.accounts.oidc.test_signing_in import WAYS, connect, identities
from tests.accounts.switching import GO_ON, office_at
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


async def test_coming_from_another_portal_is_no_new_proof(door: Door, world: World) -> None:
    """Else a session that somebody left open would be enough to connect an identity: over there, and back again."""
    first, _second = await linked(world)
    there_too = Door(world.second, await add(world.second, door.fake.issuer), door.fake)
    for age, asked in ((timedelta(0), False), (RECENT, True)):
        here = await world.first.browser(first)
        with later(age):
            office = await office_at(world.second, first.account)
            answer = await here.post(f"/account/offices/{office.id}/open", page="/profile")
            found = GO_ON.fullmatch(answer.headers["refresh"])
            assert found
            there = await world.second.browser()
            assert (await there.post(found[2], page=found[2])).status_code == 303
            answer = await there.post(f"{WAYS}/connect", {"provider": str(there_too.id)}, page=WAYS)
            assert (age, answer.status_code == 422) == (age, asked)
