"""
The stream of what happened: written once, in the transaction of the change, read by audit log, bell, mail and webhooks.

Bulk verbs write ONE activity with a digest of what they touched. Nobody sends mail by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from core.db import after_commit, transaction, uuid7
from core.people.actor import Actor, ActorKind, actor_or_none
from core.records.tables import Activity
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from core.records.base import CustomerRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened, in core words: what modules hear through `on_activity`."""

    id: UUID
    kind: str
    by_kind: str
    by: UUID | None = None
    record_kind: str | None = None
    record: UUID | None = None
    customer: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


_listeners: list[Callable[[], None]] = []


def on_written(listener: Callable[[], None]) -> None:
    """Have *listener* called after each commit that wrote activities: the worker wakes up by it."""
    _listeners.append(listener)


def _wake() -> None:
    for listener in _listeners:
        listener()


async def write_activity(
    *,
    kind: str,
    by: Actor | None = None,
    record: tuple[str, CustomerRecord] | None = None,
    customer: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> Happening:
    """
    Write down that *kind* happened, and let the modules that are on for the tenant hear of it.

    *record* is its kind and the loaded record; its customer is taken from it. *data* holds facts for sentences: texts,
    numbers, ISO dates. Without *by* the current actor counts, without one the worker.

    Raises:
        ValueError: no module declares *kind*.

    """
    if kind not in registry().activity_kinds:
        message = f"activity kind {kind!r} is not declared by any module"
        raise ValueError(message)
    actor = by or actor_or_none()
    subject = record[1] if record else None
    happening = Happening(
        id=uuid7(),
        kind=kind,
        by_kind=actor.kind.value if actor else ActorKind.WORKER.value,
        by=actor.person if actor else None,
        record_kind=record[0] if record else None,
        record=subject.id if subject else None,
        customer=customer or (_id(subject.customer) if subject else None),
        data=data or {},
    )
    async with transaction():
        await Activity.insert(
            Activity(
                id=happening.id,
                kind=happening.kind,
                by_kind=happening.by_kind,
                by=happening.by,
                record_kind=happening.record_kind,
                record=happening.record,
                customer=happening.customer,
                data=msgspec.json.encode(happening.data).decode(),
            )
        )
        await _tell_modules("on_activity", activity=happening)
    after_commit(_wake)
    return happening


async def _tell_modules(hook: str, **facts: Any) -> None:
    tenant = await load_snapshot(current_tenant_id())
    on = tenant.modules()
    for implementation in getattr(registry().manager.hook, hook).get_hookimpls():
        owner = implementation.plugin_name
        if owner in on or owner.split(".", 1)[0] == CORE:
            await implementation.function(**{name: facts[name] for name in implementation.argnames})


def _id(value: Any) -> UUID:
    return getattr(value, "id", value)  # type: ignore[no-any-return]  # Piccolo types foreign keys loosely
