"""Something is wrong: the customer says so, perhaps with the right figures; staff corrects, accepts or answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from core.sdk import Translator, beyond_reach, errors, imports, load, now, transaction, write_activity
from plugins.timesheets.permissions import CHANGE, DISPUTE
from plugins.timesheets.preferences import DISPUTES
from plugins.timesheets.queries import within
from plugins.timesheets.states import ENTRY, CorrectionState, EntryState, Step, after, sources
from plugins.timesheets.tables import Correction, Entry, Revision, Worker
from plugins.timesheets.values import Values, checked, read_proposal, search_text, stored, values_of, week_of
from plugins.timesheets.values import reason as checked_reason

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from core.sdk import Actor

__all__ = ["Correction", "Values", "accept_correction", "answer_dispute", "correct_entry", "dispute_entry"]

_ = Translator("timesheets")

_LOADED = "corrections: the entry has been loaded by who acts"


class EntryChangedError(errors.StaleError):
    """The entry is not what was shown any more."""

    default = _("This entry was changed meanwhile. Look at it again first.")


async def dispute_entry(*, entry: UUID, version: int, reason: str, by: Actor, proposed: Values | None = None) -> None:
    """
    Say that an entry is wrong, and what it should be where *proposed* is given.

    Raises:
        NotFoundError: no such entry within reach.
        NotPermittedError: the actor may not.
        InvalidInputError: no reason, or a proposal that does not add up.
        EntryChangedError: it is not the version that was shown.
        WrongStateError: it does not wait for approval; or the tenant wants mistakes told in another way.

    """
    why = checked_reason(reason)
    if not by.tenant.setting(DISPUTES):
        raise errors.WrongStateError(_("Mistakes are told in another way here."))
    wanted = checked(proposed) if proposed is not None else None
    async with transaction():
        await imports.wait_for_others()
        found = await load(by, Entry, entry)
        await _require_within(found, by, DISPUTE)
        _check(found, Step.DISPUTE, version)
        await _change(found, {Entry.state: EntryState.DISPUTED.value})
        same = wanted is not None and wanted == values_of(found)
        await Correction.insert(
            Correction(
                entry=found.id,
                entry_version=version,
                proposed="{}" if wanted is None or same else stored(wanted),
                explanation=why,
                by=by.person,
            )
        )
        facts = {**word_of(found), "reason": why}
        if wanted is not None and not same:
            facts["proposed"] = {"seconds": wanted.worked_seconds}
        await write_activity(kind="timesheets.disputed", by=by, record=(ENTRY, found), data=facts)


async def _require_within(entry: Entry, by: Actor, permission: str) -> None:
    by.require(permission, customer=entry.customer)
    if not await within(entry, by, permission):
        raise errors.NotPermittedError


async def correct_entry(
    *,
    entry: UUID,
    version: int,
    values: Values,
    reason: str,
    by: Actor,
    day: date | None = None,
    task: str | None = None,
    note: str | None = None,
) -> None:
    """
    Put an entry right, by staff or by a contact who may. It waits for approval again; what it said before is kept.

    Raises:
        NotFoundError: no such entry within reach.
        NotPermittedError: the contact may not.
        InvalidInputError: no reason, or figures that do not add up.
        EntryChangedError: it is not the version that was shown.
        WrongStateError: it is approved (open it again first) or invoiced.

    """
    why = checked_reason(reason)
    right = checked(values)
    async with transaction():
        await imports.wait_for_others()
        found = await load(by, Entry, entry)
        if by.is_contact:
            await _require_within(found, by, CHANGE)
        _check(found, Step.CORRECT, version)
        correction = await open_correction(found)
        accepted = correction is not None and proposal_of(correction) == right
        draft = found.state == EntryState.DRAFT.value  # nothing that customers will ever be told of
        await _correct(found, right, why, by, day=day or found.day, task=task, note=note)
        if correction is not None:
            outcome = CorrectionState.ACCEPTED if accepted else CorrectionState.CORRECTED
            await _decide(correction, outcome, by)
        facts = {**word_of(found), "reason": why} | ({"internal": True} if draft else {})
        kind = "timesheets.changed" if by.is_contact else "timesheets.corrected"
        await write_activity(kind=kind, by=by, record=(ENTRY, found), data=facts)


async def accept_correction(*, entry: UUID, version: int, by: Actor) -> None:
    """
    Take over what the customer has proposed.

    Raises:
        NotFoundError: no such entry.
        EntryChangedError: it is not the version that was shown.
        WrongStateError: nothing is proposed.

    """
    async with transaction():
        await imports.wait_for_others()
        found = await load(by, Entry, entry)
        _check(found, Step.CORRECT, version)
        correction = await open_correction(found)
        right = proposal_of(correction) if correction is not None else None
        if correction is None or right is None:
            raise errors.WrongStateError(_("No figures are proposed for this entry."))
        await _correct(found, right, correction.explanation, by, day=found.day)
        await _decide(correction, CorrectionState.ACCEPTED, by)
        await write_activity(
            kind="timesheets.corrected",
            by=by,
            record=(ENTRY, found),
            data={**word_of(found), "reason": correction.explanation},
        )


async def answer_dispute(*, entry: UUID, version: int, answer: str, by: Actor) -> None:
    """
    Explain why an entry stays as it is; it waits for approval again.

    Raises:
        NotFoundError: no such entry.
        InvalidInputError: no answer.
        EntryChangedError: it is not the version that was shown.
        WrongStateError: it is not disputed.

    """
    text = checked_reason(answer, "answer")
    async with transaction():
        await imports.wait_for_others()
        found = await load(by, Entry, entry)
        _check(found, Step.ANSWER, version)
        await _change(found, {Entry.state: EntryState.FOR_APPROVAL.value})
        correction = await open_correction(found)
        if correction is not None:
            await _decide(correction, CorrectionState.ANSWERED, by, answer=text)
        await write_activity(
            kind="timesheets.answered", by=by, record=(ENTRY, found), data={**word_of(found), "reason": text}
        )


def _check(entry: Entry, step: Step, version: int) -> None:
    if after(step, EntryState(entry.state)) is None:
        raise errors.WrongStateError(_REFUSED[EntryState(entry.state)])
    if entry.version != version:
        raise EntryChangedError


_REFUSED = {
    EntryState.DRAFT: _("This entry is a draft."),
    EntryState.FOR_APPROVAL: _("This entry waits for approval."),
    EntryState.DISPUTED: _("This entry is disputed already."),
    EntryState.APPROVED: _("This entry is approved. It can be opened again with a reason."),
    EntryState.INVOICED: _("This entry is invoiced and does not change any more."),
}


async def _change(entry: Entry, values: dict[Any, Any]) -> None:
    """Change a loaded entry, if it is still the version that was loaded."""
    present = now()
    everything = {**values, Entry.version: entry.version + 1, Entry.changed_at: present}
    with beyond_reach(_LOADED):
        won = (
            await Entry.update(everything)
            .where(Entry.id == entry.id, Entry.version == entry.version)
            .returning(Entry.id)
        )
    if not won:
        raise EntryChangedError
    for column, value in everything.items():
        setattr(entry, column._meta.name, value)


async def _correct(
    entry: Entry,
    right: Values,
    why: str,
    by: Actor,
    *,
    day: date,
    task: str | None = None,
    note: str | None = None,
) -> None:
    before = {
        **msgspec.to_builtins(values_of(entry)),
        "day": entry.day.isoformat(),
        "task": entry.task,
        "note": entry.note,
    }
    await Revision.insert(
        Revision(
            entry=entry.id,
            version=entry.version,
            before=msgspec.json.encode(before).decode(),
            explanation=why,
            by=by.person,
        )
    )
    worker = await Worker.select(Worker.name).where(Worker.id == entry.worker).first()
    task = entry.task if task is None else task
    note = entry.note if note is None else note
    state = after(Step.CORRECT, EntryState(entry.state)) or EntryState.FOR_APPROVAL
    await _change(
        entry,
        {
            Entry.starts_at: right.starts_at,
            Entry.ends_at: right.ends_at,
            Entry.break_seconds: right.break_seconds,
            Entry.worked_seconds: right.worked_seconds,
            Entry.day: day,
            Entry.week: week_of(day),
            Entry.task: task,
            Entry.note: note,
            Entry.search_folded: search_text(worker["name"] if worker else "", task, note),
            Entry.state: state.value,
        },
    )


async def open_correction(entry: Entry) -> Correction | None:
    """Return what a customer has said about a loaded entry and nobody has decided."""
    found: Correction | None = (
        await Correction.objects()
        .where(Correction.entry == entry.id, Correction.state == CorrectionState.OPEN.value)
        .first()
    )
    return found


def proposal_of(correction: Correction) -> Values | None:
    """Return the figures that a correction proposes, if any."""
    return read_proposal(correction.proposed)


async def _decide(correction: Correction, outcome: CorrectionState, by: Actor, *, answer: str = "") -> None:
    values: dict[Any, Any] = {
        Correction.state: outcome.value,
        Correction.answer: answer,
        Correction.decided_by: by.person,
        Correction.decided_at: now(),
    }
    await Correction.update(values).where(Correction.id == correction.id)


def word_of(entry: Entry) -> dict[str, Any]:
    """Return what activities say of an entry."""
    return {"day": entry.day.isoformat(), "hours": {"seconds": entry.worked_seconds}}


assert all(state in _REFUSED for state in EntryState)  # noqa: S101 -- a new state needs its sentence
assert sources(Step.DISPUTE)  # noqa: S101 -- somebody can always say that something is wrong
