"""The API's description: what is on, nothing of what is off."""

from __future__ import annotations

from core.tenancy.services import revoke
from tests.portal_fixtures import World


async def test_only_modules_that_are_on_are_described(world: World) -> None:
    for portal in (world.first, world.second):
        described = (await (await portal.browser()).get("/api/schema/openapi.json")).json()
        urls = {path.split("/")[3] for path in described["paths"]}
        assert urls == {module.meta.url for module in world.registry.modules.values() if module.id == "invoices"}
    await revoke(tenant=world.first.tenant.id, module="invoices")
    assert (await (await world.first.browser()).get("/api/schema/openapi.json")).json()["paths"] == {}
    assert (await (await world.second.browser()).get("/api/schema/openapi.json")).json()["paths"] != {}


async def test_the_description_of_everything_is_closed(world: World) -> None:
    for path in ("/_/schema", "/_/schema/openapi.json", "//_/schema/openapi.json", "/_/schema/openapi.yaml"):
        assert (await (await world.first.browser()).get(path)).status_code == 404, path
