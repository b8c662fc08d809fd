from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from core.db import Database, forget_statements
from tests.db import sample

if TYPE_CHECKING:
    from tests.db_fixtures import Databases


@pytest.fixture
async def tables(dialect: str, databases: Databases) -> AsyncIterator[Database]:
    """The sample's tables, empty, on either database."""
    forget_statements()
    async with databases.open(dialect, key="sample", prepare=sample.prepare) as database:
        yield database


@pytest.fixture
async def offices(tables: Database) -> tuple[sample.Office, sample.Office]:
    """Two tenants with data."""
    return await sample.two_offices()
