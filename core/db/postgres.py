"""PostgreSQL on Piccolo's engine class: a pool, and per scope one connection and one transaction.

Row-level security is always on: statements run as ``portico_app``, a role without BYPASSRLS, with the scope's tenant
in ``portico.tenant``. Only ``bypass_row_security()`` and scopes with ``bypass=True`` run as the owner.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
from piccolo.engine.postgres import PostgresEngine
from piccolo.query import Query
from piccolo.querystring import QueryString
from typing_extensions import override

from core.db import database as databases
from core.db import scope as scopes
from core.db.convert import Row, bound
from core.db.counting import count
from core.db.errors import OpenError, translated_postgres
from core.db.postgres_running import PostgresRunning, fetched
from core.db.postgres_session import Session, prepare_role, set_up
from core.db.scope import Scope
from core.db.sqlite import is_read
from core.db.transactions import Running, Transaction

if TYPE_CHECKING:
    from core.db.database import Database

T = TypeVar("T")
SIDE_POOL = 4


def _rows_touched(status: str) -> int:
    """``UPDATE 3`` → 3."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


class Postgres(PostgresEngine, databases.Backend):
    """The engine of a database. ``apart`` work has a small pool of its own: it never waits for requests."""

    def __init__(self, database: Database, url: str) -> None:
        self.database = database
        self.side_pool: asyncpg.Pool[Any] | None = None
        super().__init__(config={"dsn": url})

    async def check_version(self) -> None:
        """Not while constructing: it would connect."""

    async def prep_database(self) -> None:
        """No extensions."""

    @classmethod
    async def started(cls, database: Database, url: str, pool_size: int) -> Postgres:
        """Connect; make sure of the role that row-level security binds. Raises DbError if it cannot be had."""
        engine = cls(database, url)
        options: dict[str, Any] = {
            "init": set_up,
            "reset": _unchanged,
            "statement_cache_size": 512,
            "server_settings": {"application_name": "portico", "timezone": "UTC", "jit": "off"},
        }
        try:
            engine.pool = await asyncpg.create_pool(url, min_size=1, max_size=pool_size, **options)
            engine.side_pool = await asyncpg.create_pool(url, min_size=0, max_size=SIDE_POOL, **options)
            async with engine.pool.acquire() as connection:
                await prepare_role(connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            await engine.close()
            address = urlsplit(url)
            message = f"PostgreSQL at {address.hostname or 'its socket'}, database {address.path[1:]}: {error}"
            raise OpenError(message) from error
        except BaseException:
            await engine.close()
            raise
        return engine

    @override
    async def close(self) -> None:
        for pool in (self.pool, self.side_pool):
            if pool is not None:
                try:
                    async with asyncio.timeout(5):
                        await pool.close()
                except TimeoutError:
                    pool.terminate()
        self.pool = None

    # ----- statements -----

    async def _run(self, sql: str, work: Callable[[Any], Awaitable[T]]) -> T:
        running = scopes.running_of(self.database)
        if isinstance(running, PostgresRunning):
            return await running.run(work)
        scope = scopes.scope_of(self.database)
        if scope is None or not is_read(sql):
            # by itself, or a savepoint in the request: a write that fails spoils nothing else, as on SQLite
            where, mine = self._scope_for(scope)
            own = PostgresRunning(self.database, where, own=mine)
            await own.start()
            try:
                result = await own.run(work)
            except BaseException:
                await own.rollback()
                raise
            await own.commit()
            return result
        session = self._session(scope)
        async with session.turn:
            try:
                return await session.run(work, bypass=scopes.bypassing(scope), patient=scopes.reads_are_long())
            except asyncpg.PostgresError as error:
                raise translated_postgres(error) from error

    @override
    async def rows(self, sql: str, args: Sequence[Any], *, typed: bool = True) -> list[Row]:
        del typed  # asyncpg's values are Python's
        values = [bound(value) for value in args]
        count(sql)
        return await self._run(sql, lambda connection: fetched(connection, sql, values))

    @override
    async def affected(self, sql: str, args: Sequence[Any]) -> int:
        values = [bound(value) for value in args]
        count(sql)
        return _rows_touched(await self._run(sql, lambda connection: connection.execute(sql, *values)))

    @override
    async def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        values = [[bound(value) for value in row] for row in rows]
        count(sql)
        await self._run(sql, lambda connection: connection.executemany(sql, values))

    @override
    async def batches(self, sql: str, args: Sequence[Any], size: int) -> AsyncIterator[list[Row]]:
        values = [bound(value) for value in args]
        count(sql)
        if scopes.scope_of(self.database) is None and scopes.running_of(self.database) is None:
            scope = self._new_scope(None)
            try:
                async for rows in self._portions(scope, sql, values, size):
                    yield rows
            finally:
                await self.finish(scope, commit=False)
        else:
            async for rows in self._portions(scopes.scope_of(self.database), sql, values, size):
                yield rows

    async def _portions(self, scope: Scope | None, sql: str, args: list[Any], size: int) -> AsyncIterator[list[Row]]:
        running = scopes.running_of(self.database)
        session = running.session if isinstance(running, PostgresRunning) else self._session(scope)
        turn = contextlib.nullcontext() if running is not None else session.turn
        bypass, patient = scopes.bypassing(scope), scopes.reads_are_long()
        async with turn:
            cursor = await session.run(lambda connection: connection.cursor(sql, *args), bypass=bypass, patient=patient)
        while True:
            async with turn:
                rows = [dict(record) for record in await cursor.fetch(size)]
            if not rows:
                return
            yield rows

    # ----- scopes and transactions -----

    def _session(self, scope: Scope | None) -> Session:
        if scope is None:
            raise AssertionError
        if scope.session is None:
            scope.session = Session(self.side_pool if scope.apart else self.pool, scope)
        session: Session = scope.session
        return session

    def _new_scope(self, like: Scope | None, *, apart: bool = False) -> Scope:
        scope = Scope(self.database, like.tenant if like else None, bypass=bool(like and like.bypass), apart=apart)
        self._session(scope)
        return scope

    def _scope_for(self, scope: Scope | None, *, apart: bool = False) -> tuple[Scope, bool]:
        if scope is None or apart:
            return self._new_scope(scope, apart=apart), True
        self._session(scope)
        return scope, False

    async def begin(self, *, apart: bool = False, foreign_keys: bool = True) -> Running:
        """The request's connection with a savepoint, or one of its own."""
        del foreign_keys
        scope, own = self._scope_for(scopes.scope_of(self.database), apart=apart)
        running = PostgresRunning(self.database, scope, own=own)
        await running.start()
        return running

    @override
    async def finish(self, scope: Scope, *, commit: bool) -> None:
        if scope.session is not None:
            session: Session = scope.session
            async with session.turn:
                await session.finish(commit=commit)

    # ----- Piccolo's ways in -----

    @override
    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        sql, args = querystring.compile_string(engine_type="postgres")
        return await self.rows(sql, args)

    @override
    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        return await self.rows(ddl, [])

    @override
    def transform_response_to_dicts(self, results: Any) -> list[Row]:
        rows: list[Row] = results
        return rows

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
    async def get_new_connection(self) -> Any:
        message = "connections are core.db's own; use fetch(), execute() or transaction()"
        raise NotImplementedError(message)


async def _unchanged(connection: Any) -> None:
    """Nothing to reset: all settings are of the transaction, which has ended. Saves a round trip per request."""
