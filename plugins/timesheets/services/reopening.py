"""Approvals that do not stay: taken back by who made them, opened again by staff with a reason."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec

from core.sdk import Translator, beyond_reach, errors, imports, lists, load, now, transaction, write_activity
from plugins.timesheets.queries import may_undo
from plugins.timesheets.services.approving import APPROVAL, word_of
from plugins.timesheets.states import EntryState, Step, sources
from plugins.timesheets.tables import Approval, Entry, Reopened
from plugins.timesheets.values import Said
from plugins.timesheets.values import reason as checked_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from core.sdk import Actor

_ = Translator("timesheets")

_LOADED = "approvals: the approval has been loaded by who takes it back"
_PORTION = 500
"""Rows of one statement."""


async def undo_approval(*, approval: UUID, by: Actor) -> Approval:
    """
    Take an approval back, within ten seconds and by who made it.

    Raises:
        NotFoundError: no such approval within reach.
        WrongStateError: it is somebody else's, too old, or taken back.

    """
    async with transaction():
        await imports.wait_for_others()
        found = await load(by, Approval, approval)
        if found.addressee != by.person or not may_undo(found):
            raise errors.WrongStateError(
                _("This approval is final. If something is wrong with it, write to us: we can open it again.")
            )
        await _back(found, Step.UNDO)
        with beyond_reach(_LOADED):
            await Approval.update({Approval.undone_at: now()}).where(Approval.id == found.id)
        await write_activity(kind="timesheets.undone", by=by, record=(APPROVAL, found), data=word_of(found))
    return found


async def _back(approval: Approval, step: Step) -> None:
    """Put all entries of an approval back; what has been invoiced meanwhile stays."""
    values: dict[Any, Any] = {
        Entry.state: EntryState.FOR_APPROVAL.value,
        Entry.approval: None,
        Entry.version: Entry.version + 1,
    }
    with beyond_reach(_LOADED):
        await Entry.update(values).where(Entry.approval == approval.id).where(Entry.state.is_in(list(sources(step))))


async def reopen_entries(*, entries: Sequence[UUID], reason: str, by: Actor) -> int:
    """
    Open approved entries again, by staff, and say why; returns how many. Invoiced ones stay closed.

    What was approved is kept with the approval: its sheet goes on to tell it.

    Raises:
        InvalidInputError: no reason is given.
        WrongStateError: none of them is approved.

    """
    why = checked_reason(reason)
    async with transaction():
        await imports.wait_for_others()
        rows = await (
            Entry.select(
                Entry.all_columns(),
                Entry.worker.name.as_alias("worker_name"),
                Entry.project.name.as_alias("project_name"),
            )
            .where(lists.among(Entry.id, entries))
            .where(Entry.state.is_in(list(sources(Step.REOPEN))))
            .order_by(Entry.day, Entry.id)
        )
        if not rows:
            raise errors.WrongStateError(_("None of these entries is approved."))
        values: dict[Any, Any] = {
            Entry.state: EntryState.FOR_APPROVAL.value,
            Entry.approval: None,
            Entry.version: Entry.version + 1,
            Entry.changed_at: now(),
        }
        await Entry.update(values).where(lists.among(Entry.id, [row["id"] for row in rows]))
        kept = [_kept(row, why, by) for row in rows]
        for start in range(0, len(kept), _PORTION):
            await Reopened.insert(*kept[start : start + _PORTION])
        by_approval: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            by_approval[row["approval"]].append(row)
        for approval, opened in sorted(by_approval.items()):
            found = await load(by, Approval, approval)
            facts = {
                "count": len(opened),
                "hours": {"seconds": sum(row["worked_seconds"] for row in opened)},
                "reason": why,
            }
            await write_activity(
                kind="timesheets.reopened", by=by, record=(APPROVAL, found), data={**word_of(found), **facts}
            )
    return len(rows)


def _kept(row: Mapping[str, Any], why: str, by: Actor) -> Reopened:
    said = Said(
        version=row["version"],
        day=row["day"],
        worker=row["worker_name"],
        project=row["project_name"] or "",
        task=row["task"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        break_seconds=row["break_seconds"],
        kind=row["kind"],
    )
    return Reopened(
        approval=row["approval"],
        entry=row["id"],
        worked_seconds=row["worked_seconds"],
        said=msgspec.json.encode(said).decode(),
        explanation=why,
        by=by.person,
        at=now(),
    )
