"""One piece of work from lease to mark: its scope, its transaction, and what becomes of an error."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from core.db import commit_request, request_scope, transaction
from core.messages.queue import (
    BACKOFF,
    LEASE,
    LeaseLostError,
    PermanentError,
    PostponeError,
    Work,
    fail,
    finish,
    handler_of,
    release,
    renew,
)
from core.people.actor import Actor, ActorKind, acting_as
from core.tenancy.scope import tenant_scope
from core.tenancy.snapshot import TenantSnapshot, load_snapshot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

log = logging.getLogger("portico.worker")

MOST_ATTEMPTS = len(BACKOFF) + 1
"""Beyond this many, attempts did not even fail: whoever made them died."""


@asynccontextmanager
async def working_for(tenant: UUID) -> AsyncIterator[TenantSnapshot]:
    """Run the block for *tenant* as the worker: scope, database transaction of the scope, actor."""
    with tenant_scope(tenant):
        async with request_scope(tenant=tenant):
            snapshot = await load_snapshot(tenant)
            with acting_as(Actor(kind=ActorKind.WORKER, tenant=snapshot, modules=snapshot.modules())):
                yield snapshot


@asynccontextmanager
async def _scope_of(item: Work) -> AsyncIterator[None]:
    if item.tenant is None:
        with acting_as(None):
            async with request_scope(tenant=None):
                yield
    else:
        async with working_for(item.tenant):
            yield


async def run_item(item: Work) -> None:
    """Do one piece of leased work. Its errors end up in the queue, never here; cancelling gives the work back."""
    beat = asyncio.create_task(_keep_lease(item))
    try:
        await _attempt(item)
    except asyncio.CancelledError:
        async with request_scope(tenant=None), transaction():
            await release(item)
        raise
    except PostponeError as later:
        async with request_scope(tenant=None), transaction():
            await release(item, delay=later.delay)
    except LeaseLostError:
        log.warning("work %s (%s) was taken over by another worker", item.id, item.kind)
    except Exception as error:  # noqa: BLE001 -- whatever a handler raises is noted and tried again
        log.warning("work %s (%s) failed at attempt %s: %s", item.id, item.kind, item.attempts, type(error).__name__)
        await _note_failure(item, error)
    finally:
        beat.cancel()
        with suppress(asyncio.CancelledError):
            await beat


async def _attempt(item: Work) -> None:
    if item.attempts > MOST_ATTEMPTS:
        message = f"begun {item.attempts - 1} times and never ended: it may have brought its worker down each time"
        raise PermanentError(message)
    handler = handler_of(item.kind)
    async with _scope_of(item):
        if handler.atomic:
            async with transaction():
                await handler.run(item)
                await finish(item)
            return
        await handler.run(item)
        await commit_request()
        async with transaction():
            await finish(item)


async def _note_failure(item: Work, error: Exception) -> None:
    words = f"{type(error).__name__}: {error}"
    async with _scope_of(item), transaction():
        gave_up = await fail(item, words, permanent=isinstance(error, PermanentError))
        told = handler_of(item.kind).gave_up
        if gave_up and told is not None:
            await told(item, str(error) or type(error).__name__)


async def _keep_lease(item: Work) -> None:
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 3)
        try:
            async with request_scope(tenant=None):
                if not await renew(item):
                    return
        except Exception:
            log.exception(
                "the lease of work %s (%s) could not be renewed; once more before it runs out", item.id, item.kind
            )
