from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core import registry as registries
from core.db import Database, request_scope
from core.i18n import language_scope
from core.people.actor import Actor, acting_as
from core.tenancy.scope import tenant_scope
from tests.db_fixtures import Databases
from tests.lists.sample import Office, make_office, papers_registry, prepare

Acting = Callable[[Actor], Any]


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """The module of these tests, instead of what is installed."""
    before = registries._current
    registries.use_registry(papers_registry())
    with language_scope("en"):
        yield
    registries._current = before


@pytest.fixture
async def papers_database(dialect: str, databases: Databases) -> AsyncIterator[Database]:
    """A database with the table of papers."""
    async with databases.open(dialect, key="lists", prepare=prepare) as database:
        yield database


@pytest.fixture
async def office(papers_database: Database) -> Office:
    """An office, beside another one with the same sort of papers."""
    await make_office(2, papers=25)
    return await make_office(1)


@pytest.fixture
def acting() -> Acting:
    """`async with acting(actor):` as a request does it."""

    @asynccontextmanager
    async def begin(actor: Actor) -> AsyncIterator[None]:
        with tenant_scope(actor.tenant.id), acting_as(actor):
            async with request_scope(tenant=actor.tenant.id):
                yield

    return begin
