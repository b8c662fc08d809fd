"""
Approving what a contact was shown: once, all of it or what is left of it, and never what changed behind her back.

Deciding verbs of one tenant follow one another (`imports.wait_for_others`), so of fifty at once one wins each entry and
the others learn who was quicker.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sdk import Translator, beyond_reach, errors, imports, lists, now, transaction, write_activity
from plugins.timesheets.permissions import APPROVE
from plugins.timesheets.states import EntryState, Step, sources
from plugins.timesheets.tables import Approval, Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.sdk import Actor

_ = Translator("timesheets")

APPROVAL = "timesheets_approval"
"""The kind of record."""
LONGEST_REFERENCE = 100
_MOST_NAMED = 50
_DECIDED = "approvals: the entries have been read through the reader's own reach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """An entry that was not approved: who works there and when, and what somebody else did first."""

    entry: UUID
    worker: str
    day: date
    state: EntryState
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What an approval did: one row per customer, how much in all, and what it passed over."""

    approvals: tuple[UUID, ...] = ()
    entries: int = 0
    seconds: int = 0
    changed: tuple[Passed, ...] = ()
    """Changed after they were shown: to be looked at again."""
    before: tuple[Passed, ...] = ()
    """Approved or disputed already, by whom and when."""
    passed: int = 0
    """How many were passed over in all; of many only the first are named."""


@dataclass(slots=True)
class _Sorted:
    """The entries of a wish, by what can be done with them."""

    open: list[Mapping[str, Any]] = field(default_factory=list)
    changed: list[Mapping[str, Any]] = field(default_factory=list)
    before: list[Mapping[str, Any]] = field(default_factory=list)


async def approve_entries(
    *, entries: Sequence[UUID], shown_at: datetime, by: Actor, reference: str = "", approval: UUID | None = None
) -> Approved:
    """
    Approve those of *entries* that wait for it, that *by* may approve, and that have not changed since *shown_at*.

    The same *approval* id again changes nothing and returns what it did. Entries of several customers become one
    approval for each.

    Raises:
        InvalidInputError: the reference is too long.
        NotFoundError: *approval* is the id of somebody else's.
        NotPermittedError: the actor may approve nothing.

    """
    if by.person is None or not by.is_contact or not by.can(APPROVE):
        raise errors.NotPermittedError
    reference = " ".join(reference.replace("\x00", "").split())
    if len(reference) > LONGEST_REFERENCE:
        raise errors.InvalidInputError(
            fields={"reference": [_("Write at most {n} characters.").format(n=LONGEST_REFERENCE)]}
        )
    async with transaction():
        await imports.wait_for_others()
        if approval is not None and (again := await Approval.objects().where(Approval.id == approval).first()):
            return Approved(approvals=(again.id,), entries=again.entries, seconds=again.seconds)
        if approval is not None and await _is_somebody_elses(approval):
            raise errors.NotFoundError
        found = await _sorted(entries, shown_at, by)
        made: list[Approval] = []
        rows = sorted(found.open, key=lambda row: (row["customer"], row["id"]))
        for customer, group in groupby(rows, key=lambda row: row["customer"]):
            done = await _approve(customer, list(group), by, reference, approval if not made else None)
            if done is not None:
                made.append(done)
        return Approved(
            approvals=tuple(each.id for each in made),
            entries=sum(each.entries for each in made),
            seconds=sum(each.seconds for each in made),
            changed=tuple(_passed(row) for row in found.changed[:_MOST_NAMED]),
            before=tuple(_passed(row) for row in found.before[:_MOST_NAMED]),
            passed=len(found.changed) + len(found.before),
        )


async def _is_somebody_elses(approval: UUID) -> bool:
    with beyond_reach(_DECIDED):
        return await Approval.exists().where(Approval.id == approval)


async def _sorted(entries: Sequence[UUID], shown_at: datetime, by: Actor) -> _Sorted:
    found = _Sorted()
    rows = await (
        Entry.select(
            Entry.id,
            Entry.customer,
            Entry.day,
            Entry.state,
            Entry.changed_at,
            Entry.version,
            Entry.worker.name.as_alias("worker"),
            Entry.approval.by_name.as_alias("by"),
            Entry.approval.at.as_alias("at"),
        )
        .where(lists.among(Entry.id, entries))
        .where(Entry.within_reach(by.reaches(APPROVE), by.person))  # type: ignore[arg-type]  # contacts have a person
        .order_by(Entry.day, Entry.id)
    )
    for row in rows:
        if row["state"] not in sources(Step.APPROVE):
            found.before.append(row)
        elif row["changed_at"] > shown_at:
            found.changed.append(row)
        else:
            found.open.append(row)
    return found


def _passed(row: Mapping[str, Any]) -> Passed:
    return Passed(
        entry=row["id"],
        worker=row["worker"],
        day=row["day"],
        state=EntryState(row["state"]),
        by=row["by"] or "",
        at=row["at"],
    )


async def _approve(
    customer: UUID, rows: Sequence[Mapping[str, Any]], by: Actor, reference: str, id: UUID | None
) -> Approval | None:
    present = now()
    made = Approval(
        customer=customer,
        addressee=by.person,
        published_at=present,
        at=present,
        by_name=by.name,
        reference=reference,
        entries=0,
        seconds=0,
        digest="",
        first_day=min(row["day"] for row in rows),
        last_day=max(row["day"] for row in rows),
    )
    if id is not None:
        made.id = id
    with beyond_reach(_DECIDED):
        await Approval.insert(made)
        values: dict[Any, Any] = {
            Entry.state: EntryState.APPROVED.value,
            Entry.approval: made.id,
            Entry.version: Entry.version + 1,
        }
        won = (
            await Entry.update(values)
            .where(lists.among(Entry.id, [row["id"] for row in rows]))
            .where(Entry.state.is_in(list(sources(Step.APPROVE))))
            .returning(Entry.id, Entry.version, Entry.worked_seconds)
        )
        if not won:
            await Approval.delete().where(Approval.id == made.id)
            return None
        made.entries, made.seconds = len(won), sum(row["worked_seconds"] for row in won)
        made.digest = digest_of(won)
        await Approval.update(
            {Approval.entries: made.entries, Approval.seconds: made.seconds, Approval.digest: made.digest}
        ).where(Approval.id == made.id)
    await write_activity(kind="timesheets.approved", by=by, record=(APPROVAL, made), data=word_of(made))
    return made


def digest_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return SHA-256 over id, version and seconds of entries, sorted by id: what exactly was approved."""
    lines = sorted(f"{row['id']}:{row['version']}:{row['worked_seconds']}" for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def word_of(approval: Approval) -> dict[str, Any]:
    """Return what activities say of an approval."""
    return {
        "count": approval.entries,
        "hours": {"seconds": approval.seconds},
        "first_day": approval.first_day.isoformat(),
        "last_day": approval.last_day.isoformat(),
        "days": {"first_day": approval.first_day.isoformat(), "last_day": approval.last_day.isoformat()},
        "digest": approval.digest,
        "reference": approval.reference,
    }
