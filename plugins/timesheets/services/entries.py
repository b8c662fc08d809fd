"""Entries as staff and its systems make them: added, submitted for approval, invoiced."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sdk import Reach, Translator, errors, imports, lists, now, transaction, write_activity
from plugins.timesheets.permissions import REGISTER
from plugins.timesheets.queries import offer_to, within
from plugins.timesheets.states import ENTRY, EntryKind, EntryState, Step, sources
from plugins.timesheets.tables import Entry, Job
from plugins.timesheets.values import Values, checked, search_text, week_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.sdk import Actor

_ = Translator("timesheets")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be stored. `source` and `external_id` together are its key."""

    customer: UUID
    worker: UUID
    worker_name: str
    day: date
    values: Values
    project: UUID | None = None
    job: UUID | None = None
    addressee: UUID | None = None
    task: str = ""
    note: str = ""
    units: str = ""
    kind: EntryKind = EntryKind.REGULAR
    rate: str = ""
    currency: str = ""
    source: str
    external_id: str
    fingerprint: str = ""


async def add_entry(*, entry: NewEntry, state: EntryState = EntryState.FOR_APPROVAL) -> Entry | None:
    """
    Store a new entry, as a draft or for approval; None where its key is taken.

    Raises:
        InvalidInputError: start, end, break and duration do not fit each other.

    """
    async with transaction():
        await imports.wait_for_others()  # changes are committed in the order of their instants
        return await store_entry(entry=entry, state=state)


async def store_entry(*, entry: NewEntry, state: EntryState) -> Entry | None:
    """
    Store a new entry within a transaction that lets others wait; None where its key is taken.

    Raises:
        InvalidInputError: start, end, break and duration do not fit each other.

    """
    values = checked(entry.values)
    present = now()
    row = Entry(
        customer=entry.customer,
        project=entry.project,
        addressee=entry.addressee,
        published_at=None if state is EntryState.DRAFT else present,
        worker=entry.worker,
        job=entry.job,
        task=entry.task,
        day=entry.day,
        week=week_of(entry.day),
        starts_at=values.starts_at,
        ends_at=values.ends_at,
        break_seconds=values.break_seconds,
        worked_seconds=values.worked_seconds,
        units=entry.units,
        kind=entry.kind.value,
        note=entry.note,
        search_folded=search_text(entry.worker_name, entry.task, entry.note),
        rate=entry.rate,
        currency=entry.currency,
        state=state.value,
        source=entry.source,
        external_id=entry.external_id,
        fingerprint=entry.fingerprint,
        changed_at=present,
        created_at=present,
    )
    return row if await Entry.insert(row).on_conflict(action="DO NOTHING") else None


async def register_entry(*, entry: NewEntry, state: EntryState, by: Actor) -> UUID:
    """
    Store an entry that somebody has typed, and return its id; the same key again stores nothing.

    An entry of a job is of the job's project, and the job's contact sees it as hers. What a contact registers waits for
    approval: who registers has not approved.

    Raises:
        NotPermittedError: the contact may not, or not for that customer, worker or project.
        InvalidInputError: start, end, break and duration do not fit each other, there are no hours, or the job is
            somebody else's, another project's, or was not on that day.

    """
    if not checked(entry.values).worked_seconds:
        raise errors.InvalidInputError(
            fields={"worked_seconds": [_("Say when the work began and ended, or how long.")]}
        )
    if by.is_contact:
        entry, state = await _by_contact(entry, by), EntryState.FOR_APPROVAL
    if entry.job is not None:
        entry = await _of_job(entry, entry.job)
    async with transaction():
        made = await add_entry(entry=entry, state=state)
        if made is not None and by.is_contact:
            if not await within(made, by, REGISTER):  # the project of a job that is not hers
                raise errors.NotPermittedError
            facts = {"day": made.day.isoformat(), "hours": {"seconds": made.worked_seconds}}
            await write_activity(kind="timesheets.recorded", by=by, record=(ENTRY, made), data=facts)
            return made.id
        if made is not None:
            row = {"customer": made.customer, "worked_seconds": made.worked_seconds}
            await _tell("timesheets.registered", [row], by, draft=state is EntryState.DRAFT)
            return made.id
        known = await (
            Entry.select(Entry.id).where(Entry.source == entry.source, Entry.external_id == entry.external_id).first()
        )
    if known is None:
        raise errors.NotFoundError
    return UUID(str(known["id"]))


async def _by_contact(entry: NewEntry, by: Actor) -> NewEntry:
    """Return what a contact registers as it is stored; with reach *own* it is addressed to her."""
    offer = await offer_to(by, entry.customer)
    if offer is None or entry.worker not in offer.workers:
        raise errors.NotPermittedError
    if entry.project is None and offer.needs_project:
        raise errors.InvalidInputError(fields={"project": [_("Choose the project.")]})
    if entry.project is not None and entry.project not in offer.projects:
        raise errors.NotPermittedError
    if entry.job is not None and entry.job not in {job.id for job in offer.jobs}:
        raise errors.NotPermittedError
    return replace(entry, addressee=by.person if offer.reach == Reach.OWN else None)


async def _of_job(entry: NewEntry, job: UUID) -> NewEntry:
    found = await Job.objects().where(Job.id == job, Job.customer == entry.customer).first()
    if found is None:
        raise errors.InvalidInputError(fields={"job": [_("The customer has no such job.")]})
    if found.worker != entry.worker:
        raise errors.InvalidInputError(fields={"job": [_("Somebody else has this job.")]})
    ends: date | None = found.ends_on
    if entry.day < found.starts_on or (ends is not None and entry.day > ends):
        raise errors.InvalidInputError(fields={"job": [_("The job was not on that day.")]})
    project: UUID | None = found.project
    if project is not None and entry.project not in {None, project}:
        raise errors.InvalidInputError(fields={"project": [_("The job belongs to another project.")]})
    return replace(entry, project=entry.project or project, addressee=entry.addressee or found.addressee)


async def submit_entries(*, entries: Sequence[UUID], by: Actor | None = None) -> int:
    """
    Put drafts before the customers for approval; returns how many. Others stay as they are.

    Raises:
        WrongStateError: none of them is a draft.

    """
    present = now()
    values: dict[Any, Any] = {
        Entry.state: EntryState.FOR_APPROVAL.value,
        Entry.published_at: present,
        Entry.changed_at: present,
        Entry.version: Entry.version + 1,
    }
    async with transaction():
        await imports.wait_for_others()
        values[Entry.changed_at] = now()
        won = (
            await Entry.update(values)
            .where(lists.among(Entry.id, entries))
            .where(Entry.state.is_in(list(sources(Step.SUBMIT))))
            .returning(Entry.id, Entry.customer, Entry.worked_seconds)
        )
        if not won:
            raise errors.WrongStateError(_("None of these entries is a draft."))
        await _tell("timesheets.submitted", won, by)
    return len(won)


async def invoice_entries(*, entries: Sequence[UUID], number: str = "", by: Actor | None = None) -> int:
    """
    Note that approved entries stand on an invoice; nothing about them changes any more. Returns how many.

    Raises:
        WrongStateError: none of them is approved.

    """
    values: dict[Any, Any] = {
        Entry.state: EntryState.INVOICED.value,
        Entry.invoice_number: " ".join(number.split())[:100],
        Entry.version: Entry.version + 1,
    }
    async with transaction():
        await imports.wait_for_others()
        won = (
            await Entry.update(values)
            .where(lists.among(Entry.id, entries))
            .where(Entry.state.is_in(list(sources(Step.INVOICE))))
            .returning(Entry.id, Entry.customer, Entry.worked_seconds)
        )
        if not won:
            raise errors.WrongStateError(_("None of these entries is approved."))
        await _tell("timesheets.invoiced", won, by, number=number)
    return len(won)


async def _tell(kind: str, rows: Sequence[dict[str, Any]], by: Actor | None, **facts: Any) -> None:
    """Write one activity per customer, whatever the number of entries."""
    by_customer: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_customer[row["customer"]].append(row)
    for customer, own in sorted(by_customer.items()):
        seconds = sum(row["worked_seconds"] for row in own)
        await write_activity(
            kind=kind, by=by, customer=customer, data={"count": len(own), "hours": {"seconds": seconds}, **facts}
        )
