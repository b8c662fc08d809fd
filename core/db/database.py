"""The database of this process: open it once, every table finds it."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from piccolo.columns import Column
from piccolo.query import Query
from piccolo.querystring import QueryString

from core.db import scope as scopes
from core.db.counting import count_queries
from core.db.errors import NoDatabaseError, TransactionError
from core.db.scope import Scope, run_callbacks

if TYPE_CHECKING:
    from piccolo.engine.base import Engine

    from core.db.convert import Row
    from core.db.transactions import Running

Dialect = Literal["sqlite", "postgres"]
_open: list[Database] = []


class Backend(ABC):
    """What a database must do for the rest of this package."""

    @abstractmethod
    async def rows(self, sql: str, args: Sequence[Any], *, typed: bool = True) -> list[Row]:
        """Run one statement where it belongs: transaction, scope, or by itself. Untyped: ids and times as kept."""

    @abstractmethod
    async def affected(self, sql: str, args: Sequence[Any]) -> int:
        """Run one statement; how many rows it touched."""

    @abstractmethod
    async def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row of values, all or none."""

    @abstractmethod
    def batches(self, sql: str, args: Sequence[Any], size: int) -> AsyncIterator[list[Row]]:
        """The rows in portions, read as they are asked for."""

    @abstractmethod
    async def begin(self, *, apart: bool = False, foreign_keys: bool = True) -> Running:
        """Open an outermost transaction."""

    @abstractmethod
    async def finish(self, scope: Scope, *, commit: bool) -> None:
        """End what the scope has begun, if anything."""

    @abstractmethod
    async def close(self) -> None:
        """Give everything back."""


class Database:
    """An open database. ``dialect`` is ``sqlite`` or ``postgres``; ``engine`` is Piccolo's."""

    def __init__(self, dialect: Dialect, url: str) -> None:
        self.dialect: Dialect = dialect
        self.url = url
        self.engine: Engine[Any]
        self.backend: Backend

    @classmethod
    async def open(cls, url: str, *, pool_size: int = 10) -> Database:
        """Open ``sqlite:///file`` or ``postgresql://…`` and make it this process' current database.

        ``pool_size`` is PostgreSQL's number of connections at most. Raises ValueError for another kind of URL.
        """
        scheme = urlsplit(url).scheme
        if scheme == "sqlite":
            from core.db.sqlite import SQLite  # noqa: PLC0415 -- imports this module in turn

            database = cls("sqlite", url)
            database.engine = database.backend = await SQLite.started(database, sqlite_path(url))
        elif scheme in {"postgresql", "postgres"}:
            from core.db.postgres import Postgres  # noqa: PLC0415 -- imports this module in turn

            database = cls("postgres", url)
            database.engine = database.backend = await Postgres.started(database, url, pool_size)
        else:
            message = f"a database is sqlite:///file or postgresql://host/name, not {scheme or 'an empty address'}"
            raise ValueError(message)
        _open.append(database)
        return database

    async def close(self) -> None:
        """Close it; the one opened before becomes current again, if any."""
        if self in _open:
            _open.remove(self)
            await self.backend.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def sqlite_path(url: str) -> Path:
    """The file of ``sqlite:///relative`` or ``sqlite:////absolute``. Raises ValueError for an in-memory one."""
    path = unquote(urlsplit(url).path)[1:]
    if not path or ":memory:" in path:
        message = "sqlite needs a file (sqlite:///folder/name.sqlite): readers and the writer are separate connections"
        raise ValueError(message)
    return Path(path)


def current() -> Database:
    """The database opened last. Raises NoDatabaseError if there is none."""
    if not _open:
        raise NoDatabaseError("no database is open; Database.open(url) first")
    return _open[-1]


class request_scope:  # noqa: N801 -- reads like the function it is used as
    """``async with request_scope(tenant=…):`` around a request, a piece of work, a command.

    PostgreSQL: one connection and one transaction, begun at the first statement, as a role that row-level security
    binds to ``tenant`` (None: it sees no tenant's rows; ``bypass=True``: the owner, all rows). Commits on a clean
    exit, rolls back on an exception. SQLite: reads inline; what must be one thing needs ``transaction()``.
    """

    __slots__ = ("_bypass", "_counting", "_entered", "_tenant", "scope")

    def __init__(self, *, tenant: uuid.UUID | None = None, bypass: bool = False) -> None:
        self._tenant = tenant
        self._bypass = bypass

    async def __aenter__(self) -> Scope:
        database = current()
        scopes.refuse_in_transaction(database, "request_scope()")
        self.scope = Scope(database, self._tenant, bypass=self._bypass)
        self._entered = scopes.entered(self.scope)
        self._entered.__enter__()
        self._counting = count_queries()
        self._counting.__enter__()
        return self.scope

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        scope = self.scope
        try:
            await scope.database.backend.finish(scope, commit=kind is None)
        finally:
            scope.open = False
            self._counting.__exit__(None, None, None)
            self._entered.__exit__(None, None, None)
        if kind is None:
            await run_callbacks(scope.callbacks)


def current_scope() -> Scope:
    """The scope around here. Raises TransactionError if there is none."""
    scope = scopes.scope_of(current())
    if scope is None:
        raise TransactionError("no request_scope() around this")
    return scope


def set_request_tenant(tenant: uuid.UUID | None) -> None:
    """From the next statement on, row-level security shows this tenant's rows (the host has been looked up)."""
    current_scope().tenant = tenant


async def commit_request() -> None:
    """Commit the request's work now, before the first byte of the answer. Later statements begin anew."""
    scope = current_scope()
    scopes.refuse_in_transaction(scope.database, "commit_request()")
    await scope.database.backend.finish(scope, commit=True)
    await run_callbacks(scope.callbacks)


async def rollback_request() -> None:
    """Undo the request's work: for error pages made by a handler, which no exception leaves."""
    scope = current_scope()
    scopes.refuse_in_transaction(scope.database, "rollback_request()")
    scope.callbacks.clear()
    await scope.database.backend.finish(scope, commit=False)


def compiled(sql: str | QueryString | Query[Any, Any], args: Sequence[Any] = ()) -> tuple[str, list[Any]]:
    """SQL text and values for the current database; ``{}`` marks a value."""
    if isinstance(sql, Query):
        sql._validate()  # noqa: SLF001 -- Piccolo has no public way
        (sql,) = sql.querystrings
    dialect = current().dialect
    if isinstance(sql, QueryString):
        return sql.compile_string(engine_type=dialect)
    if any(isinstance(arg, (QueryString, Column)) for arg in args):
        return QueryString(sql, *args).compile_string(engine_type=dialect)
    return _text(sql, len(args), dialect), list(args)


@lru_cache(maxsize=2_048)
def _text(sql: str, values: int, dialect: Dialect) -> str:
    """SQL text for a database; putting it together takes as long as running a short statement."""
    text, _ = QueryString(sql, *[None] * values).compile_string(engine_type=dialect)
    return text


async def fetch(sql: str | QueryString, *args: Any) -> list[Row]:
    """Run hand-written SQL, ``{}`` for each value, and return the rows.

    No tenant is added: the caller scopes it.
    """
    text, values = compiled(sql, args)
    return await current().backend.rows(text, values)


async def fetch_raw(sql: str | QueryString, *args: Any) -> list[Row]:
    """As ``fetch``, with values as the driver gives them (SQLite: ids and times as text), where few are needed."""
    text, values = compiled(sql, args)
    return await current().backend.rows(text, values, typed=False)


async def fetch_one(sql: str | QueryString, *args: Any) -> Row | None:
    """As ``fetch``, but the first row or None."""
    rows = await fetch(sql, *args)
    return rows[0] if rows else None


def for_update() -> str:
    """Return the row lock to end a ``select`` with before changing its rows; SQLite has locked in ``transaction()``."""
    return " FOR UPDATE" if current().dialect == "postgres" else ""


async def hold_row(table: str, id: uuid.UUID | None) -> None:
    """Hold a row until the transaction ends: of two that decide by what it says, the second sees what the first did."""
    if current().dialect == "postgres":  # SQLite has locked in ``transaction()``
        await fetch(f'SELECT id FROM "{table}" WHERE id = {{}} FOR UPDATE', id)  # noqa: S608 -- the name of one of our tables


async def execute(sql: str | QueryString, *args: Any) -> int:
    """Run hand-written SQL; how many rows it touched."""
    text, values = compiled(sql, args)
    return await current().backend.affected(text, values)


async def stream(sql: str | QueryString | Query[Any, Any], *args: Any, size: int = 500) -> AsyncIterator[list[Row]]:
    """Read rows in portions of ``size``, memory flat; on SQLite in a thread."""
    text, values = compiled(sql, args)
    async for rows in current().backend.batches(text, values, size):
        yield rows


@asynccontextmanager
async def opened(url: str, *, pool_size: int = 10) -> AsyncIterator[Database]:
    """Open a database for a block."""
    database = await Database.open(url, pool_size=pool_size)
    try:
        yield database
    finally:
        await database.close()


class Batch:
    """Piccolo's ``async with await query.batch() as batch: async for rows in batch``, reading as ``stream`` does."""

    def __init__(self, query: Query[Any, Any], size: int) -> None:
        self._query = query
        self._size = size

    async def __aenter__(self) -> Self:
        self._rows = stream(self._query, size=self._size)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._rows.aclose()  # type: ignore[attr-defined]  # Piccolo's engines and ours differ here

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Row]:
        rows: list[Row] = await self._query._process_results(await anext(self._rows))  # noqa: SLF001 -- Piccolo has no public way
        return rows
