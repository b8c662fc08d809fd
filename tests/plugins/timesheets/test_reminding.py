"""Asking for approval: the right people, once for each week and step, and their deputies."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from core.clock import later
from core.contributions import Reach
from core.people.actor import acting_as
from core.people.persons import Seat, set_seat
from core.preferences.values import save_settings
from core.sdk import errors
from plugins.timesheets.services import add_deputy, end_deputy, remind, remind_now
from plugins.timesheets.services.deputies import candidates
from tests.plugins.timesheets.made import DAY, activities, actor_of, works
from tests.portal_fixtures import Portal

SOON = timedelta(minutes=11)


async def told(kind: str) -> list[tuple[list[str], int, int]]:
    """Return whom activities of a kind name, and how many entries and seconds."""
    found = []
    for row in await activities(f"timesheets.approval_{kind}"):
        data: dict[str, Any] = msgspec.json.decode(row["data"])
        found.append((data["to"], data["count"], data["hours"]["seconds"]))
    return found


async def test_whose_project_it_is_is_asked_first_and_the_company_only_when_nothing_happens(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await made.entries(3)
        await remind()
        assert await told("requested") == [], "lists come in pieces"
        for _ in range(3):
            with later(SOON):
                await remind()
        asked = [([str(made.approver.id)], 3, 3 * 8 * 3600)]
        assert await told("requested") == asked
        with later(timedelta(days=3, hours=1)):
            await remind()
            await remind()
        assert await told("reminded") == asked
        assert await told("escalated") == []
        with later(timedelta(days=8)):
            await remind()
            await remind()
        assert await told("escalated") == [([str(made.manager.id)], 3, 3 * 8 * 3600)]
        assert (len(await told("requested")), len(await told("reminded"))) == (1, 1)


async def test_without_somebody_near_the_company_is_asked_at_once(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await made.entry(project=made.other)
        with later(SOON):
            await remind()
        assert await told("requested") == [([str(made.manager.id)], 1, 8 * 3600)]


async def test_nobody_is_asked_where_the_tenant_does_not_want_it(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await save_settings({"timesheets.reminders": False})
    async with portal.work():
        await made.entry()
        with later(SOON):
            await remind()
        assert await told("requested") == []


async def test_what_has_long_waited_is_asked_for_before_anybody_is_pressed(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await made.entry()
        with later(timedelta(days=20)):
            await remind()
            await remind()
        kinds = ("requested", "reminded", "escalated")
        assert [len(await told(kind)) for kind in kinds] == [1, 0, 0]
        with later(timedelta(days=23, hours=1)):
            await remind()
        assert [len(await told(kind)) for kind in kinds] == [1, 1, 0]
        with later(timedelta(days=28)):
            await remind()
        assert [len(await told(kind)) for kind in kinds] == [1, 1, 1]


async def test_staff_reminds_everybody_at_most_once_a_day(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await made.entries(2)
        assert await remind_now() == 1
        assert await remind_now() == 0
        with later(timedelta(days=1, minutes=1)):
            assert await remind_now() == 1
            assert await remind_now() == 0
        assert await told("reminded") == [([str(made.approver.id)], 2, 16 * 3600)] * 2


async def test_a_deputy_is_asked_as_well_on_her_days(portal: Portal) -> None:
    made = await works(portal)
    viewer = await portal.contact("viewer@a.example", made.customer, role="viewer")
    async with portal.work():
        by = await actor_of(made.approver)
        today = by.tenant.today()
        with acting_as(by):
            assert await candidates(by) == {made.manager.id: "Marta Managera"}
            with pytest.raises(errors.InvalidInputError):
                await add_deputy(deputy=viewer.id, first_day=today, last_day=today, by=by)
            with pytest.raises(errors.InvalidInputError):
                await add_deputy(deputy=made.manager.id, first_day=today, last_day=today - timedelta(1), by=by)
            deputy = await add_deputy(
                deputy=made.manager.id, first_day=today, last_day=today + timedelta(days=30), by=by
            )
            assert deputy == await add_deputy(
                deputy=made.manager.id, first_day=today, last_day=today + timedelta(days=30), by=by, id=deputy
            )
        await made.entry()
        with later(SOON):
            await remind()
        assert await told("requested") == [(sorted([str(made.approver.id), str(made.manager.id)]), 1, 8 * 3600)]
        with acting_as(by):
            await end_deputy(deputy=deputy, by=by)
            with pytest.raises(errors.NotFoundError):
                await end_deputy(deputy=deputy, by=by)
        (ended,) = await activities("timesheets.deputy_ended")
        assert (msgspec.json.decode(ended["data"]), ended["by"]) == ({"deputy": "Marta Managera"}, by.person)


async def test_a_deputy_learns_nothing_of_companies_that_are_not_hers(portal: Portal) -> None:
    made, other = await works(portal), await works(portal, "b")
    both = await portal.contact("both@a.example", made.customer, role="manager", name="Bea Both")
    async with portal.work():
        await set_seat(
            person=both.id, seat=Seat(customer=other.customer.id, role=portal.roles["manager"].id, reach=Reach.COMPANY)
        )
        by = await actor_of(both)
        today = by.tenant.today()
        with acting_as(by):
            await add_deputy(deputy=other.manager.id, first_day=today, last_day=today, by=by)
            await add_deputy(deputy=made.approver.id, first_day=today, last_day=today, by=by)
        await made.entry(project=made.other)
        with later(SOON):
            await remind()
        (asked,) = await told("requested")
        assert asked == (sorted([str(both.id), str(made.manager.id)]), 1, 8 * 3600), (
            "neither who works for another company, nor who sees another project"
        )


async def test_staff_pressing_twice_reminds_once(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        await made.entries(2)
        await made.entry(day=DAY + timedelta(days=7))

    async def press() -> int:
        async with portal.work():
            return await remind_now()

    assert sorted(await asyncio.gather(press(), press())) == [0, 1]
    async with portal.work():
        assert await told("reminded") == [
            ([str(made.approver.id)], 2, 16 * 3600),
            ([str(made.approver.id)], 1, 8 * 3600),
        ]
