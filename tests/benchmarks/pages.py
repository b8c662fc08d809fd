"""
What the list of invoices costs against its bare limit: 20 of 1,000 rows, signed in, menu, filters, counters and all.

    uv run python -m tests.benchmarks pages [--tenants 50] [--customers 4] [--rounds 7] [--seconds 5]

Fills SQLite, copies it to PostgreSQL row by row, serves portal (both) and limit (SQLite) with one granian worker each,
compares their pages byte by byte (form tokens apart), then asks them by turns. Quoted are medians of the rounds'
ratios: the machine's speed drifts, and both sides of a ratio see the same drift.

The portal keeps frame, filters and headings as it drew them for a reader while nothing in them changes (core/kept.py);
the limit draws everything at each page, as a handler without such a memory does.
"""

from __future__ import annotations

import re
import statistics
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg

from core.bootstrap import migrate_all
from core.db import opened
from core.db.database import sqlite_path
from core.db.sqlite_connections import connect
from core.registry import registry
from tests.benchmarks import servers
from tests.benchmarks.client import Ask, Load, load, write_asks
from tests.benchmarks.data import Reader, Size, environment_of, fill, settings_at
from tests.db_fixtures import Databases

LIMIT, SQLITE, POSTGRES = "limit", "sqlite", "postgres"
PATHS = ("/invoices?period=all", "/invoices?period=all&payment=pending")
FURTHER = 2
"""Pages that are leafed to behind the first."""
_TOKEN = re.compile(r'(name="csrf_token" value=")[^"]+')
_NEXT = re.compile(r'href="([^"]+)" rel="next"><span>')


@dataclass(frozen=True, slots=True)
class Place:
    """A portal with data and the people who look at it."""

    environments: Mapping[str, Mapping[str, str]]
    readers: list[Reader]
    folder: Path


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of every server."""

    loads: Mapping[str, Load]
    cpu: Mapping[str, float]
    """Seconds of the server's processes per page; a busy machine disturbs them less than the rate."""

    def ratio(self, name: str) -> float:
        """Return what a server reaches of the limit."""
        return self.loads[name].rate / self.loads[LIMIT].rate


@asynccontextmanager
async def prepared(folder: Path, size: Size, *, postgres: bool = True) -> AsyncIterator[Place]:
    """Fill the databases."""
    settings = settings_at(folder, f"sqlite:///{folder / 'portal.sqlite'}")
    readers = await fill(settings, size)
    environments = {SQLITE: environment_of(settings)}
    if not postgres:
        yield Place(environments, readers, folder)
        return
    databases = Databases(folder)
    async with databases.url("postgres") as url:
        async with opened(url, pool_size=2) as database:
            await migrate_all(database, registry())
        await copy(sqlite_path(settings.database_url), url)
        environments[POSTGRES] = environment_of(replace(settings, database_url=url))
        yield Place(environments, readers, folder)


async def copy(file: Path, url: str) -> None:
    """Copy every row of an SQLite file into the same, migrated tables of PostgreSQL."""
    source = connect(file, writes=False, typed=True)
    target = await asyncpg.connect(url)
    try:
        await target.execute("SET session_replication_role = replica")  # rows come table by table, keys in any order
        for (table,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if table.startswith("sqlite_") or table == "migration":
                continue
            columns = [(row[1], row[2].lower()) for row in source.execute(f'PRAGMA table_info("{table}")')]
            booleans = {place for place, (_, kind) in enumerate(columns) if kind.startswith("bool")}
            names = ", ".join(f'"{name}"' for name, _ in columns)
            rows = source.execute(f'SELECT {names} FROM "{table}"')
            records = (
                tuple(
                    bool(value) if place in booleans and value is not None else value for place, value in enumerate(row)
                )
                for row in rows
            )
            await target.copy_records_to_table(table, records=records, columns=[name for name, _ in columns])
        await target.execute("VACUUM ANALYZE")
    finally:
        source.close()
        await target.close()


def fetched(port: int, ask: Ask) -> str:
    """Return a page, with its form tokens taken out."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{ask.path}",
        headers={"Host": f"{ask.host}:8000", "Cookie": f"portico_session={ask.token}", "Accept-Language": "en"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- this machine
        return _TOKEN.sub(r"\1", answer.read().decode())


def asks_of(port: int, readers: list[Reader]) -> Iterator[Ask]:
    """Return what each reader looks at: the list and what is pending of it, leafed through."""
    for reader in readers:
        for path in PATHS:
            ask = Ask(reader.host, reader.token, path)
            yield ask
            for _ in range(FURTHER):
                found = _NEXT.search(fetched(port, ask))
                if found is None:
                    break
                ask = replace(ask, path=found[1].replace("&amp;", "&"))
                yield ask


def compare(ports: Mapping[str, int], asks: list[Ask]) -> None:
    """
    Go on only if all servers answer alike.

    Raises:
        AssertionError: the first page that differs, with the place.

    """
    for ask in asks:
        pages = {name: fetched(port, ask) for name, port in ports.items()}
        for name, page in pages.items():
            if page != pages[LIMIT]:
                place = next((i for i, (a, b) in enumerate(zip(page, pages[LIMIT], strict=False)) if a != b), len(page))
                around = slice(max(place - 80, 0), place + 80)
                raise AssertionError(f"{ask.path}: {name} says\n{page[around]}\nand the limit\n{pages[LIMIT][around]}")


def measured(place: Place, *, rounds: int, seconds: float, compared: int = 60) -> list[Round]:
    """Serve, compare, and ask by turns; the order turns round each time."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(servers.portal(environment, place.folder / f"{name}.log"))
            for name, environment in place.environments.items()
        }
        running[LIMIT] = stack.enter_context(servers.limit(place.environments[SQLITE], place.folder / "limit.log"))
        asks = list(asks_of(running[LIMIT].port, place.readers))
        compare({name: server.port for name, server in running.items()}, asks[:: max(1, len(asks) // compared)])
        file = place.folder / "asks.json"
        write_asks(file, asks)
        for server in running.values():
            load(server.port, file, seconds=min(seconds, 1.5))
        found: list[Round] = []
        for number in range(rounds):
            turn = list(running.items()) if number % 2 else list(reversed(running.items()))
            loads, cpu = {}, {}
            for name, server in turn:
                before = server.cpu_seconds()
                loads[name] = load(server.port, file, seconds=seconds)
                cpu[name] = (server.cpu_seconds() - before) / loads[name].answered
            found.append(Round(loads, cpu))
        return found


def summary(rounds: list[Round]) -> dict[str, dict[str, Any]]:
    """Return medians per server: answers per second, times, share of the limit with its spread."""
    found: dict[str, dict[str, Any]] = {}
    for name in rounds[0].loads:
        loads = [each.loads[name] for each in rounds]
        ratios = sorted(each.ratio(name) for each in rounds)
        found[name] = {
            "rate": statistics.median(each.rate for each in loads),
            "p50": statistics.median(each.p50 for each in loads),
            "p99": statistics.median(each.p99 for each in loads),
            "failed": sum(each.failed for each in loads),
            "bytes": loads[0].bytes,
            "ratio": statistics.median(ratios),
            "least": ratios[0],
            "most": ratios[-1],
            "cpu": statistics.median(each.cpu[name] for each in rounds) * 1000,
            "cpu_ratio": statistics.median(
                each.cpu[LIMIT] / each.cpu[name] if each.cpu[name] else 0.0 for each in rounds
            ),
        }
    return found


def table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the summary for people. CPU is the server's own: of PostgreSQL's processes nothing is in it."""
    head = f"{'':9} {'pages/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'of the limit':>13} {'(least-most)':>14}"
    lines = [f"{head} {'CPU ms':>7} {'of the limit':>13} {'failed':>7}"]
    for name, each in found.items():
        spread = f"({each['least']:.2f}-{each['most']:.2f})"
        lines.append(
            f"{name:9} {each['rate']:8.0f} {each['p50']:7.1f} {each['p99']:7.1f} {each['ratio']:13.0%} {spread:>14} "
            f"{each['cpu']:7.2f} {each['cpu_ratio']:13.0%} {each['failed']:7}"
        )
    return "\n".join(lines)
