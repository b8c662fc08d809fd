"""Long lists: few statements, the same outcome as row by row, and two at the same moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from core.accounts.tables import Registration
from core.clock import now
from core.db import count_queries, outside
from core.people.importing import import_people
from core.people.importing_check import check_rows, import_rows
from core.people.importing_rows import Rows
from core.people.importing_taking import Taken
from core.people.tables import Customer, Membership, Person, ProjectPerson
from core.records.tables import Activity
from tests.portal_fixtures import Portal


def rows(count: int, **more: str) -> Rows:
    return [
        (n + 2, {"name": f"Ana Ruiz{n}", "email": f"a{n}@n.example", "customer": "K-7", "projects": "Torre", **more})
        for n in range(count)
    ]


async def checked(given: Rows, *, create_customers: bool = False) -> list[tuple[int, str]]:
    return [(one.number, one.outcome) for one in await check_rows(rows=given, create_customers=create_customers)]


async def taken(given: Rows, *, create_customers: bool = False) -> list[Taken]:
    return [one async for one in import_rows(rows=given, create_customers=create_customers)]


async def test_many_rows_take_few_statements(portal: Portal) -> None:
    customer = await portal.customer("Nuñez", number="K-7")
    project = await portal.project(customer, "Torre")
    async with portal.work():
        with count_queries() as counted:
            done = await taken(rows(100))
        assert Counter(one.outcome for one in done) == {"created": 100}
        assert counted.value <= 25
        people = await Person.objects()
        assert {(one.kind, one.source, one.state, one.version) for one in people} == {
            ("contact", "import", "address_book", 1)
        }
        seats = [(one.customer, one.role, one.reach) for one in await Membership.objects()]
        assert seats == [(customer.id, portal.roles["viewer"].id, "company")] * 100
        assert [one.project for one in await ProjectPerson.objects()] == [project.id] * 100
        told = await Activity.objects().where(Activity.kind == "core.person_added")
        assert {one.customer for one in told} == {customer.id}
        assert len(told) == 100
    async with portal.work():
        with count_queries() as counted:
            again = await taken(rows(100))
        assert Counter(one.outcome for one in again) == {"unchanged": 100}
        assert counted.value <= 20


async def test_what_is_said_before_is_what_becomes_of_it(portal: Portal) -> None:
    customer = await portal.customer("Nuñez", number="K-7", tax_id="ESB12345674")
    await portal.project(customer, "Torre")
    await portal.contact("a1@n.example", customer, name="Ana Ruiz1")
    await portal.staff("a2@n.example")
    given = [
        *rows(4),
        (10, {"name": "Eva Sanz", "email": "a0@n.example", "customer": "B-12345674", "phone": "6"}),
        (11, {"name": "Luz Ríos", "customer": "Nueva SL", "projects": "Torre"}),
        (12, {"name": "Luz Ríos", "customer": "Nueva SL"}),
        (13, {"name": "Luz Ríos", "customer": "nueva sl"}),
        (14, {"name": "Sol Vega", "email": "nobody", "customer": "Otra SL"}),
        (15, {"email": "a3@n.example", "mobile": "7"}),
    ]
    wanted = [
        (2, "created"), (3, "updated"), (4, "refused"), (5, "created"), (10, "updated"), (11, "refused"),
        (12, "created"), (13, "unchanged"), (14, "refused"), (15, "updated"),
    ]  # fmt: skip
    async with portal.work():
        assert await checked(given, create_customers=True) == wanted
        assert [row.name for row in await Customer.objects()] == ["Nuñez"]
        done = await taken(given, create_customers=True)
        assert [(one.number, one.outcome) for one in done] == wanted
        assert sorted(row.name for row in await Customer.objects()) == ["Nueva SL", "Nuñez"]
        changed = await Person.objects().where(Person.email == "a3@n.example").first()
    assert changed is not None
    assert (changed.given_name, changed.family_name, changed.mobile) == ("Ana", "Ruiz3", "7")


async def test_who_waits_with_a_registration_is_not_added_by_a_list(portal: Portal) -> None:
    async with portal.work():
        waiting = Registration(email="a0@n.example", given_name="Ana", family_name="Gil", company="X", state="waiting")
        await Registration.insert(waiting)
        (one,) = await taken([(2, {"name": "Ana Ruiz", "email": "A0@n.example"})])
    assert [str(reason) for reason in one.faults["email"]] == [
        "Ana Gil has registered with this address already. Approve that registration instead of adding a contact."
    ]


async def test_a_closed_customer_takes_nobody_new(portal: Portal) -> None:
    customer = await portal.customer("Nuñez", number="K-7", closed_at=now())
    await portal.contact("old@n.example", customer, name="Old One")
    async with portal.work():
        done = await taken(
            [
                (2, {"name": "Ana Ruiz", "email": "a@n.example", "customer": "K-7"}),
                (3, {"name": "Old One", "email": "old@n.example", "customer": "K-7", "phone": "6"}),
            ]
        )
    assert [(one.outcome, *map(str, one.faults.get("customer", ()))) for one in done] == [
        ("refused", "This customer is closed. Reopen it first."),
        ("updated",),
    ]


async def test_two_lists_at_once_add_everybody_once(portal: Portal, tmp_path: Path) -> None:
    await portal.customer("Nuñez", number="K-7")
    names = ("one.csv", "two.csv")
    for name, order in zip(names, (1, -1), strict=True):
        lines = [f"Ana Ruiz{n};a{n}@n.example;K-7;{'Neu GmbH' if n % 2 else ''}" for n in range(150)][::order]
        (tmp_path / name).write_text("name;email;customer number;other\n" + "\n".join(lines))

    async def bring_in(name: str) -> Counter[str]:
        async with portal.work():
            found = [result.outcome async for result in import_people(files=[tmp_path / name])]
        return Counter(found)

    tasks = [asyncio.create_task(bring_in(name), context=outside()) for name in names]
    counts = await asyncio.gather(*tasks)
    async with portal.work():
        assert await Person.count() == 150
        assert await Membership.count() == 150
    assert sum(counts, Counter()) == {"created": 150, "unchanged": 150}
