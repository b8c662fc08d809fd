from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core.app
from core.accounts import rate_limits
from core.bootstrap import migrate_all
from core.db import Database
from core.registry import registry
from core.tenancy.snapshot import forget_snapshots
from tests.contract.town import Town, build_town
from tests.db_fixtures import Databases
from tests.portal_fixtures import World, make_portal, set_up_once, settings_for_tests

_routes: list[Any] = []
"""Every route of the town's application."""


def _note_routes(patch: pytest.MonkeyPatch) -> None:
    """Have the application that is built next tell its routes."""
    check = core.app.check_routes

    def note(routes: list[Any]) -> None:
        _routes[:] = routes
        check(routes)

    patch.setattr(core.app, "check_routes", note)


_built: dict[str, Town] = {}
"""The town as it stands in the prepared database of each dialect; every test gets a copy of the database."""


async def _build(database: Database) -> None:
    """Build the town in a fresh database: people, data, canaries."""
    await migrate_all(database, registry())
    forget_snapshots()
    first = await make_portal(None, "Obrador Temporal", portal_name="obrador")
    second = await make_portal(None, "Lumière Traductions", portal_name="lumiere", languages=("fr", "en"))
    for portal in (first, second):
        await portal.enable(*registry().modules)
    _built[database.dialect] = await build_town(World(database, registry(), None, first, second))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests: what the prepared databases speak of lies in it."""
    return tmp_path_factory.mktemp("contract")


@pytest.fixture
async def town(dialect: str, databases: Databases, installed_dummy: str, home: Path) -> AsyncIterator[Town]:
    """The town, with every module of the tree and the dummy from its wheel."""
    with pytest.MonkeyPatch.context() as patch:
        _note_routes(patch)
        found, app = set_up_once(settings_for_tests(home), key="town")
    assert installed_dummy in found.modules
    async with databases.open(dialect, key="town", prepare=_build) as database:
        forget_snapshots()
        town = _built[dialect]
        town.reopen(app, database, _routes)
        yield town


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The crawl asks for every list many times a minute; the limit itself has tests of its own."""
    often = replace(rate_limits.EXPORT, burst=100_000)
    monkeypatch.setattr(rate_limits, "EXPORT", often)
