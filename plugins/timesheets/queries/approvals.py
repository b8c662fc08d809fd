"""Reads of approvals: what was approved, what of it stands, and what was opened again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from piccolo.querystring import QueryString

from core.sdk import now
from plugins.timesheets.tables import Approval, Entry, Reopened
from plugins.timesheets.values import Said

if TYPE_CHECKING:
    from core.sdk import Actor

UNDO = timedelta(seconds=10)
"""How long a contact can take an approval back."""
_GRACE = timedelta(seconds=5)
"""What a click needs to arrive."""
ROWS: Final = 50
"""Entries on a page of an approval."""


def may_undo(approval: Approval) -> bool:
    """Whether an approval can still be taken back by who made it."""
    return not is_undone(approval) and now() - approval.at <= UNDO + _GRACE


def is_undone(approval: Approval) -> bool:
    """Whether an approval was taken back."""
    undone: object = approval.undone_at
    return undone is not None


async def undoable(approval: UUID, by: Actor) -> Approval | None:
    """Return an approval of the reader that she can still take back."""
    found: Approval | None = (
        await Approval.objects().where(Approval.id == approval, Approval.addressee == by.person).first()
    )
    return found if found is not None and may_undo(found) else None


async def company_of(approval: Approval) -> str:
    """Return the name of a loaded approval's customer."""
    found: Any = (
        await Approval.select(Approval.customer.name.as_alias("name")).where(Approval.id == approval.id).first()
    )
    return str(found["name"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of an approval is approved now, and what was opened again: entries and seconds."""

    entries: int
    seconds: int
    reopened: int
    reopened_seconds: int


async def standing_of(approval: Approval) -> Standing:
    """Add up what of a loaded approval stands and what was opened again."""
    row: Any = (
        await Reopened.select(
            QueryString("count(*)", alias="entries"),
            QueryString("sum({})", Reopened.worked_seconds, alias="seconds"),
        )
        .where(Reopened.approval == approval.id)
        .first()
    )
    entries, seconds = int(row["entries"]), int(row["seconds"] or 0)
    undone = is_undone(approval)
    return Standing(
        entries=0 if undone else approval.entries - entries,
        seconds=0 if undone else approval.seconds - seconds,
        reopened=entries,
        reopened_seconds=seconds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedRow:
    """An entry as it was approved; `reopened_at` and `reason` where it was opened again since."""

    entry: UUID
    day: date
    worker: str
    project: str
    task: str
    starts_at: datetime | None
    ends_at: datetime | None
    break_seconds: int
    worked_seconds: int
    kind: str
    reopened_at: datetime | None = None
    reason: str = ""


def _standing(approval: Approval) -> Any:
    return Entry.select(
        Entry.id,
        Entry.day,
        Entry.worker.name.as_alias("worker"),
        Entry.project.name.as_alias("project"),
        Entry.task,
        Entry.starts_at,
        Entry.ends_at,
        Entry.break_seconds,
        Entry.worked_seconds,
        Entry.kind,
    ).where(Entry.approval == approval.id)


def _row(row: dict[str, Any]) -> ApprovedRow:
    return ApprovedRow(entry=row.pop("id"), project=row.pop("project") or "", **row)


async def standing_ids(approval: Approval) -> list[UUID]:
    """Return the entries of a loaded approval that stand, by day."""
    rows = await Entry.select(Entry.id).where(Entry.approval == approval.id).order_by(Entry.day, Entry.id)
    return [row["id"] for row in rows]


async def page_of_approval(
    approval: Approval, *, after: UUID | None = None, before: UUID | None = None
) -> tuple[list[ApprovedRow], UUID | None, UUID | None]:
    """
    Return some of the entries of a loaded approval that stand, by day: those behind *after*, or in front of *before*.

    With them before which and after which entry there are more.
    """
    query, back = _standing(approval), before is not None and after is None
    edge: Any = None
    if (at := before if back else after) is not None:
        edge = await Entry.select(Entry.id, Entry.day).where(Entry.id == at, Entry.approval == approval.id).first()
    if edge is not None and back:
        query = query.where((Entry.day < edge["day"]) | ((Entry.day == edge["day"]) & (Entry.id < edge["id"])))
    elif edge is not None:
        query = query.where((Entry.day > edge["day"]) | ((Entry.day == edge["day"]) & (Entry.id > edge["id"])))
    back = back and edge is not None
    query = query.order_by(Entry.day, ascending=not back).order_by(Entry.id, ascending=not back)
    found = [_row(row) for row in await query.limit(ROWS + 1)]
    more, rows = len(found) > ROWS, found[:ROWS]
    if back:
        rows.reverse()
        return rows, rows[0].entry if more else None, rows[-1].entry if rows else None
    return rows, rows[0].entry if edge is not None and rows else None, rows[-1].entry if more else None


async def reopened_rows(approval: Approval, *, limit: int | None = None) -> list[ApprovedRow]:
    """Return what of a loaded approval was opened again, the last first, as it was approved."""
    query = Reopened.select().where(Reopened.approval == approval.id).order_by(Reopened.id, ascending=False)
    rows = await (query if limit is None else query.limit(limit))
    found = []
    for row in rows:
        said = msgspec.json.decode(row["said"], type=Said)
        found.append(
            ApprovedRow(
                entry=row["entry"],
                day=said.day,
                worker=said.worker,
                project=said.project,
                task=said.task,
                starts_at=said.starts_at,
                ends_at=said.ends_at,
                break_seconds=said.break_seconds,
                worked_seconds=row["worked_seconds"],
                kind=said.kind,
                reopened_at=row["at"],
                reason=row["explanation"],
            )
        )
    return found


async def approved_rows(approval: Approval) -> list[ApprovedRow]:
    """Return all that a loaded approval has approved, by day, with what was opened again since."""
    rows = [_row(row) for row in await _standing(approval)]
    return sorted([*rows, *await reopened_rows(approval)], key=lambda row: (row.day, row.entry))
