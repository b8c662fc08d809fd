"""Approving: once, by whom it may be, of what was shown."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.clock import later, now
from core.db import transaction
from core.people.actor import acting_as
from core.records.base import beyond_reach
from core.sdk import errors
from plugins.timesheets.services import (
    Approved,
    Values,
    approve_entries,
    correct_entry,
    invoice_entries,
    reopen_entries,
    undo_approval,
)
from plugins.timesheets.services.approving import digest_of
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Approval
from tests.plugins.timesheets.made import DAY, activities, actor_of, states, stored, works
from tests.portal_fixtures import Portal, World


async def test_what_is_approved_says_who_and_when_and_of_what(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        ids = await made.entries(3)
        by = await actor_of(made.manager)
        with acting_as(by):
            done = await approve_entries(entries=ids, shown_at=now(), by=by, reference="  PO  4711 ")
        (id,) = done.approvals
        assert done == Approved(approvals=(id,), entries=3, seconds=3 * 8 * 3600)
        rows = [await stored(entry) for entry in ids]
        assert {(row.state, row.approval, row.version) for row in rows} == {("approved", id, 2)}
        approval = await approval_of(id)
        assert (approval.by_name, approval.reference, approval.entries, approval.seconds) == (
            "Marta Managera",
            "PO 4711",
            3,
            86_400,
        )
        assert (approval.first_day, approval.last_day) == (DAY + timedelta(days=1), DAY + timedelta(days=3))
        assert approval.digest == digest_of(
            [{"id": row.id, "version": row.version, "worked_seconds": row.worked_seconds} for row in rows]
        )
        assert len(await activities("timesheets.approved")) == 1


async def approval_of(id: UUID) -> Approval:
    """Return an approval as it stands, whoever asks."""
    with beyond_reach("tests: what is stored"):
        found = await Approval.objects().where(Approval.id == id).first()
    assert found is not None
    return found


async def test_only_what_waits_is_approved_and_the_rest_is_named(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        by = await actor_of(made.manager)
        first, second, third = await made.entries(3)
        draft = await made.entry(state=EntryState.DRAFT)
        with acting_as(by):
            await approve_entries(entries=[first], shown_at=now(), by=by)
            done = await approve_entries(entries=[first, second, third, draft, uuid4()], shown_at=now(), by=by)
        assert (done.entries, [each.entry for each in done.before], [each.by for each in done.before]) == (
            2,
            [first],
            ["Marta Managera"],
        )
        assert await states() == {"approved": 3, "draft": 1}
        with acting_as(by):
            again = await approve_entries(entries=[first, second, third], shown_at=now(), by=by)
        assert (again.entries, again.passed) == (0, 3)
        assert len(await activities("timesheets.approved")) == 2


async def test_what_changed_after_it_was_shown_is_named_and_waits(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        by, staff = await actor_of(made.manager), await actor_of(made.staff)
        same, changed = await made.entries(2)
        shown = now()
        with later(timedelta(minutes=1)), acting_as(staff):
            await correct_entry(
                entry=changed, version=1, values=Values(worked_seconds=9 * 3600), reason="Counted again", by=staff
            )
        with later(timedelta(minutes=2)), acting_as(by):
            done = await approve_entries(entries=[same, changed], shown_at=shown, by=by)
        assert ([each.entry for each in done.changed], done.entries) == ([changed], 1)
        assert (await stored(changed)).state == "for_approval"


async def test_a_contact_approves_no_project_of_others(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        by = await actor_of(made.approver)
        mine = await made.entry()
        theirs = await made.entry(project=made.other)
        with acting_as(by):
            done = await approve_entries(entries=[mine, theirs], shown_at=now(), by=by)
        assert (done.entries, done.passed) == (1, 0)
        assert (await stored(theirs)).state == "for_approval"


async def test_who_may_not_approve_is_refused(portal: Portal) -> None:
    made = await works(portal)
    viewer = await portal.contact("viewer@a.example", made.customer, role="viewer")
    async with portal.work():
        entry = await made.entry()
        for person in (viewer, made.staff):
            by = await actor_of(person)
            with acting_as(by), pytest.raises(errors.NotPermittedError):
                await approve_entries(entries=[entry], shown_at=now(), by=by)
        assert (await stored(entry)).state == "for_approval"


async def test_entries_of_another_tenant_do_not_exist(world: World) -> None:
    made = await works(world.first)
    theirs = await works(world.second, "y")
    async with world.second.work():
        foreign = await theirs.entry()
    async with world.first.work():
        by = await actor_of(made.manager)
        with acting_as(by):
            assert await approve_entries(entries=[foreign], shown_at=now(), by=by) == Approved()
    async with world.second.work():
        assert (await stored(foreign)).state == "for_approval"


async def test_the_same_form_twice_is_one_approval(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        by, form = await actor_of(made.manager), uuid4()
        entries = await made.entries(2)
        with acting_as(by):
            first = await approve_entries(entries=entries, shown_at=now(), by=by, approval=form)
            await made.entry()
            second = await approve_entries(entries=entries, shown_at=now(), by=by, approval=form)
        assert (first.approvals, first.entries) == (second.approvals, second.entries) == ((form,), 2)
        assert await states() == {"approved": 2, "for_approval": 1}


async def test_it_can_be_undone_for_some_seconds_and_by_oneself(portal: Portal) -> None:
    made = await works(portal)
    colleague = await portal.contact("colleague@a.example", made.customer)
    async with portal.work():
        by, other = await actor_of(made.manager), await actor_of(colleague)
        with acting_as(by):
            first = (await approve_entries(entries=await made.entries(2), shown_at=now(), by=by)).approvals[0]
            second = (await approve_entries(entries=await made.entries(1), shown_at=now(), by=by)).approvals[0]
        with acting_as(other), pytest.raises(errors.WrongStateError):
            await undo_approval(approval=first, by=other)
        with acting_as(by):
            await undo_approval(approval=first, by=by)
            with pytest.raises(errors.WrongStateError):
                await undo_approval(approval=first, by=by)
            with later(timedelta(seconds=16)), pytest.raises(errors.WrongStateError):
                await undo_approval(approval=second, by=by)
        assert await states() == {"for_approval": 2, "approved": 1}


async def test_staff_opens_again_with_a_reason_and_never_what_is_invoiced(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        by, staff = await actor_of(made.manager), await actor_of(made.staff)
        ids = await made.entries(3)
        with acting_as(by):
            await approve_entries(entries=ids, shown_at=now(), by=by)
        with acting_as(staff):
            await invoice_entries(entries=ids[:1], by=staff, number="F-1")
            with pytest.raises(errors.InvalidInputError):
                await reopen_entries(entries=ids, reason="  ", by=staff)
            assert await reopen_entries(entries=ids, reason="Wrong rate", by=staff) == 2
            with pytest.raises(errors.WrongStateError):
                await reopen_entries(entries=ids, reason="Wrong rate", by=staff)
        assert await states() == {"invoiced": 1, "for_approval": 2}
        assert (await stored(ids[0])).invoice_number == "F-1"


async def test_of_many_at_once_each_entry_is_approved_once(portal: Portal) -> None:
    """Ten contacts press the button for the same entries at the same moment."""
    made = await works(portal)
    people = [await portal.contact(f"c{number}@a.example", made.customer) for number in range(10)]
    async with portal.work():
        ids = await made.entries(40)

    async def press(number: int) -> Approved:
        async with portal.work(), transaction():
            by = await actor_of(people[number])
            with acting_as(by):
                return await approve_entries(entries=ids, shown_at=now() + timedelta(minutes=1), by=by)

    results = await asyncio.gather(*(press(number) for number in range(10)))
    assert sorted(result.entries for result in results) == [0] * 9 + [40]
    for result in results:
        if not result.entries:
            assert (result.passed, {each.state for each in result.before}) == (40, {EntryState.APPROVED})
    async with portal.work():
        assert await states() == {"approved": 40}
        assert len(await activities("timesheets.approved")) == 1


async def test_the_id_of_somebody_elses_approval_opens_nothing(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        manager, approver = await actor_of(made.manager), await actor_of(made.approver)
        mine, theirs = await made.entry(), await made.entry(project=made.other)
        with acting_as(manager):
            (known,) = (await approve_entries(entries=[theirs], shown_at=now(), by=manager)).approvals
        with acting_as(approver), pytest.raises(errors.NotFoundError):
            await approve_entries(entries=[mine], shown_at=now(), by=approver, approval=known)
        assert (await stored(mine)).state == "for_approval"
