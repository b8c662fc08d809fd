"""Reads of entries beside their lists. What hangs on an entry is read through the loaded entry alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from piccolo.querystring import QueryString

from core.sdk import beyond_reach, lists
from plugins.timesheets.permissions import APPROVE, VIEW
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Correction, Entry, Revision
from plugins.timesheets.values import read_proposal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.sdk import Actor
    from plugins.timesheets.values import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    """An entry with the names that it stands for."""

    worker: str
    customer: str
    project: str
    job: str
    approved_by: str
    approved_at: datetime | None
    reference: str
    approval: UUID | None


async def facts_of(entry: Entry) -> EntryFacts:
    """Return the names around a loaded entry: one statement."""
    row: Any = (
        await Entry.select(
            Entry.worker.name.as_alias("worker"),
            Entry.customer.name.as_alias("customer"),
            Entry.project.name.as_alias("project"),
            Entry.job.title.as_alias("job"),
            Entry.approval.by_name.as_alias("by"),
            Entry.approval.at.as_alias("at"),
            Entry.approval.reference.as_alias("reference"),
            Entry.approval,
        )
        .where(Entry.id == entry.id)
        .first()
    )
    return EntryFacts(
        worker=row["worker"],
        customer=row["customer"],
        project=row["project"] or "",
        job=row["job"] or "",
        approved_by=row["by"] or "",
        approved_at=row["at"],
        reference=row["reference"] or "",
        approval=row["approval"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionFacts:
    """What a customer said about an entry, and what became of it."""

    state: str
    reason: str
    by: str
    at: datetime
    proposed: Values | None
    answer: str


async def corrections_of(entry: Entry) -> list[CorrectionFacts]:
    """Return what customers said about a loaded entry, newest first."""
    rows = (
        await Correction.select(
            Correction.all_columns(),
            Correction.by.given_name.as_alias("given"),
            Correction.by.family_name.as_alias("family"),
        )
        .where(Correction.entry == entry.id)
        .order_by(Correction.id, ascending=False)
    )
    return [
        CorrectionFacts(
            state=row["state"],
            reason=row["explanation"],
            by=f"{row['given']} {row['family']}".strip(),
            at=row["at"],
            proposed=read_proposal(row["proposed"]),
            answer=row["answer"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFacts:
    """What an entry said before, and why that was changed."""

    at: datetime
    reason: str
    day: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    break_seconds: int
    worked_seconds: int


class _Before(msgspec.Struct):
    day: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    break_seconds: int = 0
    worked_seconds: int = 0


async def revisions_of(entry: Entry, *, drafts: bool = True) -> list[RevisionFacts]:
    """Return what a loaded entry said before, newest first; without *drafts* only what customers could see."""
    query = Revision.select(Revision.at, Revision.explanation, Revision.before).where(Revision.entry == entry.id)
    if not drafts:
        query = query.where(Revision.at >= entry.published_at)
    rows = await query.order_by(Revision.id, ascending=False)
    found = []
    for row in rows:
        before = msgspec.json.decode(row["before"], type=_Before)
        found.append(
            RevisionFacts(
                at=row["at"],
                reason=row["explanation"],
                day=before.day,
                starts_at=before.starts_at,
                ends_at=before.ends_at,
                break_seconds=before.break_seconds,
                worked_seconds=before.worked_seconds,
            )
        )
    return found


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


async def last_change(by: Actor) -> datetime:
    """Return when an entry of the customers whose hours *by* may see changed last; the beginning of time where none."""
    customers = sorted(by.reaches(VIEW))
    if not customers:
        return _NEVER
    where = Entry.customer == customers[0] if len(customers) == 1 else Entry.customer.is_in(customers)
    with beyond_reach("lists: when a customer's hours changed last, not which"):
        found: Any = (
            await Entry.select(Entry.changed_at).where(where).order_by(Entry.changed_at, ascending=False).first()
        )
    return found["changed_at"] if found is not None else _NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Some entries, added up."""

    entries: int
    seconds: int
    workers: int
    first_day: date | None
    last_day: date | None


async def tally_of(entries: Sequence[UUID], by: Actor) -> Tally:
    """Add up those of *entries* that wait for approval and that the contact may approve."""
    row: Any = (
        await Entry.select(
            QueryString("count(*)", alias="entries"),
            QueryString("sum({})", Entry.worked_seconds, alias="seconds"),
            QueryString("count(DISTINCT {})", Entry.worker, alias="workers"),
            QueryString("min({})", Entry.day, alias="first_day"),
            QueryString("max({})", Entry.day, alias="last_day"),
        )
        .where(lists.among(Entry.id, entries))
        .where(Entry.state == EntryState.FOR_APPROVAL.value)
        .where(Entry.within_reach(by.reaches(APPROVE), by.person))  # type: ignore[arg-type]  # contacts have a person
        .first()
    )
    return Tally(
        entries=row["entries"],
        seconds=int(row["seconds"] or 0),
        workers=row["workers"],
        first_day=_day(row["first_day"]),
        last_day=_day(row["last_day"]),
    )


def _day(value: date | str | None) -> date | None:
    """Return a day that a function gave: SQLite gives the text that is stored."""
    return date.fromisoformat(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Hours of a project or job in each state, in seconds; drafts do not count."""

    waiting: int = 0
    approved: int = 0
    invoiced: int = 0

    @property
    def total(self) -> int:
        """All that is registered."""
        return self.waiting + self.approved + self.invoiced


async def hours_where(condition: Any) -> Hours:
    """Return the hours in each state of the entries that meet *condition*, within the reader's reach."""
    rows: Any = (
        await Entry.select(Entry.state, QueryString("sum({})", Entry.worked_seconds, alias="seconds"))
        .where(condition)
        .group_by(Entry.state)
    )
    sums = dict.fromkeys(EntryState, 0) | {EntryState(row["state"]): int(row["seconds"]) for row in rows}
    return Hours(
        waiting=sums[EntryState.FOR_APPROVAL] + sums[EntryState.DISPUTED],
        approved=sums[EntryState.APPROVED],
        invoiced=sums[EntryState.INVOICED],
    )


async def within(entry: Entry, by: Actor, permission: str) -> bool:
    """Whether *permission* of a contact reaches an entry that she sees."""
    sees, reach = by.reach(VIEW, entry.customer), by.reach(permission, entry.customer)
    if by.person is None or reach is None:
        return False
    if sees is not None and sees <= reach:  # as far as she sees: then it reaches what she sees
        return True
    reached = Entry.within_reach(by.reaches(permission), by.person)
    return bool(await Entry.exists().where(Entry.id == entry.id).where(reached))


def sees_entries(by: Actor) -> bool:
    """Whether the reader may see hours at all."""
    return by.is_staff or by.can(VIEW)


async def page_of(*, after: UUID | None, limit: int, wanted: dict[str, Any]) -> list[Entry]:
    """Return entries newest first, from behind *after* on, that are as *wanted*; None asks for nothing."""
    query = Entry.objects().order_by(Entry.id, ascending=False).limit(limit)
    if after is not None:
        query = query.where(Entry.id < after)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(Entry, name) == value)
    found: list[Entry] = await query
    return found
