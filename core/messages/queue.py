"""
Work for later: put down in the transaction of what caused it, done at least once, by any worker, on both databases.

A worker takes a lease; if it dies, the lease runs out and another one takes the work. `attempts` is the fence: who lost
the lease meanwhile cannot mark the work as done.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID
from weakref import WeakSet

import msgspec

from core.clock import now
from core.db import after_commit, current, fetch, transaction
from core.messages.queue_tables import QueueItem
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping, Sequence

LEASE = timedelta(seconds=60)
"""How long a worker may be silent before others take its work; it renews the lease while it works."""

BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600))
"""How long to wait after the first, second … failure. One more failure, and the work is given up."""

_JITTER = 0.2
_LONGEST_ERROR = 500

# The subselect is locked on PostgreSQL, so that workers never wait for each other; SQLite has one writer.
_LEASE = """
UPDATE queue SET leased_until = {{}}, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM queue
    WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= {{}} AND (leased_until IS NULL OR leased_until < {{}})
      AND kind IN ({kinds})
    ORDER BY run_at, id LIMIT {{}} {lock}
) AND done_at IS NULL AND (leased_until IS NULL OR leased_until < {{}})
RETURNING id, kind, payload, tenant, attempts
"""
_DUE = """
SELECT id FROM queue
WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= {} AND (leased_until IS NULL OR leased_until < {})
LIMIT 1
"""


class PermanentError(Exception):
    """Trying again would not help: the work is given up at once."""


class PostponeError(Exception):
    """Not yet: comes back after *delay*, and this was no failure."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"not before {delay}")
        self.delay = delay


class LeaseLostError(Exception):
    """Another worker has this work: what was done here in the transaction is undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A piece of work as its handler gets it."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    tenant: UUID | None
    attempts: int


Handle: TypeAlias = "Callable[[Work], Awaitable[None]]"
GaveUp: TypeAlias = "Callable[[Work, str], Awaitable[None]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """
    What does the work of one kind.

    `atomic`: the handler and the mark "done" are one transaction, so its effects in the database happen exactly once.
    `gave_up` is called in the transaction that gives the work up.
    """

    run: Handle
    atomic: bool = True
    gave_up: GaveUp | None = None


_handlers: dict[str, Handler] = {}


def work(kind: str, *, atomic: bool = True, gave_up: GaveUp | None = None) -> Callable[[Handle], Handle]:
    """
    Make the decorated function do the work of *kind*, in the tenant's scope as the worker.

    Not *atomic*: it talks to somebody outside, who does not roll back; it may run twice and must bear that.

    Raises:
        ValueError: somebody does this kind already.

    """

    def register(run: Handle) -> Handle:
        known = _handlers.get(kind)
        if known is not None and known.run.__qualname__ != run.__qualname__:
            message = f"work of kind {kind!r} is done by {known.run.__qualname__} already"
            raise ValueError(message)
        _handlers[kind] = Handler(run=run, atomic=atomic, gave_up=gave_up)
        return run

    return register


def handler_of(kind: str) -> Handler:
    """Return who does the work of *kind*; KeyError if nobody."""
    return _handlers[kind]


# -- links in mails: the accounts, a layer below mail, make them at the moment of sending ------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLink:
    """A secret link: its path on the portal, made for one mail, and until when it works; a code that goes with it."""

    path: str = field(repr=False)
    expires_at: datetime | None = None
    code: str = field(repr=False, default="")


Maker: TypeAlias = "Callable[..., Awaitable[MailLink | None]]"
_makers: dict[str, Maker] = {}


def mail_link(template: str) -> Callable[[Maker], Maker]:
    """
    Make the decorated function supply the link of account mails of *template*.

    It takes `person`, `to` and `facts`, runs in a transaction when the mail is about to be sent, so that no token is
    ever stored or logged, and returns None where the mail is no longer wanted.
    """

    def register(make: Maker) -> Maker:
        _makers[template] = make
        return make

    return register


def link_maker(template: str) -> Maker | None:
    """Return who makes the links of *template*, or None for mails without one."""
    return _makers.get(template)


# -- putting work down -------------------------------------------------------------------------------------------------


async def enqueue(
    *,
    kind: str,
    payload: Mapping[str, Any],
    tenant: UUID | None,
    once_key: str | None = None,
    run_at: datetime | None = None,
    id: UUID | None = None,
) -> UUID | None:
    """
    Put work down in the current transaction; the worker wakes when that is committed.

    Returns its id, or None where work with this *once_key* is there already, done or not.
    """
    item = QueueItem(
        kind=kind,
        payload=msgspec.json.encode(payload).decode(),
        tenant=tenant,
        once_key=once_key,
        run_at=run_at or now(),
        created_at=now(),
    )
    if id is not None:
        item.id = id
    async with transaction():
        insert = QueueItem.insert(item)
        if once_key is not None:
            insert = insert.on_conflict(target=QueueItem.once_key, action="DO NOTHING")
        added = await insert
        if not added:
            return None
        after_commit(wake_workers)
    return as_uuid(item.id)


_wakers: WeakSet[asyncio.Event] = WeakSet()


def wake_on_work(event: asyncio.Event) -> None:
    """Set *event*, as long as somebody holds it, whenever work comes in through this process."""
    _wakers.add(event)


def wake_workers() -> None:
    """Wake the workers of this process."""
    for event in list(_wakers):
        event.set()


# -- taking and finishing it -------------------------------------------------------------------------------------------


async def lease(limit: int = 1, *, kinds: Sequence[str] | None = None) -> list[Work]:
    """Take up to *limit* pieces of due work that this process knows how to do."""
    known = sorted(_handlers if kinds is None else kinds)
    moment = now()
    if not known or not await fetch(_DUE, moment, moment):
        return []
    sql = _LEASE.format(
        kinds=", ".join(["{}"] * len(known)),
        lock="FOR UPDATE SKIP LOCKED" if current().dialect == "postgres" else "",
    )
    async with transaction():
        rows = await fetch(sql, moment + LEASE, moment, moment, *known, limit, moment)
    taken = [
        Work(
            id=as_uuid(row["id"]),
            kind=row["kind"],
            payload=msgspec.json.decode(row["payload"]),
            tenant=as_uuid(row["tenant"]) if row["tenant"] is not None else None,
            attempts=row["attempts"],
        )
        for row in rows
    ]
    return sorted(taken, key=lambda found: found.id)


def _held(item: Work) -> Any:
    return (
        (QueueItem.id == item.id)
        & (QueueItem.attempts == item.attempts)
        & QueueItem.done_at.is_null()
        & QueueItem.failed_at.is_null()
    )


async def _mark(item: Work, values: dict[Any, Any]) -> bool:
    changed = await QueueItem.update(values).where(_held(item)).returning(QueueItem.id)
    return bool(changed)


async def renew(item: Work) -> bool:
    """Hold the lease for longer; False if it is lost."""
    async with transaction():
        return await _mark(item, {QueueItem.leased_until: now() + LEASE})


async def finish(item: Work) -> None:
    """
    Mark as done, in the current transaction.

    Raises:
        LeaseLostError: another worker has it.

    """
    if not await _mark(item, {QueueItem.done_at: now(), QueueItem.leased_until: None, QueueItem.error: None}):
        raise LeaseLostError


async def release(item: Work, *, delay: timedelta = timedelta(0)) -> None:
    """Give it back without counting an attempt: shutdown, or not yet."""
    await _mark(
        item,
        {QueueItem.leased_until: None, QueueItem.run_at: now() + delay, QueueItem.attempts: item.attempts - 1},
    )


async def fail(item: Work, error: str, *, permanent: bool = False) -> bool:
    """Note the failure; come back later, or give up for good. True if it was given up."""
    words = error[:_LONGEST_ERROR]
    if not permanent and item.attempts <= len(BACKOFF):
        wait = BACKOFF[item.attempts - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 -- spreads retries
        await _mark(item, {QueueItem.leased_until: None, QueueItem.run_at: now() + wait, QueueItem.error: words})
        return False
    return await _mark(item, {QueueItem.leased_until: None, QueueItem.failed_at: now(), QueueItem.error: words})


async def retry(item: UUID) -> bool:
    """Let work that was given up run again, from its first attempt. False if it is not given up."""
    values: dict[Any, Any] = {QueueItem.failed_at: None, QueueItem.attempts: 0, QueueItem.run_at: now()}
    async with transaction():
        changed = (
            await QueueItem.update(values)
            .where((QueueItem.id == item) & QueueItem.failed_at.is_not_null())
            .returning(QueueItem.id)
        )
        after_commit(wake_workers)
    return bool(changed)
