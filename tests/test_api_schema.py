"""The API's description: what is on, nothing of what is off."""

from __future__ import annotations

from typing import Any

from core.tenancy.services import revoke
from tests.portal_fixtures import Portal, World


async def test_only_modules_that_are_on_are_described(world: World) -> None:
    known = world.registry
    with_api = {module: known.modules[module].meta.url for module, routes in known.routes.items() if routes.api}

    async def described(portal: Portal) -> set[str]:
        answer = await (await portal.browser()).get("/api/schema/openapi.json")
        return {path.split("/")[3] for path in answer.json()["paths"]}

    for portal in (world.first, world.second):
        assert await described(portal) == set(with_api.values())
    for module, url in with_api.items():
        await revoke(tenant=world.first.tenant.id, module=module)
        assert url not in await described(world.first)
    assert await described(world.first) == set()
    assert await described(world.second) == set(with_api.values())


async def test_the_description_says_how_one_is_refused_and_nothing_of_what_is_off(world: World) -> None:
    browser = await world.first.browser()

    async def described() -> dict[str, Any]:
        found: dict[str, Any] = (await browser.get("/api/schema/openapi.json")).json()
        return found

    whole = await described()
    assert whole["security"] == [{"key": []}]
    assert whole["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, item in whole["paths"].items():
        for method, operation in item.items():
            assert {"401", "403", "404", "409", "422"} <= operation["responses"].keys(), (method, path)
        refused = await browser.get(path.replace("{", "").replace("}", ""))
        assert refused.status_code in {401, 404}
        assert refused.json().keys() <= whole["components"]["schemas"]["Problem"]["properties"].keys()
    for module in world.registry.routes:
        await revoke(tenant=world.first.tenant.id, module=module)
    assert (await described())["components"]["schemas"] == {}


async def test_the_description_of_everything_is_closed(world: World) -> None:
    for path in ("/_/schema", "/_/schema/openapi.json", "//_/schema/openapi.json", "/_/schema/openapi.yaml"):
        assert (await (await world.first.browser()).get(path)).status_code == 404, path
