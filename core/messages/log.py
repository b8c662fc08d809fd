"""The log of everything that happened at a tenant, in words: what auditors read, page by page, and take away."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.db import current, fetch, fetch_one, long_reads
from core.formats import number
from core.i18n import Translator, current_language
from core.messages.recipients import Event, read_event
from core.messages.texts import known_facts, path_of, sentence
from core.people.queries import pattern
from core.records.base import beyond_reach
from core.registry import CORE, registry
from core.tenancy.snapshot import as_instant, as_uuid
from core.text import fold, harmless

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from core.contributions import RecordKind
    from core.people.actor import Actor
    from core.records.base import CustomerRecord

_ = Translator("core")

PAGE = 50
"""Entries of a page."""
PORTION = 1_000
"""Entries that an export reads at a time."""
MOST_PEOPLE = 50
"""People whom a search by name may mean."""

_ENTRIES = """
SELECT a.id AS id, a."at" AS at, a.kind AS kind, a.by_kind AS by_kind, a."by" AS "by", a.record_kind AS record_kind,
       a.record AS record, a.customer AS customer, a.data AS data, a.sequence AS sequence, a.hash AS hash,
       p.given_name AS given_name, p.family_name AS family_name, p.email AS email, c.name AS customer_name
FROM activity a
LEFT JOIN person p ON p.tenant = a.tenant AND p.id = a."by"
LEFT JOIN customer c ON c.tenant = a.tenant AND c.id = a.customer
WHERE a.tenant = {{}}{conditions}
ORDER BY a."at" DESC, a.id DESC LIMIT {{}}
"""
_CONCERNED = {"sqlite": "json_extract(a.data, '$.person')", "postgres": "a.data ->> 'person'"}
_PEOPLE = "SELECT id FROM person WHERE tenant = {{}}{words} ORDER BY id DESC LIMIT {{}}"
_STATE = """
SELECT h.sequence AS sequence, h.checked_to AS checked_to, h.checked_at AS checked_at, h.broken_at AS broken_at,
       (SELECT count(*) FROM activity a WHERE a.tenant = {} AND a.sequence IS NULL) AS waiting
FROM chain_head h WHERE h.tenant = {}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which part of the log is asked for. Days are the tenant's; *who* is looked for in names and addresses."""

    who: str = ""
    person: UUID | None = None
    kind: str = ""
    first: date | None = None
    last: date | None = None
    record: tuple[str, UUID] | None = None
    after: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log."""

    id: UUID
    at: datetime
    event: Event
    who: str
    what: str
    customer: str
    title: str
    url: str | None
    sequence: int | None
    hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """How far the chain reaches, and what the last check of it gave."""

    sequence: int
    waiting: int
    checked_to: int | None
    checked_at: datetime | None
    broken_at: int | None


async def chain_state(tenant: UUID) -> ChainState | None:
    """Return the state of a tenant's chain; None before its first link."""
    row = await fetch_one(_STATE, tenant, tenant)
    if row is None:
        return None
    return ChainState(
        sequence=row["sequence"],
        waiting=row["waiting"],
        checked_to=row["checked_to"],
        checked_at=as_instant(row["checked_at"]) if row["checked_at"] else None,
        broken_at=row["broken_at"],
    )


async def entries(actor: Actor, asked: Asked, *, limit: int = PAGE) -> tuple[list[Entry], Entry | None]:
    """Return a page of the log, newest first, and the entry after which the next one starts (None: it was the last)."""
    conditions, values = await _conditions(actor, asked)
    sql = _ENTRIES.format(conditions="".join(f" AND {part}" for part in conditions))
    with long_reads():
        rows = await fetch(sql, actor.tenant.id, *values, limit + 1)
    shown = [(row, read_event(row)) for row in rows[:limit]]
    subjects = await _subjects(actor, [event for _, event in shown])
    found = [_entry(actor, row, event, subjects) for row, event in shown]
    return found, found[-1] if len(rows) > limit else None


async def _conditions(actor: Actor, asked: Asked) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    off = [key for key, owned in registry().activity_kinds.items() if owned.owner not in {CORE, *actor.modules}]
    if off:
        parts.append(f"a.kind NOT IN ({_places(off)})")
        values += sorted(off)
    if asked.kind:
        parts.append("a.kind = {}")
        values.append(asked.kind)
    if asked.record is not None:
        parts.append(
            "((a.record_kind = {} AND a.record = {}) OR a.id IN (SELECT r.activity FROM activity_part r "
            "WHERE r.tenant = {} AND r.record_kind = {} AND r.record = {}))"
        )
        values += [*asked.record, actor.tenant.id, *asked.record]
    if asked.who or asked.person is not None:
        people = [asked.person] if asked.person is not None else await _people(actor.tenant.id, asked.who)
        parts.append(
            f'(a."by" IN ({_places(people)}) OR {_CONCERNED[current().dialect]} IN ({_places(people)}))'
            if people
            else "1 = 0"
        )
        values += [*people, *map(str, people)]
    zone = actor.tenant.zone
    if asked.first is not None:
        parts.append('a."at" >= {}')
        values.append(datetime.combine(asked.first, time.min, zone).astimezone(UTC))
    if asked.last is not None:
        parts.append('a."at" < {}')
        values.append(datetime.combine(asked.last + timedelta(days=1), time.min, zone).astimezone(UTC))
    if asked.after is not None:
        parts.append('(a."at", a.id) < (SELECT b."at", b.id FROM activity b WHERE b.tenant = {} AND b.id = {})')
        values += [actor.tenant.id, asked.after]
    return parts, values


def _places(values: Sequence[object]) -> str:
    return ", ".join(["{}"] * len(values))


async def _people(tenant: UUID, who: str) -> list[UUID]:
    """Return the people whom *who* may mean, also those who were deleted."""
    words = fold(who).split()[:6]
    sql = _PEOPLE.format(words=" AND (name_folded LIKE {} OR email_folded LIKE {})" * len(words))
    likes = [like for word in words for like in (pattern(word), pattern(word))]
    return [as_uuid(row["id"]) for row in await fetch(sql, tenant, *likes, MOST_PEOPLE)]


async def _subjects(actor: Actor, events: Iterable[Event]) -> dict[tuple[str, UUID], tuple[RecordKind, CustomerRecord]]:
    """Return the records that entries speak of: one statement per kind."""
    wanted: dict[str, set[UUID]] = {}
    for event in events:
        if event.record_kind is not None and event.record is not None:
            wanted.setdefault(event.record_kind, set()).add(event.record)
    found: dict[tuple[str, UUID], tuple[RecordKind, CustomerRecord]] = {}
    for key, ids in sorted(wanted.items()):
        owned = registry().record_kinds.get(key)
        if owned is None or owned.owner not in {CORE, *actor.modules}:
            continue
        table = owned.item.table
        with beyond_reach("audit log: what happened is told whole; a link needs the permission to see the record"):
            for record in await table.objects().where(table.id.is_in(sorted(ids))):
                found[key, as_uuid(record.id)] = (owned.item, record)
    return found


def _entry(
    actor: Actor,
    row: Mapping[str, Any],
    event: Event,
    subjects: Mapping[tuple[str, UUID], tuple[RecordKind, CustomerRecord]],
) -> Entry:
    name = f"{row['given_name'] or ''} {row['family_name'] or ''}".strip() or row["email"] or ""
    names = {event.by: name} if event.by else {}
    if event.customer:
        names[event.customer] = row["customer_name"] or ""
    subject = subjects.get((event.record_kind or "", event.record)) if event.record else None
    facts = known_facts(actor.tenant, event, names=names, subject=subject)
    owned = registry().activity_kinds.get(event.kind)
    visible = subject is not None and actor.can(subject[0].staff_view)
    what = sentence(owned.item, facts, current_language(), titled=False) if owned else event.kind
    about = event.data.get("name")
    if isinstance(about, str) and about and about not in what:
        what = f"{what} · {about}"
    return Entry(
        id=event.id,
        at=as_instant(row["at"]),
        event=event,
        who=name or str(facts["by"]),
        what=what,
        customer=row["customer_name"] or "",
        title=str(facts["title"]) if subject is not None else "",
        url=path_of(subject, staff=True) if visible else None,
        sequence=row["sequence"],
        hash=row["hash"],
    )


# -- to take away ------------------------------------------------------------------------------------------------------

_HEADERS = (
    _("No."),
    _("Time (UTC)"),
    _("Person"),
    _("What happened"),
    _("Customer"),
    _("Record"),
    _("Kind"),
    _("Facts"),
    _("Hash"),
)


async def as_csv(actor: Actor, asked: Asked) -> AsyncIterator[bytes]:
    """Yield the whole of what is asked as a text table, newest first; formulas in it are harmless."""
    language = current_language()
    delimiter = ";" if number("0.5", language)[1] == "," else ","
    yield b"\xef\xbb\xbf" + _lines([[header.in_language(language) for header in _HEADERS]], delimiter)
    part: Asked | None = asked
    while part is not None:
        found, last = await entries(actor, part, limit=PORTION)
        if found:
            yield _lines([_cells(entry) for entry in found], delimiter)
        part = replace(asked, after=last.id) if last is not None else None


def _cells(entry: Entry) -> list[str]:
    event = entry.event
    record = f"{event.record_kind} {event.record}" if event.record else ""
    facts = "; ".join(f"{key}={value}" for key, value in event.data.items())
    return [
        str(entry.sequence or ""),
        entry.at.astimezone(UTC).isoformat(" ", "seconds"),
        entry.who,
        entry.what,
        entry.customer,
        entry.title or record,
        event.kind,
        facts,
        entry.hash or "",
    ]


def _lines(rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue().encode()
