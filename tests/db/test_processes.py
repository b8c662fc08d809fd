"""Two processes on one database: nobody is told "locked", nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from core.db import Database, fetch

WRITER = """
import asyncio, sys
from core.db import Database, execute, fetch_one, request_scope, run_transaction, uuid7

async def main(url, tag, rounds):
    database = await Database.open(url, pool_size=3)
    lock = "" if database.dialect == "sqlite" else " FOR UPDATE"

    async def one(number):
        async def work():
            row = await fetch_one("SELECT name FROM tenant WHERE id = {}" + lock, COUNTER)
            await execute("UPDATE tenant SET name = {} WHERE id = {}", str(int(row["name"]) + 1), COUNTER)
            await execute("INSERT INTO tenant (id, name) VALUES ({}, {})", uuid7(), f"{tag}-{number}")
        await run_transaction(work)
        print(f"{tag}-{number}", flush=True)

    for start in range(0, rounds, 5):
        await asyncio.gather(*(one(number) for number in range(start, start + 5)))
    await database.close()

COUNTER = "00000000-0000-7000-8000-000000000000"
asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""
COUNTER = "00000000-0000-7000-8000-000000000000"


async def start(url: str, tag: str, rounds: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, url, tag, str(rounds),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path.cwd(), env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip


async def acknowledged(process: asyncio.subprocess.Process) -> tuple[list[str], str]:
    output, errors = await process.communicate()
    return output.decode().split(), errors.decode()


async def state() -> tuple[int, set[str]]:
    rows = await fetch("SELECT id, name FROM tenant")
    counter = next(int(row["name"]) for row in rows if str(row["id"]) == COUNTER)
    return counter, {row["name"] for row in rows if str(row["id"]) != COUNTER}


async def test_two_writers_lose_nothing_and_are_never_locked_out(tables: Database) -> None:
    await fetch("INSERT INTO tenant (id, name) VALUES ({}, '0')", COUNTER)
    processes = [await start(tables.url, tag, 100) for tag in ("a", "b")]
    results = await asyncio.gather(*(acknowledged(process) for process in processes))
    assert [errors for _, errors in results] == ["", ""]
    said = {name for names, _ in results for name in names}
    assert len(said) == 200
    assert await state() == (200, said)


async def test_a_killed_writer_loses_nothing_it_acknowledged(tables: Database) -> None:
    await fetch("INSERT INTO tenant (id, name) VALUES ({}, '0')", COUNTER)
    said: set[str] = set()
    for attempt in range(4):
        process = await start(tables.url, f"k{attempt}", 100_000)
        assert process.stdout is not None
        first = (await process.stdout.readline()).decode().strip()
        await asyncio.sleep(0.05 * attempt)
        process.send_signal(signal.SIGKILL)
        names, _ = await acknowledged(process)
        # the last line may be cut off in the middle
        said |= {first, *names[:-1]}
    counter, there = await state()
    assert said <= there
    assert counter == len(there)
    if tables.dialect == "sqlite":
        assert await fetch("SELECT integrity_check AS said FROM pragma_integrity_check") == [{"said": "ok"}]
