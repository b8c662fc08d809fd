"""Transactions mean the same on both databases: what is counted here is what Piccolo's own get wrong."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest

from core.db import (
    Database,
    ForeignKeyViolationError,
    TransactionFailedError,
    UniqueViolationError,
    bypass_row_security,
    execute,
    fetch,
    fetch_one,
    for_update,
    request_scope,
    transaction,
)
from core.db import sqlite_connections as sqlite_connections_module
from core.db.errors import DatabaseBusyError
from tests.db.sample import Invoice, Office, Tenant


async def gross(invoice: object) -> int:
    with bypass_row_security():
        row = await fetch_one("SELECT gross FROM invoice WHERE id = {}", invoice)
    assert row is not None
    return int(row["gross"])


async def tenants() -> list[str]:
    return [row["name"] for row in await fetch("SELECT name FROM tenant ORDER BY id")]


async def test_twenty_read_modify_writes_lose_nothing(offices: tuple[Office, Office]) -> None:
    invoice, tenant = offices[0].invoice, offices[0].tenant

    async def add_one() -> None:
        async with request_scope(tenant=tenant), transaction():
            row = await fetch_one("SELECT gross FROM invoice WHERE id = {}" + for_update(), invoice)
            assert row is not None
            await asyncio.sleep(0)
            await Invoice.update({Invoice.gross: row["gross"] + 1}).where(Invoice.id == invoice)

    for _ in range(5):
        await asyncio.gather(*(add_one() for _ in range(20)))
    assert await gross(invoice) == 200


async def test_conditional_update_has_one_winner(offices: tuple[Office, Office]) -> None:
    async def pay() -> int:
        async with request_scope(tenant=offices[0].tenant):
            return len(
                await Invoice.update({Invoice.paid: True})
                .where((Invoice.id == offices[0].invoice) & (Invoice.paid == False))  # noqa: E712 -- becomes SQL
                .returning(Invoice.id)
            )

    assert sorted(await asyncio.gather(*(pay() for _ in range(30)))) == [0] * 29 + [1]


async def test_nested_rollback_keeps_the_outer(tables: Database) -> None:
    async with transaction():
        await Tenant(name="outer").save()
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- the block is what fails
            async with transaction():
                await Tenant(name="inner").save()
                async with transaction():
                    await Tenant(name="innermost").save()
                assert await tenants() == ["outer", "inner", "innermost"]
                raise ZeroDivisionError
        assert await tenants() == ["outer"]
        async with transaction():
            await Tenant(name="second").save()
    assert await tenants() == ["outer", "second"]


async def test_outer_rollback_takes_the_inner_along(tables: Database) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- the block is what fails
        async with transaction():
            async with transaction():
                await Tenant(name="inner").save()
            raise ZeroDivisionError
    assert await tenants() == []


async def test_reads_inside_see_own_writes_and_others_do_not(tables: Database) -> None:
    inside = asyncio.Event()
    looked = asyncio.Event()

    async def writer() -> None:
        async with transaction():
            await Tenant(name="mine").save()
            assert await tenants() == ["mine"]
            inside.set()
            await looked.wait()

    task = asyncio.create_task(writer())
    await inside.wait()
    assert await tenants() == []
    looked.set()
    await task
    assert await tenants() == ["mine"]


async def test_a_swallowed_error_saves_nothing_and_says_so(tables: Database) -> None:
    row = Tenant(name="first")
    await row.save()
    with pytest.raises(TransactionFailedError):  # noqa: PT012 -- the block is what fails
        async with transaction():
            await Tenant(name="lost").save()
            with pytest.raises(UniqueViolationError):
                await execute("INSERT INTO tenant (id, name) VALUES ({}, 'again')", row.id)
    assert await tenants() == ["first"]


async def test_after_an_error_the_transaction_refuses_more(tables: Database) -> None:
    with pytest.raises(TransactionFailedError):  # noqa: PT012 -- the block is what fails
        async with transaction():
            with pytest.raises((sqlite3.Error, Exception), match="nowhere"):
                await fetch("SELECT * FROM nowhere")
            await fetch("SELECT 1 AS one")


async def test_an_error_caught_around_a_nested_transaction_is_fine(tables: Database) -> None:
    row = Tenant(name="first")
    await row.save()
    async with transaction():
        await Tenant(name="kept").save()
        with pytest.raises(UniqueViolationError):
            async with transaction():
                await execute("INSERT INTO tenant (id, name) VALUES ({}, 'again')", row.id)
        await Tenant(name="too").save()
    assert await tenants() == ["first", "kept", "too"]


async def test_a_failing_write_outside_transaction_spoils_nothing_else(tables: Database) -> None:
    row = Tenant(name="first")
    await row.save()
    async with request_scope():
        await Tenant(name="kept").save()
        with pytest.raises(UniqueViolationError):
            await execute("INSERT INTO tenant (id, name) VALUES ({}, 'again')", row.id)
        assert await tenants() == ["first", "kept"]
    assert await tenants() == ["first", "kept"]


async def test_a_failed_commit_does_not_brick_the_database(tables: Database, dialect: str) -> None:
    """A check that only COMMIT makes: SQLite then keeps the transaction open, and Piccolo the connection."""
    if dialect == "postgres":
        with bypass_row_security():
            await execute(
                "CREATE TABLE late (id int PRIMARY KEY, other int REFERENCES late DEFERRABLE INITIALLY DEFERRED)"
            )
            await execute("GRANT ALL ON late TO portico_app")
    else:
        await execute("CREATE TABLE late (id int PRIMARY KEY, other int REFERENCES late DEFERRABLE INITIALLY DEFERRED)")
    for _ in range(3):
        with pytest.raises(ForeignKeyViolationError):
            async with transaction():
                await execute("INSERT INTO late VALUES (1, 2)")
        assert await fetch("SELECT * FROM late") == []
        await Tenant(name="works").save()
    assert await tenants() == ["works"] * 3


async def test_a_failed_begin_leaks_neither_thread_nor_connection(
    tables: Database, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if dialect == "postgres":
        pytest.skip("SQLite's BEGIN IMMEDIATE; PostgreSQL's pool has its own test")
    monkeypatch.setattr(sqlite_connections_module, "BEGIN_LIMIT_S", 0.05)
    await Tenant(name="before").save()
    threads = threading.active_count()
    blocker = sqlite3.connect(tables.url.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    for _ in range(5):
        with pytest.raises(DatabaseBusyError):
            async with transaction():
                raise AssertionError
        with pytest.raises(DatabaseBusyError):
            await Tenant(name="waits").save()
    assert await tenants() == ["before"]
    assert threading.active_count() == threads
    blocker.execute("ROLLBACK")
    blocker.close()
    await Tenant(name="after").save()
    assert await tenants() == ["before", "after"]


async def test_threads_stay_constant(tables: Database) -> None:
    await Tenant(name="warm").save()
    threads = threading.active_count()
    for number in range(50):
        async with transaction():
            await Tenant(name=str(number)).save()
        await tenants()
    assert threading.active_count() == threads
