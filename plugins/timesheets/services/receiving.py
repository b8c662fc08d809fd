"""Lists of hours come in: each row becomes an entry, changes one, changes nothing, or is named with what is wrong."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from core.sdk import (
    LazyString,
    Translator,
    beyond_reach,
    errors,
    fold,
    imports,
    now,
    write_activity,
)
from plugins.timesheets.reading import ReadEntry, RowProblem
from plugins.timesheets.services.entries import NewEntry, store_entry
from plugins.timesheets.services.placing import Placement, RefusedError, customer_of, project_of, worker_of
from plugins.timesheets.states import ENTRY, CorrectionState, EntryKind, EntryState, Step, after
from plugins.timesheets.tables import Correction, Entry, Revision
from plugins.timesheets.values import Values, checked, search_text, stored, values_of, week_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from core.sdk import Actor

_ = Translator("timesheets")

KIND = "timesheets"
"""What runs and problems are called."""
PORTION = 200
"""Rows of one transaction."""
_KINDS: dict[str, EntryKind] = {
    "overtime": EntryKind.OVERTIME, "horas extra": EntryKind.OVERTIME, "extra": EntryKind.OVERTIME,
    "heures supplementaires": EntryKind.OVERTIME, "hora extra": EntryKind.OVERTIME,
    "night": EntryKind.NIGHT, "nocturnas": EntryKind.NIGHT, "noche": EntryKind.NIGHT, "nuit": EntryKind.NIGHT,
    "noturnas": EntryKind.NIGHT, "noite": EntryKind.NIGHT,
    "holiday": EntryKind.HOLIDAY, "festivo": EntryKind.HOLIDAY, "ferie": EntryKind.HOLIDAY,
    "feriado": EntryKind.HOLIDAY,
    "travel": EntryKind.TRAVEL, "desplazamiento": EntryKind.TRAVEL, "deplacement": EntryKind.TRAVEL,
    "deslocacao": EntryKind.TRAVEL,
    "standby": EntryKind.STANDBY, "guardia": EntryKind.STANDBY, "astreinte": EntryKind.STANDBY,
    "plantao": EntryKind.STANDBY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a row; `entry` where there is one now."""

    result: imports.ImportResult
    entry: UUID | None = None


async def receive_entries(
    *,
    run: imports.Run,
    rows: Iterable[ReadEntry | RowProblem],
    placement: Placement,
    name: str = "",
    by: Actor | None = None,
) -> AsyncIterator[Receipt]:
    """Take rows in, some hundreds per transaction; a bad one disturbs no other."""
    left = iter(rows)
    while portion := list(islice(left, PORTION)):
        for receipt in await receive_portion(run=run, rows=portion, placement=placement, name=name, by=by):
            yield receipt


async def receive_portion(
    *,
    run: imports.Run,
    rows: Sequence[ReadEntry | RowProblem],
    placement: Placement,
    name: str = "",
    by: Actor | None = None,
    note: Callable[[list[Receipt]], Awaitable[None]] | None = None,
) -> list[Receipt]:
    """Take some rows in, in one transaction, to which *note* adds what has become of them."""
    found: list[Receipt] = []
    async with imports.one_item():
        await imports.wait_for_others()  # what a row changes must not be approved or invoiced meanwhile
        with beyond_reach("lists: the tenant's own system knows its entries, whoever hands them over"):
            known = await _Known.of(rows)
            for row in rows:
                place = f"{name}:{row.line}" if name else str(row.line)
                found.append(await _row(row, placement, place, by, known))
        await run.count_all(receipt.result for receipt in found)
        if note is not None:
            await note(found)
    return found


@dataclass(slots=True)
class _Known:
    """The entries that are there of some rows, read at once; a row that comes twice finds what the first has made."""

    entries: dict[tuple[str, str], Entry]
    met: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    async def of(cls, rows: Iterable[ReadEntry | RowProblem]) -> _Known:
        """Read the entries with the keys of *rows*: a statement per source."""
        keys: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            if isinstance(row, ReadEntry):
                keys[row.source].append(row.external_id)
        entries = {}
        for source, ids in sorted(keys.items()):
            for entry in await Entry.objects().where(Entry.source == source, Entry.external_id.is_in(ids)):
                entries[source, entry.external_id] = entry
        return cls(entries)

    async def entry_of(self, row: ReadEntry) -> Entry | None:
        """Return the entry with the key of *row*."""
        key = (row.source, row.external_id)
        if key not in self.met:
            self.met.add(key)
            return self.entries.get(key)
        found: Entry | None = (
            await Entry.objects().where(Entry.source == row.source, Entry.external_id == row.external_id).first()
        )
        return found


async def _row(
    row: ReadEntry | RowProblem, placement: Placement, place: str, by: Actor | None, known: _Known
) -> Receipt:
    if isinstance(row, RowProblem):
        return Receipt(imports.ImportResult(place=place, outcome="refused", reason=row.reason))
    try:
        outcome, entry = await _receive(row, placement, by, known)
    except errors.DomainError as error:
        return Receipt(imports.ImportResult(place=place, outcome="refused", reason=_said(error)))
    return Receipt(imports.ImportResult(place=place, outcome=outcome), entry)


def _said(error: errors.DomainError) -> LazyString:
    fields = getattr(error, "fields", {})
    return next((message for messages in fields.values() for message in messages), error.message)


async def _receive(
    row: ReadEntry, placement: Placement, by: Actor | None, here: _Known
) -> tuple[Literal["created", "updated", "unchanged"], UUID | None]:
    values = checked(
        Values(
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            break_seconds=row.break_seconds,
            worked_seconds=row.worked_seconds,
        )
    )
    known = await here.entry_of(row)
    fingerprint = _fingerprint(row)
    if known is not None and known.fingerprint == fingerprint:
        return "unchanged", known.id
    customer = await customer_of(row, placement)
    project = await project_of(row, customer, placement)
    worker = await worker_of(row, placement)
    if known is not None:
        return await _change(known, row, values, customer=customer, project=project, worker=worker, by=by), known.id
    entry = NewEntry(
        customer=customer,
        project=project,
        worker=worker,
        worker_name=row.worker,
        day=row.day,
        values=values,
        task=row.task,
        note=row.note,
        units=row.units,
        kind=_kind_of(row),
        rate=row.rate,
        currency=row.currency if row.rate else "",
        source=row.source,
        external_id=row.external_id,
        fingerprint=fingerprint,
    )
    made = await store_entry(entry=entry, state=EntryState.DRAFT if placement.draft else EntryState.FOR_APPROVAL)
    if made is None:  # the same row twice in one list, or another delivery was quicker
        return "unchanged", None
    return "created", made.id


def _kind_of(row: ReadEntry) -> EntryKind:
    return _KINDS.get(fold(row.kind), EntryKind.REGULAR)


def _fingerprint(row: ReadEntry) -> str:
    said = msgspec.json.encode({name: getattr(row, name) for name in row.__slots__ if name != "line"})
    return hashlib.sha256(said).hexdigest()[:32]


async def _change(
    known: Entry,
    row: ReadEntry,
    values: Values,
    *,
    customer: UUID,
    project: UUID | None,
    worker: UUID,
    by: Actor | None,
) -> Literal["updated"]:
    """Bring an entry up to what its source says now; what is approved or invoiced stays, and says so."""
    if known.state == EntryState.INVOICED.value:
        raise RefusedError(_("This entry is invoiced and does not change any more."))
    if after(Step.CORRECT, EntryState(known.state)) is None:
        raise RefusedError(_("This entry is approved. It can be opened again with a reason."))
    if known.customer != customer:
        raise RefusedError(_("This entry belongs to another customer. An entry cannot change its customer."))
    state = after(Step.CORRECT, EntryState(known.state)) or EntryState.FOR_APPROVAL
    changed: dict[Any, Any] = {
        Entry.project: project,
        Entry.worker: worker,
        Entry.day: row.day,
        Entry.week: week_of(row.day),
        Entry.starts_at: values.starts_at,
        Entry.ends_at: values.ends_at,
        Entry.break_seconds: values.break_seconds,
        Entry.worked_seconds: values.worked_seconds,
        Entry.units: row.units,
        Entry.kind: _kind_of(row).value,
        Entry.task: row.task,
        Entry.note: row.note,
        Entry.rate: row.rate,
        Entry.currency: row.currency if row.rate else "",
        Entry.search_folded: search_text(row.worker, row.task, row.note),
        Entry.fingerprint: _fingerprint(row),
        Entry.state: state.value,
        Entry.version: known.version + 1,
        Entry.changed_at: now(),
    }
    won = await Entry.update(changed).where(Entry.id == known.id, Entry.version == known.version).returning(Entry.id)
    if not won:  # somebody approved or changed it since it was read a moment ago
        raise RefusedError(_("This entry was changed meanwhile. Look at it again first."))
    before = {**msgspec.to_builtins(values_of(known)), "day": known.day.isoformat(), "note": known.note}
    await Revision.insert(
        Revision(
            entry=known.id,
            version=known.version,
            before=msgspec.json.encode(before).decode(),
            by=by.person if by else None,
        )
    )
    await _close_correction(known, by)
    same = stored(values) == stored(values_of(known)) and row.day == known.day
    if not same and known.state != EntryState.DRAFT.value:
        data = {"day": row.day.isoformat(), "hours": {"seconds": values.worked_seconds}, "reason": ""}
        await write_activity(kind="timesheets.corrected", by=by, record=(ENTRY, known), data=data)
    return "updated"


async def _close_correction(entry: Entry, by: Actor | None) -> None:
    """What a customer said of a disputed entry is decided by what its source says now."""
    values: dict[Any, Any] = {
        Correction.state: CorrectionState.CORRECTED.value,
        Correction.decided_by: by.person if by else None,
        Correction.decided_at: now(),
    }
    await Correction.update(values).where(Correction.entry == entry.id, Correction.state == CorrectionState.OPEN.value)
