"""Whose rows a list shows, and what can be done with them."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.contributions import Reach
from core.errors import NotPermittedError
from core.lists import list_view
from core.lists.reading import Reading
from core.lists.totals import read_totals
from tests.lists.asking import ALL, Acting, everything, ids, published, state_of
from tests.lists.sample import (
    APPROVE,
    CLERK,
    PAPERS,
    SEE,
    STAFF,
    Office,
    contact,
    make_office,
    staff,
)


def expected_reach(office: Office, reaches: dict[int, Reach], person: int) -> set[UUID]:
    """What a contact sees, in Python: person 0 is on project 0."""
    found = set()
    for row in published(office):
        reach = reaches.get(office.customers.index(row["customer"]))
        own = row["addressee"] == office.people[person]
        on_project = person == 0 and row["project"] == office.projects[0]
        if reach is not None and (reach >= Reach.COMPANY or own or (reach is Reach.PROJECTS and on_project)):
            found.add(row["id"])
    return found


REACHES: list[dict[int, Reach]] = [
    {},
    {0: Reach.OWN},
    {0: Reach.PROJECTS},
    {0: Reach.PROJECTS, 1: Reach.OWN},
    {0: Reach.COMPANY, 1: Reach.PROJECTS, 2: Reach.OWN},
    {1: Reach.COMPANY, 0: Reach.OWN},
    {1: Reach.OWN, 2: Reach.OWN},
    {0: Reach.OWN, 2: Reach.COMPANY},
]


async def test_one_statement_serves_many_readers_each_with_their_own_rows(office: Office, acting: Acting) -> None:
    """The statements of one reader's shape must not carry the reader: by turns, twice, with both people."""
    for _ in range(2):
        for reaches in REACHES:
            for person in (0, 1):
                places = ((office.customers[at], reach) for at, reach in reaches.items())
                actor = contact(office, office.people[person], *places)
                async with acting(actor):
                    assert await ids(ALL, actor) == expected_reach(office, reaches, person)
                    totals = await read_totals(Reading.of(PAPERS, state_of(ALL, actor), actor))
                    assert totals.count == len(expected_reach(office, reaches, person))


async def test_two_offices_by_turns_see_nothing_of_each_other(office: Office, acting: Acting) -> None:
    other = await make_office(7, papers=40)
    for _ in range(2):
        for each in (office, other):
            actor = everything(each)
            async with acting(actor):
                assert await ids(ALL, actor) == {row["id"] for row in published(each)}
            member = staff(each)
            async with acting(member):
                assert await ids(ALL, member) == {row["id"] for row in each.papers}


async def test_the_active_customer_narrows_the_list(office: Office, acting: Acting) -> None:
    places = [(customer, Reach.COMPANY) for customer in office.customers]
    actor = contact(office, office.people[0], *places, active=office.customers[1])
    async with acting(actor):
        expected = {row["id"] for row in published(office) if row["customer"] == office.customers[1]}
        assert expected
        assert await ids(ALL, actor) == expected
    elsewhere = contact(office, office.people[0], places[0], active=office.customers[1])
    async with acting(elsewhere):
        assert await ids(ALL, elsewhere) == set()


async def test_without_the_permission_there_is_no_list(office: Office, acting: Acting) -> None:
    member = staff(office, APPROVE)
    async with acting(member):
        with pytest.raises(NotPermittedError):
            await list_view(PAPERS, ALL, member)
    reader = staff(office, SEE)
    async with acting(reader):
        assert await ids(ALL, reader) == set()
    both = staff(office, SEE, STAFF)
    async with acting(both):
        assert len(await ids(ALL, both)) == len(office.papers)


async def test_roles_and_places_decide_what_can_be_done(office: Office, acting: Acting) -> None:
    for role, expected in ((CLERK, ["Excel sheet (.xlsx)"]), (None, ["Approve", "Excel sheet (.xlsx)"])):
        place = (office.customers[0], Reach.COMPANY)
        actor = (
            contact(office, office.people[0], place, role=role) if role else contact(office, office.people[0], place)
        )
        async with acting(actor):
            assert [action["label"] for action in (await list_view(PAPERS, ALL, actor))["actions"]] == expected
