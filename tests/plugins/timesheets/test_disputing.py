"""Something is wrong: said by the customer, put right or explained by staff, and what it said before is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.people.actor import acting_as
from core.preferences.values import save_settings
from core.records.comments import add_comment
from core.sdk import errors
from plugins.timesheets.queries import corrections_of, revisions_of
from plugins.timesheets.services import (
    Values,
    accept_correction,
    answer_dispute,
    approve_entries,
    correct_entry,
    dispute_entry,
    submit_entries,
)
from plugins.timesheets.services.correcting import EntryChangedError
from plugins.timesheets.states import EntryState
from tests.plugins.timesheets.made import DAY, activities, actor_of, at, stored, works
from tests.portal_fixtures import Portal

EIGHT = Values(starts_at=at(8), ends_at=at(16, 30), break_seconds=1800)
SEVEN = Values(starts_at=at(8), ends_at=at(15, 30), break_seconds=1800)


async def test_a_proposal_is_taken_over_and_waits_again(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY)
        contact, staff = await actor_of(made.approver), await actor_of(made.staff)
        with acting_as(contact):
            await dispute_entry(entry=entry, version=1, reason="Left at 15:30", proposed=SEVEN, by=contact)
            assert (await stored(entry)).state == "disputed"
            with pytest.raises(errors.WrongStateError):
                await dispute_entry(entry=entry, version=2, reason="Again", by=contact)
            assert (await approve_entries(entries=[entry], shown_at=at(23), by=contact)).entries == 0
        with acting_as(staff):
            await accept_correction(entry=entry, version=2, by=staff)
        row = await stored(entry)
        assert (row.state, row.worked_seconds, row.ends_at, row.version) == ("for_approval", 7 * 3600, at(15, 30), 3)
        (correction,) = await corrections_of(row)
        assert (correction.state, correction.by, correction.reason) == ("accepted", "Ana Approvera", "Left at 15:30")
        (revision,) = await revisions_of(row)
        assert (revision.worked_seconds, revision.ends_at, revision.day) == (8 * 3600, at(16, 30), DAY)
        assert len(await activities("timesheets.disputed")) == len(await activities("timesheets.corrected")) == 1


async def test_an_answer_leaves_it_as_it_is(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY)
        contact, staff = await actor_of(made.manager), await actor_of(made.staff)
        with acting_as(contact):
            await dispute_entry(entry=entry, version=1, reason="Too long?", proposed=EIGHT, by=contact)
        row = await stored(entry)
        (correction,) = await corrections_of(row)
        assert correction.proposed is None, "the same figures are no proposal"
        with acting_as(staff):
            with pytest.raises(errors.WrongStateError):
                await accept_correction(entry=entry, version=2, by=staff)
            with pytest.raises(errors.InvalidInputError):
                await answer_dispute(entry=entry, version=2, answer=" ", by=staff)
            await answer_dispute(entry=entry, version=2, answer="It was inventory day.", by=staff)
        row = await stored(entry)
        (correction,) = await corrections_of(row)
        assert (row.state, row.worked_seconds, correction.state, correction.answer) == (
            "for_approval",
            8 * 3600,
            "answered",
            "It was inventory day.",
        )


async def test_nobody_overwrites_what_changed_meanwhile(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY)
        contact, staff = await actor_of(made.manager), await actor_of(made.staff)
        with acting_as(staff):
            await correct_entry(entry=entry, version=1, values=SEVEN, reason="Counted again", by=staff)
            with pytest.raises(EntryChangedError):
                await correct_entry(entry=entry, version=1, values=EIGHT, reason="No", by=staff)
        with acting_as(contact), pytest.raises(EntryChangedError):
            await dispute_entry(entry=entry, version=1, reason="Wrong", by=contact)
        assert (await stored(entry)).worked_seconds == 7 * 3600


async def test_figures_have_to_add_up(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY)
        staff = await actor_of(made.staff)
        wrong = (
            Values(starts_at=at(8), ends_at=at(7)),
            Values(starts_at=at(8), ends_at=at(9), break_seconds=7200),
            Values(starts_at=at(8)),
            Values(worked_seconds=-1),
            Values(starts_at=at(8), ends_at=at(8) + timedelta(days=8)),
        )
        with acting_as(staff):
            for values in wrong:
                with pytest.raises(errors.InvalidInputError):
                    await correct_entry(entry=entry, version=1, values=values, reason="x", by=staff)
        assert (await stored(entry)).version == 1


async def test_who_sees_the_entry_and_may_not_dispute_is_refused(portal: Portal) -> None:
    made = await works(portal)
    viewer = await portal.contact("viewer@a.example", made.customer, role="viewer")
    async with portal.work():
        entry, other = await made.entry(), await made.entry(project=made.other)
        by = await actor_of(viewer)
        with acting_as(by), pytest.raises(errors.NotPermittedError):
            await dispute_entry(entry=entry, version=1, reason="x", by=by)
        by = await actor_of(made.approver)
        with acting_as(by), pytest.raises(errors.NotFoundError):
            await dispute_entry(entry=other, version=1, reason="x", by=by)


async def test_a_tenant_may_want_mistakes_told_in_another_way(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await save_settings({"timesheets.disputes": False, "timesheets.procedure": "Call the dispatcher."})
    async with portal.work():
        entry = await made.entry()
        by = await actor_of(made.manager)
        with acting_as(by):
            with pytest.raises(errors.WrongStateError):
                await dispute_entry(entry=entry, version=1, reason="x", by=by)
            with pytest.raises(errors.NotPermittedError):
                await add_comment(actor=by, kind="timesheets_entry", record=await stored(entry), text="x")
    browser = await portal.browser(made.manager)
    page = await browser.get(f"/timesheets/{entry}")
    assert "Call the dispatcher." in page.text
    assert "/dispute" not in page.text
    assert "/comments" not in page.text
    refused = await browser.post(f"/timesheets/{entry}/dispute", {"reason": "x", "version": "1"}, page="/")
    assert refused.status_code == 409


async def test_what_a_draft_said_stays_with_the_staff(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY, state=EntryState.DRAFT)
        staff = await actor_of(made.staff)
        with acting_as(staff):
            await correct_entry(entry=entry, version=1, values=SEVEN, reason="Client pays no more", by=staff)
            await submit_entries(entries=[entry], by=staff)
            await correct_entry(entry=entry, version=3, values=EIGHT, reason="Seen by both", by=staff)
    contact, desk = await portal.browser(made.manager), await portal.browser(made.staff)
    for page, seen in ((f"/timesheets/{entry}", False), (f"/staff/timesheets/{entry}", True)):
        text = (await (desk if seen else contact).get(page)).text
        assert "Seen by both" in text
        assert ("Client pays no more" in text) is seen
        assert text.count("was corrected:") == 1 + seen
