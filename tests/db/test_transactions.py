"""Transactions mean the same on both databases: what is counted here is what Piccolo's own get wrong."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading

import pytest

from core.db import (
    Database,
    ForeignKeyViolationError,
    NestedAutonomousError,
    TransactionError,
    TransactionFailedError,
    TransactionTaskError,
    UniqueViolationError,
    after_commit,
    autonomous,
    bypass_row_security,
    commit_request,
    execute,
    fetch,
    fetch_one,
    outside,
    request_scope,
    rollback_request,
    run_transaction,
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


async def test_twenty_read_modify_writes_lose_nothing(offices: tuple[Office, Office], dialect: str) -> None:
    invoice, tenant = offices[0].invoice, offices[0].tenant
    lock = " FOR UPDATE" if dialect == "postgres" else ""

    async def add_one() -> None:
        async with request_scope(tenant=tenant), transaction():
            row = await fetch_one(f"SELECT gross FROM invoice WHERE id = {{}}{lock}", invoice)
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
                .where((Invoice.id == offices[0].invoice) & (Invoice.paid == False))  # noqa: E712 -- SQL
                .returning(Invoice.id)
            )

    assert sorted(await asyncio.gather(*(pay() for _ in range(30)))) == [0] * 29 + [1]


async def test_nested_rollback_keeps_the_outer(tables: Database) -> None:
    async with transaction():
        await Tenant(name="outer").save()
        with pytest.raises(ZeroDivisionError):
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
    with pytest.raises(ZeroDivisionError):
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
    with pytest.raises(TransactionFailedError):
        async with transaction():
            await Tenant(name="lost").save()
            with pytest.raises(UniqueViolationError):
                await execute("INSERT INTO tenant (id, name) VALUES ({}, 'again')", row.id)
    assert await tenants() == ["first"]


async def test_after_an_error_the_transaction_refuses_more(tables: Database) -> None:
    with pytest.raises(TransactionFailedError):
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
            await execute("CREATE TABLE late (id int PRIMARY KEY, other int REFERENCES late DEFERRABLE INITIALLY DEFERRED)")
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


async def test_cancelled_anywhere_it_is_all_or_nothing(tables: Database) -> None:
    """Cancel at a random moment, 150 times: pairs stay pairs, and the database goes on."""
    rng = random.Random(1)

    async def pair(name: str) -> None:
        async with transaction():
            await Tenant(name=name).save()
            async with transaction():
                await Tenant(name=name).save()

    for number in range(150):
        task = asyncio.create_task(pair(str(number)))
        await asyncio.sleep(rng.random() * 0.004)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    rows = await fetch("SELECT name, count(*) AS n FROM tenant GROUP BY name")
    assert {row["n"] for row in rows} <= {2}
    async with asyncio.timeout(5):
        await pair("last")
    assert (await fetch_one("SELECT count(*) AS n FROM tenant WHERE name = 'last'")) == {"n": 2}


async def test_cancelled_twice_while_rolling_back_still_gives_the_turn_back(tables: Database) -> None:
    async def work() -> None:
        async with transaction():
            await Tenant(name="x").save()
            await asyncio.sleep(60)

    for _ in range(20):
        task = asyncio.create_task(work())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
    async with asyncio.timeout(5):
        await Tenant(name="next").save()
    assert await tenants() == ["next"]


async def test_waiting_for_the_turn_is_cancellable(tables: Database) -> None:
    async with transaction():
        await Tenant(name="first").save()
        waiting = [
            asyncio.create_task(Tenant(name="late").save().run(), context=outside()) for _ in range(5)
        ]
        await asyncio.sleep(0.02)
        if tables.dialect == "sqlite":
            assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    await Tenant(name="last").save()
    assert (await tenants())[-1] == "last"


async def test_a_task_started_inside_is_refused(tables: Database) -> None:
    async with transaction():
        await Tenant(name="mine").save()

        async def child() -> object:
            return await tenants()

        async def nested() -> None:
            async with transaction():
                raise AssertionError

        for work in (child, nested):
            with pytest.raises(TransactionTaskError, match="another asyncio task"):
                await asyncio.create_task(work())
        assert await asyncio.create_task(child(), context=outside()) == []
    assert await tenants() == ["mine"]


async def test_a_task_that_outlives_the_transaction_is_on_its_own(tables: Database) -> None:
    async def child() -> list[str]:
        await ended.wait()
        await Tenant(name="child").save()
        return await tenants()

    ended = asyncio.Event()
    async with transaction():
        await Tenant(name="mine").save()
        task = asyncio.create_task(child())
    ended.set()
    assert await task == ["mine", "child"]


async def test_tasks_of_a_request_may_read_side_by_side(offices: tuple[Office, Office]) -> None:
    async with request_scope(tenant=offices[0].tenant):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(Invoice.count().where(Invoice.tenant == offices[0].tenant).run()) for _ in range(10)]
        assert [task.result() for task in tasks] == [1] * 10


async def test_autonomous_stays_when_the_request_fails(tables: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with request_scope():
            if tables.dialect == "postgres":
                await Tenant(name="request").save()
            async with autonomous():
                await Tenant(name="mark").save()
            raise ZeroDivisionError
    assert await tenants() == ["mark"]


async def test_autonomous_inside_a_transaction_would_wait_for_itself(tables: Database) -> None:
    async with transaction():
        with pytest.raises(NestedAutonomousError):
            async with autonomous():
                raise AssertionError
        with pytest.raises(TransactionError):
            async with request_scope():
                raise AssertionError


async def test_autonomous_never_waits_for_the_requests_connections(tables: Database) -> None:
    async def request() -> None:
        async with request_scope():
            await tenants()
            await asyncio.sleep(0.01)
            async with autonomous():
                await Tenant(name="mark").save()

    async with asyncio.timeout(15):
        await asyncio.gather(*(request() for _ in range(20)))
    assert len(await tenants()) == 20


async def test_after_commit_runs_only_after_commit(tables: Database) -> None:
    heard: list[str] = []

    async def hear_async() -> None:
        heard.append("async")

    async with request_scope():
        async with transaction():
            after_commit(lambda: heard.append("outer"))
            after_commit(hear_async)
            with pytest.raises(ZeroDivisionError):
                async with transaction():
                    after_commit(lambda: heard.append("undone"))
                    raise ZeroDivisionError
            async with transaction():
                after_commit(lambda: heard.append("inner"))
            assert heard == []
        await commit_request()
        assert heard == ["outer", "async", "inner"]
        with pytest.raises(ZeroDivisionError):
            async with transaction():
                after_commit(lambda: heard.append("failed"))
                raise ZeroDivisionError
        after_commit(lambda: heard.append("scope"))
        after_commit(lambda: 1 / 0)  # logged: the commit stands
    assert heard == ["outer", "async", "inner", "scope"]
    with pytest.raises(RuntimeError):
        after_commit(print)


async def test_request_commits_on_a_clean_exit_and_begins_anew_after_commit_request(tables: Database) -> None:
    async with request_scope():
        async with transaction():
            await Tenant(name="one").save()
        await commit_request()
        async with transaction():
            await Tenant(name="two").save()
    assert await tenants() == ["one", "two"]


async def test_rollback_request(tables: Database) -> None:
    async with request_scope():
        assert await tenants() == []
        if tables.dialect == "postgres":  # on SQLite what transaction() has ended is done
            async with transaction():
                await Tenant(name="undone").save()
        await rollback_request()
        assert await tenants() == []
    assert await tenants() == []


async def test_run_transaction_tries_again_when_told_to(tables: Database) -> None:
    attempts = 0

    async def work() -> str:
        nonlocal attempts
        attempts += 1
        await Tenant(name=str(attempts)).save()
        if attempts < 3:
            raise DatabaseBusyError("not now")
        return "done"

    assert await run_transaction(work) == "done"
    assert await tenants() == ["3"]

    async def never() -> None:
        nonlocal attempts
        attempts += 1
        raise DatabaseBusyError("never")

    attempts = 0
    with pytest.raises(DatabaseBusyError):
        await run_transaction(never, attempts=2)
    assert attempts == 2


async def test_the_turn_is_first_come_first_served(tables: Database, dialect: str) -> None:
    if dialect == "postgres":
        pytest.skip("PostgreSQL queues by itself")
    served: list[int] = []

    async def work(number: int) -> None:
        async with transaction():
            served.append(number)
            await Tenant(name="x").save()

    await asyncio.gather(*(work(number) for number in range(30)))
    assert served == list(range(30))
