from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from core.accounts.tables import Account, Session
from core.contributions import Reach
from core.db import outside
from core.errors import DomainError, InvalidInputError, NotFoundError, NotPermittedError
from core.people import colleagues, roles
from core.people.actor import Actor, acting_as
from core.people.colleagues import NotTheirsError
from core.people.colleagues_rights import (
    BeyondOwnRightsError,
    LastManagerError,
    managers_of,
    people_at,
    sees_colleagues,
)
from core.people.persons import Details, OwnAccessError, Seat, edit_person, reset_person_access
from core.people.seen import as_person
from core.people.tables import Customer, Membership, Person, Role
from core.preferences.values import save_settings
from core.records.tables import Activity
from core.tenancy.scope import unscoped
from core.tenancy.snapshot import load_snapshot
from tests.db_fixtures import Databases
from tests.people.sheets import SEE, add_sheets, addressees, sheets_world
from tests.portal_fixtures import Portal, World

ANA, BEA = "ana@acme.example", "bea@acme.example"


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


async def actor(portal: Portal, person: Person) -> Actor:
    """Who acts when this person does."""
    found = await as_person(person, await load_snapshot(portal.tenant.id))
    assert found is not None
    return found


async def do(portal: Portal, who: Person, verb: Any, **facts: Any) -> Any:
    """Run a verb as this person, as a request would."""
    async with portal.work():
        by = await actor(portal, who)
        with acting_as(by):
            return await verb(by=by, **facts)


async def seats(portal: Portal, customer: Customer) -> dict[str, tuple[str, str]]:
    """Who has which role and reach at a customer, by address; the deleted are nobody."""
    async with portal.work():
        rows = await Membership.select(
            Membership.person.email.as_alias("email"), Membership.role.key.as_alias("role"), Membership.reach
        ).where(Membership.customer == customer.id, Membership.person.deleted_at.is_null())
    return {row["email"]: (row["role"], row["reach"]) for row in rows}


async def written(portal: Portal, kind: str) -> list[dict[str, Any]]:
    async with portal.work():
        rows = await Activity.select(Activity.by, Activity.data).where(Activity.kind == kind).order_by(Activity.id)
    return [{"by": row["by"], **msgspec.json.decode(row["data"])} for row in rows]


async def person_with(portal: Portal, email: str) -> Person:
    async with portal.work():
        found = await Person.objects().where(Person.email_folded == email).first()
    assert found is not None
    return found


def details(*, given_name: str = "Bea", family_name: str = "Sol", email: str = BEA, phone: str = "") -> Details:
    return Details(given_name=given_name, family_name=family_name, email=email, phone=phone)


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


async def test_people_of_other_customers_and_tenants_do_not_exist(world: World, acme: Customer) -> None:
    portal = world.first
    ana = await portal.contact(ANA, acme)
    zeta = await portal.customer("Zeta")
    zoe = await portal.contact("zoe@zeta.example", zeta)
    foreign_customer = await world.second.customer("Autre")
    foreign = await world.second.contact("zoe@autre.example", foreign_customer)
    browser = await portal.browser(ana)
    unknown = (await browser.get(f"/colleagues/{acme.id}/{uuid4()}")).text
    for customer, person in (
        (acme, zoe),
        (zeta, zoe),
        (acme, foreign),
        (foreign_customer, foreign),
    ):
        path = f"/colleagues/{customer.id}/{person.id}"
        answer = await browser.get(path)
        assert (answer.status_code, len(answer.text)) == (404, len(unknown))
        for verb in ("", "/rights", "/invite", "/hand-over", "/remove"):
            data = {"for": "all", "role": str(portal.roles["viewer"].id), "reach": "own", "take-heir": str(ana.id)}
            sent = await browser.post(path + verb, data | DATA, page="/profile")
            assert (path, verb, sent.status_code) == (path, verb, 404)
    assert (await browser.get(f"/colleagues?customer={zeta.id}")).status_code == 404
    assert (await browser.get(f"/colleagues/{zeta.id}/new")).status_code == 404
    assert set(await seats(portal, zeta)) == {"zoe@zeta.example"}


DATA = {"given_name": "Bea", "family_name": "Sol", "email": BEA, "language": ""}


async def test_the_tenant_says_how_much_managers_may(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme)
    bea = await portal.contact(BEA, acme, role="viewer", name="Bea Sol")
    browser = await portal.browser(ana)
    path = f"/colleagues/{acme.id}/{bea.id}"

    async def answers() -> tuple[int, bool, int, int, bool]:
        listed = await browser.get("/colleagues")
        sent = await browser.post(f"{path}/invite", {"for": "all"}, page="/profile")
        rail = (await browser.get("/profile")).text
        return (
            listed.status_code,
            "Bea Sol" in listed.text,
            (await browser.get(path)).status_code,
            sent.status_code,
            'href="/colleagues"' in rail,
        )

    assert await answers() == (200, True, 200, 409, True)  # bea has signed in: there is nothing to invite her to
    async with portal.work():
        await save_settings({"people.colleagues": "see"})
    assert await answers() == (200, True, 403, 403, True)
    async with portal.work():
        await save_settings({"people.colleagues": "off"})
    assert await answers() == (404, False, 404, 404, False)


async def test_the_pages_do_what_they_say(portal: Portal, acme: Customer) -> None:
    ana = await portal.contact(ANA, acme, name="Ana Gil")
    browser = await portal.browser(ana)
    new = f"/colleagues/{acme.id}/new"
    viewer = str(portal.roles["viewer"].id)
    data = DATA | {"for": "all", "role": viewer, "reach": "company"}
    assert (await browser.post(new, data | {"email": ""}, page=new)).status_code == 422
    beyond = await browser.post(new, data | {"reach": "group"}, page=new)
    assert beyond.status_code == 422
    assert 'value="Bea"' in beyond.text
    sent = await browser.post(new, data, page=new)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/colleagues?customer={acme.id}")
    bea = await person_with(portal, BEA)
    listed = (await browser.get("/colleagues")).text
    assert "Ana Gil (you)" in listed
    assert f'href="/colleagues/{acme.id}/{bea.id}"' in listed
    path = f"/colleagues/{acme.id}/{bea.id}"
    for verb, more in (
        ("", DATA | {"given_name": "Beatriz"}),
        ("/rights", {"role": str(portal.roles["basic"].id), "reach": "own"}),
        ("/invite", {}),
    ):
        answer = await browser.post(path + verb, {"for": "all", **more}, page=path)
        assert (verb, answer.status_code) == (verb, 303)
    assert (await seats(portal, acme))[BEA] == ("basic", "own")
    assert (await person_with(portal, BEA)).given_name == "Beatriz"
    await add_sheets(portal, acme, ana, ["a1"])
    own = f"/colleagues/{acme.id}/{ana.id}"
    shown = await browser.get(own)
    assert shown.status_code == 200
    refused = await browser.post(f"{own}/hand-over", {"for": "all", "take-heir": ""}, page=own)
    assert refused.status_code == 422
    eva = await portal.contact("eva@acme.example", acme, role="requester")
    handed = await browser.post(f"{own}/hand-over", {"for": "all", "take-heir": str(eva.id)}, page=own)
    assert handed.status_code == 303
    assert await addressees(portal) == {"a1": (eva.id, 2)}
    gone = f"/colleagues/{acme.id}/{eva.id}"
    assert (await browser.post(f"{gone}/remove", {"for": "all"}, page=gone)).status_code == 422
    removed = await browser.post(f"{gone}/remove", {"for": "all", "leave-heir": str(ana.id)}, page=gone)
    assert removed.status_code == 303
    assert set(await seats(portal, acme)) == {ANA, BEA}


async def test_a_form_of_another_company_is_refused(portal: Portal, acme: Customer) -> None:
    zeta = await portal.customer("Zeta")
    ana = await portal.contact(ANA, acme, zeta)
    bea = await portal.contact(BEA, acme, role="viewer")
    browser = await portal.browser(ana)
    path = f"/colleagues/{acme.id}/{bea.id}"
    await browser.post("/company/switch", {"company": str(zeta.id)}, page="/profile")
    data = {"role": str(portal.roles["basic"].id), "reach": "own"}
    for shown in ({"for": "all"}, {"for": acme.id.hex}, {}):
        assert (await browser.post(f"{path}/rights", {**data, **shown}, page="/profile")).status_code == 409
    assert (await browser.get(path)).status_code == 200
    assert (await browser.post(f"{path}/rights", {**data, "for": zeta.id.hex}, page=path)).status_code == 303


async def test_a_deactivated_manager_and_one_who_was_demoted_meanwhile_do_nothing(
    portal: Portal, acme: Customer
) -> None:
    ana, bea = await portal.contact(ANA, acme), await portal.contact(BEA, acme)
    async with portal.work():
        stale = await actor(portal, ana)
        viewer: UUID = portal.roles["viewer"].id
        await Membership.update({Membership.role: viewer}).where(Membership.person == ana.id)
        with acting_as(stale), pytest.raises(NotPermittedError):
            await colleagues.remove_colleague(customer=acme.id, person=bea.id, heir=None, by=stale)
    assert set(await seats(portal, acme)) == {ANA, BEA}


async def test_roles_of_other_tenants_are_not_given(world: World, acme: Customer) -> None:
    portal = world.first
    ana, bea = await portal.contact(ANA, acme), await portal.contact(BEA, acme, role="viewer")
    foreign: Role = world.second.roles["viewer"]
    with pytest.raises(NotFoundError):
        await do(portal, ana, colleagues.give_rights, customer=acme.id, person=bea.id, role=foreign.id, reach=Reach.OWN)


async def test_a_colleague_who_changed_meanwhile_is_not_overwritten(portal: Portal, acme: Customer) -> None:
    browser = await portal.browser(await portal.contact(ANA, acme))
    bea = await portal.contact(BEA, acme, role="viewer", name="Bea Sol")
    path = f"/colleagues/{acme.id}/{bea.id}"

    def version_in(html: str) -> str:
        found = re.search(r'<input[^>]*name="version"[^>]*value="(\d+)"', html)
        assert found
        return found[1]

    shown = version_in((await browser.get(path)).text)
    async with portal.work():
        await edit_person(person=bea.id, details=details(phone="+34 900"))
    data = {"for": "all", "given_name": "Beatriz", "family_name": "Sol", "phone": "", "version": shown}
    refused = await browser.post(path, data, page=path)
    assert refused.status_code == 409
    assert "+34 900" in refused.text
    assert 'value="Beatriz"' in refused.text
    saved = await browser.post(path, data | {"version": version_in(refused.text)}, page=path)
    assert saved.status_code == 303
    found = await person_with(portal, BEA)
    assert (found.given_name, found.phone) == ("Beatriz", None)
