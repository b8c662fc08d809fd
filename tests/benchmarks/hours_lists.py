"""The pages of lists of registered work: what each costs among ten thousand entries and among a million."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.bootstrap import migrate_all
from core.db import current, opened
from core.registry import registry
from core.tenancy.snapshot import forget_snapshots
from tests.benchmarks.bulk import as_owner
from tests.benchmarks.hours_data import Place, filled
from tests.db_fixtures import Databases

PER_CUSTOMER = 1_000
FEW = 10_000
"""Entries of the database that a big one is compared with: as many customers, with fewer entries each."""
GROWN = (100, 10_000)
"""Entries of the second customer, among few and among many."""
SLOW = 0.5
"""A page that takes longer is asked for but once a turn."""

QUERIES = (
    "period=all",
    "period=2026-10",
    "period=2026-W42",
    "period=all&sort=by_worker",
    "period=all&sort=by_project",
    "period=all&sort=by_day",
    "period=all&sort=by_week",
    "period=2026-10&sort=by_worker",
    "period=2026-10&sort=by_project",
    "period=2026-10&state=for_approval",
    "period=all&state=for_approval",
    "period=all&state=disputed",
    "period=all&state=invoiced",
    "period=all&kind=overtime",
    "period=all&sort=worker",
    "period=all&sort=-hours",
    "period=all&q=packing",
    "period=all&q=worker+77",
    "period=2026-10&q=worker+77",
)
READERS = {
    "contact": ("/timesheets?", ("/", "/timesheets/approve-all?period=all")),
    "grown": ("/timesheets?", ("/", "/timesheets/approve-all?period=all")),
    "office": ("/staff/timesheets?", ("/staff", "/staff/timesheets?period=all&sort=company")),
}
"""Whose pages: the first customer's contact, who has 1,000 entries in either; the second's (`GROWN`); the office."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the clock, and of work: of this process, with what PostgreSQL's did for it. Medians."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall * 1000:,.1f} ms (work {self.cpu * 1000:,.1f} ms)"


def median(costs: Iterable[tuple[float, float]]) -> Cost:
    """Return the medians of several measured."""
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))


async def timed(work: Callable[[], Awaitable[Any]], backends: Iterable[Path] = ()) -> tuple[float, float, Any]:
    """Return seconds of the clock, seconds of work, and what *work* returns."""
    wall, cpu = time.perf_counter(), time.process_time() + worked(backends)
    result = await work()
    return time.perf_counter() - wall, time.process_time() + worked(backends) - cpu, result


def worked(backends: Iterable[Path]) -> float:
    """Return the seconds that processes of the database have worked."""
    return sum(int(path.read_text().split()[0]) for path in backends) / 1e9


async def backends_here() -> list[Path]:
    """Return where PostgreSQL's processes for this database say how long they have worked; parallel ones do not."""
    if current().dialect == "sqlite":
        return []
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return [Path(f"/proc/{row['pid']}/schedstat") for row in await as_owner(asked)]


def paths() -> list[tuple[str, str]]:
    """Return each page with who asks for it."""
    return [
        (who, path) for who, (start, more) in READERS.items() for path in (*more, *(start + each for each in QUERIES))
    ]


async def measure_pages(place: Place, times: int, only: str = "") -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Ask for each page some times, and once before."""
    people = {"contact": place.reader, "grown": place.other, "office": place.manager}
    browsers = {who: await place.portal.browser(person) for who, person in people.items() if person is not None}
    wanted = [(who, path) for who, path in paths() if only in f"{who} {path}"]
    costs: dict[tuple[str, str], list[tuple[float, float]]] = {key: [] for key in wanted}
    backends: list[Path] = []
    for attempt in range(times + 1):
        for who, path in wanted:
            if attempt > 1 and costs[who, path][0][0] > SLOW:
                continue
            wall, cpu, page = await timed(partial(browsers[who].get, path), backends)
            assert page.status_code == 200, (path, page.status_code)
            if attempt:
                costs[who, path].append((wall, cpu))
        backends = await backends_here()
    for browser in browsers.values():
        await browser.client.aclose()
    return costs


@asynccontextmanager
async def database_at(databases: Databases, dialect: str) -> AsyncIterator[str]:
    """An empty, migrated database."""
    async with databases.url(dialect) as url:
        async with opened(url, pool_size=2) as database:
            await migrate_all(database, registry())
        yield url


def sizes(customers: int) -> tuple[list[int], list[int]]:
    """Return how many entries each customer has, among few and among many."""
    found = []
    for total, grown in zip((FEW, customers * PER_CUSTOMER), GROWN, strict=True):
        each, over = divmod(total - PER_CUSTOMER - grown, customers - 2)
        found.append([PER_CUSTOMER, grown, *(each + (number < over) for number in range(customers - 2))])
    return found[0], found[1]


async def compare_lists(
    databases: Databases, dialect: str, app: Any, *, customers: int, rounds: int, times: int = 8, only: str = ""
) -> dict[tuple[str, str], tuple[Cost, Cost]]:
    """Return for each page its cost among `FEW` entries and among *customers* times as many as one has, by turns."""
    async with AsyncExitStack() as stack:
        places = []
        for rows in sizes(customers):
            url = await stack.enter_async_context(database_at(databases, dialect))
            async with opened(url, pool_size=3):
                forget_snapshots()
                places.append((url, await filled(app, rows, state=None)))
        found: list[dict[tuple[str, str], list[tuple[float, float]]]] = [{}, {}]
        for turn in range(rounds):
            for number in (0, 1) if turn % 2 else (1, 0):
                url, place = places[number]
                async with opened(url, pool_size=3):
                    forget_snapshots()
                    for key, costs in (await measure_pages(place, times, only)).items():
                        found[number].setdefault(key, []).extend(costs)
    return {key: (median(found[0][key]), median(found[1][key])) for key in found[0]}
