"""Managers keep their colleagues: whom they invite, change and remove, and how far their own rights go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.accounts.tables import Account, Session
from core.contributions import Reach
from core.db import outside
from core.errors import DomainError, InvalidInputError, NotFoundError, NotPermittedError
from core.people import colleagues, roles
from core.people.colleagues import NotTheirsError
from core.people.colleagues_rights import (
    BeyondOwnRightsError,
    LastManagerError,
    managers_of,
    people_at,
    sees_colleagues,
)
from core.people.persons import OwnAccessError, Seat, reset_person_access
from core.people.tables import Customer, Person, Role
from core.tenancy.scope import unscoped
from tests.db_fixtures import Databases
from tests.people.colleagues import ANA, BEA, actor, details, do, person_with, seats, written
from tests.people.sheets import SEE, add_sheets, addressees, sheets_world
from tests.portal_fixtures import Portal, World


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with sheets_world(dialect, databases, tmp_path) as made:
        yield made


@pytest.fixture
async def portal(world: World) -> Portal:
    return world.first


@pytest.fixture
async def acme(portal: Portal) -> Customer:
    return await portal.customer("Acme")


async def test_a_manager_invites_a_colleague(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    seat = Seat(customer=acme.id, role=portal.roles["viewer"].id, reach=Reach.PROJECTS)
    id = uuid4()
    for _twice in range(2):
        assert await do(portal, ana, colleagues.invite_colleague, details=details(), seat=seat, person=id) == id
    bea = await person_with(portal, BEA)
    assert (bea.id, bea.state, bea.source) == (id, "invited", "colleague")
    assert await seats(portal, acme) == {ANA: ("manager", "company"), BEA: ("viewer", "projects")}
    assert [(one["by"], one["name"]) for one in await written(portal, "core.person_added")] == [(ana.id, "Bea Sol")]
    assert [(one["by"], one["name"]) for one in await written(portal, "core.person_invited")] == [(ana.id, "Bea Sol")]


@pytest.mark.parametrize(("role", "reach"), [("manager", "own"), ("manager", "projects"), ("viewer", "group")])
async def test_it_takes_the_permission_for_the_whole_company(
    portal: Portal, acme: Customer, role: str, reach: str
) -> None:
    other = await portal.contact(ANA, acme)
    eva = await portal.contact("eva@acme.example", acme, role=role, reach=reach)
    verbs: list[tuple[Any, dict[str, Any]]] = [
        (
            colleagues.invite_colleague,
            {"details": details(), "seat": Seat(customer=acme.id, role=portal.roles["viewer"].id, reach=Reach.OWN)},
        ),
        (colleagues.edit_colleague, {"customer": acme.id, "person": other.id, "details": details()}),
        (
            colleagues.give_rights,
            {"customer": acme.id, "person": other.id, "role": portal.roles["viewer"].id, "reach": Reach.OWN},
        ),
        (colleagues.remove_colleague, {"customer": acme.id, "person": other.id, "heir": None}),
        (colleagues.hand_over, {"customer": acme.id, "person": other.id, "to": eva.id}),
        (colleagues.invite_again, {"customer": acme.id, "person": other.id}),
    ]
    for verb, facts in verbs:
        with pytest.raises(NotPermittedError):
            await do(portal, eva, verb, **facts)
    async with portal.work():
        assert not sees_colleagues(await actor(portal, eva))
    assert set(await seats(portal, acme)) == {ANA, "eva@acme.example"}


async def test_nobody_gives_what_she_has_not_got(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme, role="manager", reach="company")
    bea = await portal.contact(BEA, acme, role="viewer", reach="company")
    async with portal.work():
        copy = await roles.copy_role(role=portal.roles["viewer"].id, label="Signs")
        await roles.change_role(role=copy, label="Signs", grants={"ledger:sheet:sign": Reach.COMPANY})
        manager = portal.roles["manager"].id
        await roles.change_role(role=manager, label="Manager", grants={SEE: Reach.PROJECTS})
    wrong = [
        (copy, Reach.OWN),  # a permission that she lacks, of a module that is off for now
        (portal.roles["viewer"].id, Reach.GROUP),  # further than her own place goes
        (portal.roles["observer"].id, Reach.COMPANY),  # sheets of the company: she sees those of her projects
    ]
    for role, reach in wrong:
        with pytest.raises(BeyondOwnRightsError):
            await do(portal, ana, colleagues.give_rights, customer=acme.id, person=bea.id, role=role, reach=reach)
        with pytest.raises(BeyondOwnRightsError):
            await do(
                portal,
                ana,
                colleagues.invite_colleague,
                details=details(email="new@acme.example"),
                seat=Seat(customer=acme.id, role=role, reach=reach),
            )
    with pytest.raises(NotFoundError):
        await do(
            portal,
            ana,
            colleagues.give_rights,
            customer=acme.id,
            person=bea.id,
            role=portal.roles["clerk"].id,
            reach=Reach.OWN,
        )
    assert await seats(portal, acme) == {ANA: ("manager", "company"), BEA: ("viewer", "company")}
    observer = portal.roles["observer"].id
    await do(portal, ana, colleagues.give_rights, customer=acme.id, person=bea.id, role=observer, reach=Reach.PROJECTS)
    assert (await seats(portal, acme))[BEA] == ("observer", "projects")


async def test_another_role_holds_at_the_next_request_and_is_written_down(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    bea = await portal.contact(BEA, acme, role="viewer", name="Bea Sol")
    browser = await portal.browser(bea)
    assert (await browser.get("/colleagues")).status_code == 403
    role = portal.roles["manager"].id
    await do(portal, ana, colleagues.give_rights, customer=acme.id, person=bea.id, role=role, reach=Reach.COMPANY)
    assert (await browser.get("/colleagues")).status_code == 200
    assert await written(portal, "core.membership_changed") == [
        {
            "by": ana.id,
            "person": str(bea.id),
            "name": "Bea Sol",
            "role": portal.roles["manager"].label,
            "reach": "company",
        }
    ]


async def test_nobody_changes_her_own_rights_or_leaves(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    await portal.contact(BEA, acme)
    viewer = portal.roles["viewer"].id
    with pytest.raises(OwnAccessError):
        await do(portal, ana, colleagues.give_rights, customer=acme.id, person=ana.id, role=viewer, reach=Reach.OWN)
    with pytest.raises(OwnAccessError):
        await do(portal, ana, colleagues.remove_colleague, customer=acme.id, person=ana.id, heir=None)
    assert (await seats(portal, acme))[ANA] == ("manager", "company")


async def test_the_last_manager_stays_also_for_the_groups_manager(portal: Portal, acme: Customer) -> None:
    child = await portal.customer("Child", parent=acme.id)
    boss = await portal.contact("boss@acme.example", acme, reach="group")
    ana = await portal.contact(ANA, child)
    await portal.contact("invited@acme.example", child, state="invited")
    viewer = portal.roles["viewer"].id
    with pytest.raises(LastManagerError):
        await do(portal, boss, colleagues.remove_colleague, customer=child.id, person=ana.id, heir=None)
    with pytest.raises(LastManagerError):
        await do(portal, boss, colleagues.give_rights, customer=child.id, person=ana.id, role=viewer, reach=Reach.OWN)
    await portal.contact(BEA, child)
    await do(portal, boss, colleagues.remove_colleague, customer=child.id, person=ana.id, heir=None)
    assert set(await seats(portal, child)) == {BEA, "invited@acme.example"}


async def test_who_manages_further_is_not_changed_by_who_manages_less(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme, reach="company")
    boss = await portal.contact("boss@acme.example", acme, reach="group")
    facts = {"customer": acme.id, "person": boss.id}
    for verb, more in (
        (colleagues.remove_colleague, {"heir": None}),
        (colleagues.give_rights, {"role": portal.roles["viewer"].id, "reach": Reach.OWN}),
        (colleagues.edit_colleague, {"details": details()}),
        (colleagues.hand_over, {"to": ana.id}),
    ):
        with pytest.raises(BeyondOwnRightsError):
            await do(portal, ana, verb, **facts, **more)
    assert (await seats(portal, acme))["boss@acme.example"] == ("manager", "group")


async def test_two_managers_who_remove_each_other_leave_one(portal: Portal, acme: Customer) -> None:
    ana, bea = await portal.contact(ANA, acme), await portal.contact(BEA, acme)

    async def remove(by: Person, whom: Person) -> str:
        try:
            await do(portal, by, colleagues.remove_colleague, customer=acme.id, person=whom.id, heir=None)
        except DomainError as error:
            return type(error).__name__
        return "removed"

    tasks = [asyncio.create_task(remove(*pair), context=outside()) for pair in ((ana, bea), (bea, ana))]
    assert sorted(await asyncio.gather(*tasks)) == ["NotPermittedError", "removed"]
    async with portal.work():
        assert len(managers_of(await people_at(acme.id))) == 1


async def test_who_is_removed_is_out_at_once_and_the_records_stay(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    bea = await portal.contact(BEA, acme, role="requester", name="Bea Sol")
    await add_sheets(portal, acme, bea, ["b1"])
    browser = await portal.browser(bea)
    assert (await browser.get("/profile")).status_code == 200
    with pytest.raises(InvalidInputError):
        await do(portal, ana, colleagues.remove_colleague, customer=acme.id, person=bea.id, heir=None)
    await do(portal, ana, colleagues.remove_colleague, customer=acme.id, person=bea.id, heir=ana.id)
    assert await addressees(portal) == {"b1": (ana.id, 2)}
    assert (await browser.get("/profile")).status_code in {303, 401}
    async with portal.work():
        gone = await Person.objects().where(Person.id == bea.id).first()
        assert gone is not None
        assert gone.deleted_at is not None
        assert await Session.count().where(Session.person == bea.id) == 0
    assert [(one["by"], one["name"]) for one in await written(portal, "core.person_deleted")] == [(ana.id, "Bea Sol")]


async def test_who_belongs_to_others_too_loses_this_place_only(portal: Portal, acme: Customer) -> None:
    zeta = await portal.customer("Zeta")
    ana = await portal.contact(ANA, acme)
    bea = await portal.contact(BEA, acme, zeta, role="viewer", name="Bea Sol")
    async with portal.work():
        before = await Person.objects().where(Person.id == bea.id).first()
    with pytest.raises(NotTheirsError):
        await do(portal, ana, colleagues.edit_colleague, customer=acme.id, person=bea.id, details=details(phone="1"))
    role = portal.roles["basic"].id
    await do(portal, ana, colleagues.give_rights, customer=acme.id, person=bea.id, role=role, reach=Reach.OWN)
    assert (await seats(portal, acme))[BEA] == ("basic", "own")
    await do(portal, ana, colleagues.remove_colleague, customer=acme.id, person=bea.id, heir=None)
    assert (set(await seats(portal, acme)), await seats(portal, zeta)) == ({ANA}, {BEA: ("viewer", "company")})
    async with portal.work():
        after = await Person.objects().where(Person.id == bea.id).first()
    assert before is not None
    assert after is not None
    assert before.to_dict() == after.to_dict()


async def test_a_colleagues_data_are_changed_and_never_the_account(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    bea = await portal.contact(BEA, acme, role="viewer", name="Bea Sol")

    async def accounts() -> list[dict[str, Any]]:
        async with portal.work():
            with unscoped("tests look at all accounts"):
                return [row.to_dict() for row in await Account.objects().order_by(Account.id)]

    before = await accounts()
    changed = details(given_name="Beatriz", phone="+34 600", email="taken-over@evil.example")
    await do(portal, ana, colleagues.edit_colleague, customer=acme.id, person=bea.id, details=changed)
    found = await person_with(portal, BEA)
    assert (found.given_name, found.phone, found.account, found.state) == ("Beatriz", "+34 600", bea.account, "active")
    assert await accounts() == before


async def test_the_address_of_who_has_not_signed_in_yet_is_mended(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    seat = Seat(customer=acme.id, role=portal.roles["viewer"].id, reach=Reach.COMPANY)
    wrong = details(email="bae@acme.example")
    bea = await do(portal, ana, colleagues.invite_colleague, details=wrong, seat=seat)
    await do(portal, ana, colleagues.edit_colleague, customer=acme.id, person=bea, details=details())
    found = await person_with(portal, BEA)
    assert (found.id, found.state) == (bea, "invited")


async def test_who_begins_anew_keeps_her_address(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    bea = await portal.contact(BEA, acme, role="viewer", name="Bea Sol")
    async with portal.work():
        await Person.update({Person.sign_ins: 3}).where(Person.id == bea.id)
        await reset_person_access(person=bea.id)
    moved = details(email="taken-over@evil.example")
    await do(portal, ana, colleagues.edit_colleague, customer=acme.id, person=bea.id, details=moved)
    assert (await person_with(portal, BEA)).state == "invited"


async def test_whose_an_address_is_that_is_taken_is_not_said(portal: Portal, acme: Customer) -> None:
    zeta = await portal.customer("Zeta")
    ana = await portal.contact(ANA, acme)
    await portal.contact("zoe@zeta.example", zeta, name="Zoe Zas")
    await portal.contact(BEA, acme, name="Bea Sol")
    await portal.staff("pilar@obrador.example", name="Pilar Personal")
    seat = Seat(customer=acme.id, role=portal.roles["viewer"].id)
    said = {}
    for email in ("zoe@zeta.example", "pilar@obrador.example", BEA):
        with pytest.raises(InvalidInputError) as refused:
            await do(portal, ana, colleagues.invite_colleague, details=details(email=email), seat=seat)
        said[email] = [str(text) for text in refused.value.fields["email"]]
    neutral = ["This address cannot be used here. Please ask us to add the person."]
    assert said == {
        "zoe@zeta.example": neutral,
        "pilar@obrador.example": neutral,
        BEA: ["Bea Sol is a colleague already."],
    }


async def test_roles_of_other_tenants_are_not_given(world: World, acme: Customer) -> None:
    portal = world.first
    ana, bea = await portal.contact(ANA, acme), await portal.contact(BEA, acme, role="viewer")
    foreign: Role = world.second.roles["viewer"]
    with pytest.raises(NotFoundError):
        await do(portal, ana, colleagues.give_rights, customer=acme.id, person=bea.id, role=foreign.id, reach=Reach.OWN)
