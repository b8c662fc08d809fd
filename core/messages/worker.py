"""The worker: fans out activities, does queued work, keeps to schedules. Any number of them run beside each other."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from core.accounts import mails, work  # noqa: F401 -- they register what they do
from core.clock import now
from core.db import fetch, outside, request_scope
from core.messages import (  # noqa: F401 -- they register what they do
    account_mail,
    fan_out,
    forward_mail,
    registration_mail,
    schedules,
    sending,
)
from core.messages.fan_out import chain_and_queue
from core.messages.queue import lease, wake_on_work, wake_workers
from core.messages.running import run_item, working_for
from core.messages.schedules import Timetable
from core.records.activity import on_written
from core.tenancy.scope import unscoped
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from uuid import UUID

log = logging.getLogger("portico.worker")

POLL = 1.0
"""Seconds between looks where nothing wakes the worker: work of other processes, work that has become due."""

CONCURRENCY = 4
"""Pieces of work at a time: mails wait for servers."""

GRACE = 10.0
"""Seconds that running work gets at shutdown; then it goes back to the queue."""

_NEW = "SELECT DISTINCT tenant FROM activity WHERE sequence IS NULL"

_SETTLING = """
SELECT id FROM queue
WHERE kind = 'core.gather' AND done_at IS NULL AND failed_at IS NULL AND run_at <= {} LIMIT 1
"""

on_written(wake_workers)


async def _tenants_with_news() -> list[UUID]:
    with unscoped("worker: which tenants have new activities"):
        async with request_scope(tenant=None, bypass=True):
            return [as_uuid(row["tenant"]) for row in await fetch(_NEW)]


async def chain_all() -> int:
    """Chain and fan out what is new, tenant by tenant. One tenant's trouble does not stop the others."""
    total = 0
    for tenant in await _tenants_with_news():
        try:
            async with working_for(tenant):
                total += await chain_and_queue()
        except Exception:
            log.exception("chaining activities of tenant %s failed", tenant)
    return total


class Worker:
    """One worker: its timetable, and what it is doing."""

    def __init__(self, *, concurrency: int = CONCURRENCY) -> None:
        self.concurrency = concurrency
        self.timetable = Timetable()
        self.running: set[asyncio.Task[None]] = set()
        self.wake = asyncio.Event()
        wake_on_work(self.wake)

    async def tick(self) -> bool:
        """Look once for everything there is to do, and start it. True if there was something."""
        news = await chain_all()
        due = await self.timetable.queue_due()
        free = self.concurrency - len(self.running)
        taken = await self._take(free) if free > 0 else 0
        return bool(news or due or taken)

    async def _take(self, free: int) -> int:
        async with request_scope(tenant=None):
            items = await lease(free)
        for item in items:
            task = asyncio.create_task(run_item(item), name=f"{item.kind} {item.id}", context=outside())
            self.running.add(task)
            task.add_done_callback(self._ended)
        return len(items)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.running.discard(task)
        self.wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("work ended in an error that was not noted", exc_info=task.exception())

    async def run(self, stop: asyncio.Event, *, poll: float = POLL) -> None:
        """Work until *stop*. A database that is away is waited for."""
        while not stop.is_set():
            self.wake.clear()
            try:
                busy = await self.tick()
            except Exception:
                log.exception("the worker could not look for work")
                busy = False
            if not busy:
                await _first_of(stop, self.wake, timeout=poll)
        await self.finish()

    async def finish(self, grace: float = GRACE) -> None:
        """Let what is running come to its end; after *grace* seconds it goes back to the queue."""
        if self.running:
            await asyncio.wait(self.running, timeout=grace)
        left = list(self.running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _first_of(*events: asyncio.Event, timeout: float) -> None:  # noqa: ASYNC109 -- waiting is all it does
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def run_worker(stop: asyncio.Event, *, poll: float = POLL, concurrency: int = CONCURRENCY) -> None:
    """Work until *stop* is set: inside the server, or alone as `portico worker`."""
    await Worker(concurrency=concurrency).run(stop, poll=poll)


async def run_once(worker: Worker | None = None) -> bool:
    """Look once and do to the end what was found; True if there was something. For tests and commands."""
    mine = worker or Worker()
    busy = await mine.tick()
    if mine.running:
        await asyncio.wait(set(mine.running))
    return busy


async def drain(*, settle: bool = True) -> None:
    """Work until nothing is left that is due; with *settle* also what waits for more of its kind, a second or two."""
    worker = Worker()
    while True:
        while await run_once(worker):
            pass
        if not settle or not await _soon():
            return
        await asyncio.sleep(0.05)


async def _soon() -> bool:
    """Whether mails are still being gathered."""
    async with request_scope(tenant=None):
        return bool(await fetch(_SETTLING, now() + 2 * fan_out.SETTLES))
