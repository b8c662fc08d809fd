"""Lists of hours come in: once, exactly, and a bad row disturbs no other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.db import fetch
from core.people.actor import acting_as
from core.people.tables import Customer, Project
from core.sdk import errors, now
from core.tenancy.scope import current_tenant_id
from plugins.timesheets.importing import import_files
from plugins.timesheets.queries import corrections_of
from plugins.timesheets.services import Values, accept_correction, approve_entries, dispute_entry
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.tables import Worker
from tests.plugins.timesheets.made import activities, actor_of, states, stored, works
from tests.portal_fixtures import Portal

TOGGL = (
    "\ufeffUser,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
    "Lía Sanz,lia@w.example,Acme a,Line a,Assembly,Night shift,No,2026-11-02,22:00:00,2026-11-03,06:30:01,08:30:01,x\n"
    'Bo Ek,bo@w.example,ACME A,New project,,"Two, three",Yes,2026-11-03,08:00:00,2026-11-03,12:00:00,04:00:00,\n'
    "Bo Ek,bo@w.example,Nobody,,,,No,2026-11-03,08:00:00,2026-11-03,12:00:00,04:00:00,\n"
    "Bo Ek,bo@w.example,,,,,No,2026-11-03,08:00:00,2026-11-03,12:00:00,04:00:00,\n"
    "Bo Ek,bo@w.example,Acme a,Line a,,,No,2026-11-03,25:00:00,2026-11-03,12:00:00,04:00:00,\n"
)


async def take(tmp_path: Path, text: str | bytes, **options: Any) -> list[tuple[str, str, str]]:
    """Read a list and return what became of each row: place, outcome, reason."""
    file = tmp_path / "hours.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    results: AsyncIterator[Any] = import_files(files=[file], **options)
    return [(each.place, each.outcome, str(each.reason or "")) async for each in results]


async def test_a_list_is_taken_in_to_the_second_and_again_changes_nothing(portal: Portal, tmp_path: Path) -> None:
    made = await works(portal)
    async with portal.work():
        results = await take(tmp_path, TOGGL)
        assert [outcome for _place, outcome, _reason in results] == ["created", "created", *["refused"] * 3]
        assert [place for place, _outcome, _reason in results] == [f"hours.csv:{line}" for line in range(2, 7)]
        assert results[2][2] == "No customer is called “Nobody”."
        assert results[3][2] == "The row names no customer. Say to whom such rows belong."
        assert results[4][2] == "“25:00:00” is no time of day."
        rows = await fetch("SELECT id FROM timesheets_entry WHERE tenant = {} ORDER BY day", current_tenant_id())
        first = await stored(rows[0]["id"])
        assert (first.customer, first.project, first.day, first.week) == (
            made.customer.id,
            made.project.id,
            date(2026, 11, 2),
            202645,
        )
        assert (first.starts_at, first.ends_at, first.worked_seconds, first.break_seconds) == (
            datetime(2026, 11, 2, 21, tzinfo=UTC),
            datetime(2026, 11, 3, 5, 30, 1, tzinfo=UTC),
            30_601,
            0,
        )
        assert (first.task, first.note, first.state, first.source) == (
            "Assembly",
            "Night shift",
            "for_approval",
            "toggl",
        )
        again = await take(tmp_path, TOGGL)
        assert [outcome for _place, outcome, _reason in again] == ["unchanged", "unchanged", *["refused"] * 3]
        assert await Project.exists().where(Project.name == "New project", Project.customer == made.customer.id)
        assert {row["name"] for row in await Worker.select(Worker.name)} == {"Lía Sanz", "Bo Ek"}


async def test_what_is_approved_does_not_change_and_says_so(portal: Portal, tmp_path: Path) -> None:
    made = await works(portal)
    head = "Id;Employee;Customer;Date;Hours\n"
    async with portal.work():
        assert (await take(tmp_path, head + "7;Lía;Acme a;2026-11-02;7,5\n"))[0][1] == "created"
        assert (await take(tmp_path, head + "7;Lía;Acme a;2026-11-02;8\n"))[0][1] == "updated"
        row = (await fetch("SELECT id FROM timesheets_entry WHERE tenant = {}", current_tenant_id()))[0]
        assert (await stored(row["id"])).worked_seconds == 8 * 3600
        assert len(await activities("timesheets.corrected")) == 1
        by = await actor_of(made.manager)
        with acting_as(by):
            assert (await approve_entries(entries=[row["id"]], shown_at=now(), by=by)).entries == 1
        ((_place, outcome, reason),) = await take(tmp_path, head + "7;Lía;Acme a;2026-11-02;9\n")
        assert (outcome, reason) == ("refused", "This entry is approved. It can be opened again with a reason.")
        assert (await take(tmp_path, head + "7;Lía;Acme a;2026-11-02;8\n"))[0][1] == "unchanged"
        assert (await stored(row["id"])).worked_seconds == 8 * 3600


async def test_dates_that_can_be_read_in_two_ways_are_asked_for(portal: Portal, tmp_path: Path) -> None:
    await works(portal)
    text = "Employee,Customer,Date,Hours\nLía,Acme a,03/04/2026,1\n"
    async with portal.work():
        ((_place, outcome, reason),) = await take(tmp_path, text)
        assert (outcome, reason) == (
            "refused",
            "“03/04/2026” can be two different days: say which comes first, day or month.",
        )
        assert (await take(tmp_path, text, date_order="mdy"))[0][1] == "created"
        assert await fetch("SELECT day FROM timesheets_entry WHERE day = {}", date(2026, 3, 4))
        with pytest.raises(Exception, match="order of dates"):
            await take(tmp_path, text, date_order="sideways")


async def test_customers_are_made_where_that_is_wanted_and_rows_without_one_have_a_home(
    portal: Portal, tmp_path: Path
) -> None:
    await portal.customer("Home", number="H-1")
    text = "Employee,Customer,Date,Hours\nLía,Brand new,2026-11-02,1\nLía,,2026-11-02,2\n"
    async with portal.work():
        results = await take(tmp_path, text, create_customers=True, customer="H-1")
        assert [outcome for _place, outcome, _reason in results] == ["created", "created"]
        assert await Customer.exists().where(Customer.name == "Brand new")
        assert await states() == {"for_approval": 2}


async def test_rows_that_are_alike_are_several_entries(portal: Portal, tmp_path: Path) -> None:
    await works(portal)
    text = "Employee,Customer,Date,Hours\n" + "Lía,Acme a,2026-11-02,1\n" * 3
    async with portal.work():
        assert [outcome for _p, outcome, _r in await take(tmp_path, text)] == ["created"] * 3
        assert [outcome for _p, outcome, _r in await take(tmp_path, text)] == ["unchanged"] * 3


CORPUS = os.environ.get("PORTICO_CORPUS", "")


@pytest.mark.skipif(not CORPUS, reason="PORTICO_CORPUS names no folder of real files")
async def test_the_real_exports_are_read_exactly(portal: Portal) -> None:
    folder = Path(CORPUS) / "timesheets"
    async with portal.work():
        found = {}
        for file in sorted(folder.glob("*.csv")):
            results = [
                each
                async for each in import_files(
                    files=[file], create_customers=True, date_order="mdy" if "clockify" in file.name else ""
                )
            ]
            found[file.name] = [each.outcome for each in results]
        assert found == {
            "clockify_time_entries_import_test_1.csv": ["refused", "created"],
            "clockify_time_entries_import_test_2.csv": ["created"],
            "clockify_time_entries_import_test_3.csv": ["refused"],
            "harvest_time_entries_import_test_1.csv": ["refused", "created"],
            "toggl_time_entries_import_test_1.csv": ["refused", "created"],
        }
        rows = await fetch(
            "SELECT e.source AS source, e.day AS day, e.starts_at AS starts_at, e.worked_seconds AS worked, "
            "w.name AS worker, p.name AS project FROM timesheets_entry e "
            "JOIN timesheets_worker w ON w.id = e.worker JOIN project p ON p.id = e.project "
            "WHERE e.tenant = {} ORDER BY e.source, e.day",
            current_tenant_id(),
        )
        assert [
            (row["source"], str(row["day"])[:10], row["worker"], row["project"], row["worked"]) for row in rows
        ] == [
            ("clockify", "2024-03-04", "Peter Tester", "Project for Big Company", 3601),
            ("clockify", "2024-10-15", "Peter Tester", "Real World Project", 1800),
            ("harvest", "2024-03-04", "Peter Tester", "Project for Big Company", 36),
            ("toggl", "2024-03-04", "Peter Tester", "Project for Big Company", 3601),
        ]


async def test_a_list_changes_the_kind_of_hours_too(portal: Portal, tmp_path: Path) -> None:
    await works(portal)
    head = "Id;Employee;Customer;Date;Hours;Kind\n"
    async with portal.work():
        await take(tmp_path, head + "7;Lía;Acme a;2026-11-02;8;\n")
        assert (await take(tmp_path, head + "7;Lía;Acme a;2026-11-02;8;Overtime\n"))[0][1] == "updated"
        (row,) = await fetch("SELECT kind FROM timesheets_entry WHERE tenant = {}", current_tenant_id())
        assert row["kind"] == "overtime"


HEAD = "Id;Employee;Customer;Date;Hours\n"


async def test_a_list_decides_what_a_customer_disputed_and_she_can_dispute_it_again(
    portal: Portal, tmp_path: Path
) -> None:
    made = await works(portal)
    async with portal.work():
        await take(tmp_path, HEAD + "7;Lía;Acme a;2026-11-02;8\n")
        entry = (await fetch("SELECT id FROM timesheets_entry WHERE tenant = {}", current_tenant_id()))[0]["id"]
        by, staff = await actor_of(made.manager), await actor_of(made.staff)
        with acting_as(by):
            proposed = Values(worked_seconds=6 * 3600)
            await dispute_entry(entry=entry, version=1, reason="She left early", proposed=proposed, by=by)
        assert (await take(tmp_path, HEAD + "7;Lía;Acme a;2026-11-02;7\n"))[0][1] == "updated"
        (corrected,) = await activities("timesheets.corrected")
        assert msgspec.json.decode(corrected["data"])["hours"] == {"seconds": 7 * 3600}, "what it says now"
        found = await stored(entry)
        assert [each.state for each in await corrections_of(found)] == ["corrected"]
        with acting_as(staff), pytest.raises(errors.WrongStateError):
            await accept_correction(entry=entry, version=found.version, by=staff)
        with acting_as(by):
            await dispute_entry(entry=entry, version=found.version, reason="Still too much", by=by)
        assert (await stored(entry)).state == "disputed"


async def test_a_number_of_one_customer_is_not_taken_for_the_name_of_another(portal: Portal, tmp_path: Path) -> None:
    await works(portal)
    await portal.customer("One", number="100")
    named = await portal.customer("100")
    text = "Employee;Customer number;Customer;Date;Hours\nLía;100;;2026-11-02;1\nLía;;100;2026-11-02;2\n"
    async with portal.work():
        assert [outcome for _place, outcome, _reason in await take(tmp_path, text)] == ["created", "created"]
        rows = await fetch("SELECT customer FROM timesheets_entry WHERE worked_seconds = 7200")
        assert [str(row["customer"]).replace("-", "") for row in rows] == [named.id.hex]


async def test_two_at_once_make_one_worker(portal: Portal) -> None:
    async def make() -> Any:
        async with portal.work():
            return await worker_named(name="Lía  Sanz")

    first, second = await asyncio.gather(make(), make())
    assert first == second
    async with portal.work():
        assert [row["name"] for row in await Worker.select(Worker.name)] == ["Lía Sanz"]
