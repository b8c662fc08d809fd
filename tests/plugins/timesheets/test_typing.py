"""What people type about an entry's times and hours: nothing is dropped, nothing is taken for what was not meant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.people.actor import acting_as
from plugins.timesheets.queries import corrections_of
from plugins.timesheets.services import Values, correct_entry
from tests.plugins.timesheets.made import DAY, actor_of, at, stored, works
from tests.portal_fixtures import Browser, Portal

EIGHT = Values(starts_at=at(8), ends_at=at(16, 30), break_seconds=1800)
TWICE = Values(  # 02:30 came twice that night in Madrid: she began in the first and left in the second
    starts_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ends_at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
)
ROUND = Values(starts_at=at(8), ends_at=datetime(2026, 11, 3, 8, tzinfo=UTC))


async def put(browser: Browser, page: str, form: dict[str, str], action: str) -> Any:
    return await browser.post(f"{page}/{action}", form, page=page)


@pytest.fixture
async def made(portal: Portal) -> Any:
    return await works(portal)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"starts": "09:00", "ends": "", "pause": "0:30"}, "Give start and end, or neither."),
        ({"starts": "", "ends": "", "pause": "", "hours": ""}, "Say when the work began and ended, or how long."),
        (
            {"starts": "09:00", "ends": "17:30", "pause": "0:30", "hours": "7"},
            "Start, end, break and duration do not fit each other.",
        ),
    ],
)
async def test_staff_corrects_nothing_to_hours_that_nobody_typed(
    portal: Portal, made: Any, typed: dict[str, str], said: str
) -> None:
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY)
    desk, page = await portal.browser(made.staff), f"/staff/timesheets/{entry}"
    answer = await put(desk, page, {"day": "2026-11-02", "reason": "So", "version": "1", **typed}, "correct")
    assert (answer.status_code, said in answer.text) == (422, True)
    async with portal.work():
        assert (await stored(entry)).worked_seconds == 8 * 3600


async def test_hours_beside_times_are_not_dropped_where_a_customer_types_them(portal: Portal, made: Any) -> None:
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY)
    contact, page = await portal.browser(made.manager), f"/timesheets/{entry}"
    typed = {"starts": "09:00", "ends": "17:30", "pause": "0:30", "hours": "7", "reason": "Seven", "version": "1"}
    answer = await put(contact, page, typed, "dispute")
    assert (answer.status_code, "do not fit each other" in answer.text, "Seven" in answer.text) == (422, True, True)
    typed |= {"starts": "", "ends": "", "pause": ""}
    assert (await put(contact, page, typed, "dispute")).status_code == 303
    async with portal.work():
        (correction,) = await corrections_of(await stored(entry))
        assert correction.proposed == Values(worked_seconds=7 * 3600)


@pytest.mark.parametrize(("values", "day"), [(TWICE, date(2026, 10, 25)), (ROUND, DAY)])
async def test_times_that_nobody_touched_stay_what_they_are(
    portal: Portal, made: Any, values: Values, day: date
) -> None:
    async with portal.work():
        entry = await made.entry(values=values, day=day)
        before = (await stored(entry)).worked_seconds
    shown = {"starts": "02:30", "ends": "02:30"} if values is TWICE else {"starts": "09:00", "ends": "09:00"}
    typed = {**shown, "pause": "0:00", "hours": "", "reason": "Another note", "version": "1"}
    contact = await portal.browser(made.manager)
    assert (await put(contact, f"/timesheets/{entry}", typed, "dispute")).status_code == 303
    desk, page = await portal.browser(made.staff), f"/staff/timesheets/{entry}"
    typed |= {"day": day.isoformat(), "note": "New", "version": "2"}
    assert (await put(desk, page, typed, "correct")).status_code == 303
    async with portal.work():
        row = await stored(entry)
        assert [each.proposed for each in await corrections_of(row)] == [None]
        assert (row.note, row.worked_seconds, row.starts_at, row.ends_at) == (
            "New",
            before,
            values.starts_at,
            values.ends_at,
        )


async def test_what_was_typed_is_kept_where_the_entry_changed_meanwhile(portal: Portal, made: Any) -> None:
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY)
        by = await actor_of(made.staff)
        with acting_as(by):
            await correct_entry(entry=entry, version=1, values=EIGHT, reason="A task", task="Loading", by=by)
    contact, page = await portal.browser(made.manager), f"/timesheets/{entry}"
    typed = {"starts": "09:00", "ends": "16:30", "pause": "0:30", "reason": "She left early", "version": "1"}
    answer = await put(contact, page, typed, "dispute")
    assert (answer.status_code, "changed meanwhile" in answer.text, "She left early" in answer.text) == (
        409,
        True,
        True,
    )
    assert (await put(contact, page, typed | {"version": "2"}, "dispute")).status_code == 303
    desk, page = await portal.browser(made.staff), f"/staff/timesheets/{entry}"
    for action, field in (("answer", "answer"), ("correct", "reason")):
        form = {**typed, "day": "2026-11-02", field: f"Typed to {action}", "version": "2"}
        answer = await put(desk, page, form, action)
        assert (answer.status_code, f"Typed to {action}" in answer.text) == (409, True)
        assert 'name="version" type="hidden" value="3"' in answer.text
