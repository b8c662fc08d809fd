from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db import count_queries
from core.errors import InvalidInputError, NotFoundError
from core.people.handing_over import count_records, hand_over_records
from core.people.tables import Person, ProjectPerson
from core.records.base import beyond_reach
from core.records.tables import Activity
from tests.db_fixtures import Databases
from tests.people.sheets import Sheet, add_sheets, addressees, sheets_world
from tests.portal_fixtures import Portal, World


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with sheets_world(dialect, databases, tmp_path) as made:
        yield made


@pytest.fixture
async def portal(world: World) -> Portal:
    return world.first


async def written(portal: Portal) -> list[dict[str, Any]]:
    async with portal.work():
        rows = await Activity.select(Activity.customer, Activity.data).where(
            Activity.kind == "core.records_handed_over"
        )
    return [{"customer": row["customer"], **msgspec.json.decode(row["data"])} for row in rows]


async def projects_of(portal: Portal, person: Person) -> set[UUID]:
    async with portal.work():
        rows = await ProjectPerson.select(ProjectPerson.project).where(ProjectPerson.person == person.id)
    return {row["project"] for row in rows}


async def digest(portal: Portal, titles: set[str]) -> str:
    async with portal.work():
        with beyond_reach("tests look behind"):
            rows = await Sheet.select(Sheet.id).where(Sheet.title.is_in(sorted(titles)))
    return sha256("\n".join(str(id) for id in sorted(row["id"] for row in rows)).encode()).hexdigest()


async def test_records_and_projects_go_to_the_colleague_in_one_activity(portal: Portal) -> None:
    acme = await portal.customer("Acme")
    works = await portal.project(acme, "Works")
    shared = await portal.project(acme, "Shared")
    ana = await portal.contact("ana@acme.example", acme, projects=(works, shared), name="Ana Gil")
    bea = await portal.contact("bea@acme.example", acme, projects=(shared,), name="Bea Sol")
    await add_sheets(portal, acme, ana, ["a1", "a2"])
    await add_sheets(portal, acme, bea, ["b1"])
    await add_sheets(portal, acme, None, ["nobody's"])
    async with portal.work():
        assert await count_records(person=ana.id) == 2
        assert await hand_over_records(person=ana.id, to=bea.id) == 2
        assert await count_records(person=ana.id) == 0
    assert await addressees(portal) == {"a1": (bea.id, 2), "a2": (bea.id, 2), "b1": (bea.id, 1), "nobody's": (None, 1)}
    assert (await projects_of(portal, ana), await projects_of(portal, bea)) == (set(), {works.id, shared.id})
    assert await written(portal) == [
        {
            "customer": acme.id,
            "person": str(ana.id),
            "name": "Ana Gil",
            "to": str(bea.id),
            "to_name": "Bea Sol",
            "count": 2,
            "kinds": {"sheet": 2},
            "projects": 2,
            "records": await digest(portal, {"a1", "a2"}),
        }
    ]


async def test_only_what_is_at_the_customer_moves(portal: Portal) -> None:
    acme, zeta = await portal.customer("Acme"), await portal.customer("Zeta")
    here, there = await portal.project(acme, "Here"), await portal.project(zeta, "There")
    ana = await portal.contact("ana@acme.example", acme, zeta, projects=(here, there))
    bea = await portal.contact("bea@acme.example", acme)
    await add_sheets(portal, acme, ana, ["acme"])
    await add_sheets(portal, zeta, ana, ["zeta"])
    async with portal.work():
        assert await hand_over_records(person=ana.id, to=bea.id, customer=acme.id) == 1
        assert await count_records(person=ana.id, customer=acme.id) == 0
        assert await count_records(person=ana.id, customer=zeta.id) == 1
    assert await addressees(portal) == {"acme": (bea.id, 2), "zeta": (ana.id, 1)}
    assert (await projects_of(portal, ana), await projects_of(portal, bea)) == ({there.id}, {here.id})


async def test_who_takes_over_is_an_active_contact_with_a_place_there(portal: Portal) -> None:
    acme, zeta = await portal.customer("Acme"), await portal.customer("Zeta")
    ana = await portal.contact("ana@acme.example", acme)
    await add_sheets(portal, acme, ana, ["a1"])
    wrong = {
        "Zoe Zas": await portal.contact("zoe@zeta.example", zeta, name="Zoe Zas"),
        "Ines Inv": await portal.contact("ines@acme.example", acme, state="invited", name="Ines Inv"),
        "Dora Des": await portal.contact("dora@acme.example", acme, state="deactivated", name="Dora Des"),
    }
    staff = await portal.staff("pilar@obrador.example")
    said = {}
    async with portal.work():
        for name, person in wrong.items():
            with pytest.raises(InvalidInputError) as refused:
                await hand_over_records(person=ana.id, to=person.id)
            said[name] = [str(text) for text in refused.value.fields["heir"]]
        with pytest.raises(InvalidInputError):
            await hand_over_records(person=ana.id, to=ana.id)
        for nobody in (staff.id, uuid4()):
            with pytest.raises(NotFoundError):
                await hand_over_records(person=ana.id, to=nobody)
    assert said == {
        "Zoe Zas": ["Zoe Zas has no place at Acme. Choose somebody who has."],
        "Ines Inv": ["Ines Inv does not use the portal. Choose somebody who does."],
        "Dora Des": ["Dora Des does not use the portal. Choose somebody who does."],
    }
    assert (await addressees(portal), await written(portal)) == ({"a1": (ana.id, 1)}, [])


async def test_a_place_in_the_group_counts(portal: Portal) -> None:
    group = await portal.customer("Group")
    child = await portal.customer("Child", parent=group.id)
    ana = await portal.contact("ana@child.example", child)
    await add_sheets(portal, child, ana, ["a1"])
    narrow = await portal.contact("narrow@group.example", group, reach="company")
    wide = await portal.contact("wide@group.example", group, reach="group")
    async with portal.work():
        with pytest.raises(InvalidInputError):
            await hand_over_records(person=ana.id, to=narrow.id)
        assert await hand_over_records(person=ana.id, to=wide.id) == 1
    assert await addressees(portal) == {"a1": (wide.id, 2)}


async def test_another_tenant_is_not_touched(world: World) -> None:
    first, second = world.first, world.second
    acme, autre = await first.customer("Acme"), await second.customer("Autre")
    ana = await first.contact("ana@acme.example", acme)
    bea = await first.contact("bea@acme.example", acme)
    foreign = await second.contact("ana@acme.example", autre)
    await add_sheets(first, acme, ana, ["a1"])
    await add_sheets(second, autre, foreign, ["f1"])
    async with first.work():
        for giver, heir in ((foreign.id, bea.id), (ana.id, foreign.id)):
            with pytest.raises(NotFoundError):
                await hand_over_records(person=giver, to=heir)
        await hand_over_records(person=ana.id, to=bea.id)
    assert await addressees(second) == {"f1": (foreign.id, 1)}


async def test_ten_thousand_records_take_as_many_statements_as_one(portal: Portal) -> None:
    acme = await portal.customer("Acme")
    ana = await portal.contact("ana@acme.example", acme)
    bea = await portal.contact("bea@acme.example", acme)
    await add_sheets(portal, acme, ana, ["one"])
    async with portal.work():
        with count_queries() as one:
            assert await hand_over_records(person=ana.id, to=bea.id) == 1
    await add_sheets(portal, acme, ana, [f"n{number}" for number in range(10_000)])
    async with portal.work():
        with count_queries() as many:
            assert await hand_over_records(person=ana.id, to=bea.id) == 10_000
    assert many.statements == one.statements
    assert [(one["count"], one["kinds"]) for one in await written(portal)] == [
        (1, {"sheet": 1}),
        (10_000, {"sheet": 10_000}),
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    owned=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=12),
    moves=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([None, 0, 1])), max_size=6),
)
async def test_nothing_is_lost_and_nothing_reaches_who_has_no_place(
    portal: Portal, owned: list[tuple[int, int]], moves: list[tuple[int, int, int | None]]
) -> None:
    mark = uuid4().hex
    companies = [await portal.customer(f"{mark}-{number}") for number in range(2)]
    seats = [(0,), (0, 1), (1,)]
    people = [
        await portal.contact(f"p{number}-{mark}@x.example", *(companies[place] for place in places))
        for number, places in enumerate(seats)
    ]
    expected: dict[str, tuple[int, int]] = {}
    for number, (person, company) in enumerate(owned):
        owner = person if company in seats[person] else 1
        expected[f"{mark}-{number}"] = (owner, company)
        await add_sheets(portal, companies[company], people[owner], [f"{mark}-{number}"])
    for giver, heir, where in moves:
        touched = {
            title: company
            for title, (owner, company) in expected.items()
            if owner == giver and (where is None or company == where)
        }
        allowed = giver != heir and set(touched.values()) <= set(seats[heir])
        async with portal.work():
            try:
                moved = await hand_over_records(
                    person=people[giver].id,
                    to=people[heir].id,
                    customer=None if where is None else companies[where].id,
                )
            except InvalidInputError:
                assert not allowed
                continue
        assert (allowed, moved) == (True, len(touched))
        expected |= {title: (heir, company) for title, company in touched.items()}
    now_owned = {title: owner for title, (owner, _) in (await addressees(portal)).items() if title.startswith(mark)}
    assert now_owned == {title: people[owner].id for title, (owner, _) in expected.items()}
