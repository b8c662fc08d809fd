"""Opening, closing, which database a table means, and Piccolo's own ways through our engines."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from piccolo.engine import engine_finder

from core.db import (
    Database,
    NoDatabaseError,
    OpenError,
    current,
    execute,
    fetch,
    long_reads,
    opened,
    request_scope,
    transaction,
)
from core.db import sqlite as sqlite_module
from core.db.sqlite import is_read
from tests.db import sample
from tests.db.sample import Customer, Office, Tenant

if TYPE_CHECKING:
    from tests.db_fixtures import Databases


async def test_tables_follow_the_current_database(databases: Databases) -> None:
    with pytest.raises(NoDatabaseError):
        current()
    async with databases.open("sqlite", key="sample", prepare=sample.prepare) as first:
        await Tenant(name="first").save()
        async with databases.open("postgres", key="sample", prepare=sample.prepare) as second:
            assert (current(), Tenant._meta.db.engine_type) == (second, "postgres")
            assert await Tenant.count() == 0
        async with databases.open("sqlite", key="sample", prepare=sample.prepare):
            assert await Tenant.count() == 0
        assert (current(), Tenant._meta.db.engine_type) == (first, "sqlite")
        assert await Tenant.select(Tenant.name) == [{"name": "first"}]
        finder = engine_finder()
        assert finder is not None
        assert finder.engine_type == "sqlite"
    with pytest.raises(NoDatabaseError):
        await Tenant.count()


@pytest.mark.parametrize("url", ["mysql://x/y", "", "sqlite://", "sqlite:///:memory:"])
async def test_addresses_that_cannot_be(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite"):
        await Database.open(url)


async def test_what_cannot_be_opened_is_a_sentence(tmp_path: Path, databases: Databases) -> None:
    (tmp_path / "file").write_text("x" * 5000)
    for url in (f"sqlite:///{tmp_path}/file", f"sqlite:///{tmp_path}/file/below.sqlite", f"sqlite:///{tmp_path}"):
        with pytest.raises(OpenError, match="cannot be used"):
            await Database.open(url)
    with pytest.raises(OpenError, match=r"PostgreSQL at .*does not exist"):
        await Database.open(databases.address("nobody_made_this"))
    with pytest.raises(OpenError, match="PostgreSQL at localhost"):
        await Database.open("postgresql://user:secret@localhost:1/x")
    with pytest.raises(NoDatabaseError):
        current()


async def test_sqlite_is_set_up_once_per_connection(sqlite_url: str) -> None:
    async with opened(sqlite_url):

        async def settings() -> dict[str, object]:
            found = {}
            for name in ("journal_mode", "foreign_keys", "synchronous", "query_only", "trusted_schema", "temp_store"):
                (row,) = await fetch(f"SELECT {name} AS value FROM pragma_{name}")
                found[name] = row["value"]
            return found

        common = {"journal_mode": "wal", "foreign_keys": 1, "trusted_schema": 0, "temp_store": 2, "synchronous": 2}
        assert await settings() == {**common, "query_only": 1}
        with long_reads():
            assert await settings() == {**common, "query_only": 1}
        async with transaction():
            assert await settings() == {**common, "query_only": 0}


async def test_a_long_read_does_not_hold_the_loop(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    slow = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) AS c FROM n"
    )
    async with opened(sqlite_url):
        longest, last, done = 0.0, time.monotonic(), False

        async def tick() -> None:
            nonlocal longest, last
            while not done:
                await asyncio.sleep(0.005)
                longest, last = max(longest, time.monotonic() - last), time.monotonic()

        ticking = asyncio.create_task(tick())
        started = time.monotonic()
        with long_reads():
            assert await fetch(slow) == [{"c": 3_000_000}]
        taken = time.monotonic() - started
        done = True
        await ticking
        assert longest < taken * 0.8  # held, it would be all of it; a loaded machine takes its own pauses
        assert "held the event loop" not in caplog.text
        await fetch(slow)
        assert "held the event loop" in caplog.text


async def test_a_cancelled_long_read_stops(sqlite_url: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n"
    async with opened(sqlite_url):
        with long_reads():
            for _ in range(4):  # twice as many as there are threads
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await fetch(endless)
            async with asyncio.timeout(5):
                assert await fetch("SELECT 1 AS one") == [{"one": 1}]


async def test_a_long_read_stops_that_is_cancelled_as_it_begins(sqlite_url: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n"
    async with opened(sqlite_url):
        with long_reads():
            for moment in range(60):
                reading = asyncio.create_task(fetch(endless))
                await asyncio.sleep(moment * 0.00002)
                reading.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await reading
            async with asyncio.timeout(5):
                assert await fetch("SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("select 1", True),
        ("  SELECT 1", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", False),
        ("INSERT INTO t VALUES (1) RETURNING id", False),
        ("UPDATE t SET a = 1", False),
        ("PRAGMA user_version = 3", False),
        ("selection", False),
    ],
)
def test_what_reads_and_what_writes(sql: str, reads: bool) -> None:
    assert is_read(sql) is reads


async def test_a_connection_that_reads_cannot_write(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(sqlite_url):
        await execute("CREATE TABLE t (a int)")
        monkeypatch.setattr(sqlite_module, "is_read", lambda _: True)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await fetch("INSERT INTO t VALUES (1)")


async def test_piccolos_own_ways(offices: tuple[Office, Office]) -> None:
    mine = offices[0]
    async with request_scope(tenant=mine.tenant):
        where = (Customer.tenant == mine.tenant) & (Customer.name == "new")
        made = await Customer.objects().get_or_create(where)
        again = await Customer.objects().get_or_create(where)
        assert (made.id, made._was_created, again._was_created) == (again.id, True, False)
        made.name = "renamed"
        await made.save([Customer.name])
        await again.refresh()
        assert again.name == "renamed"
        await Customer.insert(Customer(id=made.id, tenant=mine.tenant, name="x")).on_conflict(
            action="DO UPDATE", target=Customer.id, values=[Customer.name]
        )
        assert await Customer.select(Customer.name, Customer.tenant.name).where(Customer.id == made.id) == [
            {"name": "x", "tenant.name": "obrador"}
        ]
        assert await Customer.raw("SELECT name FROM customer WHERE id = {}", made.id) == [{"name": "x"}]
        await made.remove()
        assert not await Customer.exists().where(Customer.id == made.id)
        engine = Customer._meta.db
        assert not engine.transaction_exists()
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- the block is what fails
            async with engine.transaction():
                assert engine.transaction_exists()
                await Customer.update({Customer.name: "undone"}).where(Customer.id == mine.customer)
                raise ZeroDivisionError
        assert await Customer.select(Customer.name).where(Customer.id == mine.customer) == [
            {"name": "customer of obrador"}
        ]


async def test_postgres_connections_return_to_the_pool(databases: Databases) -> None:
    """Cancelled at any moment: never more than the pool, never one outside a transaction."""
    async with databases.open("postgres", key="sample", prepare=sample.prepare) as database:
        mine, _ = await sample.two_offices()

        async def work() -> None:
            async with request_scope(tenant=mine.tenant):
                assert await fetch("SELECT current_user::text AS who, count(*) AS n FROM invoice") == [
                    {"who": "portico_app", "n": 1}
                ]
                async with transaction():
                    await fetch("SELECT pg_sleep(0.002)")

        for number in range(120):
            task = asyncio.create_task(work())
            await asyncio.sleep(number * 0.0001)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if not task.cancelled():
                assert task.exception() is None
        async with asyncio.timeout(10):
            await asyncio.gather(*(work() for _ in range(20)))
        admin = await asyncpg.connect(database.url)
        (row,) = await admin.fetch(
            "SELECT count(*) FILTER (WHERE state <> 'idle') AS busy, count(*) AS n FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await admin.close()
        assert row["busy"] == 0
        assert row["n"] <= 9


async def test_ending_the_transaction_by_hand_does_not_open_the_rows(databases: Databases) -> None:
    async with databases.open("postgres", key="sample", prepare=sample.prepare):
        mine, _ = await sample.two_offices()
        async with request_scope(tenant=mine.tenant):
            await fetch("SELECT 1 AS one")
            with pytest.raises(Exception, match=r"(?i)ended by a statement|savepoint"):
                await execute("COMMIT")
            with pytest.raises(Exception, match="ended by a statement"):
                await fetch("SELECT * FROM invoice")
