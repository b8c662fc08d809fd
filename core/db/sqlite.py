"""SQLite on Piccolo's engine class: WAL, reads on the event loop, one writer in its own thread.

Piccolo's own opens a connection and a thread per query, begins transactions that collide, and bricks the file after
a failed COMMIT. It overrides private ways of Piccolo 1.38's class, which is why that is pinned.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from piccolo.engine.sqlite import SQLiteEngine
from piccolo.query import Query
from piccolo.querystring import QueryString
from typing_extensions import override

from core.db import database as databases
from core.db import scope as scopes
from core.db.convert import Row, sqlite_bound
from core.db.counting import count
from core.db.errors import OpenError, translated_sqlite
from core.db.scope import Scope, log
from core.db.sqlite_connections import Writer, connect, fetched
from core.db.transactions import Running, Transaction

if TYPE_CHECKING:
    from core.db.database import Database

T = TypeVar("T")
SLOW_READ_S = 0.05
LOOKS_UP_EVERY = 10_000
"""How many steps of SQLite's machine (a millisecond or less) a long read takes before it looks whether it is wanted."""
LONG_TRANSACTION_S = 2.0
_READS = re.compile(r"\s*(select|explain|values|with)\b", re.IGNORECASE)
_CHANGES = re.compile(r"\b(insert|update|delete|replace)\b", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def is_read(sql: str) -> bool:
    """Whether a statement only reads. ``with … insert`` does not; in doubt it goes to the writer."""
    start = _READS.match(sql)
    if start is None:
        return False
    return start[1].lower() != "with" or _CHANGES.search(sql) is None


class SQLiteRunning(Running):
    """A transaction on the writer."""

    def __init__(self, database: Database, writer: Writer) -> None:
        super().__init__(database)
        self._writer = writer
        self._began = time.monotonic()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Work with the writer's connection. A failed statement fails the transaction, as on PostgreSQL."""
        self.refuse_if_failed()
        try:
            return await self._writer.call(self._work, work)
        except sqlite3.Error as error:
            self.failed = True
            raise translated_sqlite(error) from error

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return work(self._writer.connection())

    @override
    async def rows(self, sql: str, args: Sequence[Any]) -> list[Row]:
        return await self.run(lambda connection: fetched(connection, sql, args))

    @override
    async def control(self, sql: str) -> None:
        await self._writer.call(lambda: self._writer.connection().execute(sql).close())

    @override
    async def commit(self) -> None:
        try:
            await self._writer.commit()
        except sqlite3.Error as error:
            raise translated_sqlite(error) from error
        finally:
            self._tell_if_long()

    def _tell_if_long(self) -> None:
        if (taken := time.monotonic() - self._began) > LONG_TRANSACTION_S:
            log.warning("a transaction kept every other writer waiting for %.1f s", taken)

    @override
    async def rollback(self) -> None:
        await self._writer.abandon()


class SQLite(SQLiteEngine, databases.Backend):
    """The engine of a file."""

    def __init__(self, database: Database, path: Path) -> None:
        super().__init__(path=str(path))
        self.database = database
        self.file = path
        self._writer = Writer(path)
        self._long = ThreadPoolExecutor(2, thread_name_prefix="portico-reads")
        self._local = threading.local()
        self._long_connections: list[sqlite3.Connection] = []
        self._typed: sqlite3.Connection
        self._plain: sqlite3.Connection

    @classmethod
    async def started(cls, database: Database, path: Path) -> SQLite:
        """Open the file, making it and its folder if missing."""
        engine = cls(database, path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            await engine._writer.call(engine._writer.connection)
            engine._typed = connect(path, writes=False, typed=True)
            engine._plain = connect(path, writes=False, typed=False)
        except (sqlite3.Error, OSError) as error:
            await engine.close()
            message = f"the database file {path} cannot be used: {error}"
            raise OpenError(message) from error
        except BaseException:
            await engine.close()
            raise
        return engine

    @override
    async def close(self) -> None:
        for connection in (getattr(self, "_typed", None), getattr(self, "_plain", None)):
            if connection is not None:
                connection.close()
        self._long.shutdown(wait=True)
        for connection in self._long_connections:
            connection.close()
        await self._writer.close()

    # ----- statements -----

    @override
    async def rows(self, sql: str, args: Sequence[Any], *, typed: bool = True) -> list[Row]:
        values = [sqlite_bound(value) for value in args]
        count(sql)
        running = scopes.running_of(self.database)
        if running is not None:
            return await running.rows(sql, values)
        if not is_read(sql):
            return await self._alone(lambda connection: fetched(connection, sql, values))
        if scopes.reads_are_long():
            return await self._in_thread(lambda connection: fetched(connection, sql, values))
        started = time.perf_counter()
        try:
            return fetched(self._typed if typed else self._plain, sql, values)
        except sqlite3.Error as error:
            raise translated_sqlite(error) from error
        finally:
            if (taken := time.perf_counter() - started) > SLOW_READ_S:
                log.warning("a read held the event loop for %.0f ms; use long_reads(): %s", taken * 1000, sql[:200])

    @override
    async def affected(self, sql: str, args: Sequence[Any]) -> int:
        values = [sqlite_bound(value) for value in args]
        count(sql)

        def work(connection: sqlite3.Connection) -> int:
            cursor = connection.execute(sql, values)
            cursor.fetchall()
            return max(cursor.rowcount, 0)

        return await self._write(work)

    @override
    async def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        values = [[sqlite_bound(value) for value in row] for row in rows]
        count(sql)
        await self._write(lambda connection: connection.executemany(sql, values).close())

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        running = scopes.running_of(self.database)
        if isinstance(running, SQLiteRunning):
            return await running.run(work)
        return await self._alone(work)

    async def _alone(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await self._writer.run_alone(work)
        except sqlite3.Error as error:
            raise translated_sqlite(error) from error

    async def _in_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """
        A read in a thread; it ends if the task is cancelled.

        The statement itself looks whether it should go on: `interrupt()` would be lost where it has not yet begun.
        """
        unwanted = threading.Event()

        def run() -> T:
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = connect(self.file, writes=False, typed=True)
                self._long_connections.append(connection)
            connection.set_progress_handler(unwanted.is_set, LOOKS_UP_EVERY)
            try:
                return work(connection)
            finally:
                connection.set_progress_handler(None, 0)

        future = asyncio.get_running_loop().run_in_executor(self._long, run)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            unwanted.set()
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise
        except sqlite3.Error as error:
            raise translated_sqlite(error) from error

    @override
    async def batches(self, sql: str, args: Sequence[Any], size: int) -> AsyncIterator[list[Row]]:
        if scopes.running_of(self.database) is not None:
            rows = await self.rows(sql, args)
            for start in range(0, len(rows), size):
                yield rows[start : start + size]
            return
        values = [sqlite_bound(value) for value in args]
        count(sql)
        loop = asyncio.get_running_loop()
        connection = await loop.run_in_executor(None, lambda: connect(self.file, writes=False, typed=True))
        unwanted = threading.Event()
        connection.set_progress_handler(unwanted.is_set, LOOKS_UP_EVERY)
        try:
            cursor = await loop.run_in_executor(None, connection.execute, sql, values)
            names = [column[0] for column in cursor.description]
            while portion := await loop.run_in_executor(None, cursor.fetchmany, size):
                yield [dict(zip(names, row, strict=True)) for row in portion]
        except sqlite3.Error as error:
            raise translated_sqlite(error) from error
        finally:
            unwanted.set()
            await scopes.settled(loop.run_in_executor(None, connection.close))

    # ----- transactions -----

    async def begin(self, *, apart: bool = False, foreign_keys: bool = True) -> Running:
        """One writer: apart or not is the same. Foreign keys are off only for migrations that rebuild tables."""
        del apart
        try:
            await self._writer.begin(foreign_keys=foreign_keys)
        except sqlite3.Error as error:
            raise translated_sqlite(error) from error
        return SQLiteRunning(self.database, self._writer)

    async def finish(self, scope: Scope, *, commit: bool) -> None:
        """Nothing is begun by a scope."""

    # ----- Piccolo's ways in -----

    @override
    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Any:
        sql, args = querystring.compile_string(engine_type="sqlite")
        return await self.rows(sql, args)

    @override
    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Any:
        return await self.rows(ddl, [])

    @override
    def transaction(self, *_: Any, **__: Any) -> Transaction:  # type: ignore[override]  # Piccolo's own signature is narrower
        return Transaction(self.database)

    @override
    def transaction_exists(self) -> bool:
        return scopes.running_of(self.database) is not None

    @override
    async def batch(self, query: Query[Any, Any], batch_size: int = 100, node: str | None = None) -> Any:
        return databases.Batch(query, batch_size)

    @override
    async def get_connection(self) -> Any:
        message = "connections are core.db's own; use fetch(), execute() or transaction()"
        raise NotImplementedError(message)
