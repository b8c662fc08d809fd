"""
Many contacts who approve the same entries at the same moment, in several processes.

    uv run python -m tests.benchmarks hours --at-once

Each process reads what the list shows, says so, and waits for the word; then all of its contacts press "approve" at
once. What each of them was told comes back as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from core import lists
from core.bootstrap import set_up
from core.clock import now
from core.db import opened, request_scope
from core.people.actor import acting_as
from core.sdk import imports
from core.tenancy.scope import tenant_scope
from plugins.timesheets.lists import ENTRIES
from plugins.timesheets.services import approve_entries
from tests.benchmarks.servers import ROOT
from tests.portal_fixtures import settings_for_tests

POOL_SIZE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a contact was told: how many she approved, or how many others had, who and when."""

    person: str
    asked: int
    approved: int = 0
    approvals: int = 0
    passed: int = 0
    by: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str = ""


async def press(tenant: UUID, person: UUID, ids: list[UUID], shown: Any) -> Told:
    """Approve, as a request does it."""
    began = time.perf_counter()
    try:
        with tenant_scope(tenant), acting_as(None):
            async with request_scope(tenant=tenant):
                actor = await imports.as_person(person)
                assert actor is not None
                with acting_as(actor):
                    done = await approve_entries(entries=ids, shown_at=shown, by=actor)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is what the contact would have seen
        return Told(person=str(person), asked=len(ids), error=repr(error))
    return Told(
        person=str(person),
        asked=len(ids),
        approved=done.entries,
        approvals=len(done.approvals),
        passed=done.passed,
        by=tuple(sorted({each.by for each in done.before})),
        at=tuple(sorted({each.at.isoformat() if each.at else "" for each in done.before})),
        states=tuple(sorted({each.state.value for each in done.before})),
        seconds=time.perf_counter() - began,
    )


async def act(url: str, tenant: UUID, folder: Path, people: list[UUID]) -> None:
    """Be one of the processes."""
    set_up(settings_for_tests(folder))
    async with opened(url, pool_size=POOL_SIZE):
        shown = now()
        with tenant_scope(tenant), acting_as(None):
            async with request_scope(tenant=tenant):
                actor = await imports.as_person(people[0])
                assert actor is not None
                with acting_as(actor):
                    ids = await lists.selected(ENTRIES, {"all": "1"}, "state=for_approval&period=all", actor)
        print("ready", flush=True)  # noqa: T201 -- said to the process that started this one
        await asyncio.to_thread(sys.stdin.readline)
        for told in await asyncio.gather(*(press(tenant, person, ids, shown) for person in people)):
            print(json.dumps(asdict(told)), flush=True)  # noqa: T201 -- as above


async def at_once(url: str, tenant: UUID, folder: Path, groups: Sequence[Sequence[UUID]]) -> list[Told]:
    """
    Let a process for each of *groups* approve all that waits, at the same moment; return what everybody was told.

    Raises:
        AssertionError: a process could not be started, or said more than that.

    """
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.hours_at_once", url, str(tenant), str(folder),
            *(str(person) for person in group),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        for group in groups
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        first = await process.stdout.readline()
        assert first == b"ready\n", (first, await process.communicate())
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    results = await asyncio.gather(*(process.communicate() for process in processes))
    assert [errors.decode() for _, errors in results] == [""] * len(processes)
    return [Told(**_tuples(json.loads(line))) for output, _ in results for line in output.splitlines()]


def _tuples(said: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def check(told: Sequence[Told], entries: int, names: Sequence[str]) -> None:
    """
    Go on only if one contact approved everything and all others were told who did and when.

    Raises:
        AssertionError: anything else.

    """
    assert [each.error for each in told if each.error] == []
    assert sorted(each.approved for each in told) == [0] * (len(told) - 1) + [entries]
    assert sum(each.approvals for each in told) == 1
    losers = [each for each in told if not each.approved]
    assert {(each.passed, each.states) for each in losers} == {(entries, ("approved",))}
    assert len({each.by for each in losers}) == len({each.at for each in losers}) == 1
    assert losers[0].by[0] in names
    assert losers[0].at[0]


def line(told: Sequence[Told]) -> str:
    """Return the figures as text."""
    waits = sorted(each.seconds for each in told)
    return (
        f"{len(told)} contacts approve the same {max(each.asked for each in told):,} entries:"
        f" {sum(each.approvals for each in told)} approval, {sum(1 for each in told if each.error)} errors,"
        f" answers after {waits[0]:.2f} to {waits[-1]:.2f} s"
    )


if __name__ == "__main__":
    asyncio.run(act(sys.argv[1], UUID(sys.argv[2]), Path(sys.argv[3]), [UUID(text) for text in sys.argv[4:]]))
