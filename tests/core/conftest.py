from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.bootstrap import migrate_all, set_up
from core.db import Database, forget_statements
from core.registry import Module, registry
from core.tenancy.snapshot import forget_snapshots
from tests.db_fixtures import Databases
from tests.portal_fixtures import Portal, World, make_portal, settings_for_tests


async def _prepare(database: Database) -> None:
    await migrate_all(database, registry())


@pytest.fixture
async def world(dialect: str, databases: Databases, dummy_module: Module, tmp_path: Path) -> AsyncIterator[World]:
    """Two tenants with the dummy module alone, and no application."""
    found = set_up(settings_for_tests(tmp_path), modules={dummy_module.id: dummy_module})
    forget_statements()
    async with databases.open(dialect, key="bookings-alone", prepare=_prepare) as database:
        forget_snapshots()
        first = await make_portal(None, "Obrador Temporal", portal_name="obrador")
        second = await make_portal(None, "Lumière Traductions", portal_name="lumiere", languages=("fr", "en"))
        for portal in (first, second):
            await portal.enable(dummy_module.id)
        yield World(database, found, None, first, second)


@pytest.fixture
async def portal(world: World) -> Portal:
    """The first of two tenants."""
    return world.first
