"""Transactions among tasks: cancelled, started inside, side by side; and what waits for the commit."""

from __future__ import annotations

import asyncio
import random

import pytest

from core.db import (
    Database,
    NestedAutonomousError,
    TransactionError,
    TransactionTaskError,
    after_commit,
    autonomous,
    commit_request,
    fetch,
    fetch_one,
    outside,
    request_scope,
    rollback_request,
    run_transaction,
    transaction,
)
from core.db.errors import DatabaseBusyError
from tests.db.sample import Invoice, Office, Tenant


async def tenants() -> list[str]:
    return [row["name"] for row in await fetch("SELECT name FROM tenant ORDER BY id")]


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
        waiting = [asyncio.create_task(Tenant(name="late").save().run(), context=outside()) for _ in range(5)]
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
            tasks = [
                group.create_task(Invoice.count().where(Invoice.tenant == offices[0].tenant).run()) for _ in range(10)
            ]
        assert [task.result() for task in tasks] == [1] * 10


async def test_autonomous_stays_when_the_request_fails(tables: Database) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- the block is what fails
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
            with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- the block is what fails
                async with transaction():
                    after_commit(lambda: heard.append("undone"))
                    raise ZeroDivisionError
            async with transaction():
                after_commit(lambda: heard.append("inner"))
            assert heard == []
        await commit_request()
        assert heard == ["outer", "async", "inner"]
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- the block is what fails
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
