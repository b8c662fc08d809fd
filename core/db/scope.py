"""Where a statement runs: the request's scope, the transaction around it, and whose task that is.

A *scope* is a request, a piece of the worker's work, a command. It knows the tenant for row-level security.
On PostgreSQL it is one connection and one transaction, begun at the first statement; on SQLite it costs nothing.
A *transaction* belongs to the asyncio task that opened it: tasks started inside are refused while it is open.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from core.db import counting
from core.db.errors import TransactionError, TransactionTaskError

if TYPE_CHECKING:
    from core.db.database import Database
    from core.db.transactions import Running

log = logging.getLogger("portico.db")

Callback = Callable[[], Awaitable[object] | object]
T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Scope:
    """One request, job or command. ``session`` is PostgreSQL's connection once there is one."""

    database: Database
    tenant: uuid.UUID | None = None
    bypass: bool = False
    apart: bool = False
    open: bool = True
    callbacks: list[Callback] = field(default_factory=list)
    session: Any = None


_scope: ContextVar[Scope | None] = ContextVar("portico_scope", default=None)
_running: ContextVar[Running | None] = ContextVar("portico_transaction", default=None)
_bypass: ContextVar[bool] = ContextVar("portico_bypass", default=False)
_long: ContextVar[bool] = ContextVar("portico_long_reads", default=False)


def scope_of(database: Database) -> Scope | None:
    """The open scope around here, if it is this database's."""
    scope = _scope.get()
    return scope if scope is not None and scope.open and scope.database is database else None


def running_of(database: Database) -> Running | None:
    """The open transaction around here.

    Raises TransactionTaskError when another task opened it: its statements would mix with ours.
    """
    running = _running.get()
    if running is None or not running.open or running.database is not database:
        return None
    if running.task is not asyncio.current_task():
        message = (
            "this transaction belongs to another asyncio task. Start tasks outside transaction(), or with "
            "create_task(…, context=outside()), so that they have their own"
        )
        raise TransactionTaskError(message)
    return running


def refuse_in_transaction(database: Database, what: str) -> None:
    """Raise TransactionError if a transaction is open around here: on SQLite it would wait for itself."""
    if running_of(database) is not None:
        message = f"{what} inside transaction()"
        raise TransactionError(message)


def bypassing(scope: Scope | None) -> bool:
    """Whether statements here run as the owner, beyond row-level security."""
    return _bypass.get() or (scope is not None and scope.bypass)


def reads_are_long() -> bool:
    """Whether reads here may take their time, in a thread."""
    return _long.get()


@contextmanager
def entered(scope: Scope | None, running: Running | None = None) -> Iterator[None]:
    """Set both for the block. Restores by value: fixtures leave in another context than they came in."""
    before, ran = _scope.get(), _running.get()
    _scope.set(scope)
    _running.set(running)
    try:
        yield
    finally:
        _scope.set(before)
        _running.set(ran)


def set_running(running: Running | None) -> Running | None:
    """Make it the transaction around here; returns the one before."""
    before = _running.get()
    _running.set(running)
    return before


@contextmanager
def bypass_row_security() -> Iterator[None]:
    """PostgreSQL: statements of the block run as the owner, beyond the policies.

    For look-ups before the tenant is known, migrations, worker and CLI; ``unscoped()`` of core.tenancy uses it.
    """
    before = _bypass.get()
    _bypass.set(True)
    try:
        yield
    finally:
        _bypass.set(before)


@contextmanager
def long_reads() -> Iterator[None]:
    """
    Reads of the block may be of very many rows: exports, wide searches, what staff counts.

    SQLite runs them in a thread, so that they do not hold the loop; PostgreSQL plans them for their own values.
    """
    before = _long.get()
    _long.set(True)
    try:
        yield
    finally:
        _long.set(before)


def outside() -> Context:
    """A context without scope and transaction: ``create_task(work(), context=outside())``."""
    context = copy_context()
    for variable, value in ((_scope, None), (_running, None), (_bypass, False), (_long, False)):
        context.run(variable.set, value)  # type: ignore[arg-type]  # each variable with a value of its own type
    context.run(counting.forget)
    return context


async def run_callbacks(callbacks: list[Callback]) -> None:
    """Call what waited for the commit. It is committed: a callback's error is logged, not raised."""
    waiting, callbacks[:] = list(callbacks), []
    for callback in waiting:
        try:
            result = callback()
            if inspect.isawaitable(result):
                await result
        except Exception:
            log.exception("after_commit callback failed")


async def settled(awaitable: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
    """Wait to the end even if this task is cancelled meanwhile; then let the cancellation through."""
    future = asyncio.ensure_future(awaitable)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError as error:
            if future.cancelled():
                raise
            cancelled = error
        except Exception:  # noqa: BLE001, S110 -- result() below raises it
            pass
    result = future.result()
    if cancelled is not None:
        raise cancelled
    return result
