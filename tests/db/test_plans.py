"""PostgreSQL plans wide reads for their own values, a customer's few rows once for all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from core.db import Database, commit_request, current, fetch, long_reads, request_scope
from tests.db import sample

if TYPE_CHECKING:
    from tests.db_fixtures import Databases


@pytest.fixture
async def postgres(databases: Databases) -> AsyncIterator[Database]:
    async with databases.open("postgres", key="sample", prepare=sample.prepare) as database:
        yield database


async def planned() -> str:
    (row,) = await fetch("SELECT current_setting('plan_cache_mode') AS mode, current_user AS who")
    return f"{row['mode']} as {row['who']}"


async def test_long_reads_are_planned_for_their_own_values(postgres: Database) -> None:
    assert current() is postgres
    async with request_scope(tenant=None):
        assert await planned() == "auto as portico_app"
        with long_reads():
            assert await planned() == "force_custom_plan as portico_app"
        assert await planned() == "force_custom_plan as portico_app"  # another setting were another round trip
        await commit_request()
        assert await planned() == "auto as portico_app"
    async with request_scope(tenant=None):
        assert await planned() == "auto as portico_app"
