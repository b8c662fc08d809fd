from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.registry import Module, registry
from tests.db_fixtures import Databases
from tests.portal_fixtures import Portal, World, make_portal, set_up_once, settings_for_tests, two_portals


async def _with_the_dummy() -> tuple[Portal, Portal]:
    first = await make_portal(None, "Obrador Temporal", portal_name="obrador")
    second = await make_portal(None, "Lumière Traductions", portal_name="lumiere", languages=("fr", "en"))
    for portal in (first, second):
        await portal.enable(*registry().modules)
    return first, second


@pytest.fixture
async def world(dialect: str, databases: Databases, dummy_module: Module, tmp_path: Path) -> AsyncIterator[World]:
    """Two tenants with the dummy module alone."""
    modules = {dummy_module.id: dummy_module}
    found, app = set_up_once(settings_for_tests(tmp_path), key="bookings-alone", modules=modules)
    async with two_portals(dialect, databases, key="bookings-alone", make=_with_the_dummy, app=app) as (
        database,
        first,
        second,
    ):
        yield World(database, found, app, first, second)


@pytest.fixture
async def portal(world: World) -> Portal:
    """The first of two tenants."""
    return world.first
