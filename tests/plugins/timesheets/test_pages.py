"""Pages of contacts and staff: what they show, what their buttons do, what others must not."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from openpyxl import load_workbook

from core.clock import now
from core.people.actor import acting_as
from plugins.timesheets.services import JobDetails, add_job, approve_entries, undertaking_of
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.states import EntryState
from tests.plugins.timesheets.made import DAY, actor_of, states, stored, works
from tests.portal_fixtures import Browser, Portal

NOVEMBER = "/timesheets?period=2026-11"


def text_of(page: str) -> str:
    """Return what a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def shown_at(browser: Browser, page: str) -> str:
    """Return when a page was shown, as its form says."""
    found = re.search(r'name="shown_at" value="([^"]+)"', (await browser.get(page)).text)
    assert found is not None
    return found[1]


async def test_the_list_shows_and_counts_what_the_reader_may_see(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await made.entries(2)
        await made.entry(project=made.other, worker_name="Otto Ruiz")
        await made.entry(state=EntryState.DRAFT, worker_name="Dora Draft")
    manager, approver = await portal.browser(made.manager), await portal.browser(made.approver)
    everything = text_of((await manager.get(NOVEMBER)).text)
    assert "3 entries" in everything
    assert "24 h" in everything
    assert "Dora" not in everything
    own = text_of((await approver.get(NOVEMBER)).text)
    assert ("2 entries" in own, "Otto" in own, "16 h" in own) == (True, False, True)


async def test_groups_say_the_sums_of_all_their_rows(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        for number in range(25):
            await made.entry(worker_name="Ada Abad" if number % 5 else "Zoe Zapata")
    browser = await portal.browser(made.manager)
    for group, heading in (("worker", "Ada Abad 20 entries 160 h"), ("project", "Line a 25 entries 200 h")):
        page = text_of((await browser.get(f"{NOVEMBER}&sort=by_{group}")).text)
        assert heading in page
    first = (await browser.get(f"{NOVEMBER}&sort=by_worker")).text
    following = re.search(r'href="([^"]+)" rel="next"><span>More', first)
    assert following is not None
    second = text_of((await browser.get(unescape(following[1]))).text)
    assert "Zoe Zapata 5 entries 40 h" in second
    assert "Ada Abad 20 entries" not in second or "Ada Abad 20 entries 160 h" in second
    for group in ("day", "week"):
        assert (await browser.get(f"{NOVEMBER}&sort=by_{group}")).status_code == 200


async def test_ticked_entries_are_approved_and_can_be_taken_back(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        ids = await made.entries(3)
    browser = await portal.browser(made.manager)
    when = await shown_at(browser, NOVEMBER)
    done = await browser.post(
        "/timesheets/approve?period=2026-11", {"id": [str(ids[0]), str(ids[1])], "shown_at": when}
    )
    assert done.status_code == 303
    page = (await browser.get(done.headers["location"])).text
    undo = re.search(r'action="(/timesheets/approvals/[^"]+/undo)"', page)
    assert undo is not None
    assert "2 entries approved. For some seconds you can take this back." in text_of(page)
    assert (await browser.post(undo[1])).status_code == 303
    async with portal.work():
        assert await states() == {"for_approval": 3}
    nothing = await browser.post("/timesheets/approve", {"shown_at": when})
    assert nothing.status_code == 303


async def test_approve_all_asks_first_and_names_what_it_passed_over(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        ids = await made.entries(4)
        await made.entry(day=DAY - timedelta(days=40))
    browser = await portal.browser(made.manager)
    page = (await browser.get("/timesheets/approve-all?period=2026-11")).text
    assert "Approve 4 entries" in text_of(page)
    assert "32 h" in text_of(page)
    async with portal.work():
        assert await states() == {"for_approval": 5}
        by = await actor_of(made.approver)
        with acting_as(by):
            await approve_entries(entries=ids[:1], shown_at=now(), by=by)
    fields = dict(re.findall(r'name="(shown_at|approval)"[^>]*value="([^"]+)"', page))
    answer = await browser.post("/timesheets/approve-all?period=2026-11", {**fields, "reference": "PO-1"})
    assert answer.status_code == 200
    assert "3 entries approved." in text_of(answer.text)
    assert "Approved by Ana Approvera" in text_of(answer.text)
    async with portal.work():
        assert await states() == {"approved": 4, "for_approval": 1}
    again = await browser.post("/timesheets/approve-all?period=2026-11", {**fields, "reference": "PO-1"})
    assert again.status_code in {200, 303}
    async with portal.work():
        assert await states() == {"approved": 4, "for_approval": 1}


async def test_an_approval_has_a_page_a_sheet_and_a_document(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        ids = await made.entries(2)
        by = await actor_of(made.manager)
        with acting_as(by):
            (id,) = (await approve_entries(entries=ids, shown_at=now(), by=by, reference="PO-9")).approvals
    browser, other = await portal.browser(made.manager), await portal.browser(made.approver)
    staff = await portal.browser(made.staff)
    for reader, base in ((browser, "/timesheets"), (staff, "/staff/timesheets")):
        page = text_of((await reader.get(f"{base}/approvals/{id}")).text)
        assert ("PO-9" in page, "Marta Managera" in page, "16 h" in page) == (True, True, True)
        pdf = await reader.get(f"{base}/approvals/{id}/sheet.pdf")
        assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
        xlsx = await reader.get(f"{base}/approvals/{id}/sheet.xlsx")
        sheet = load_workbook(io.BytesIO(xlsx.content)).worksheets[0]
        assert sheet.max_row >= 3
    for path in ("", "/sheet.pdf", "/sheet.xlsx"):
        assert (await other.get(f"/timesheets/approvals/{id}{path}")).status_code == 404


async def test_an_entry_is_disputed_and_answered_by_its_pages(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry()
    browser, staff = await portal.browser(made.approver), await portal.browser(made.staff)
    page = f"/timesheets/{entry}"
    refused = await browser.post(f"{page}/dispute", {"reason": "", "hours": "7:61", "version": "1"}, page=page)
    assert refused.status_code == 422
    assert 'value="7:61"' in refused.text
    done = await browser.post(f"{page}/dispute", {"reason": "Only seven <b>", "hours": "7", "version": "1"}, page=page)
    assert done.status_code == 303
    back = (await staff.get(f"/staff/timesheets/{entry}")).text
    assert "Only seven &lt;b&gt;" in back
    assert "Proposed: 7" in text_of(back)
    taken = await staff.post(f"/staff/timesheets/{entry}/accept", {"version": "2"}, page=f"/staff/timesheets/{entry}")
    assert taken.status_code == 303
    async with portal.work():
        row = await stored(entry)
    assert (row.state, row.worked_seconds) == ("for_approval", 7 * 3600)
    stale = await staff.post(
        f"/staff/timesheets/{entry}/correct",
        {"version": "1", "day": "2026-11-03", "hours": "6", "reason": "x"},
        page=f"/staff/timesheets/{entry}",
    )
    assert stale.status_code == 409


async def test_jobs_and_projects_are_read_only_for_contacts(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        job = await add_job(
            details=JobDetails(
                customer=made.customer.id,
                worker=await worker_named(name="Lía Sanz"),
                worker_name="Lía Sanz",
                title="Welder",
                starts_on=DAY,
                ends_on=DAY,
                project=made.project.id,
            )
        )
        hidden = await add_job(
            details=JobDetails(
                customer=made.customer.id,
                worker=await worker_named(name="Otto Ruiz"),
                worker_name="Otto Ruiz",
                title="Painter",
                starts_on=DAY,
                project=made.other.id,
            )
        )
        sheet = await undertaking_of(project=made.project.id, customer=made.customer.id, name="Line a")
    viewer = await portal.contact(
        "v@a.example", made.customer, role="viewer", reach="projects", projects=(made.project,)
    )
    browser = await portal.browser(viewer)
    for period, there in (("2026-11", True), ("2026-W45", True), ("2026-W46", False), ("2026-10", False)):
        page = (await browser.get(f"/timesheets/jobs?period={period}")).text
        assert ("Welder" in page, "Painter" in page) == (there, False), period
    assert (await browser.get("/timesheets/jobs?period=2026-11&q=lia")).text.count("Welder") > 0
    assert (await browser.get(f"/timesheets/jobs/{job.id}")).status_code == 200
    assert (await browser.get(f"/timesheets/jobs/{hidden.id}")).status_code == 404
    assert (await browser.get(f"/timesheets/projects/{sheet}")).status_code == 200
    refused = await browser.post(f"/timesheets/projects/{sheet}/tasks", {"title": "Mine"})
    assert refused.status_code == 403


@pytest.mark.parametrize("path", ["/timesheets", "/timesheets/jobs", "/timesheets/projects"])
async def test_without_the_role_nothing_of_it_is_there(portal: Portal, path: str) -> None:
    made = await works(portal)
    bare = await portal.contact("bare@a.example", made.customer, role="requester")
    browser = await portal.browser(bare)
    assert (await browser.get(path)).status_code == 403
    assert f'href="{path}"' not in (await browser.get("/")).text
