"""Contacts who may register and change hours: where, of whom, in which states, and what of it is told."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.clock import now
from core.messages.worker import drain
from core.people.actor import acting_as
from core.people.tables import Membership, Person
from core.preferences.values import save_settings
from core.sdk import Reach, errors
from core.tenancy.snapshot import raise_version
from plugins.timesheets.queries import offer_to
from plugins.timesheets.services import (
    JobDetails,
    NewEntry,
    Values,
    add_job,
    approve_entries,
    correct_entry,
    dispute_entry,
    invoice_entries,
    register_entry,
)
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Entry
from tests.plugins.timesheets.made import DAY, Works, activities, actor_of, at, grant, states, stored, works
from tests.plugins.timesheets.test_pages import NOVEMBER, text_of
from tests.portal_fixtures import Browser, Portal

EIGHT = Values(starts_at=at(8), ends_at=at(16, 30), break_seconds=1800)


async def worker(name: str) -> UUID:
    """Return a worker's id."""
    return await worker_named(name=name)


def typed(page: str, **fields: str) -> dict[str, str]:
    """Return what a form holds, as it was shown, with what somebody types."""
    held = dict(re.findall(r'name="(new|for)"[^>]*value="([^"]+)"', page))
    return held | {"day": DAY.isoformat(), "job": "", "project": "", "kind": "regular", "task": "", "note": ""} | fields


async def entry_of(answer: Any, portal: Portal) -> Entry:
    """Return the entry that an answer leads to."""
    async with portal.work():
        return await stored(UUID(answer.headers["location"].rsplit("/", 1)[1]))


async def test_without_the_rights_there_is_no_button_and_no_way(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry()
    manager = await portal.browser(made.manager)
    assert "/timesheets/new" not in (await manager.get(NOVEMBER)).text
    assert "/correct" not in (await manager.get(f"/timesheets/{entry}")).text
    assert (await manager.get("/timesheets/new")).status_code == 403
    asked = f"/timesheets/new?customer={made.customer.id}"
    assert (await manager.post(asked, typed(""), page=NOVEMBER)).status_code == 403
    correct = {"correct-version": "1", "correct-reason": "No", "correct-hours": "1", "correct-day": DAY.isoformat()}
    assert (await manager.post(f"/timesheets/{entry}/correct", correct, page=NOVEMBER)).status_code == 403
    async with portal.work():
        assert (await states(), (await stored(entry)).version) == ({"for_approval": 1}, 1)


async def test_hours_are_registered_once_wait_for_approval_and_are_told(portal: Portal) -> None:
    made = await works(portal)
    await grant(portal, "manager", register=Reach.COMPANY)
    async with portal.work():
        await save_settings({"timesheets.drafts_first": True})
        await made.entry(worker="Lucía Romero")
        lucia = await worker("Lucía Romero")
    manager = await portal.browser(made.manager)
    assert 'href="/timesheets/new"' in (await manager.get(NOVEMBER)).text
    assert 'href="/timesheets/new"' in (await manager.get("/timesheets?period=week")).text
    shown = (await manager.get("/timesheets/new")).text
    page = f"/timesheets/new?customer={made.customer.id}"
    form = typed(shown, worker=str(lucia), starts="22:00", ends="6.30", pause="30", project=str(made.project.id))
    form |= {"kind": "night", "task": "Guard", "note": "At the gate"}
    refused = await manager.post(page, {**form, "ends": "", "starts": ""}, page=NOVEMBER)
    assert (refused.status_code, "or how long" in text_of(refused.text), "At the gate" in refused.text) == (
        422,
        True,
        True,
    )
    done, again = [await manager.post(page, form, page=NOVEMBER) for _ in range(2)]
    assert (done.status_code, done.headers["location"]) == (303, again.headers["location"])
    row = await entry_of(done, portal)
    assert (row.state, row.source, row.worked_seconds, row.kind) == ("for_approval", "customer", 8 * 3600, "night")
    assert (row.customer, row.project, row.worker, row.approval) == (made.customer.id, made.project.id, lucia, None)
    told = "Marta Managera registered 8 h"
    staff = await portal.browser(made.staff)
    for reader, path in ((manager, f"/timesheets/{row.id}"), (staff, f"/staff/timesheets/{row.id}")):
        assert told in text_of((await reader.get(path)).text)
    async with portal.work():
        (activity,) = await activities("timesheets.recorded")
        assert (activity["record_kind"], str(activity["by"])) == ("timesheets_entry", str(made.manager.id))
        assert await activities("timesheets.registered") == []
    await drain()
    assert told in text_of((await staff.get("/notifications")).text)


async def test_who_registers_approves_only_with_the_right_to_approve(portal: Portal) -> None:
    made = await works(portal)
    await grant(portal, "viewer", register=Reach.COMPANY)
    viewer = await portal.contact("v@a.example", made.customer, role="viewer", name="Vera Viewer")
    async with portal.work():
        await made.entry()
        by = await actor_of(viewer)
        with acting_as(by):
            entry = await register_entry(entry=await _new(made), state=EntryState.DRAFT, by=by)
            with pytest.raises(errors.NotPermittedError):
                await approve_entries(entries=[entry], shown_at=now(), by=by)
        approver = await actor_of(made.manager)
        with acting_as(approver):
            assert (await approve_entries(entries=[entry], shown_at=now(), by=approver)).entries == 1


async def _new(made: Works, **more: Any) -> NewEntry:
    entry = NewEntry(
        customer=made.customer.id,
        worker=await worker("Lucía Romero"),
        worker_name="Lucía Romero",
        day=DAY,
        values=EIGHT,
        project=made.project.id,
        source="customer",
        external_id=str(uuid4()),
    )
    return replace(entry, **more)


async def test_another_company_than_the_form_was_shown_for_is_refused(portal: Portal) -> None:
    made, other = await works(portal), await works(portal, "b")
    await grant(portal, "manager", register=Reach.GROUP)
    both = await portal.contact("both@a.example", made.customer, other.customer, reach="company", name="Bea Both")
    async with portal.work():
        await made.entry()
        await other.entry(external_id="b")
        lucia = str(await worker("Lucía Romero"))
    browser = await portal.browser(both)
    choice = (await browser.get("/timesheets/new")).text
    assert all(f'value="{each.customer.id}"' in choice for each in (made, other))
    page = f"/timesheets/new?customer={made.customer.id}"
    form = typed((await browser.get(page)).text, worker=lucia, hours="8")
    await browser.post("/company/switch", {"company": str(other.customer.id)}, page="/")
    assert (await browser.post(page, form, page="/")).status_code == 409
    without = {name: value for name, value in form.items() if name != "for"}
    assert (await browser.post(page, without, page="/")).status_code == 409
    assert other.customer.name in (await browser.get("/timesheets/new")).text
    stranger = await portal.browser(made.manager)
    for asked in (other.customer.id, uuid4()):
        path = f"/timesheets/new?customer={asked}"
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.post(path, form, page="/")).status_code == 404
    async with portal.work():
        assert await states() == {"for_approval": 2}


async def test_own_projects_end_where_they_end(portal: Portal) -> None:
    made = await works(portal)
    await grant(portal, "basic", register=Reach.GROUP, change=Reach.GROUP)
    async with portal.work():
        own = await made.entry(worker="Lucía Romero")
        hidden = await made.entry(project=made.other, worker="Otto Ruiz")
        otto, lucia = await worker("Otto Ruiz"), await worker("Lucía Romero")
    approver = await portal.browser(made.approver)
    page = f"/timesheets/new?customer={made.customer.id}"
    shown = (await approver.get(page)).text
    assert [each in shown for each in ("Lucía Romero", "Line a", "Otto Ruiz", "Store a")] == [True, True, False, False]
    form = typed(shown, worker=str(lucia), project=str(made.project.id), hours="8")
    for wrong in ({"worker": str(otto)}, {"project": str(made.other.id)}, {"project": ""}):
        assert (await approver.post(page, form | wrong, page=NOVEMBER)).status_code == 422
    correct = {"correct-version": "1", "correct-reason": "Wrong", "correct-hours": "7", "correct-day": DAY.isoformat()}
    assert (await approver.post(f"/timesheets/{hidden}/correct", correct, page=NOVEMBER)).status_code == 404
    assert (await approver.post(f"/timesheets/{own}/correct", correct, page=NOVEMBER)).status_code == 303
    assert (await approver.post(page, form, page=NOVEMBER)).status_code == 303
    async with portal.work():
        assert ((await stored(hidden)).version, (await stored(own)).version) == (1, 2)
        by = await actor_of(made.approver)
        with acting_as(by):
            for wrong_one in ({"worker": otto}, {"project": made.other.id}):
                with pytest.raises(errors.NotPermittedError):
                    await register_entry(entry=await _new(made, **wrong_one), state=EntryState.DRAFT, by=by)
            with pytest.raises(errors.InvalidInputError):
                await register_entry(entry=await _new(made, project=None), state=EntryState.DRAFT, by=by)
        assert await states() == {"for_approval": 3}


async def test_what_is_seen_is_not_yet_hers_to_change(portal: Portal) -> None:
    made = await works(portal)
    await grant(portal, "basic", view=Reach.COMPANY, register=Reach.PROJECTS, change=Reach.PROJECTS)
    async with portal.work():
        await Membership.update({Membership.reach: "company"}).where(Membership.person == made.approver.id)
        await raise_version(portal.tenant.id)
        other = await made.entry(project=made.other, worker="Otto Ruiz")
        own = await made.entry()
    approver = await portal.browser(made.approver)
    assert "/correct" in (await approver.get(f"/timesheets/{own}")).text
    assert "/correct" not in (await approver.get(f"/timesheets/{other}")).text
    correct = {"correct-version": "1", "correct-reason": "Wrong", "correct-hours": "7", "correct-day": DAY.isoformat()}
    assert (await approver.post(f"/timesheets/{other}/correct", correct, page=NOVEMBER)).status_code == 403
    assert "Otto Ruiz" not in (await approver.get("/timesheets/new")).text
    async with portal.work():
        assert (await stored(other)).version == 1


async def test_reach_own_registers_what_is_hers(portal: Portal) -> None:
    made = await works(portal)
    await grant(portal, "accounting", register=Reach.OWN)
    olga = await portal.contact("own@a.example", made.customer, role="accounting", reach="own", name="Olga Own")
    async with portal.work():
        await made.entry(addressee=olga.id)
        await made.entry(worker="Otto Ruiz")
        by = await actor_of(olga)
        with acting_as(by):
            offer = await offer_to(by, made.customer.id)
            assert offer is not None
            assert (list(offer.workers.values()), offer.projects) == (["Lucía Romero"], {})
            entry = await register_entry(entry=await _new(made, project=None), state=EntryState.DRAFT, by=by)
        assert (await stored(entry)).addressee == olga.id


async def test_a_job_of_another_project_is_no_way_around(portal: Portal) -> None:
    made = await works(portal)
    await grant(portal, "basic", register=Reach.PROJECTS, jobs=Reach.GROUP)
    async with portal.work():
        await made.entry()
        details = JobDetails(
            customer=made.customer.id,
            worker=await worker("Nadia Nueva"),
            worker_name="Nadia Nueva",
            title="Welder",
            starts_on=DAY,
            project=made.project.id,
        )
        own = await add_job(details=details)
        lucia = await worker("Lucía Romero")
        foreign = await add_job(details=replace(details, worker=lucia, project=made.other.id))
        by = await actor_of(made.approver)
        with acting_as(by):
            offer = await offer_to(by, made.customer.id)
            assert offer is not None
            assert ([job.id for job in offer.jobs], sorted(offer.workers.values())) == (
                [own.id],
                ["Lucía Romero", "Nadia Nueva"],
            )
            hers = await _new(made, worker=details.worker, worker_name="Nadia Nueva", job=own.id)
            entry = await register_entry(entry=hers, state=EntryState.DRAFT, by=by)
            with pytest.raises(errors.NotPermittedError):
                await register_entry(entry=await _new(made, job=foreign.id), state=EntryState.DRAFT, by=by)
        assert ((await stored(entry)).job, await states()) == (own.id, {"for_approval": 2})


async def _correct_form(browser: Browser, entry: UUID, **fields: str) -> dict[str, str]:
    page = (await browser.get(f"/timesheets/{entry}")).text
    held = dict(re.findall(r'name="(correct-[a-z]+)"[^>]*value="([^"]*)"', page))
    return held | {f"correct-{name}": value for name, value in fields.items()}


async def test_a_change_keeps_what_was_said_before_and_tells_staff(portal: Portal) -> None:
    made = await works(portal)
    await grant(portal, "manager", change=Reach.COMPANY)
    async with portal.work():
        entry = await made.entry(values=EIGHT, day=DAY)
    manager, staff = await portal.browser(made.manager), await portal.browser(made.staff)
    path = f"/timesheets/{entry}/correct"
    form = await _correct_form(manager, entry, ends="16:30")
    nameless = await manager.post(path, form, page=NOVEMBER)
    assert (nameless.status_code, "16:30" in nameless.text) == (422, True)
    form["correct-reason"] = "Left early"
    assert (await manager.post(path, form, page=NOVEMBER)).status_code == 303
    stale = await manager.post(path, form | {"correct-ends": "14:30"}, page=NOVEMBER)
    assert (stale.status_code, "14:30" in stale.text) == (409, True)
    assert "This entry was changed meanwhile. Look at it again first." in text_of(stale.text)
    said = "Marta Managera changed the entry of"
    for reader, base in ((manager, "/timesheets"), (staff, "/staff/timesheets")):
        page = text_of((await reader.get(f"{base}/{entry}")).text)
        assert (said in page, "Left early" in page, "What it said before" in page) == (True, True, True)
    async with portal.work():
        row = await stored(entry)
        assert (row.worked_seconds, row.state, row.version) == (7 * 3600, "for_approval", 2)
        assert (len(await activities("timesheets.changed")), await activities("timesheets.corrected")) == (1, [])


async def test_a_change_is_made_in_the_states_that_staff_corrects_in(portal: Portal) -> None:
    made = await works(portal)
    await grant(portal, "manager", change=Reach.COMPANY)
    async with portal.work():
        draft = await made.entry(state=EntryState.DRAFT)
        disputed, approved, invoiced = await made.entries(3, values=EIGHT)
        by, staff = await actor_of(made.manager), await actor_of(made.staff)
        with acting_as(by):
            await dispute_entry(entry=disputed, version=1, reason="Wrong", by=by)
            await approve_entries(entries=[approved, invoiced], shown_at=now(), by=by)
        with acting_as(staff):
            await invoice_entries(entries=[invoiced], by=staff)
    manager = await portal.browser(made.manager)
    form = {"correct-day": DAY.isoformat(), "correct-hours": "7", "correct-reason": "So it was"}
    for entry, version, status in ((draft, 1, 404), (disputed, 2, 303), (approved, 2, 409), (invoiced, 3, 409)):
        sent = form | {"correct-version": str(version)}
        answer = await manager.post(f"/timesheets/{entry}/correct", sent, page=NOVEMBER)
        assert answer.status_code == status
        if status == 409:
            assert "/correct" not in (await manager.get(f"/timesheets/{entry}")).text
    async with portal.work():
        assert await states() == {"draft": 1, "for_approval": 1, "approved": 1, "invoiced": 1}


@pytest.mark.parametrize("seed", range(3))
async def test_no_reach_registers_or_changes_beyond_it(portal: Portal, seed: int) -> None:
    chance, made = random.Random(seed), await works(portal)
    for role in ("basic", "viewer", "accounting"):
        reaches = {name: chance.choice(list(Reach)) for name in ("register", "change", "view", "jobs")}
        await grant(portal, role, **reaches)
        reach = chance.choice(list(Reach))
        person = await portal.contact(
            f"{role}@x.example", made.customer, role=role, reach=reach.word, projects=(made.project,), name="Xenia Ex"
        )
        async with portal.work():
            await _check_reach(made, person, {name: min(reach, each) for name, each in reaches.items()})


async def _check_reach(made: Works, person: Person, reaches: dict[str, Reach]) -> None:
    places = [(project, addressee) for project in (made.project, made.other) for addressee in (None, person.id)]
    for project, addressee in places:
        entry = await made.entry(project=project, addressee=addressee, worker=f"{project.name} {addressee}")
        hers = {
            Reach.OWN: addressee is not None,
            Reach.PROJECTS: addressee is not None or project is made.project,
        }
        sees, changes, registers = (hers.get(reaches[name], True) for name in ("view", "change", "register"))
        by = await actor_of(person)
        with acting_as(by):
            offer = await offer_to(by, made.customer.id)
            assert offer is not None
            assert (f"{project.name} {addressee}" in offer.workers.values()) == (sees and registers)
            wide = min(reaches["view"], reaches["register"]) >= Reach.COMPANY
            assert (made.other.id in offer.projects) == wide
            try:
                await correct_entry(entry=entry, version=1, values=EIGHT, reason="So", day=date(2026, 11, 2), by=by)
            except errors.NotFoundError:
                assert not sees
            except errors.NotPermittedError:
                assert (sees, changes) == (True, False)
            else:
                assert (sees, changes) == (True, True)
        assert (await stored(entry)).version == 1 + (sees and changes)
