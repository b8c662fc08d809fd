from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import core.app
from core.bootstrap import migrate_all, set_up
from core.db import Database, forget_statements
from core.registry import registry
from core.tenancy.snapshot import forget_snapshots
from tests.contract.town import Town, build_town
from tests.db_fixtures import Databases
from tests.portal_fixtures import World, make_portal, settings_for_tests


async def _prepare(database: Database) -> None:
    await migrate_all(database, registry())


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every route of the application that is built next."""
    found: list[Any] = []
    check = core.app.check_routes

    def note(routes: list[Any]) -> None:
        found[:] = routes
        check(routes)

    monkeypatch.setattr(core.app, "check_routes", note)
    return found


@pytest.fixture
async def world(
    dialect: str, databases: Databases, installed_dummy: str, routes: list[Any], tmp_path: Path
) -> AsyncIterator[World]:
    """Two tenants with every module of the tree and the dummy from its wheel."""
    found = set_up(settings_for_tests(tmp_path))
    assert installed_dummy in found.modules
    app = core.app.build_app()
    forget_statements()
    async with databases.open(dialect, key="contract", prepare=_prepare) as database:
        forget_snapshots()
        first = await make_portal(app, "Obrador Temporal", portal_name="obrador")
        second = await make_portal(app, "Lumière Traductions", portal_name="lumiere", languages=("fr", "en"))
        for portal in (first, second):
            await portal.enable(*found.modules)
        yield World(database, found, app, first, second)


@pytest.fixture
async def town(world: World, routes: list[Any]) -> Town:
    """The world with people and data everywhere."""
    return await build_town(world, routes)
