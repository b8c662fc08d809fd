"""Transactions: one shape for both databases, nested ones are real savepoints."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from piccolo.engine.base import BaseTransaction

from core.db import database as databases
from core.db import scope as scopes
from core.db.errors import NestedAutonomousError, TransactionFailedError, is_retryable
from core.db.scope import Callback, log, settled

if TYPE_CHECKING:
    from core.db.convert import Row
    from core.db.database import Database

T = TypeVar("T")
_SWALLOWED = "a statement failed inside this transaction and its error was swallowed; wrap what may fail in its own "


class Running(ABC):
    """An open outermost transaction. Each database brings its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.task = asyncio.current_task()
        self.open = True
        self.failed = False
        self.callbacks: list[Callback] = []
        self._savepoints = 0

    def savepoint_name(self) -> str:
        """A name not used before in this transaction."""
        self._savepoints += 1
        return f"portico_{self._savepoints}"

    def refuse_if_failed(self) -> None:
        """Raise TransactionFailedError once a statement has failed: PostgreSQL would, so SQLite does."""
        if self.failed:
            raise TransactionFailedError(_SWALLOWED + "transaction()")

    @abstractmethod
    async def rows(self, sql: str, args: list[Any]) -> list[Row]:
        """Run a statement inside."""

    @abstractmethod
    async def control(self, sql: str) -> None:
        """SAVEPOINT, RELEASE, ROLLBACK TO."""

    @abstractmethod
    async def commit(self) -> None:
        """Commit and give the connection back, whatever happens."""

    @abstractmethod
    async def rollback(self) -> None:
        """Roll back and give the connection back, whatever happens. Raises nothing but cancellation."""

    async def run_callbacks(self) -> None:
        """After the commit."""
        await scopes.run_callbacks(self.callbacks)


class Transaction(BaseTransaction):
    """``async with transaction():`` outermost or savepoint, decided on entering."""

    __slots__ = ("_apart", "_before", "_callbacks", "_database", "_name", "_running")

    def __init__(self, database: Database, *, apart: bool = False) -> None:
        self._database = database
        self._apart = apart
        self._name: str | None = None
        self._before: Running | None = None
        self._callbacks = 0

    async def __aenter__(self) -> Self:
        outer = scopes.running_of(self._database)
        if outer is None:
            self._running = await self._database.backend.begin(apart=self._apart)
            self._before = scopes.set_running(self._running)
            return self
        if self._apart:
            raise NestedAutonomousError("autonomous() inside transaction()")
        outer.refuse_if_failed()
        self._running = outer
        self._name = outer.savepoint_name()
        self._callbacks = len(outer.callbacks)
        await outer.control(f"SAVEPOINT {self._name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        swallowed = kind is None and self._running.failed
        if self._name is None:
            await self._end(good=kind is None and not swallowed)
        else:
            await self._end_savepoint(self._name, good=kind is None and not swallowed)
        if swallowed:
            raise TransactionFailedError(_SWALLOWED + "transaction(); rolled back")
        return False

    async def _end(self, *, good: bool) -> None:
        running = self._running
        running.open = False
        scopes.set_running(self._before)
        if good:
            await running.commit()
            await running.run_callbacks()
        else:
            await running.rollback()

    async def _end_savepoint(self, name: str, *, good: bool) -> None:
        running = self._running
        if good:
            try:
                await settled(running.control(f"RELEASE SAVEPOINT {name}"))
            except BaseException:
                running.failed = True
                raise
            return
        del running.callbacks[self._callbacks :]
        try:
            await settled(self._undo(name))
        except Exception:  # noqa: BLE001 -- logged, and the connection or transaction is given up
            # nothing is left to go back to: the whole transaction is lost, and the outermost says so
            running.failed = True
            log.exception("rolling back to a savepoint failed")

    async def _undo(self, name: str) -> None:
        await self._running.control(f"ROLLBACK TO SAVEPOINT {name}")
        await self._running.control(f"RELEASE SAVEPOINT {name}")
        self._running.failed = False


def transaction() -> Transaction:
    """All of the block or nothing. Nested it is a savepoint: an error caught around it undoes the inner part only."""
    return Transaction(databases.current())


def autonomous() -> Transaction:
    """A transaction apart from the request's, same tenant: for marks that must stay when the request fails.

    Raises NestedAutonomousError inside ``transaction()``.
    """
    return Transaction(databases.current(), apart=True)


async def run_transaction(work: Callable[[], Awaitable[T]], *, attempts: int = 5) -> T:
    """Run ``work`` in a transaction; again if the database was busy or the transaction collided (40001, 40P01).

    Inside a transaction it is a savepoint and tried once: the outermost has to start over.
    """
    database = databases.current()
    if scopes.running_of(database) is not None:
        attempts = 1
    for attempt in range(1, attempts + 1):
        try:
            async with Transaction(database):
                return await work()
        except Exception as error:
            if attempt == attempts or not is_retryable(error):
                raise
            await asyncio.sleep(random.uniform(0.2, 1) * 0.01 * 2**attempt)  # noqa: S311 -- spreads retries
    raise AssertionError  # pragma: no cover -- the last attempt returns or raises


def after_commit(callback: Callback) -> None:
    """Call it (function or coroutine function) once what is being done here is committed; never if it is not."""
    database = databases.current()
    if (running := scopes.running_of(database)) is not None:
        running.callbacks.append(callback)
    elif (scope := scopes.scope_of(database)) is not None:
        scope.callbacks.append(callback)
    else:
        message = "after_commit() outside a transaction or request_scope()"
        raise RuntimeError(message)
