"""Lists of hours come in: each row becomes an entry, changes one, changes nothing, or is named with what is wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from core.sdk import (
    Customer,
    LazyString,
    Translator,
    beyond_reach,
    errors,
    fold,
    imports,
    now,
    transaction,
    write_activity,
)
from plugins.timesheets.reading import ReadEntry, RowProblem
from plugins.timesheets.services.entries import NewEntry, add_entry
from plugins.timesheets.services.projects import undertaking_of
from plugins.timesheets.states import ENTRY, CorrectionState, EntryKind, EntryState, Step, after
from plugins.timesheets.tables import Correction, Entry, KnownName, Revision, Worker
from plugins.timesheets.values import Values, checked, search_text, stored, values_of, week_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

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


@dataclass(slots=True)
class Placement:
    """
    Whose the entries of a list are: by number, by name, by what staff has decided before.

    `create_customers` and `create_projects` make what the portal does not know; `fallback` takes rows without a
    customer.
    """

    create_customers: bool = False
    create_projects: bool = True
    fallback: UUID | None = None
    draft: bool = False
    customers: dict[tuple[str, str], UUID | None] = field(default_factory=dict)
    """By number and name: a number of one customer may be another one's name."""
    projects: dict[tuple[UUID, str, str], UUID | None] = field(default_factory=dict)
    workers: dict[tuple[str, str], UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a row; `entry` where there is one now."""

    result: imports.ImportResult
    entry: UUID | None = None


class _RefusedError(errors.InvalidInputError):
    """A row that cannot be taken in."""


async def receive_entries(
    *,
    run: imports.Run,
    rows: Iterable[ReadEntry | RowProblem],
    placement: Placement,
    name: str = "",
    by: Actor | None = None,
) -> AsyncIterator[Receipt]:
    """Take rows in, some hundreds per transaction; a bad one disturbs no other."""
    portion: list[ReadEntry | RowProblem] = []
    for row in rows:
        portion.append(row)
        if len(portion) == PORTION:
            for receipt in await _portion(run, portion, placement, name, by):
                yield receipt
            portion = []
    for receipt in await _portion(run, portion, placement, name, by):
        yield receipt


async def _portion(
    run: imports.Run, rows: list[ReadEntry | RowProblem], placement: Placement, name: str, by: Actor | None
) -> list[Receipt]:
    found: list[Receipt] = []
    async with imports.one_item():
        await imports.wait_for_others()  # what a row changes must not be approved or invoiced meanwhile
        with beyond_reach("lists: the tenant's own system knows its entries, whoever hands them over"):
            for row in rows:
                place = f"{name}:{row.line}" if name else str(row.line)
                found.append(await _row(run, row, placement, place, by))
    return found


async def _row(
    run: imports.Run, row: ReadEntry | RowProblem, placement: Placement, place: str, by: Actor | None
) -> Receipt:
    if isinstance(row, RowProblem):
        receipt = Receipt(imports.ImportResult(place=place, outcome="refused", reason=row.reason))
    else:
        try:
            outcome, entry = await _receive(row, placement, by)
            receipt = Receipt(imports.ImportResult(place=place, outcome=outcome), entry)
        except errors.DomainError as error:
            receipt = Receipt(imports.ImportResult(place=place, outcome="refused", reason=_said(error)))
    await run.count(receipt.result)
    return receipt


def _said(error: errors.DomainError) -> LazyString:
    fields = getattr(error, "fields", {})
    return next((message for messages in fields.values() for message in messages), error.message)


async def _receive(
    row: ReadEntry, placement: Placement, by: Actor | None
) -> tuple[Literal["created", "updated", "unchanged"], UUID | None]:
    values = checked(
        Values(
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            break_seconds=row.break_seconds,
            worked_seconds=row.worked_seconds,
        )
    )
    known = await Entry.objects().where(Entry.source == row.source, Entry.external_id == row.external_id).first()
    fingerprint = _fingerprint(row)
    if known is not None and known.fingerprint == fingerprint:
        return "unchanged", known.id
    customer = await _customer(row, placement)
    project = await _project(row, customer, placement)
    worker = await _worker(row, placement)
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
        kind=_KINDS.get(fold(row.kind), EntryKind.REGULAR),
        rate=row.rate,
        currency=row.currency if row.rate else "",
        source=row.source,
        external_id=row.external_id,
        fingerprint=fingerprint,
    )
    made = await add_entry(entry=entry, state=EntryState.DRAFT if placement.draft else EntryState.FOR_APPROVAL)
    if made is None:  # the same row twice in one list, or another delivery was quicker
        return "unchanged", None
    return "created", made.id


def _fingerprint(row: ReadEntry) -> str:
    said = msgspec.json.encode(
        {name: getattr(row, name) for name in row.__slots__ if name not in {"line", "approved", "invoiced"}}
    )
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
        raise _RefusedError(_("This entry is invoiced and does not change any more."))
    if after(Step.CORRECT, EntryState(known.state)) is None:
        raise _RefusedError(_("This entry is approved. It can be opened again with a reason."))
    if known.customer != customer:
        raise _RefusedError(_("This entry belongs to another customer. An entry cannot change its customer."))
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
        raise _RefusedError(_("This entry was changed meanwhile. Look at it again first."))
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


async def _customer(row: ReadEntry, placement: Placement) -> UUID:
    key = (row.customer_number, row.customer)
    if not any(key):
        if placement.fallback is not None:
            return placement.fallback
        project = await _decided("project", row.project) if row.project else None
        if project is not None:
            return project.customer
        raise _RefusedError(_("The row names no customer. Say to whom such rows belong."))
    if key not in placement.customers:
        placement.customers[key] = await known_customer(row, placement)
    found = placement.customers[key]
    if found is None:
        raise _RefusedError(_("No customer is called “{name}”.").format(name=row.customer or row.customer_number))
    return found


async def known_customer(row: ReadEntry, placement: Placement) -> UUID | None:
    """Return the customer that a row names, or None where nobody knows who that is."""
    if row.customer_number and (found := await imports.customer_at(number=row.customer_number)):
        return found
    if row.customer:
        decided = await _decided("customer", row.customer)
        if decided is not None:
            return decided.customer
        named = await Customer.select(Customer.id).where(
            Customer.name_folded == fold(row.customer), Customer.closed_at.is_null()
        )
        if len(named) == 1:
            return UUID(str(named[0]["id"]))
        if not named and placement.create_customers:
            await imports.wait_for_others()
            return await imports.add_customer(name=row.customer)
    return None


async def _decided(kind: str, name: str) -> KnownName | None:
    found: KnownName | None = (
        await KnownName.objects().where(KnownName.kind == kind, KnownName.name_folded == fold(name)).first()
    )
    return found


async def _project(row: ReadEntry, customer: UUID, placement: Placement) -> UUID | None:
    key = (customer, row.project_number, row.project)
    if not (row.project_number or row.project):
        return None
    if key not in placement.projects:
        found = (
            await imports.project_at(customer=customer, reference=row.project_number) if row.project_number else None
        )
        if found is None and row.project:
            decided = await _decided("project", row.project)
            if decided is not None and decided.customer == customer:
                found = decided.project
            found = found or await imports.project_named(customer=customer, name=row.project)
        if found is None and placement.create_projects:
            found = await imports.add_project(
                customer=customer, name=row.project or row.project_number, number=row.project_number
            )
        if found is not None:
            await undertaking_of(project=found, customer=customer, name=row.project or row.project_number)
        placement.projects[key] = found
    made = placement.projects[key]
    if made is None:
        raise _RefusedError(_("The customer has no project “{name}”.").format(name=row.project or row.project_number))
    return made


async def _worker(row: ReadEntry, placement: Placement) -> UUID:
    key = (fold(row.worker), row.email)
    if key not in placement.workers:
        placement.workers[key] = await worker_named(name=row.worker, email=row.email)
    return placement.workers[key]


async def worker_named(*, name: str, email: str = "") -> UUID:
    """Return the worker with that address or else that name, made where there is none."""
    found = await _worker_known(name, email)
    if found is not None:
        return found
    async with transaction():
        await imports.wait_for_others()  # somebody may be making the same one
        found = await _worker_known(name, email)
        if found is not None:
            return found
        made = Worker(name=" ".join(name.split()), name_folded=fold(name), email=email or None)
        await Worker.insert(made)
        return made.id


async def _worker_known(name: str, email: str) -> UUID | None:
    found = None
    if email:
        found = await Worker.select(Worker.id).where(Worker.email == email).first()
    if found is None:
        same: Any = Worker.name_folded == fold(name)
        if email:
            same &= Worker.email.is_null()
        found = await Worker.select(Worker.id).where(same).order_by(Worker.id).first()
    return UUID(str(found["id"])) if found is not None else None
