"""
The chain over a tenant's activities: whatever is changed, deleted, swapped or cut off afterwards shows.

Each link's hash covers the one before:

    hash = SHA-256(previous ‖ canonical JSON of the activity with its sequence)

The worker chains, one writer at a time per tenant. The head is kept apart (`chain_head`), and checkpoints are exported
to a file outside the database: whoever can rewrite the whole database cannot rewrite those.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from core.clock import now
from core.config import settings
from core.db import current, fetch, fetch_one, long_reads, transaction
from core.records.tables import ChainHead
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

log = logging.getLogger("portico.audit")

START = "0" * 64
"""What the first link has before it."""

BATCH = 200
"""Activities chained in one transaction."""

_PORTION = 5_000
_COLUMNS = 'id, "at", kind, by_kind, "by", record_kind, record, customer, data, sequence, previous, hash'
_UNCHAINED = f"SELECT {_COLUMNS} FROM activity WHERE tenant = {{}} AND sequence IS NULL ORDER BY id LIMIT {{}}"  # noqa: S608 -- no input
_LINKS = f"SELECT {_COLUMNS} FROM activity WHERE tenant = {{}} AND sequence > {{}} ORDER BY sequence LIMIT {{}}"  # noqa: S608 -- no input
_LINK = "UPDATE activity SET sequence = {}, previous = {}, hash = {} WHERE tenant = {} AND id = {} AND sequence IS NULL"

_sorted = msgspec.json.Encoder(order="sorted")


class Flaw(StrEnum):
    """What is wrong at a place of the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    UNLINKED = "unlinked"
    CUT_OFF = "cut_off"
    OFF_CHECKPOINT = "off_checkpoint"
    FORGED_CHECKPOINT = "forged_checkpoint"


@dataclass(frozen=True, slots=True)
class Problem:
    """A place where the chain does not hold."""

    sequence: int
    flaw: Flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What checking a tenant's chain gave: how many links it has, and what is wrong."""

    links: int
    problems: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _instant(value: Any) -> str:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).isoformat(
        timespec="microseconds"
    )


def canonical(tenant: UUID, row: Mapping[str, Any], sequence: int) -> bytes:
    """Return an activity as the bytes that are hashed: the same on both databases."""
    facts = {
        "tenant": str(tenant),
        "sequence": sequence,
        "id": str(row["id"]),
        "at": _instant(row["at"]),
        "kind": row["kind"],
        "by_kind": row["by_kind"],
        "by": _text(row["by"]),
        "record_kind": row["record_kind"],
        "record": _text(row["record"]),
        "customer": _text(row["customer"]),
        "data": msgspec.json.decode(row["data"]),
    }
    return _sorted.encode(facts)


def link_hash(previous: str, content: bytes) -> str:
    """Return the hash of a link."""
    return hashlib.sha256(previous.encode() + content).hexdigest()


async def _lock(tenant: UUID) -> None:
    """Let one transaction chain a tenant at a time; SQLite's writer is alone anyway."""
    if current().dialect == "postgres":
        await fetch("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"portico:chain:{tenant}")


async def chain_new(limit: int = BATCH) -> list[UUID]:
    """
    Chain what has been written since, in the current transaction or its own, and return the ids in order.

    At most *limit*; as many returned means there may be more.
    """
    tenant = current_tenant_id()
    async with transaction():
        await _lock(tenant)
        rows = await fetch(_UNCHAINED, tenant, limit)
        if not rows:
            return []
        head = await ChainHead.objects().first()
        sequence, previous = (head.sequence, head.hash) if head else (0, START)
        for row in rows:
            sequence += 1
            own = link_hash(previous, canonical(tenant, row, sequence))
            await fetch(_LINK, sequence, previous, own, tenant, row["id"])
            previous = own
        if head is None:
            await ChainHead.insert(ChainHead(sequence=sequence, hash=previous, at=now()))
        else:
            values: dict[Any, Any] = {ChainHead.sequence: sequence, ChainHead.hash: previous, ChainHead.at: now()}
            await ChainHead.update(values).where(ChainHead.id == head.id)
    return [as_uuid(row["id"]) for row in rows]


async def _links(tenant: UUID) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    after = -(2**31)
    while True:
        with long_reads():
            rows = await fetch(_LINKS, tenant, after, _PORTION)
        if not rows:
            return
        yield rows
        after = rows[-1]["sequence"]


async def verify(checkpoints: Iterable[str] = ()) -> Verification:
    """Check the chain of the tenant in scope against itself, its head, and exported *checkpoints* (their lines)."""
    tenant = current_tenant_id()
    expected, problems = _expected(tenant, checkpoints)
    sequence, previous, count = 0, START, 0
    async for rows in _links(tenant):
        for row in rows:
            count += 1
            if row["sequence"] != sequence + 1:
                problems.append(Problem(sequence + 1, Flaw.MISSING))
            sequence = row["sequence"]
            if row["previous"] != previous:
                problems.append(Problem(sequence, Flaw.UNLINKED))
            if row["hash"] != _hash_or_none(tenant, row, sequence):
                problems.append(Problem(sequence, Flaw.CHANGED))
            previous = row["hash"]
            if sequence in expected and expected.pop(sequence) != previous:
                problems.append(Problem(sequence, Flaw.OFF_CHECKPOINT))
    head = await fetch_one("SELECT sequence, hash FROM chain_head WHERE tenant = {}", tenant)
    kept = (head["sequence"], head["hash"]) if head else (0, START)
    if kept != (sequence, previous):
        problems.append(Problem(max(kept[0], sequence), Flaw.CUT_OFF))
    problems.extend(Problem(place, Flaw.OFF_CHECKPOINT) for place in sorted(expected))
    return Verification(links=count, problems=tuple(problems))


async def check_chain() -> Verification:
    """Check the chain of the tenant in scope with its exported checkpoints, and keep what came of it for the log."""
    result = await verify(exported_checkpoints())
    broken = min((problem.sequence for problem in result.problems), default=None)
    values: dict[Any, Any] = {
        ChainHead.checked_to: result.links if broken is None else max(broken - 1, 0),
        ChainHead.checked_at: now(),
        ChainHead.broken_at: broken,
    }
    async with transaction():
        await ChainHead.update(values).where(ChainHead.tenant == current_tenant_id())
    if broken is not None:
        log.error("audit_chain_broken tenant=%s at=%s", current_tenant_id(), broken)
    return result


async def check_and_export() -> None:
    """Check the chain, then export today's checkpoint: the daily work of the log."""
    await check_chain()
    await export_checkpoint()


def _hash_or_none(tenant: UUID, row: Mapping[str, Any], sequence: int) -> str | None:
    try:
        return link_hash(str(row["previous"]), canonical(tenant, row, sequence))
    except (msgspec.DecodeError, ValueError):
        return None  # what was written over it is no JSON, or no time


# -- checkpoints: lines that leave the database ------------------------------------------------------------------------


def _seal(text: str, key: str) -> str:
    return hmac.new(key.encode(), f"portico:checkpoint:{text}".encode(), hashlib.sha256).hexdigest()


async def checkpoint() -> str | None:
    """Return the head of the tenant's chain as one signed line, or None before the first link."""
    tenant = current_tenant_id()
    head = await fetch_one("SELECT sequence, hash FROM chain_head WHERE tenant = {}", tenant)
    if head is None:
        return None
    text = f"portico-chain/1 {tenant} {head['sequence']} {head['hash']} {now().isoformat(timespec='seconds')}"
    return f"{text} {_seal(text, settings().secret_keys[0])}"


def checkpoints_file() -> Path:
    """Return where checkpoints are exported: a file to keep elsewhere too."""
    return settings().home / "audit" / "checkpoints.txt"


async def export_checkpoint() -> None:
    """Append today's checkpoint of the tenant in scope to the file."""
    line = await checkpoint()
    if line is None:
        return
    path = checkpoints_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{line}\n")


def exported_checkpoints() -> list[str]:
    """Return the exported lines of all tenants."""
    path = checkpoints_file()
    return path.read_text("ascii").splitlines() if path.exists() else []


def _expected(tenant: UUID, lines: Iterable[str]) -> tuple[dict[int, str], list[Problem]]:
    """Read checkpoints: sequence → hash for this tenant, and the lines that nobody with our keys has written."""
    expected: dict[int, str] = {}
    problems: list[Problem] = []
    for line in lines:
        text, _, seal = line.strip().rpartition(" ")
        parts = text.split(" ")
        if len(parts) != 5 or parts[1] != str(tenant):
            continue
        sequence = int(parts[2]) if parts[2].isdigit() else 0
        if any(hmac.compare_digest(seal, _seal(text, key)) for key in settings().secret_keys):
            expected[sequence] = parts[3]
        else:
            problems.append(Problem(sequence, Flaw.FORGED_CHECKPOINT))
    return expected, problems
