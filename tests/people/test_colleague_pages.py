"""The pages on which managers keep their colleagues, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.errors import NotPermittedError
from core.people import colleagues
from core.people.actor import acting_as
from core.people.persons import edit_person
from core.people.tables import Customer, Membership
from core.preferences.values import save_settings
from tests.db_fixtures import Databases
from tests.people.colleagues import ANA, BEA, DATA, actor, details, person_with, seats
from tests.people.sheets import add_sheets, addressees, sheets_world
from tests.portal_fixtures import Portal, World


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with sheets_world(dialect, databases, tmp_path) as made:
        yield made


@pytest.fixture
async def portal(world: World) -> Portal:
    return world.first


@pytest.fixture
async def acme(portal: Portal) -> Customer:
    return await portal.customer("Acme")


async def test_people_of_other_customers_and_tenants_do_not_exist(world: World, acme: Customer) -> None:
    portal = world.first
    ana = await portal.contact(ANA, acme)
    zeta = await portal.customer("Zeta")
    zoe = await portal.contact("zoe@zeta.example", zeta)
    foreign_customer = await world.second.customer("Autre")
    foreign = await world.second.contact("zoe@autre.example", foreign_customer)
    browser = await portal.browser(ana)
    unknown = (await browser.get(f"/colleagues/{acme.id}/{uuid4()}")).text
    for customer, person in (
        (acme, zoe),
        (zeta, zoe),
        (acme, foreign),
        (foreign_customer, foreign),
    ):
        path = f"/colleagues/{customer.id}/{person.id}"
        answer = await browser.get(path)
        assert (answer.status_code, len(answer.text)) == (404, len(unknown))
        for verb in ("", "/rights", "/invite", "/hand-over", "/remove"):
            data = {"for": "all", "role": str(portal.roles["viewer"].id), "reach": "own", "take-heir": str(ana.id)}
            sent = await browser.post(path + verb, data | DATA, page="/profile")
            assert (path, verb, sent.status_code) == (path, verb, 404)
    assert (await browser.get(f"/colleagues?customer={zeta.id}")).status_code == 404
    assert (await browser.get(f"/colleagues/{zeta.id}/new")).status_code == 404
    assert set(await seats(portal, zeta)) == {"zoe@zeta.example"}


async def test_the_tenant_says_how_much_managers_may(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    bea = await portal.contact(BEA, acme, role="viewer", name="Bea Sol")
    browser = await portal.browser(ana)
    path = f"/colleagues/{acme.id}/{bea.id}"

    async def answers() -> tuple[int, bool, int, int, bool]:
        listed = await browser.get("/colleagues")
        sent = await browser.post(f"{path}/invite", {"for": "all"}, page="/profile")
        rail = (await browser.get("/profile")).text
        return (
            listed.status_code,
            "Bea Sol" in listed.text,
            (await browser.get(path)).status_code,
            sent.status_code,
            'href="/colleagues"' in rail,
        )

    assert await answers() == (200, True, 200, 409, True)  # bea has signed in: there is nothing to invite her to
    async with portal.work():
        await save_settings({"people.colleagues": "see"})
    assert await answers() == (200, True, 403, 403, True)
    async with portal.work():
        await save_settings({"people.colleagues": "off"})
    assert await answers() == (404, False, 404, 404, False)


async def test_the_pages_do_what_they_say(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme, name="Ana Gil")
    browser = await portal.browser(ana)
    new = f"/colleagues/{acme.id}/new"
    viewer = str(portal.roles["viewer"].id)
    data = DATA | {"for": "all", "role": viewer, "reach": "company"}
    assert (await browser.post(new, data | {"email": ""}, page=new)).status_code == 422
    beyond = await browser.post(new, data | {"reach": "group"}, page=new)
    assert beyond.status_code == 422
    assert 'value="Bea"' in beyond.text
    sent = await browser.post(new, data, page=new)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/colleagues?customer={acme.id}")
    bea = await person_with(portal, BEA)
    listed = (await browser.get("/colleagues")).text
    assert "Ana Gil (you)" in listed
    assert f'href="/colleagues/{acme.id}/{bea.id}"' in listed
    path = f"/colleagues/{acme.id}/{bea.id}"
    for verb, more in (
        ("", DATA | {"given_name": "Beatriz"}),
        ("/rights", {"role": str(portal.roles["basic"].id), "reach": "own"}),
        ("/invite", {}),
    ):
        answer = await browser.post(path + verb, {"for": "all", **more}, page=path)
        assert (verb, answer.status_code) == (verb, 303)
    assert (await seats(portal, acme))[BEA] == ("basic", "own")
    assert (await person_with(portal, BEA)).given_name == "Beatriz"
    await add_sheets(portal, acme, ana, ["a1"])
    own = f"/colleagues/{acme.id}/{ana.id}"
    shown = await browser.get(own)
    assert shown.status_code == 200
    refused = await browser.post(f"{own}/hand-over", {"for": "all", "take-heir": ""}, page=own)
    assert refused.status_code == 422
    eva = await portal.contact("eva@acme.example", acme, role="requester")
    handed = await browser.post(f"{own}/hand-over", {"for": "all", "take-heir": str(eva.id)}, page=own)
    assert handed.status_code == 303
    assert await addressees(portal) == {"a1": (eva.id, 2)}
    gone = f"/colleagues/{acme.id}/{eva.id}"
    assert (await browser.post(f"{gone}/remove", {"for": "all"}, page=gone)).status_code == 422
    removed = await browser.post(f"{gone}/remove", {"for": "all", "leave-heir": str(ana.id)}, page=gone)
    assert removed.status_code == 303
    assert set(await seats(portal, acme)) == {ANA, BEA}


async def test_a_form_of_another_company_is_refused(portal: Portal, acme: Customer) -> None:
    zeta = await portal.customer("Zeta")
    ana = await portal.contact(ANA, acme, zeta)
    bea = await portal.contact(BEA, acme, role="viewer")
    browser = await portal.browser(ana)
    path = f"/colleagues/{acme.id}/{bea.id}"
    await browser.post("/company/switch", {"company": str(zeta.id)}, page="/profile")
    data = {"role": str(portal.roles["basic"].id), "reach": "own"}
    for shown in ({"for": "all"}, {"for": acme.id.hex}, {}):
        assert (await browser.post(f"{path}/rights", {**data, **shown}, page="/profile")).status_code == 409
    assert (await browser.get(path)).status_code == 200
    assert (await browser.post(f"{path}/rights", {**data, "for": zeta.id.hex}, page=path)).status_code == 303


async def test_a_deactivated_manager_and_one_who_was_demoted_meanwhile_do_nothing(
    portal: Portal, acme: Customer
) -> None:
    ana, bea = await portal.contact(ANA, acme), await portal.contact(BEA, acme)
    async with portal.work():
        stale = await actor(portal, ana)
        viewer: UUID = portal.roles["viewer"].id
        await Membership.update({Membership.role: viewer}).where(Membership.person == ana.id)
        with acting_as(stale), pytest.raises(NotPermittedError):
            await colleagues.remove_colleague(customer=acme.id, person=bea.id, heir=None, by=stale)
    assert set(await seats(portal, acme)) == {ANA, BEA}


async def test_a_colleague_who_changed_meanwhile_is_not_overwritten(portal: Portal, acme: Customer) -> None:
    browser = await portal.browser(await portal.contact(ANA, acme))
    bea = await portal.contact(BEA, acme, role="viewer", name="Bea Sol")
    path = f"/colleagues/{acme.id}/{bea.id}"

    def version_in(html: str) -> str:
        found = re.search(r'<input[^>]*name="version"[^>]*value="(\d+)"', html)
        assert found
        return found[1]

    shown = version_in((await browser.get(path)).text)
    async with portal.work():
        await edit_person(person=bea.id, details=details(phone="+34 900"))
    data = {"for": "all", "given_name": "Beatriz", "family_name": "Sol", "phone": "", "version": shown}
    refused = await browser.post(path, data, page=path)
    assert refused.status_code == 409
    assert "+34 900" in refused.text
    assert 'value="Beatriz"' in refused.text
    saved = await browser.post(path, data | {"version": version_in(refused.text)}, page=path)
    assert saved.status_code == 303
    found = await person_with(portal, BEA)
    assert (found.given_name, found.phone) == ("Beatriz", None)
