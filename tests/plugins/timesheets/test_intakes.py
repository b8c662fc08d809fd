"""Long lists are the worker's: they go on where somebody died, nothing comes twice, and each refusal can be read."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from typing import Any

import pytest

from core.clock import later
from core.db import outside, request_scope
from core.imports.tables import ImportProblem, ImportRun
from core.messages.queue import lease
from core.messages.queue_tables import QueueItem
from core.messages.running import run_item
from core.people.tables import Person
from core.sdk import Translator
from plugins.timesheets.importing import AT_ONCE, intake_of, intakes
from plugins.timesheets.states import IntakeState
from plugins.timesheets.tables import Intake
from tests.plugins.timesheets.made import states, works
from tests.plugins.timesheets.test_pages import text_of
from tests.plugins.timesheets.test_uploads import columns_of, kept
from tests.portal_fixtures import Browser, Portal

HEAD = "Id;Employee;Customer;Project;Date;Hours;Notes\n"


def listed(rows: int, *, whose: str = "Acme a") -> str:
    """Return a list of hours."""
    lines = [f"{number};Lía;{whose};Line a;2026-11-{1 + number % 28:02};7,5;=1+1" for number in range(rows)]
    return HEAD + "\n".join(lines) + "\n"


async def hand_in(desk: Browser, text: str, **more: Any) -> str:
    """Upload a list, say how it is read, and return the address of its progress."""
    preview = await kept(desk, text)
    page = (await desk.get(preview)).text
    typed = {"order": "ymd", "zone": "Europe/Madrid", **columns_of(page), **more}
    taken = await desk.post(preview, typed, page=preview)
    assert taken.status_code == 303, taken.text
    return str(taken.headers["location"])


async def work_off() -> bool:
    """Do the next piece of the worker's; whether there was any."""
    async with request_scope(tenant=None):
        items = await lease(1, kinds=["timesheets.take_in"])
    for item in items:
        await asyncio.create_task(run_item(item), context=outside())
    return bool(items)


async def of(portal: Portal) -> Any:
    """Return the only intake."""
    async with portal.work():
        (row,) = await Intake.objects()
        return await intake_of(row.id)


async def test_a_long_list_is_taken_in_by_the_worker(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.timesheets.staff.uploads.AT_ONCE", 10)
    monkeypatch.setattr(intakes, "PORTION", 7)
    made = await works(portal)
    desk = await portal.browser(made.staff)
    progress = await hand_in(desk, listed(30) + "99;Lía;Nobody;;2026-11-02;1;\n")
    page = (await desk.get(progress)).text
    assert ("hx-trigger" in page, "The list is being read" in text_of(page)) == (True, True)
    assert progress in (await desk.get("/staff/timesheets/upload")).text
    async with portal.work():
        assert await states() == {}
    assert await work_off()
    found = await of(portal)
    assert (found.state, found.rows, found.rows_done, found.counts) == (
        IntakeState.DONE,
        31,
        31,
        {"created": 30, "updated": 0, "unchanged": 0, "refused": 1},
    )
    page = text_of((await desk.get(progress)).text)
    assert "Line 32 No customer is called “Nobody”." in page
    async with portal.work():
        assert await states() == {"for_approval": 30}
        (run,) = [row for row in await ImportRun.objects() if row.created]
        assert (run.created, run.refused, run.by, run.ended_at is not None) == (30, 1, made.staff.id, True)
        (problem,) = await ImportProblem.objects()
        assert problem.resolved_at is None, "what was refused can be looked at again"


async def test_who_goes_on_begins_where_the_other_died(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.timesheets.staff.uploads.AT_ONCE", 10)
    monkeypatch.setattr(intakes, "PORTION", 7)
    made = await works(portal)
    desk = await portal.browser(made.staff)
    alike = HEAD + "".join(f";Lía;Acme a;Line a;2026-11-{1 + number // 3:02};7,5;\n" for number in range(30))
    progress = await hand_in(desk, alike)
    through = intakes.receive_portion
    portions = []

    async def dies(**more: Any) -> Any:
        portions.append(len(more["rows"]))
        if len(portions) == 3:
            raise ConnectionError("the worker is gone")
        return await through(**more)

    monkeypatch.setattr(intakes, "receive_portion", dies)
    assert await work_off()
    found = await of(portal)
    assert (found.state, found.rows_done, found.counts["created"]) == (IntakeState.RUNNING, 14, 14)
    page = (await desk.get(progress)).text
    assert ("14 of 30 rows taken in 46%" in text_of(page).replace("\xa0", ""), 'value="46"' in page) == (True, True)
    async with portal.work():
        assert await states() == {"for_approval": 14}
    async with request_scope(tenant=None):
        await QueueItem.update({QueueItem.run_at: QueueItem.created_at}, force=True)
    assert await work_off()
    found = await of(portal)
    assert (found.state, found.rows_done, found.counts) == (
        IntakeState.DONE,
        30,
        {"created": 30, "updated": 0, "unchanged": 0, "refused": 0},
    )
    async with portal.work():
        assert await states() == {"for_approval": 30}, "rows that are alike are as many as they were"
        assert await ImportRun.count() == 2, "the upload, and the taking in, which is one delivery all the same"
    assert not await work_off()


async def test_what_a_request_broke_off_is_ended_by_the_worker(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intakes, "PORTION", 7)
    made = await works(portal)
    desk = await portal.browser(made.staff)
    preview = await kept(desk, listed(20))
    typed = {"order": "ymd", "zone": "Europe/Madrid", **columns_of((await desk.get(preview)).text)}
    with monkeypatch.context() as broken:
        broken.setattr(intakes._Taking, "go", _broken)
        assert (await desk.post(preview, typed, page=preview)).status_code == 500
    async with portal.work():
        assert await states() == {}
    assert not await work_off(), "not while it may still be under way"
    with later(intakes.GOES_ON):
        assert await work_off()
    found = await of(portal)
    assert (found.state, found.counts["created"]) == (IntakeState.DONE, 20)
    async with portal.work():
        assert await states() == {"for_approval": 20}


async def _broken(_self: Any) -> None:
    raise ConnectionError("the server is stopped")


async def test_of_two_workers_with_one_list_only_one_gets_on(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.timesheets.staff.uploads.AT_ONCE", 10)
    monkeypatch.setattr(intakes, "PORTION", 5)
    made = await works(portal)
    desk = await portal.browser(made.staff)
    await hand_in(desk, listed(20))
    async with request_scope(tenant=None):
        (item,) = await lease(1, kinds=["timesheets.take_in"])
    both = [asyncio.create_task(run_item(item), context=outside()) for _ in range(2)]
    await asyncio.gather(*both)
    found = await of(portal)
    assert (found.rows_done, found.counts) == (20, {"created": 20, "updated": 0, "unchanged": 0, "refused": 0})
    async with portal.work():
        assert await states() == {"for_approval": 20}


async def test_refused_rows_can_be_taken_away_with_what_was_wrong(portal: Portal) -> None:
    made = await works(portal)
    desk = await portal.browser(made.staff)
    progress = await hand_in(desk, listed(2) + "7;Lía;Nobody;;2026-11-02;1;=1+1\n8;Lía;Acme a;Line a;2026-11-02;x;ok\n")
    found = await of(portal)
    assert (found.state, found.counts["created"], found.counts["refused"]) == (IntakeState.DONE, 2, 2)
    page = (await desk.get(progress)).text
    link = re.search(r'href="([^"]+refused\.csv)"', page)
    assert link is not None
    answer = await desk.get(link[1])
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [
        ["Line", "Why it was refused", *HEAD.strip().split(";")],
        ["4", "No customer is called “Nobody”.", "7", "Lía", "Nobody", "", "2026-11-02", "1", "'=1+1"],
        ["5", "“x” is no duration.", "8", "Lía", "Acme a", "Line a", "2026-11-02", "x", "ok"],
    ]


async def test_refusals_are_told_in_the_language_of_who_reads(portal: Portal) -> None:
    made = await works(portal)
    desk = await portal.browser(made.staff)
    progress = await hand_in(desk, listed(1) + "7;Lía;Nobody;;2026-11-02;1;\n8;Lía;Acme a;Line a;2026-11-02;x;ok\n")
    reader = await portal.staff("lupe@obrador.example")
    async with portal.work():
        await Person.update({Person.language: "es"}).where(Person.id == reader.id)
    hers = await portal.browser(reader)
    shown = text_of((await hers.get(progress)).text)
    told = ["Ningún cliente se llama «Nobody».", "«x» no es una duración."]
    assert [text in shown for text in told] == [True, True]
    rows = list(
        csv.reader(io.StringIO((await hers.get(f"{progress}/refused.csv")).content.decode("utf-8-sig")), delimiter=";")
    )
    assert [row[:2] for row in rows] == [
        ["Línea", "Motivo del rechazo"],
        *([str(line), text] for line, text in zip((3, 4), told, strict=True)),
    ]
    assert "No customer is called" in (await desk.get(progress)).text


async def test_why_nothing_can_come_of_a_list_is_told_so_too(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.timesheets.staff.uploads.AT_ONCE", 1)
    made = await works(portal)
    desk = await portal.browser(made.staff)
    progress = await hand_in(desk, listed(2))
    async with portal.work():
        (row,) = await Intake.objects()
        await intakes._fail(row.id, Translator("core")("The file is empty."))
        found = await intake_of(row.id)
    assert (found.state, found.said and found.said.in_language("es")) == (IntakeState.FAILED, "El archivo está vacío.")
    assert "The file is empty." in text_of((await desk.get(progress)).text)


async def test_the_same_list_is_not_begun_twice(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.timesheets.staff.uploads.AT_ONCE", 1)
    made = await works(portal)
    desk = await portal.browser(made.staff)
    preview = await kept(desk, listed(5))
    typed = {"order": "ymd", "zone": "Europe/Madrid", **columns_of((await desk.get(preview)).text)}
    first = await desk.post(preview, typed, page=preview)
    again = await desk.post(preview, typed, page=preview)
    assert first.headers["location"] == again.headers["location"]
    assert (await work_off(), await work_off()) == (True, False)
    assert AT_ONCE >= 1
