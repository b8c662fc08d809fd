"""A transaction on PostgreSQL: one of its own, or a savepoint in the request's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
from typing_extensions import override

from core.db import scope as scopes
from core.db.convert import Row
from core.db.errors import translated_postgres
from core.db.postgres_session import Session
from core.db.scope import Scope
from core.db.transactions import Running

if TYPE_CHECKING:
    from core.db.database import Database

T = TypeVar("T")


class PostgresRunning(Running):
    """A transaction of its own, or a savepoint in the request's."""

    def __init__(self, database: Database, scope: Scope, *, own: bool) -> None:
        super().__init__(database)
        self._scope = scope
        self._own = own
        self._name = ""

    @property
    def session(self) -> Session:
        """The connection's keeper."""
        session: Session = self._scope.session
        return session

    async def start(self) -> None:
        """Wait for sister tasks of this request, then begin."""
        await self.session.turn.acquire()
        try:
            await self.session.ready(bypass=scopes.bypassing(self._scope))
            if not self._own:
                self._name = self.session.savepoint_name()
                await self.session.control(f"SAVEPOINT {self._name}")
        except BaseException:
            if self._own:
                await self.session.finish(commit=False)
            self.session.turn.release()
            raise

    async def run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Work with the connection. A failed statement fails the transaction."""
        self.refuse_if_failed()
        try:
            return await self.session.run(work, bypass=scopes.bypassing(self._scope))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            self.failed = True
            raise translated_postgres(error) if isinstance(error, asyncpg.PostgresError) else error from error

    @override
    async def rows(self, sql: str, args: Sequence[Any]) -> list[Row]:
        return await self.run(lambda connection: fetched(connection, sql, args))

    @override
    async def control(self, sql: str) -> None:
        await self.session.control(sql)

    @override
    async def commit(self) -> None:
        try:
            if self._own:
                await self.session.finish(commit=True)
            else:
                await scopes.settled(self.session.control(f"RELEASE SAVEPOINT {self._name}"))
                self._scope.callbacks.extend(self.callbacks)
                self.callbacks.clear()
        finally:
            self._end()

    @override
    async def rollback(self) -> None:
        try:
            if self._own:
                await self.session.finish(commit=False)
            else:
                await scopes.settled(self.session.undo(self._name))
        finally:
            self._end()

    def _end(self) -> None:
        if self._own:
            self._scope.open = False
        self.session.turn.release()


async def fetched(connection: Any, sql: str, args: Sequence[Any]) -> list[Row]:
    """All rows as dicts."""
    return [dict(record) for record in await connection.fetch(sql, *args)]
