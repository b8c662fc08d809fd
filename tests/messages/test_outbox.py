"""The way out under stress: workers killed a hundred times, a server that fails three times of ten, haste."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from asyncio.subprocess import PIPE
from collections import Counter
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from core.accounts.mails import put_down_mail
from core.db import fetch, request_scope
from core.messages import transport
from core.messages.worker import CONCURRENCY
from tests.messages.conftest import Postbox, World, scoped

pytestmark = pytest.mark.long

MAILS, KILLS = 1500, 100
REFUSALS, SHARE = 4, 0.3
"""How often the server says "later" to one mail at most, and to how many of those that come."""
PATIENCE, WAIT = 60, 1200
"""Seconds without a mail after which the last worker is stuck, and that it has for what the killed ones left."""

WORKER = """
import asyncio, os, random, signal, sys, time
from datetime import timedelta
from pathlib import Path
from core.config import Settings, use_settings
from core.db import Database
from core.messages import queue, running, worker
from tests.messages import conftest

url, port, home, kills, refusals = sys.argv[1:]
plugin = conftest._plugin()
module = conftest.Module(meta=plugin.META, plugin=plugin, package="papers", folder=Path(home))
conftest.use_registry(
    conftest.build_registry({"papers": module}, core=[conftest._core()], list_view=conftest.ListView)
)
use_settings(Settings(home=Path(home), secret_keys=("k" * 32,), base_url="https://portal.example",
    smtp_url=f"smtp://127.0.0.1:{port}", mail_from="portal@portal.example"))
if int(kills):  # who waits a minute for the lease of the dead, and for a server that said later, waits for days here
    queue.LEASE = running.LEASE = timedelta(seconds=2)
    # each death counts as an attempt: among a hundred in a minute a mail may see more than the nine of a day
    queue.BACKOFF = (timedelta(seconds=0.2),) * (int(kills) + int(refusals))
    running.MOST_ATTEMPTS = len(queue.BACKOFF) + 1

async def main():
    await Database.open(url)
    await worker.run_worker(asyncio.Event(), **({"poll": 0.2} if int(kills) else {}))

def begin():
    if (child := os.fork()) == 0:
        asyncio.run(main())
    return child

for _ in range(int(kills)):
    child = begin()
    time.sleep(random.uniform(0.1, 0.5))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
child = begin()
print("the last", flush=True)
sys.stdin.read()
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
"""


async def worker(url: str, home: Path, kills: int) -> asyncio.subprocess.Process:
    """Workers, one after the other, each killed after a moment; the last lives until its input ends."""
    port = transport.settings().smtp_url.rsplit(":", 1)[1]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, url, port, str(home), str(kills), str(REFUSALS),
        stdin=PIPE, stdout=PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip


async def end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert await process.wait() == 0


async def open_work() -> int:
    """How many mails still wait; what was given up waits no more."""
    async with request_scope(tenant=None, bypass=True):
        (row,) = await fetch(
            "SELECT count(*) AS n FROM queue WHERE done_at IS NULL AND failed_at IS NULL AND kind LIKE '%mail%'"
        )
    return int(row["n"])


async def test_a_hundred_killed_workers_and_a_moody_server_lose_no_mail(
    world: World, postbox: Postbox, portal_database: Any, tmp_path: Path
) -> None:
    """
    None lost, 30 of 100 deliveries refused; what the last worker sends, on 2 cores that others used too.

    SQLite: 60 mails twice, 36 a second. PostgreSQL: 50 twice, 49 a second: 10,000 in 4 minutes. With a load of 15 on
    the 2 cores they send 12 and 6 a second, which is why the test asks for no rate.
    """
    came, refused = Counter[str](), Counter[str]()

    def answer(mail: EmailMessage) -> str:
        name = str(mail["Message-ID"])
        came[name] += 1
        if refused[name] == REFUSALS or random.random() >= SHARE:
            return ""
        refused[name] += 1
        return "451 later"

    postbox.answer_to = answer
    async with scoped(world.tenant):
        for _ in range(MAILS):
            await put_down_mail(template="password_changed", person=world.bob, to="bob@example.net")
    process = await worker(portal_database.url, tmp_path, KILLS)
    assert process.stdout is not None
    await process.stdout.readline()
    begun, before = time.monotonic(), len(postbox.mails)
    seen, last = before, begun
    try:
        while left := await open_work():
            if len(postbox.mails) > seen:
                seen, last = len(postbox.mails), time.monotonic()
            stuck = f"{left} are left after {seen} mails"
            assert time.monotonic() < min(last + PATIENCE, begun + WAIT), stuck
            await asyncio.sleep(0.5)
        rate = (len(postbox.mails) - before) / (time.monotonic() - begun)
    finally:
        await end(process)
    times = Counter(str(mail["Message-ID"]) for mail in postbox.mails)
    again = len(postbox.mails) - len(times)
    share = refused.total() / came.total()
    print(  # noqa: T201 -- a figure
        f"{len(times)} mails, {MAILS - len(times)} lost, {again} again after {KILLS} kills, {share:.0%} of the"
        f" deliveries refused, one mail {max(came.values())} times under way; the last worker sent {rate:.0f} a second"
    )
    assert len(times) == MAILS
    assert again <= KILLS * CONCURRENCY
    assert abs(share - SHARE) < 0.05
    async with scoped(world.tenant):
        states = await fetch("SELECT state, count(*) AS n FROM mail WHERE tenant = {} GROUP BY state", world.tenant)
    assert [(row["state"], row["n"]) for row in states] == [("sent", MAILS)]


async def test_a_mail_is_at_the_server_within_five_seconds(
    world: World, postbox: Postbox, portal_database: Any, tmp_path: Path
) -> None:
    """99 of 100, with the worker in another process, which nobody wakes: SQLite 1.19 s, PostgreSQL 1.33 s."""
    process = await worker(portal_database.url, tmp_path, 0)
    assert process.stdout is not None
    await process.stdout.readline()
    took: list[float] = []
    for number in range(100):
        async with scoped(world.tenant):
            await put_down_mail(template="password_changed", person=world.bob, to="bob@example.net")
        committed = time.monotonic()
        while len(postbox.mails) <= number:
            assert time.monotonic() < committed + 60
            await asyncio.sleep(0.01)
        took.append(time.monotonic() - committed)
        await asyncio.sleep(random.uniform(0, 0.2))
    await end(process)
    took.sort()
    print(f"half within {took[50]:.2f} s, 99 of 100 within {took[98]:.2f} s, the slowest {took[99]:.2f} s")  # noqa: T201 -- a figure
    assert took[98] <= 5
