"""SQLite connections: how they are set up, and the one that writes.

Reads take 10-200 µs, a hop to a thread 74 µs: short reads run on the event loop, on a connection that cannot write.
The writer has its own thread, so that fsync and checkpoints hold nobody else up.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from core.db.convert import Row
from core.db.errors import DatabaseBusyError, TransactionError, is_sqlite_busy
from core.db.scope import log, settled

T = TypeVar("T")
OPEN_BUSY_MS = 5_000  # another process may be switching the file to WAL or recovering it
BEGIN_BUSY_MS = 10  # then back to the event loop and try again: nobody polls in a lock-step
READ_BUSY_MS = 1_000  # readers wait only while another process recovers or closes the log
READ_MAPPED = 2**31 - 2**16  # bytes of the file that readers map instead of copying its pages: as many as SQLite can
BEGIN_LIMIT_S = 20.0
TURN_LIMIT_S = 60.0


def connect(path: Path, *, writes: bool, typed: bool) -> sqlite3.Connection:
    """A connection with every PRAGMA set once. ``typed`` converts by declared column type; off, values are as kept."""
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
        timeout=OPEN_BUSY_MS / 1000,
        detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES if typed else 0,
    )
    try:
        if writes:
            _switch_to_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")  # a commit that was answered survives a power cut
            connection.execute("PRAGMA journal_size_limit = 67108864")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA trusted_schema = OFF")
        if not writes:
            connection.execute("PRAGMA query_only = ON")
            # shared with every process and given back at need, unlike a cache; 0.1 ms less for a page of 6 statements
            connection.execute(f"PRAGMA mmap_size = {READ_MAPPED}")
        connection.execute(f"PRAGMA busy_timeout = {BEGIN_BUSY_MS if writes else READ_BUSY_MS}")
    except BaseException:
        connection.close()
        raise
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """WAL stays with the file. Two processes may do it at once; SQLite answers busy without waiting then."""
    deadline = time.monotonic() + OPEN_BUSY_MS / 1000
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if not is_sqlite_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.005, 0.03))  # noqa: S311 -- spreads retries
        else:
            if mode != "wal":
                message = f"this file system gives SQLite no write-ahead log (journal mode {mode})"
                raise TransactionError(message)
            return


def fetched(connection: sqlite3.Connection, sql: str, args: Sequence[Any]) -> list[Row]:
    """All rows as dicts."""
    cursor = connection.execute(sql, args)
    if cursor.description is None:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Writer:
    """The one connection that writes: a thread, and a queue of tasks that is first come, first served."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="portico-writer")
        self._connection: sqlite3.Connection | None = None
        self._lenient = False

    def call(self, work: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        """Run it in the writer's thread, after what was given before."""
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    async def begin(self, *, foreign_keys: bool = True) -> None:
        """Wait for the turn and BEGIN IMMEDIATE. Raises DatabaseBusyError if another process holds on too long."""
        await self._take_turn()
        try:
            await self._retried(self._begin, foreign_keys)
        except BaseException:
            await self.abandon()
            raise

    async def abandon(self) -> None:
        """Roll back, whatever state it is in, and let the next one have the turn."""
        try:
            await settled(self.call(self._rollback))
        finally:
            self.turn.release()

    async def commit(self) -> None:
        """Commit and let the next one have the turn. A failed COMMIT costs the connection, not the database."""
        try:
            await settled(self.call(self._commit))
        finally:
            self.turn.release()

    async def run_alone(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One small transaction in one go to the thread."""
        await self._take_turn()
        try:
            return await self._retried(self._transacted, work, whole=True)
        finally:
            self.turn.release()

    async def _take_turn(self) -> None:
        if not self.turn.locked():
            await self.turn.acquire()
            return
        try:
            async with asyncio.timeout(TURN_LIMIT_S):
                await self.turn.acquire()
        except TimeoutError as error:
            message = f"another transaction of this process has been open for {TURN_LIMIT_S:.0f} s"
            raise DatabaseBusyError(message) from error

    async def _retried(self, work: Callable[..., T], *args: Any, whole: bool = False) -> T:
        deadline = time.monotonic() + BEGIN_LIMIT_S
        pause = 0.002
        while True:
            try:
                future = self.call(work, *args)
                return await (settled(future) if whole else future)
            except sqlite3.OperationalError as error:
                if not is_sqlite_busy(error):
                    raise
                if time.monotonic() > deadline:
                    message = f"another process has been writing for {BEGIN_LIMIT_S:.0f} s"
                    raise DatabaseBusyError(message) from error
            await asyncio.sleep(random.uniform(0.3, 1) * pause)  # noqa: S311 -- spreads retries
            pause = min(pause * 1.5, 0.025)

    # ----- in the thread -----

    def connection(self) -> sqlite3.Connection:
        """The open connection; a new one after a failure."""
        if self._connection is None:
            self._connection = connect(self.path, writes=True, typed=True)
        return self._connection

    def _begin(self, foreign_keys: bool) -> None:  # noqa: FBT001 -- handed through a thread by position
        connection = self.connection()
        if not foreign_keys:  # it cannot be switched inside the transaction; commit and rollback switch it back
            connection.execute("PRAGMA foreign_keys = OFF")
            self._lenient = True
        connection.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        connection = self.connection()
        if not connection.in_transaction:
            self._discard()
            message = "SQLite has rolled this transaction back by itself; nothing was saved"
            raise TransactionError(message)
        try:
            connection.execute("COMMIT")
            self._enforce(connection)
        except BaseException:
            self._discard()
            raise

    def _rollback(self) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._enforce(connection)
        except sqlite3.Error:
            log.exception("ROLLBACK failed; opening a new connection")
            self._discard()

    def _enforce(self, connection: sqlite3.Connection) -> None:
        if self._lenient:
            connection.execute("PRAGMA foreign_keys = ON")
            self._lenient = False

    def _transacted(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
        except BaseException:
            self._rollback()
            raise
        self._commit()
        return result

    def _discard(self) -> None:
        connection, self._connection = self._connection, None
        self._lenient = False
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _optimize(self) -> None:
        """Let SQLite refresh the statistics it plans with, if it thinks so; a bounded look."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA analysis_limit = 400")
                self._connection.execute("PRAGMA optimize")

    async def close(self) -> None:
        """Close the connection and end the thread."""
        await settled(self.call(self._optimize))
        await settled(self.call(self._discard))
        self._thread.shutdown(wait=True)
