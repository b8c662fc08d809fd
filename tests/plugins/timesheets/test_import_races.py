"""A list that changes entries and a contact who approves them, at the same moment, on two connections."""

from __future__ import annotations

import asyncio
from datetime import datetime

from core.clock import now
from core.db import current, fetch, outside, transaction
from core.people.actor import acting_as
from core.sdk import imports
from plugins.timesheets.reading import Options, read_grid, read_rows, suggest
from plugins.timesheets.services import Approved, Placement, Receipt, approve_entries, receive_portion
from plugins.timesheets.tables import Entry
from tests.plugins.timesheets.made import Works, activities, actor_of, stored, works
from tests.portal_fixtures import Portal

HOURS = 3600
WAITING = """
SELECT count(*) AS n FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE NOT l.granted AND a.datname = current_database()
"""


def listed(hours: int) -> bytes:
    lines = [f"{n},Lucía Romero,Acme a,2026-11-0{n},{hours}" for n in (2, 3, 4)]
    return "\n".join(["id,employee,client,date,hours", *lines]).encode()


async def bring_in(portal: Portal, hours: int, note: object = None) -> list[Receipt]:
    """Take the list in, with *hours* in each row."""
    async with portal.work():
        grid = read_grid(listed(hours))
        rows = list(read_rows(grid, suggest(grid.columns), Options(zone="Europe/Madrid")))
        async with imports.running(kind="timesheets", way="command") as run:
            return await receive_portion(run=run, rows=rows, placement=Placement(), note=note)  # type: ignore[arg-type]  # or none


async def approve(made: Works, ids: list[object], shown: datetime) -> Approved:
    by = await actor_of(made.manager)
    with acting_as(by):
        return await approve_entries(entries=ids, shown_at=shown, by=by)  # type: ignore[arg-type]  # all have one


async def somebody_waits() -> None:
    """Return when another connection waits for a lock; SQLite's writers wait inside this process."""
    if current().dialect != "postgres":
        await asyncio.sleep(0.2)
        return
    async with asyncio.timeout(20):
        while not (await fetch(WAITING))[0]["n"]:  # noqa: ASYNC110 -- the event is in the server
            await asyncio.sleep(0.02)


async def test_a_list_does_not_overwrite_what_is_being_approved(portal: Portal) -> None:
    """The approval is not committed yet when the list comes: it waits, and then leaves what is approved alone."""
    made = await works(portal)
    ids = [receipt.entry for receipt in await bring_in(portal, 8)]
    approved, list_waits = asyncio.Event(), asyncio.Event()

    async def contact() -> Approved:
        async with portal.work(), transaction():
            done = await approve(made, ids, now())
            approved.set()
            await list_waits.wait()
            return done

    async def source() -> list[Receipt]:
        await approved.wait()
        return await bring_in(portal, 9)

    async def watch() -> None:
        await approved.wait()
        async with portal.work():
            await somebody_waits()
        list_waits.set()

    tasks = [asyncio.create_task(each(), context=outside()) for each in (contact, source, watch)]
    done, receipts, _nothing = await asyncio.gather(*tasks)
    assert done.entries == 3
    assert [(receipt.result.outcome, str(receipt.result.reason)) for receipt in receipts] == [
        ("refused", "This entry is approved. It can be opened again with a reason.")
    ] * 3
    async with portal.work():
        rows: list[Entry] = [await stored(id) for id in ids]
        assert {(row.state, row.worked_seconds) for row in rows} == {("approved", 8 * HOURS)}
        assert len(await activities("timesheets.corrected")) == 0


async def test_what_a_list_is_changing_is_not_approved_as_it_was_shown(portal: Portal) -> None:
    """The list is not committed yet when the contact approves: she waits, and what has changed is left to be seen."""
    made = await works(portal)
    ids = [receipt.entry for receipt in await bring_in(portal, 8)]
    shown = now()
    changed, contact_waits = asyncio.Event(), asyncio.Event()

    async def hold(receipts: list[Receipt]) -> None:
        assert [receipt.result.outcome for receipt in receipts] == ["updated"] * 3
        changed.set()
        await contact_waits.wait()

    async def contact() -> Approved:
        await changed.wait()
        async with portal.work(), transaction():
            return await approve(made, ids, shown)

    async def watch() -> None:
        await changed.wait()
        async with portal.work():
            await somebody_waits()
        contact_waits.set()

    async def source() -> list[Receipt]:
        return await bring_in(portal, 9, hold)

    tasks = [asyncio.create_task(each(), context=outside()) for each in (source, contact, watch)]
    _receipts, done, _nothing = await asyncio.gather(*tasks)
    assert (done.entries, {each.entry for each in done.changed}) == (0, set(ids))
    async with portal.work():
        rows: list[Entry] = [await stored(id) for id in ids]
        assert {(row.state, row.worked_seconds) for row in rows} == {("for_approval", 9 * HOURS)}
        assert len(await activities("timesheets.approved")) == 0
