"""Two processes, many contacts, the same entries at the same moment; and staff who corrects meanwhile."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from core.clock import now
from core.db import current, fetch, insert_many, transaction
from core.people.actor import acting_as
from core.sdk import errors
from plugins.timesheets.services import Approved, Values, approve_entries, correct_entry
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.tables import Entry
from tests.benchmarks.hours_at_once import at_once, check
from tests.benchmarks.hours_data import entries
from tests.plugins.timesheets.made import activities, actor_of, states, stored, works
from tests.portal_fixtures import Portal

ENTRIES = 200
PROCESSES, CONTACTS = 2, 5


async def test_of_two_processes_each_entry_is_approved_once(portal: Portal, tmp_path: Path) -> None:
    """In full, 50 contacts and 1,000 entries: `python -m tests.benchmarks hours --at-once`."""
    made = await works(portal)
    people = [
        await portal.contact(f"c{number}@a.example", made.customer, name=f"Contact {number}")
        for number in range(PROCESSES * CONTACTS)
    ]
    async with portal.work():
        worker = await worker_named(name="Lucía Romero")
        rows = entries(portal.tenant.id, [worker], made.customer.id, [made.project.id, None], count=ENTRIES)
        await insert_many(Entry, rows)
    groups = [[person.id for person in people[start::PROCESSES]] for start in range(PROCESSES)]
    told = await at_once(current().url, portal.tenant.id, tmp_path, groups)
    assert len(told) == PROCESSES * CONTACTS
    check(told, ENTRIES, [f"Contact {number}" for number in range(PROCESSES * CONTACTS)])
    async with portal.work():
        assert await states() == {"approved": ENTRIES}
        assert len(await activities("timesheets.approved")) == 1
        counted = await fetch("SELECT count(*) AS n, count(DISTINCT approval) AS approvals FROM timesheets_entry")
        assert counted == [{"n": ENTRIES, "approvals": 1}]


async def test_figures_that_were_not_shown_are_never_approved(portal: Portal) -> None:
    """Staff corrects every other entry while a contact approves all: either is first, and never both."""
    made = await works(portal)
    async with portal.work():
        ids = await made.entries(20)
        shown = now()

    async def correct(number: int) -> bool:
        async with portal.work(), transaction():
            by = await actor_of(made.staff)
            with acting_as(by):
                try:
                    await correct_entry(
                        entry=ids[number], version=1, values=Values(worked_seconds=9 * 3600), reason="Counted", by=by
                    )
                except errors.WrongStateError:
                    return False
                return True

    async def approve() -> Approved:
        async with portal.work(), transaction():
            by = await actor_of(made.manager)
            with acting_as(by):
                return await approve_entries(entries=ids, shown_at=shown, by=by)

    before = [correct(number) for number in range(0, 10, 2)]
    after = [correct(number) for number in range(10, 20, 2)]
    approving = asyncio.ensure_future(approve())
    corrected = await asyncio.gather(*before, *after)
    done = await approving
    rows = {}
    async with portal.work():
        for id in ids:
            entry = await stored(id)
            rows[id] = (entry.state, entry.worked_seconds)
    assert set(rows.values()) <= {("approved", 8 * 3600), ("for_approval", 9 * 3600)}
    changed = [ids[number] for number, was in zip(range(0, 20, 2), corrected, strict=True) if was]
    assert [id for id, row in rows.items() if row[0] == "for_approval"] == changed
    assert (done.entries, sorted(each.entry for each in done.changed)) == (20 - len(changed), sorted(changed))


async def test_a_change_that_is_on_its_way_while_the_list_is_read_was_not_shown(portal: Portal) -> None:
    """Its instant is before the list's; the list shows what was before it all the same."""
    made = await works(portal)
    async with portal.work():
        ids = await made.entries(2)
    browser = await portal.browser(made.manager)
    async with portal.work(), transaction():
        by = await actor_of(made.staff)
        with acting_as(by):
            await correct_entry(
                entry=ids[0], version=1, values=Values(worked_seconds=9 * 3600), reason="Counted", by=by
            )
        page = (await browser.get("/timesheets?period=all")).text
    found = re.search(r'name="shown_at" value="([^"]+)"', page)
    assert found
    await browser.post(
        "/timesheets/approve?period=all", {"id": [str(id) for id in ids], "shown_at": found[1]}, page="/timesheets"
    )
    async with portal.work():
        rows = [await stored(id) for id in ids]
    assert [(row.state, row.worked_seconds) for row in rows] == [("for_approval", 32_400), ("approved", 28_800)]
