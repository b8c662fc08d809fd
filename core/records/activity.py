"""
The stream of what happened: written once, in the transaction of the change, read by audit log, bell, mail and webhooks.

Bulk verbs write ONE activity with a digest of what they touched. Nobody sends mail by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from core.db import after_commit, insert_many, transaction, uuid7
from core.people.actor import Actor, ActorKind, actor_or_none
from core.records.tables import Activity, ActivityPart
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from core.records.base import CustomerRecord


PARTS: Final = "parts"
"""The fact of a bulk activity that says how many records it is about."""


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
    parts: tuple[tuple[str, UUID], ...] = ()
    """Kind and id of every record, where there are several."""


Part: TypeAlias = "tuple[str, CustomerRecord, Mapping[str, Any]]"
"""A record's kind, the loaded record, and the facts that its own timeline tells."""

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
    parts: Sequence[Part] = (),
) -> Happening:
    """
    Write down that *kind* happened, and let the modules that are on for the tenant hear of it.

    *record* is its kind and the loaded record; its customer is taken from it. *data* holds facts for sentences: texts,
    numbers, ISO dates. Without *by* the current actor counts, without one the worker.

    A bulk verb gives *parts* instead of a record: one activity for all of them, with a digest of their ids; each
    record's timeline tells it, and each person hears once of those that she sees.

    Raises:
        ValueError: no module declares *kind*.

    """
    _require_declared(kind)
    if len(parts) == 1:
        record, data, parts = parts[0][:2], {**parts[0][2], **(data or {})}, ()
    actor = by or actor_or_none()
    subject = record[1] if record else None
    happening = Happening(
        id=uuid7(),
        kind=kind,
        by_kind=actor.kind.value if actor else ActorKind.WORKER.value,
        by=actor.person if actor else None,
        record_kind=record[0] if record else None,
        record=subject.id if subject else None,
        customer=customer or (_id(subject.customer) if subject else _common_customer(parts)),
        data={**(data or {}), **_digest(parts)} if parts else data or {},
        parts=tuple((part[0], part[1].id) for part in parts),
    )
    async with transaction():
        await Activity.insert(Activity(**_row(happening)))
        if parts:
            await insert_many(ActivityPart, [_part(happening.id, part) for part in parts])
        await _tell_modules([happening])
    after_commit(_wake)
    return happening


async def write_many_activities(*, kind: str, facts: Sequence[tuple[UUID | None, Mapping[str, Any]]]) -> None:
    """
    Write down that *kind* happened several times, each with its customer and its facts, as `write_activity()` does.

    Raises:
        ValueError: no module declares *kind*.

    """
    _require_declared(kind)
    actor = actor_or_none()
    happenings = [
        Happening(
            id=uuid7(),
            kind=kind,
            by_kind=actor.kind.value if actor else ActorKind.WORKER.value,
            by=actor.person if actor else None,
            customer=customer,
            data=data,
        )
        for customer, data in facts
    ]
    tenant = current_tenant_id()
    async with transaction():
        await insert_many(Activity, [{"tenant": tenant, **_row(happening)} for happening in happenings])
        await _tell_modules(happenings)
    after_commit(_wake)


def _require_declared(kind: str) -> None:
    if kind not in registry().activity_kinds:
        message = f"activity kind {kind!r} is not declared by any module"
        raise ValueError(message)


def _row(happening: Happening) -> dict[str, Any]:
    return {
        "id": happening.id,
        "kind": happening.kind,
        "by_kind": happening.by_kind,
        "by": happening.by,
        "record_kind": happening.record_kind,
        "record": happening.record,
        "customer": happening.customer,
        "data": msgspec.json.encode(happening.data).decode(),
    }


def _digest(parts: Sequence[Part]) -> dict[str, Any]:
    ids = sorted(str(part[1].id) for part in parts)
    return {PARTS: len(ids), "digest": sha256("\n".join(ids).encode()).hexdigest()}


def _common_customer(parts: Sequence[Part]) -> UUID | None:
    customers = {_id(part[1].customer) for part in parts}
    return customers.pop() if len(customers) == 1 else None


def _part(activity: UUID, part: Part) -> dict[str, Any]:
    kind, record, data = part
    return {
        "id": uuid7(),
        "tenant": current_tenant_id(),
        "activity": activity,
        "record_kind": kind,
        "record": record.id,
        "customer": _id(record.customer),
        "data": msgspec.json.encode(data).decode(),
    }


async def _tell_modules(happenings: Sequence[Happening]) -> None:
    on = (await load_snapshot(current_tenant_id())).modules()
    for implementation in registry().manager.hook.on_activity.get_hookimpls():
        owner = implementation.plugin_name
        if owner in on or owner.split(".", 1)[0] == CORE:
            hear: Any = implementation.function
            for happening in happenings:
                await hear(**dict.fromkeys(implementation.argnames, happening))  # "activity", where it asks for it


def _id(value: Any) -> UUID:
    return getattr(value, "id", value)  # type: ignore[no-any-return]  # Piccolo types foreign keys loosely
