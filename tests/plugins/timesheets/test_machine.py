"""Any sequence of steps, by anybody: entries are only ever in the states that the table of steps allows, sums hold."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

import pytest

from core.clock import later, now
from core.people.actor import Actor, acting_as
from core.sdk import Reach, errors
from plugins.timesheets.services import (
    Values,
    accept_correction,
    answer_dispute,
    approve_entries,
    correct_entry,
    dispute_entry,
    invoice_entries,
    reopen_entries,
    submit_entries,
    undo_approval,
)
from plugins.timesheets.services.approving import digest_of
from plugins.timesheets.states import EntryState, Step, after
from tests.plugins.timesheets.made import activities, actor_of, grant, stored, works
from tests.plugins.timesheets.test_approving import approval_of
from tests.portal_fixtures import Portal

STEPS = 70


class Model:
    """What an entry must be: its state, version and seconds."""

    def __init__(self, state: EntryState, seconds: int) -> None:
        self.state, self.version, self.seconds = state, 1, seconds
        self.proposed: int | None = None
        self.approval: UUID | None = None

    def step(self, step: Step) -> bool:
        """Take a step where it may be taken."""
        state = after(step, self.state)
        if state is None:
            return False
        self.state, self.version = state, self.version + 1
        if state not in {EntryState.APPROVED, EntryState.INVOICED}:
            self.approval = None
        return True


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_sequence_of_steps_keeps_to_the_table(portal: Portal, seed: int) -> None:
    made, chance = await works(portal), random.Random(seed)
    await grant(portal, "manager", change=Reach.COMPANY)
    async with portal.work():
        contact, staff = await actor_of(made.manager), await actor_of(made.staff)
        models: dict[UUID, Model] = {}
        for number in range(6):
            state = EntryState.DRAFT if number % 2 else EntryState.FOR_APPROVAL
            models[await made.entry(state=state)] = Model(state, 8 * 3600)
        approvals: list[UUID] = []
        for place in range(STEPS):
            id = chance.choice(list(models))
            model = models[id]
            step = chance.choice(list(Step))
            with later(timedelta(minutes=place)):
                done = await _try(step, id, model, contact, staff, chance, approvals)
            expected = _expected(step, model, done)
            row = await stored(id)
            assert done == expected, (place, step, model.state)
            assert (row.state, row.worked_seconds) == (model.state.value, model.seconds), (place, step)
        for id, model in models.items():
            row = await stored(id)
            assert (row.state, row.published_at is None) == (model.state.value, model.state is EntryState.DRAFT)
            assert (row.approval is None) == (model.state not in {EntryState.APPROVED, EntryState.INVOICED})
        for id in approvals:
            approval = await approval_of(id)
            own = [await stored(entry) for entry in models]
            left = [row for row in own if row.approval == id and row.state == "approved"]
            assert approval.entries == 1
            if left:
                assert approval.digest == digest_of(
                    [{"id": row.id, "version": row.version, "worked_seconds": row.worked_seconds} for row in left]
                )
        told, undone = await activities("timesheets.approved"), await activities("timesheets.undone")
        assert len(told) - len(undone) == len(approvals)


def _expected(step: Step, model: Model, done: bool) -> bool:
    if step is Step.UNDO:  # the machine undoes at once, in the step that approves
        return False
    if done and step is Step.CORRECT:
        model.seconds = model.seconds + 60
    return model.step(step) if done or after(step, model.state) else False


async def _try(  # noqa: PLR0917 -- what a step needs
    step: Step, id: UUID, model: Model, contact: Actor, staff: Actor, chance: random.Random, approvals: list[UUID]
) -> bool:
    row = await stored(id)
    try:
        if step is Step.SUBMIT:
            with acting_as(staff):
                await submit_entries(entries=[id], by=staff)
        elif step is Step.APPROVE:
            with acting_as(contact):
                done = await approve_entries(entries=[id], shown_at=now(), by=contact)
                if done.approvals and chance.random() < 0.3:
                    await undo_approval(approval=done.approvals[0], by=contact)
                    done = await approve_entries(entries=[id], shown_at=now(), by=contact)
                    approvals.append(done.approvals[0])
                approvals.extend(each for each in done.approvals if each not in approvals)
                if not done.entries:
                    return False
        elif step is Step.DISPUTE:
            with acting_as(contact):
                await dispute_entry(entry=id, version=row.version, reason="Wrong", by=contact)
        elif step is Step.CORRECT:
            hers = model.state is not EntryState.DRAFT and chance.random() < 0.5
            by = contact if hers else staff  # a contact who may change hours keeps to the same table
            with acting_as(by):
                values = Values(worked_seconds=model.seconds + 60)
                await correct_entry(entry=id, version=row.version, values=values, reason="Right", by=by)
        elif step is Step.ANSWER:
            with acting_as(staff):
                with pytest.raises(errors.WrongStateError):
                    await accept_correction(entry=id, version=row.version, by=staff)
                await answer_dispute(entry=id, version=row.version, answer="So it was", by=staff)
        elif step is Step.UNDO:
            with acting_as(contact):
                for approval in approvals:
                    with later(timedelta(minutes=1)), pytest.raises(errors.WrongStateError):
                        await undo_approval(approval=approval, by=contact)
            return False
        elif step is Step.REOPEN:
            with acting_as(staff):
                await reopen_entries(entries=[id], reason="Wrong rate", by=staff)
        else:
            with acting_as(staff):
                await invoice_entries(entries=[id], by=staff)
    except errors.DomainError:
        return False
    return True
