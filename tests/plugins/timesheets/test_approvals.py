"""Approvals that are large, and what becomes of them once something of them is opened again."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from core.clock import now
from core.people.actor import acting_as
from plugins.timesheets.queries import ROWS, approved_rows, reopened_rows, standing_of
from plugins.timesheets.services import approve_entries, reopen_entries, undo_approval
from plugins.timesheets.services.approving import digest_of
from plugins.timesheets.tables import Approval, Entry, Reopened
from tests.plugins.timesheets.made import DAY, Works, activities, actor_of, works
from tests.plugins.timesheets.test_pages import text_of
from tests.portal_fixtures import Portal


async def approve(made: Works, count: int) -> tuple[str, list[str]]:
    """Approve some entries at one go, on days that follow each other; return the approval and the entries."""
    days = [DAY + timedelta(days=number % 28) for number in range(count)]
    entries = [await made.entry(day=day, task=f"Task {number}") for number, day in enumerate(days)]
    by = await actor_of(made.manager)
    with acting_as(by):
        (approval,) = (await approve_entries(entries=entries, shown_at=now(), by=by, reference="PO-9")).approvals
    return str(approval), [str(entry) for entry in entries]


async def test_a_long_approval_comes_in_pages_and_its_document_has_all(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        approval, entries = await approve(made, 2 * ROWS + 7)
    for person, base in ((made.manager, "/timesheets"), (made.staff, "/staff/timesheets")):
        browser = await portal.browser(person)
        url = f"{base}/approvals/{approval}"
        seen: list[str] = []
        address, sizes = url, []
        while address:
            page = (await browser.get(address)).text
            found = re.findall(rf'row-link" href="{base}/([^"]+)"', page)
            sizes.append(len(found))
            seen += found
            onward = re.search(r'href="(\?after=[^"#]+)[^"]*" rel="next"', page)
            address = f"{url}{onward[1]}" if onward else ""
        assert (sizes, sorted(seen), len(set(seen))) == ([ROWS, ROWS, 7], sorted(entries), 2 * ROWS + 7)
        back = re.search(r'href="(\?before=[^"#]+)[^"]*" rel="prev"', page)
        assert back is not None
        assert (
            re.findall(rf'row-link" href="{base}/([^"]+)"', (await browser.get(url + back[1])).text)
            == (seen[ROWS : 2 * ROWS])
        )
        pdf = PdfReader(io.BytesIO((await browser.get(f"{url}/sheet.pdf")).content))
        text = " ".join(sheet.extract_text() for sheet in pdf.pages)
        assert {f"Task {number}" for number in range(len(entries)) if f"Task {number}" not in text} == set()
        assert (await browser.get(f"{url}?after={'0' * 8}-0000-7000-8000-{'0' * 12}")).status_code == 200
        assert (await browser.get(f"{url}?after=nonsense")).status_code == 200


async def test_what_is_opened_again_stays_on_the_approval_as_it_was(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        approval, entries = await approve(made, 3)
        staff = await actor_of(made.staff)
        with acting_as(staff):
            assert await reopen_entries(entries=entries[1:2], reason="It was <b>Bo</b>", by=staff) == 1
            found = await Approval.objects().where(Approval.id == approval).first()
            assert found is not None
            standing = await standing_of(found)
            assert (standing.entries, standing.seconds, standing.reopened, standing.reopened_seconds) == (
                2,
                16 * 3600,
                1,
                8 * 3600,
            )
            rows = await approved_rows(found)
            assert [(str(row.entry), row.task, row.worked_seconds, row.reason) for row in rows] == [
                (entries[0], "Task 0", 8 * 3600, ""),
                (entries[1], "Task 1", 8 * 3600, "It was <b>Bo</b>"),
                (entries[2], "Task 2", 8 * 3600, ""),
            ]
            standing_rows = await Entry.select(Entry.id, Entry.version, Entry.worked_seconds).where(
                Entry.approval == approval
            )
            opened = await Reopened.objects()
            assert digest_of(
                [
                    *standing_rows,
                    {"id": opened[0].entry, "version": 2, "worked_seconds": opened[0].worked_seconds},
                ]
            ) == (found.digest), "what was approved can still be proved"
        (event,) = await activities("timesheets.reopened")
        assert '"hours":{"seconds":28800}' in event["data"]
    browser = await portal.browser(made.manager)
    page = text_of((await browser.get(f"/timesheets/approvals/{approval}")).text)
    said = page.replace("\xa0", " ")
    for sentence in ("Approved 24 h · 3 entries", "Opened again since 8 h · 1 entry", "Approved now 16 h · 2 entries"):
        assert sentence in said
    assert "It was <b>Bo</b>" in page
    pdf = await browser.get(f"/timesheets/approvals/{approval}/sheet.pdf")
    text = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text().replace("\xa0", " ")
    for sentence in ("Task 1", "It was <b>Bo</b>", "24 h in 3 entries", "8 h in 1 entry", "16 h in 2 entries"):
        assert sentence in text
    sheet = load_workbook(io.BytesIO((await browser.get(f"/timesheets/approvals/{approval}/sheet.xlsx")).content))
    tasks = {str(cell.value) for row in sheet.worksheets[0].iter_rows() for cell in row}
    assert ("Task 0" in tasks, "Task 1" in tasks) == (True, False)


async def test_an_approval_that_was_taken_back_has_no_sheet(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        approval, _entries = await approve(made, 2)
        by = await actor_of(made.manager)
        with acting_as(by):
            undone = await undo_approval(approval=approval, by=by)  # type: ignore[arg-type]  # Piccolo reads the text
            assert await reopened_rows(undone) == []
    browser = await portal.browser(made.manager)
    page = (await browser.get(f"/timesheets/approvals/{approval}")).text
    assert ("was taken back at" in text_of(page), "sheet.pdf" in page) == (True, False)
    assert (await browser.get(f"/timesheets/approvals/{approval}/sheet.pdf")).status_code == 409


async def test_a_very_large_approval_has_several_documents(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.timesheets.sheet.PART", 4)
    made = await works(portal)
    async with portal.work():
        approval, _entries = await approve(made, 10)
    browser = await portal.browser(made.manager)
    url = f"/timesheets/approvals/{approval}"
    page = text_of((await browser.get(url)).text)
    assert "PDF 1 of 3 PDF 2 of 3 PDF 3 of 3" in page
    found = []
    for part in (1, 2, 3):
        answer = await browser.get(f"{url}/sheet.pdf?part={part}")
        text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        found += re.findall(r"Task \d", text)
        assert (f"Part {part} of 3" in text, "80:00" in text) == (True, True)
    assert found == [f"Task {number}" for number in range(10)]
    assert [(await browser.get(f"{url}/sheet.pdf?part={part}")).status_code for part in (0, 4)] == [404, 404]
