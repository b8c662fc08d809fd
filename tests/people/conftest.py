from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.people.tables import Customer
from tests.db_fixtures import Databases
from tests.people.small_portal import small_world
from tests.portal_fixtures import Portal, World


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """Two tenants on either database, with the small modules of these tests."""
    async with small_world(dialect, databases, tmp_path) as made:
        yield made


@pytest.fixture
async def portal(world: World) -> Portal:
    return world.first


@pytest.fixture
async def acimos(portal: Portal) -> Customer:
    """A customer whom those who register know."""
    return await portal.customer("Alimentos Ácimos")
