"""Work is put down with its transaction, done once or again, never forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.clock import later, now
from core.db import outside, request_scope, transaction
from core.messages import queue, running
from core.messages.queue import (
    BACKOFF,
    LEASE,
    LeaseLostError,
    PermanentError,
    PostponeError,
    Work,
    enqueue,
    finish,
    lease,
    renew,
    retry,
    work,
)
from core.messages.queue_tables import QueueItem
from core.messages.running import MOST_ATTEMPTS, run_item
from core.messages.worker import Worker, drain, run_once, run_worker
from core.people.actor import current_actor
from core.people.tables import Customer
from core.tenancy.scope import current_tenant_id
from tests.messages.conftest import World, make_tenant, scoped


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers of a test are gone after it."""
    monkeypatch.setattr(queue, "_handlers", dict(queue._handlers))


async def put(world: World, kind: str = "test.note", **more: Any) -> UUID | None:
    async with scoped(world.tenant):
        return await enqueue(kind=kind, payload=more.pop("payload", {"n": 1}), tenant=world.tenant, **more)


async def row(id: UUID | None) -> dict[str, Any]:
    async with request_scope(tenant=None):
        found = await QueueItem.select().where(QueueItem.id == id).first()
    assert found is not None
    return found


async def test_work_runs_in_the_tenants_scope_as_the_worker(world: World) -> None:
    seen: list[Any] = []

    @work("test.note")
    async def note(item: Work) -> None:
        customers = await Customer.select(Customer.id)
        seen.append((item.payload, current_tenant_id(), current_actor().kind.value, len(customers)))

    await make_tenant("Lumiere")
    id = await put(world)
    await drain()
    assert seen == [({"n": 1}, world.tenant, "worker", 2)]
    done = await row(id)
    assert (done["attempts"], done["error"], done["failed_at"]) == (1, None, None)
    assert done["done_at"] is not None


async def test_work_of_a_transaction_that_fails_is_never_done(world: World) -> None:
    seen: list[str] = []

    @work("test.note")
    async def note(item: Work) -> None:
        seen.append(item.kind)

    async def put_and_fail() -> None:
        async with scoped(world.tenant), transaction():
            await enqueue(kind="test.note", payload={}, tenant=world.tenant)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await put_and_fail()
    await drain()
    assert seen == []


async def test_once_key_queues_once_even_after_it_was_done(world: World) -> None:
    count = 0

    @work("test.note")
    async def note(item: Work) -> None:
        nonlocal count
        count += 1

    first = await put(world, once_key="k")
    assert await put(world, once_key="k") is None
    await drain()
    assert await put(world, once_key="k") is None
    await drain()
    assert (first is not None, count) == (True, 1)


async def test_effects_of_a_failing_handler_are_undone_and_it_is_tried_again_later(world: World) -> None:
    fails = 2

    @work("test.note")
    async def note(item: Work) -> None:
        nonlocal fails
        await Customer.insert(Customer(name="half", name_folded="half", address="{}", invoicing="{}"))
        if fails:
            fails -= 1
            message = "not today"
            raise OSError(message)

    async def halves() -> int:
        async with scoped(world.tenant):
            return int(await Customer.count().where(Customer.name == "half"))

    id = await put(world)
    await drain()
    failed = await row(id)
    assert (failed["error"], failed["attempts"], await halves()) == ("OSError: not today", 1, 0)
    wait = failed["run_at"] - now()
    assert BACKOFF[0] * 0.7 < wait < BACKOFF[0] * 1.3
    await drain()
    assert (await row(id))["attempts"] == 1  # not before its time
    with later(BACKOFF[0] * 2):
        await drain()
    with later(BACKOFF[1] * 3):
        await drain()
    done = await row(id)
    assert (done["attempts"], done["error"], done["done_at"] is not None, await halves()) == (3, None, True, 1)


async def test_given_up_after_the_last_attempt_and_retried_by_hand(world: World) -> None:
    gave_up: list[str] = []

    async def told(item: Work, error: str) -> None:
        gave_up.append(error)

    @work("test.note", gave_up=told)
    async def note(item: Work) -> None:
        message = "never"
        raise OSError(message)

    id = await put(world)
    passed = timedelta(0)
    for wait in (timedelta(0), *BACKOFF):
        passed += wait * 1.5
        with later(passed):
            await drain()
    given_up = await row(id)
    assert given_up["failed_at"] is not None
    assert (given_up["attempts"], gave_up) == (len(BACKOFF) + 1, ["never"])
    with later(timedelta(days=9)):
        await drain()
    assert (await row(id))["attempts"] == len(BACKOFF) + 1
    async with scoped(world.tenant):
        assert await retry(id)
        assert not await retry(uuid4())
    again = await row(id)
    assert (again["attempts"], again["failed_at"]) == (0, None)


async def test_permanent_errors_give_up_at_once(world: World) -> None:
    @work("test.note")
    async def note(item: Work) -> None:
        message = "no such address"
        raise PermanentError(message)

    id = await put(world)
    await drain()
    assert (await row(id))["failed_at"] is not None


async def test_postponed_work_comes_back_without_having_failed(world: World) -> None:
    @work("test.note")
    async def note(item: Work) -> None:
        raise PostponeError(timedelta(minutes=1))

    id = await put(world)
    await drain()
    found = await row(id)
    assert (found["attempts"], found["error"]) == (0, None)
    assert timedelta(seconds=50) < found["run_at"] - now() < timedelta(seconds=70)


async def test_unknown_kinds_are_left_for_workers_that_know_them(world: World) -> None:
    id = await put(world, "elsewhere.kind")
    await drain()
    assert (await row(id))["attempts"] == 0


async def test_a_lease_keeps_others_away_until_it_runs_out(world: World) -> None:
    @work("test.note")
    async def note(item: Work) -> None:
        pass

    await put(world)
    async with request_scope(tenant=None):
        (first,) = await lease(5)
        assert await lease(5) == []
        with later(LEASE - timedelta(seconds=5)):
            assert await renew(first)
        with later(LEASE + timedelta(seconds=5)):
            assert await lease(5) == []  # renewed
        with later(2 * LEASE):
            (second,) = await lease(5)  # the first worker was killed
            assert (second.id, second.attempts) == (first.id, 2)
            assert not await renew(first)
            with pytest.raises(LeaseLostError):
                await finish(first)
            await finish(second)


async def test_who_lost_the_lease_changes_nothing(world: World) -> None:
    taken: list[int] = []

    @work("test.note")
    async def note(item: Work) -> None:
        await Customer.insert(Customer(name=f"by {item.attempts}", name_folded="x", address="{}", invoicing="{}"))
        taken.append(item.attempts)

    await put(world)
    async with request_scope(tenant=None):
        (slow,) = await lease(1)
    with later(2 * LEASE):
        async with request_scope(tenant=None):
            (fast,) = await lease(1)
        await asyncio.create_task(run_item(fast), context=outside())
    await asyncio.create_task(run_item(slow), context=outside())
    async with scoped(world.tenant):
        names = [found["name"] for found in await Customer.select(Customer.name).where(Customer.name_folded == "x")]
    assert (names, taken) == (["by 2"], [2, 1])


async def test_many_workers_do_each_piece_once(world: World) -> None:
    seen: list[int] = []

    @work("test.note")
    async def note(item: Work) -> None:
        seen.append(item.payload["n"])

    for n in range(60):
        await put(world, payload={"n": n})

    async def one() -> None:
        worker = Worker(concurrency=3)
        while await run_once(worker):
            pass

    await asyncio.gather(*(asyncio.create_task(one(), context=outside()) for _ in range(4)))
    await drain()
    assert sorted(seen) == list(range(60))


async def test_shutdown_lets_work_end_and_gives_back_what_does_not(world: World) -> None:
    started = asyncio.Event()

    @work("test.note")
    async def note(item: Work) -> None:
        started.set()
        await asyncio.sleep(60)

    id = await put(world)
    worker = Worker()
    await worker.tick()
    await started.wait()
    await worker.finish(grace=0.05)
    found = await row(id)
    assert (found["attempts"], found["leased_until"], found["done_at"]) == (0, None, None)


async def test_the_worker_wakes_at_once_and_stops_when_told(world: World) -> None:
    done = asyncio.Event()

    @work("test.note")
    async def note(item: Work) -> None:
        done.set()

    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(stop, poll=30), context=outside())
    await asyncio.sleep(0.3)
    await put(world)
    await asyncio.wait_for(done.wait(), 25)  # before the next poll
    stop.set()
    await asyncio.wait_for(running, 25)


async def test_work_that_kills_its_workers_is_given_up(world: World) -> None:
    begun: list[str] = []

    async def told(item: Work, error: str) -> None:
        begun.append(error)

    @work("test.note", gave_up=told)
    async def note(item: Work) -> None:
        begun.append("ran")

    id = await put(world)
    passed = timedelta(0)
    for _killed in range(MOST_ATTEMPTS):
        with later(passed):
            async with request_scope(tenant=None):
                assert [item.id for item in await lease()] == [id]
        passed += LEASE * 2
    with later(passed):
        await drain()
    assert [text.partition(":")[0] for text in begun] == ["begun 9 times and never ended"]
    assert (await row(id))["failed_at"] is not None


async def test_a_lease_that_cannot_be_renewed_once_is_renewed_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed: list[bool] = []
    held = asyncio.Event()

    async def failing_once(item: Work) -> bool:
        renewed.append(bool(renewed))
        if len(renewed) == 1:
            message = "the database is away"
            raise OSError(message)
        held.set()
        return await renew(item)

    monkeypatch.setattr(running, "renew", failing_once)
    monkeypatch.setattr(running, "LEASE", timedelta(milliseconds=60))

    @work("test.note")
    async def note(item: Work) -> None:
        await held.wait()

    id = await put(world)
    async with request_scope(tenant=None):
        (item,) = await lease()
    await asyncio.create_task(run_item(item), context=outside())
    assert (await row(id))["done_at"] is not None
