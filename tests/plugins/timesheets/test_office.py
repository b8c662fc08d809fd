"""What staff types by hand, and what a tenant's own procedure puts in the place of disputes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from core.clock import now
from core.people.actor import acting_as
from core.preferences.values import save_settings
from plugins.timesheets.services import JobDetails, add_job, approve_entries, undertaking_of
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.tables import Entry, Job
from tests.plugins.timesheets.made import DAY, Works, activities, actor_of, states, works
from tests.plugins.timesheets.test_pages import NOVEMBER, shown_at, text_of
from tests.portal_fixtures import Portal


async def _one(made: Works, table: Any) -> Any:
    by = await actor_of(made.staff)
    with acting_as(by):
        (row,) = await table.objects()
    return row


async def test_staff_registers_hours_once_however_often_the_form_is_sent(portal: Portal) -> None:
    made = await works(portal)
    staff = await portal.browser(made.staff)
    page = f"/staff/timesheets/new?customer={made.customer.id}"
    assert "Continue" in text_of((await staff.get("/staff/timesheets/new")).text)
    form = {
        "new": str(uuid4()),
        "worker": "Lía Sanz",
        "day": DAY.isoformat(),
        "starts": "22:00",
        "ends": "6.30",
        "pause": "30",
        "project": str(made.project.id),
        "kind": "night",
        "task": "Guard",
    }
    refused = await staff.post(page, {**form, "starts": "", "ends": ""}, page=page)
    assert (refused.status_code, "or how long" in text_of(refused.text)) == (422, True)
    foreign = await staff.post(page, {**form, "project": str(uuid4())}, page=page)
    assert foreign.status_code == 422
    done = await staff.post(page, form, page=page)
    again = await staff.post(page, form, page=page)
    assert (done.status_code, done.headers["location"]) == (303, again.headers["location"])
    async with portal.work():
        row = await _one(made, Entry)
        assert (row.worked_seconds, row.kind, row.state, row.source) == (8 * 3600, "night", "for_approval", "staff")
        assert len(await activities("timesheets.registered")) == 1
    approver = await portal.browser(made.approver)
    assert "Lía Sanz" in (await approver.get(NOVEMBER)).text
    elsewhere = await staff.post(f"/staff/timesheets/new?customer={uuid4()}", form, page=page)
    assert elsewhere.status_code == 404


async def test_a_job_has_a_project_and_a_contact_of_its_customer(portal: Portal) -> None:
    made = await works(portal)
    staff = await portal.browser(made.staff)
    page = f"/staff/timesheets/jobs/new?customer={made.customer.id}"
    form = {"new": str(uuid4()), "worker": "Lía Sanz", "title": "Welder", "starts_on": DAY.isoformat()}
    choice = {"status": "active", "project": str(made.project.id), "contact": str(made.approver.id)}
    done = await staff.post(page, form | choice, page=page)
    assert done.status_code == 303
    shown = text_of((await staff.get(done.headers["location"])).text)
    assert ("Line a" in shown, "Ana Approvera" in shown) == (True, True)
    edit = f"{done.headers['location']}/edit"
    changed = {key: value for key, value in form.items() if key != "new"} | choice | {"contact": "", "version": "1"}
    endless = await staff.post(edit, changed | {"planned": "9" * 22}, page=edit)
    assert (endless.status_code, "This is not a duration." in endless.text) == (422, True)
    assert (await staff.post(edit, changed, page=edit)).status_code == 303
    async with portal.work():
        job = await _one(made, Job)
    assert (job.project, job.addressee) == (made.project.id, None)


async def test_hours_of_a_job_are_of_its_worker_its_project_and_its_contact(portal: Portal) -> None:
    made, elsewhere = await works(portal), await works(portal, "b")
    async with portal.work():
        own = await portal.contact("own@a.example", made.customer, role="basic", reach="own", name="Olga Own")
        details = JobDetails(
            customer=made.customer.id,
            worker=await worker_named(name="Lía Sanz"),
            worker_name="Lía Sanz",
            title="Welder",
            starts_on=DAY,
            ends_on=DAY + timedelta(days=4),
            project=made.project.id,
            addressee=own.id,
        )
        job = await add_job(details=details)
        foreign = await add_job(details=replace(details, customer=elsewhere.customer.id, project=elsewhere.project.id))
    staff = await portal.browser(made.staff)
    page = f"/staff/timesheets/new?customer={made.customer.id}"
    offered = (await staff.get(page)).text
    assert (str(job.id) in offered, str(foreign.id) in offered) == (True, False)
    form = {"worker": "Lía Sanz", "day": DAY.isoformat(), "hours": "8", "project": "", "kind": "regular"}
    for wrong, said in (
        ({"worker": "Bo Ek"}, "Somebody else has this job."),
        ({"day": (DAY + timedelta(days=5)).isoformat()}, "The job was not on that day."),
        ({"project": str(made.other.id)}, "The job belongs to another project."),
    ):
        refused = await staff.post(page, {**form, "new": str(uuid4()), "job": str(job.id), **wrong}, page=page)
        assert (refused.status_code, said in text_of(refused.text)) == (422, True)
    stolen = await staff.post(page, {**form, "new": str(uuid4()), "job": str(foreign.id)}, page=page)
    assert stolen.status_code == 422
    done = await staff.post(page, {**form, "new": str(uuid4()), "job": str(job.id)}, page=page)
    assert done.status_code == 303
    async with portal.work():
        row = await _one(made, Entry)
    assert (row.job, row.project, row.addressee) == (job.id, made.project.id, own.id)
    hers = await portal.browser(own)
    assert "Lía Sanz" in (await hers.get(NOVEMBER)).text, "whose job it is sees its hours, however narrow her reach"


async def test_documents_of_a_project_are_for_whoever_sees_it(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        sheet = await undertaking_of(project=made.project.id, customer=made.customer.id, name="Line a")
        hidden = await undertaking_of(project=made.other.id, customer=made.customer.id, name="Store a")
    staff = await portal.browser(made.staff)
    viewer = await portal.browser(
        await portal.contact("v@a.example", made.customer, role="viewer", reach="projects", projects=(made.project,))
    )
    files = []
    for record in (sheet, hidden):
        page = f"/staff/timesheets/projects/{record}"
        done = await staff.post(
            f"{page}/documents", {}, page=page, files={"file": ("plan.txt", b"the plan", "text/plain")}
        )
        assert done.status_code == 303
        found = re.search(r'href="(/files/[^"]+)"', (await staff.get(page)).text)
        assert found is not None
        files.append(found[1])
    assert files[0] in (await viewer.get(f"/timesheets/projects/{sheet}")).text
    assert [(await viewer.get(file)).status_code for file in files] == [200, 404]


async def test_nothing_ticked_is_said_and_changes_nothing(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await made.entries(2)
    staff = await portal.browser(made.staff)
    for action in ("submit", "invoice", "reopen"):
        answer = await staff.post(f"/staff/timesheets/{action}?period=2026-11&for=all", {}, page="/staff/timesheets")
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/timesheets?period=2026-11")
    manager = await portal.browser(made.manager)
    assert (await manager.post("/timesheets/export.xlsx", {}, page="/timesheets")).status_code == 422
    async with portal.work():
        assert await states() == {"for_approval": 2}


async def test_what_is_approved_cannot_be_approved_again(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry()
    manager = await portal.browser(made.manager)
    when = await shown_at(manager, NOVEMBER)
    async with portal.work():
        by = await actor_of(made.approver)
        with acting_as(by):
            await approve_entries(entries=[entry], shown_at=now(), by=by)
    answer = await manager.post("/timesheets/approve", {"id": str(entry), "shown_at": when}, page="/timesheets")
    assert (answer.status_code, "Approved by Ana Approvera" in text_of(answer.text)) == (409, True)


async def test_a_procedure_of_the_tenants_own_takes_the_place_of_disputes(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry()
    manager, page = await portal.browser(made.manager), f"/timesheets/{entry}"
    assert 'class="bubble"' in (await manager.get(NOVEMBER)).text
    async with portal.work():
        await save_settings({"timesheets.disputes": False, "timesheets.procedure": "Call 555."})
    assert 'class="bubble"' not in (await manager.get(NOVEMBER)).text
    shown = (await manager.get(page)).text
    assert ("Call 555." in shown, "/dispute" in shown) == (True, False)
    form = {"reason": "Wrong", "hours": "7", "version": "1"}
    assert (await manager.post(f"{page}/dispute", form, page=NOVEMBER)).status_code == 409
