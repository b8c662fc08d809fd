"""The API's description: what is on, nothing of what is off."""

from __future__ import annotations

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


async def test_the_description_of_everything_is_closed(world: World) -> None:
    for path in ("/_/schema", "/_/schema/openapi.json", "//_/schema/openapi.json", "/_/schema/openapi.yaml"):
        assert (await (await world.first.browser()).get(path)).status_code == 404, path
