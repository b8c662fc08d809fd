"""Very many rows in seconds: as the database's owner, without keys to look up row by row, indexes made afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

import asyncpg
from piccolo.table import Table

from core.db import current, fetch
from core.db.database import sqlite_path

Row = dict[str, Any]
MOST_KNOWN = 50_000
_TEXTS = {UUID, datetime, date}


async def as_owner(sql: str) -> list[Row]:
    """Run a statement as the database's owner."""
    database = current()
    if database.dialect == "sqlite":
        return await fetch(sql)
    connection = await asyncpg.connect(database.url)
    try:
        return [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def write(table: type[Table], rows: Iterable[Row]) -> None:
    """Write rows, each a value for every column: a million wide ones in a minute of work."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    tuples = (tuple(row.values()) for row in chain([first], rows))
    if current().dialect == "sqlite":
        _executed(table._meta.tablename, list(first), tuples)
    else:
        await _copied(table._meta.tablename, list(first), tuples)


async def _copied(table: str, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    connection = await asyncpg.connect(current().url)
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")  # foreign keys: a look-up each
            await connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
            found = await connection.fetch(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1"
                " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
                table,
            )
            for index in found:
                await connection.execute(f'DROP INDEX "{index["indexname"]}"')
            await connection.copy_records_to_table(table, records=rows, columns=columns)
            for index in found:
                await connection.execute(index["indexdef"])
    finally:
        await connection.close()


def _executed(table: str, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    sql = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' for _ in columns)})"
    connection = sqlite3.connect(sqlite_path(current().url), isolation_level=None)
    try:
        connection.execute("PRAGMA cache_size = -1500000")  # else pages that are not full yet go to the log and back
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN IMMEDIATE")
        found = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", [table]
        ).fetchall()
        for name, _ in found:
            connection.execute(f'DROP INDEX "{name}"')
        connection.executemany(sql, _stored(rows))
        for _, made in found:
            connection.execute(made)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _stored(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[Any]]:
    """Make keys and times the texts that SQLite keeps; those that many rows share are written once."""
    known: dict[Any, Any] = {None: None}
    places: list[int] = []
    for row in rows:
        places = places or [place for place, value in enumerate(row) if value is None or type(value) in _TEXTS]
        values = list(row)
        for place in places:
            value = values[place]
            text = known.get(value)
            if text is None and value is not None:
                text = str(value) if type(value) in _TEXTS else value
                if len(known) < MOST_KNOWN:
                    known[value] = text
            values[place] = text
        yield values


async def analyse() -> None:
    """Let the database gather statistics, as one in use has done."""
    await as_owner("ANALYZE" if current().dialect == "sqlite" else "VACUUM ANALYZE")
