"""`audience(record)` and what each contact's own reads show are one rule seen from two sides: held on random worlds."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.accounts.sessions import Identity, build_actor
from core.clock import now
from core.contributions import Reach
from core.db import transaction
from core.people.actor import Actor, acting_as
from core.people.roles import write_grants
from core.people.tables import Customer, CustomerModule, Membership, Person, Project, ProjectPerson, Role
from core.records.audiences import audiences
from core.records.base import beyond_reach
from core.records.kinds import audience
from core.tenancy.scoped_tables import TenantModule
from core.tenancy.snapshot import forget_snapshots, load_snapshot, raise_version
from tests.portal_fixtures import World

VIEW = "bookings:booking:view"
PARENTS = (None, 0, 0, None)
"""Customers by number: a parent, its two children, a stranger."""
PEOPLE = 4


class _UndoError(Exception):
    """Ends an example: what it wrote is rolled back."""


@dataclass(frozen=True)
class Seat:
    customer: int
    role: int
    reach: Reach


@dataclass(frozen=True)
class Someone:
    seats: tuple[Seat, ...]
    projects: frozenset[int]
    state: str


@dataclass(frozen=True)
class Paper:
    customer: int
    project: int | None
    addressee: int | None
    booked_by: int | None
    published: bool


@dataclass(frozen=True)
class Plan:
    """A tenant in numbers. Projects have the numbers of their customers."""

    roles: tuple[Reach | None, ...]
    people: tuple[Someone, ...]
    papers: tuple[Paper, ...]
    enabled: bool
    by_default: bool
    switches: tuple[bool | None, ...]


reaches = st.sampled_from(Reach)
customers = st.integers(0, len(PARENTS) - 1)
somebody = st.none() | st.integers(0, PEOPLE - 1)
seats = st.builds(Seat, customer=customers, role=st.integers(0, 2), reach=reaches)
plans = st.builds(
    Plan,
    roles=st.tuples(st.sampled_from(Reach), st.none() | reaches, st.just(Reach.GROUP)),
    people=st.tuples(
        *[
            st.builds(
                Someone,
                seats=st.lists(seats, max_size=3, unique_by=lambda seat: seat.customer).map(tuple),
                projects=st.frozensets(customers, max_size=2),
                state=st.sampled_from(["active", "active", "invited", "deactivated"]),
            )
        ]
        * PEOPLE
    ),
    papers=st.lists(
        st.builds(
            Paper,
            customer=customers,
            project=st.none() | customers,
            addressee=somebody,
            booked_by=somebody,
            published=st.sampled_from([True, True, True, False]),
        ),
        min_size=3,
        max_size=6,
    ).map(tuple),
    enabled=st.sampled_from([True, True, True, True, False]),
    by_default=st.booleans(),
    switches=st.tuples(*[st.sampled_from([None, None, True, False])] * len(PARENTS)),
)


def sees(plan: Plan, person: int, paper: Paper) -> bool:
    """Say it once more, in the words of the design."""
    someone = plan.people[person]
    own = plan.switches[paper.customer]
    granted = plan.by_default if own is None else own
    if not (paper.published and plan.enabled and granted) or someone.state == "deactivated":
        return False
    best = 0
    for seat in someone.seats:
        role = plan.roles[seat.role]
        if role is None:
            continue
        effective = min(role, seat.reach)
        at_parent = PARENTS[paper.customer] == seat.customer and effective is Reach.GROUP
        if seat.customer == paper.customer or at_parent:
            best = max(best, effective)
    hers = person in {paper.addressee, paper.booked_by}
    assigned = paper.project is not None and paper.project in someone.projects
    if best >= Reach.COMPANY:
        return True
    return hers if best == Reach.OWN else (hers or assigned) if best == Reach.PROJECTS else False


async def build(plan: Plan, table: Any) -> tuple[list[UUID], list[Any]]:
    """Write the plan down; return people and records in its order."""
    await TenantModule.update(
        {TenantModule.enabled: plan.enabled, TenantModule.granted_by_default: plan.by_default}
    ).where(TenantModule.module == "bookings")
    roles = [
        Role(key=f"r{n}", label=f"r{n}", audience="contact", grants=write_grants({VIEW: reach} if reach else {}))
        for n, reach in enumerate(plan.roles)
    ]
    companies: list[Customer] = []
    for n, parent in enumerate(PARENTS):
        companies.append(
            Customer(name=f"c{n}", name_folded=f"c{n}", parent=None if parent is None else companies[parent].id)
        )
    projects = [Project(customer=company.id, name="p", name_folded="p") for company in companies]
    people = [
        Person(
            kind="contact",
            given_name=f"p{n}",
            state=someone.state,
            email=f"p{n}@x.example",
            email_folded=f"p{n}@x.example",
        )
        for n, someone in enumerate(plan.people)
    ]
    await Role.insert(*roles)
    for company in companies:
        await Customer.insert(company)
    await Project.insert(*projects)
    await Person.insert(*people)
    for n, someone in enumerate(plan.people):
        for seat in someone.seats:
            at = Membership(
                person=people[n].id,
                customer=companies[seat.customer].id,
                role=roles[seat.role].id,
                reach=seat.reach.word,
            )
            await Membership.insert(at)
        for project in someone.projects:
            await ProjectPerson.insert(ProjectPerson(project=projects[project].id, person=people[n].id))
    for n, switch in enumerate(plan.switches):
        if switch is not None:
            await CustomerModule.insert(CustomerModule(customer=companies[n].id, module="bookings", granted=switch))
    papers = [
        table(
            customer=companies[paper.customer].id,
            project=None if paper.project is None else projects[paper.project].id,
            addressee=None if paper.addressee is None else people[paper.addressee].id,
            booked_by=None if paper.booked_by is None else people[paper.booked_by].id,
            published_at=now() if paper.published else None,
            title=f"b{n}",
            title_folded=f"b{n}",
            day=date(2026, 1, 1),
        )
        for n, paper in enumerate(plan.papers)
    ]
    await table.insert(*papers)
    return [person.id for person in people], papers


async def actor_of(person: UUID, tenant: Any) -> Actor:
    """Return the contact as a request would, whether or not she may sign in already."""
    identity = Identity(
        tenant=tenant.id,
        host_kind="name",
        status="active",
        config_version=tenant.version,
        person=person,
        account=person,
        kind="contact",
        name="x",
    )
    actor = await build_actor(identity, tenant)
    assert actor is not None
    return actor


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans)
async def test_the_audience_of_a_record_is_who_sees_it(world: World, plan: Plan) -> None:
    table = importlib.import_module("portico_bookings.tables").Booking
    expected = {
        n: {person for person in range(PEOPLE) if sees(plan, person, paper)} for n, paper in enumerate(plan.papers)
    }
    by_audience: dict[int, set[int]] = {}
    by_reading: dict[int, set[int]] = {n: set() for n in range(len(plan.papers))}
    by_counting: dict[int, int] = {}
    try:
        async with world.first.work(), transaction():
            people, papers = await build(plan, table)
            await raise_version(world.first.tenant.id)
            forget_snapshots()
            tenant = await load_snapshot(world.first.tenant.id)
            for n, paper in enumerate(papers):
                by_audience[n] = {people.index(person) for person in await audience(paper)}
            at_once = await audiences(table, [paper.id for paper in papers])
            for n, paper in enumerate(papers):
                assert {people.index(person) for person, seen in at_once.items() if paper.id in seen} == by_audience[n]
            for number, person in enumerate(people):
                if plan.people[number].state == "deactivated":
                    continue
                with acting_as(await actor_of(person, tenant)):
                    shown = {row["id"] for row in await table.select(table.id)}
                    by_counting[number] = await table.count()
                for n, paper in enumerate(papers):
                    if paper.id in shown:
                        by_reading[n].add(number)
            raise _UndoError  # noqa: TRY301 -- ends the transaction from inside
    except _UndoError:
        forget_snapshots()
    assert by_audience == expected
    assert by_reading == expected
    assert by_counting == {
        person: sum(person in seen for seen in expected.values())
        for person in range(PEOPLE)
        if plan.people[person].state != "deactivated"
    }


async def test_the_reach_of_the_audience_is_the_smaller_of_role_and_membership(world: World) -> None:
    table = importlib.import_module("portico_bookings.tables").Booking
    portal = world.first
    company = await portal.customer("Acme")
    boss = await portal.contact("boss@acme.example", company, reach="group")
    basic = await portal.contact("basic@acme.example", company, role="basic", reach="company")
    manager = await portal.contact("own@acme.example", company, reach="own")
    await portal.contact("none@acme.example", company, role="viewer")
    async with portal.work():
        made = table(
            customer=company.id,
            addressee=basic.id,
            published_at=now(),
            title="b",
            title_folded="b",
            day=date(2026, 1, 1),
        )
        await table.insert(made)
        assert await audience(made) == {boss.id: Reach.GROUP, basic.id: Reach.OWN}
        made.addressee = manager.id
        with beyond_reach("test"):
            await table.update({table.addressee: manager.id}).where(table.id == made.id)
        assert await audience(made) == {boss.id: Reach.GROUP, manager.id: Reach.OWN}
        assert await audience(made, "bookings:booking:create") == {boss.id: Reach.GROUP, manager.id: Reach.OWN}
