"""
Many writers at once: `python -m tests.benchmarks writers [--seconds 600] [--processes 1 2]`.

Each of twenty writers reads a row of its own, changes it and adds one, in one transaction, then waits a tenth of a
second. Nobody may be told "locked"; 99 of 100 writes are done within 100 ms with one process, within 750 ms with two.

20 s each on 2 cores that eight other programs were using: 3,117 writes in one process, half within 16.5 ms, 99 of 100
within 156 ms; 3,323 in two processes, 10.7 and 134 ms; no error, nothing lost.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

from core.db import create_table, fetch, opened

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 20
LIMITS = {1: 100.0, 2: 750.0}
"""Milliseconds within which 99 of 100 writes are done, by how many processes write."""
_WRITER = """
import asyncio, json, random, sys, time
from core.db import Database, execute, fetch_one, run_transaction, uuid7

async def main(url, writers, seconds):
    database = await Database.open(url, pool_size=writers)
    took, errors, done = [], [], 0
    end = time.monotonic() + seconds

    async def writer():
        nonlocal done
        mine = uuid7()
        await execute("INSERT INTO counter (id, number) VALUES ({}, 0)", mine)
        while time.monotonic() < end:
            begun = time.monotonic()

            async def work():
                row = await fetch_one("SELECT number FROM counter WHERE id = {}", mine)
                await execute("UPDATE counter SET number = {} WHERE id = {}", row["number"] + 1, mine)
                await execute("INSERT INTO entry (id, counter) VALUES ({}, {})", uuid7(), mine)

            try:
                await run_transaction(work)
                done += 1
            except Exception as error:
                errors.append(repr(error))
            took.append((time.monotonic() - begun) * 1000)
            await asyncio.sleep(random.uniform(0.05, 0.15))

    await asyncio.gather(*(writer() for _ in range(writers)))
    print(json.dumps({"took": took, "errors": errors, "done": done}))
    await database.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What the writers of all processes met."""

    processes: int
    took: tuple[float, ...]
    """Milliseconds of each write, in ascending order."""
    errors: tuple[str, ...]
    lost: int
    """Writes that were acknowledged and are not there."""

    def within(self, share: float) -> float:
        """Milliseconds within which this share of the writes was done."""
        return self.took[min(int(len(self.took) * share), len(self.took) - 1)]

    @property
    def good(self) -> bool:
        """Whether nothing failed, nothing is lost, and the limit was kept."""
        return not self.errors and not self.lost and self.within(0.99) <= LIMITS.get(self.processes, LIMITS[2])

    def lines(self) -> Iterator[str]:
        """What to print."""
        yield (
            f"{self.processes} process(es), {WRITERS} writers, {len(self.took):,} writes: "
            f"{self.within(0.5):.1f} ms half of them, {self.within(0.99):.1f} ms 99 of 100, {self.took[-1]:.0f} ms the "
            f"slowest; {len(self.errors)} errors, {self.lost} lost"
        )
        yield from sorted(set(self.errors))[:5]


async def write_at_once(url: str, *, processes: int, seconds: float) -> Found:
    """Let twenty writers write to an empty database for a while, from one process or several."""
    async with opened(url):
        await create_table("counter", columns={"id": "uuid", "number": "integer"})
        await create_table("entry", columns={"id": "uuid", "counter": "uuid"})
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WRITER, url, str(WRITERS // processes), str(seconds), cwd=ROOT, stdout=PIPE
        )
        for _ in range(processes)
    ]
    said = [json.loads((await process.communicate())[0]) for process in running]
    took = sorted(each for one in said for each in one["took"])
    errors = tuple(error for one in said for error in one["errors"])
    async with opened(url):
        entries = await fetch("SELECT count(*) AS n FROM entry")
        counted = await fetch("SELECT sum(number) AS n FROM counter")
    done = sum(one["done"] for one in said)
    return Found(processes, tuple(took), errors, abs(done - entries[0]["n"]) + abs(done - counted[0]["n"]))
