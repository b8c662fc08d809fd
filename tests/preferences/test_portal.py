from __future__ import annotations

import asyncio

import pytest

from core.errors import InvalidInputError
from core.preferences.portal import change_portal, rename_portal
from core.tenancy.services import PortalNameTakenError
from core.tenancy.tables import TenantHost
from tests.portal_fixtures import Portal, World


async def hosts(portal: Portal) -> dict[str, str]:
    rows = await TenantHost.select(TenantHost.host, TenantHost.kind).where(TenantHost.tenant == portal.tenant.id)
    return {row["host"].split(".")[0]: row["kind"] for row in rows}


async def test_a_new_name_is_a_new_address_and_the_old_one_leads_there(world: World) -> None:
    portal = world.first
    async with portal.work():
        assert await rename_portal(" Obrador-Norte ") == "obrador-norte.portal.test"
        assert await hosts(portal) == {"obrador": "former", "obrador-norte": "name"}
    assert (await portal.snapshot()).portal_name == "obrador-norte"
    browser = await portal.browser()
    led = await browser.get("/invoices?x=1")
    assert (led.status_code, led.headers["location"]) == (307, "http://obrador-norte.portal.test:8000/invoices?x=1")
    assert (await browser.client.post("/sign-in", data={"email": "x"})).status_code == 404
    portal.tenant.portal_name = "obrador-norte"
    assert (await (await portal.browser()).get("/")).status_code == 200


async def test_a_former_name_stays_with_its_tenant_and_can_come_back(world: World) -> None:
    async with world.first.work():
        await rename_portal("norte")
    async with world.second.work():
        for taken in ("norte", "obrador"):
            with pytest.raises(PortalNameTakenError):
                await rename_portal(taken)
        assert await hosts(world.second) == {"lumiere": "name"}
    async with world.first.work():
        await rename_portal("obrador")
        assert await hosts(world.first) == {"obrador": "name", "norte": "former"}


@pytest.mark.parametrize("name", ["", "www", "admin", "-x", "a.b", "ñandú", "x" * 64])
async def test_names_that_cannot_be_an_address_are_refused(portal: Portal, name: str) -> None:
    async with portal.work():
        with pytest.raises(InvalidInputError) as refused:
            await rename_portal(name)
        assert await hosts(portal) == {"obrador": "name"}
    assert set(refused.value.fields) == {"portal_name"}


async def test_of_two_who_want_one_name_one_wins(world: World) -> None:
    async def rename(portal: Portal) -> str:
        try:
            async with portal.work():
                return await rename_portal("centro")
        except PortalNameTakenError:
            return "taken"

    found = await asyncio.gather(rename(world.first), rename(world.second))
    assert sorted(found) == ["centro.portal.test", "taken"]


async def test_company_languages_and_zone(portal: Portal) -> None:
    async with portal.work():
        await change_portal(name=" Obrador  SL ", languages=["pt", "es", "pt"], zone="Europe/Lisbon")
    found = await portal.snapshot()
    assert (found.name, found.languages, str(found.zone)) == ("Obrador SL", ("pt", "es"), "Europe/Lisbon")
    async with portal.work():
        with pytest.raises(InvalidInputError) as refused:
            await change_portal(name="", languages=["xx"], zone="Mars/Base")
    assert set(refused.value.fields) == {"name", "languages", "zone"}
