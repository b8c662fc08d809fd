from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.contributions import Reach
from core.errors import StaleError, WrongStateError
from core.people import roles
from core.people.persons import Seat, add_contact, set_seat
from core.people.persons_known import Details
from core.people.previews import preview_of
from core.people.seen import as_person, as_role
from core.people.tables import Membership, Role
from core.preferences.values import save_settings
from core.tenancy.snapshot import load_snapshot
from tests.db_fixtures import Databases
from tests.people.sheets import SEE, sheets_world
from tests.portal_fixtures import Browser, Portal, World


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with sheets_world(dialect, databases, tmp_path) as made:
        yield made


@pytest.fixture
async def portal(world: World) -> Portal:
    return world.first


@pytest.fixture
async def admin(portal: Portal) -> Browser:
    return await portal.browser(await portal.staff("pilar@obrador.example"))


def checked(html: str) -> dict[str, str]:
    """Which reach is chosen for each permission."""
    found = re.findall(r'name="grant:([^"]+)" value="([^"]+)"[^>]*? checked', html)
    return dict(found)


def version_in(html: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', html)
    assert found
    return found[1]


async def links(browser: Browser) -> set[str]:
    """Where the rail and the home page lead."""
    html = (await browser.get("/")).text
    return {path.split("?")[0] for path in re.findall(r'<a [^>]*href="(/[^"#]*)"', html)}


async def test_the_matrix_says_each_permission_once_by_module(portal: Portal, admin: Browser) -> None:
    role = portal.roles["manager"]
    html = (await admin.get(f"/staff/roles/{role.id}")).text
    assert checked(html) == {
        "core:colleague:manage": "group",
        "core:colleague:view": "group",
        "core:comment:write": "group",
        "core:company:edit": "group",
        "core:company:view": "group",
        "core:document:forward": "group",
        SEE: "group",
    }
    groups = re.findall(r'scope="rowgroup"[^>]*>([^<]+)<', html)
    assert groups == ["Portal", "Sheets"]


async def test_what_was_adjusted_is_said_beside_what_it_came_with(portal: Portal, admin: Browser) -> None:
    role = portal.roles["viewer"]
    said = "Adjusted by you; it came with: Company"
    assert said not in (await admin.get(f"/staff/roles/{role.id}")).text
    async with portal.work():
        await roles.change_role(role=role.id, label=role.label, grants={"core:company:view": None})
        copy = await roles.copy_role(role=role.id, label="Mine")
    assert (await admin.get(f"/staff/roles/{role.id}")).text.count(said) == 1
    assert "Adjusted by you" not in (await admin.get(f"/staff/roles/{copy}")).text


async def test_a_role_that_changed_meanwhile_is_not_overwritten(portal: Portal, admin: Browser) -> None:
    role = portal.roles["viewer"]
    path = f"/staff/roles/{role.id}"
    shown = version_in((await admin.get(path)).text)
    async with portal.work():
        await roles.change_role(role=role.id, label="Reader", grants={"core:company:edit": Reach.COMPANY})
        with pytest.raises(StaleError):
            await roles.change_role(role=role.id, label="x", grants={}, version=shown)
    data = {"label": "Viewer 2", "version": shown, "grant:core:company:edit": "none", f"grant:{SEE}": "projects"}
    refused = await admin.post(path, data, page=path)
    assert refused.status_code == 409
    assert "Stored by now: Company" in refused.text
    assert "Reader" in refused.text
    assert 'value="Viewer 2"' in refused.text
    assert checked(refused.text)[SEE] == "projects"
    saved = await admin.post(path, data | {"version": version_in(refused.text)}, page=path)
    assert saved.status_code == 303
    found = (await portal.snapshot()).roles[role.id]
    assert (found.label, found.grants.get("core:company:edit"), found.grants[SEE]) == ("Viewer 2", None, Reach.PROJECTS)


async def test_a_change_leaves_no_dead_link(portal: Portal) -> None:
    customer = await portal.customer("Acme")
    ana = await portal.browser(await portal.contact("ana@acme.example", customer, role="manager"))
    role = portal.roles["manager"]
    assert {"/company", "/colleagues", "/sheets"} <= await links(ana)
    async with portal.work():
        everything = dict.fromkeys(roles.read_grants((await roles.find_role(role.id)).grants))
        await roles.change_role(role=role.id, label=role.label, grants=everything)
    left = await links(ana)
    assert not {"/colleagues", "/sheets"} & left
    answers = {path: (await ana.get(path)).status_code for path in sorted(left) if path != "/logout"}
    assert {path: status for path, status in answers.items() if status != 200} == {}


async def test_what_a_role_sees(portal: Portal, admin: Browser) -> None:
    tenant = await portal.snapshot()

    def words(key: str) -> dict[str, list[object]]:
        seen = preview_of(as_role(tenant.roles[portal.roles[key].id], tenant))
        return {
            "menu": [str(item["label"]) for item in seen["menu"]],
            "kinds": [(str(one["label"]), [str(text) for text in one["words"]]) for one in seen["kinds"]],
        }

    group, own = "Everything of the company and its subsidiaries", "Only what is addressed to this person"
    assert words("manager") == {
        "menu": ["Home", "Sheets", "Colleagues", "Contact"],
        "kinds": [("Sheets", [group]), ("Sheets", [group])],
    }
    assert words("requester") == {
        "menu": ["Home", "Sheets", "Contact"],
        "kinds": [("Sheets", [own]), ("Sheets", [own])],
    }
    assert words("basic") == {"menu": ["Home", "Contact"], "kinds": []}
    assert words("clerk")["menu"] == ["Home", "Customers", "People"]
    page = (await admin.get(f"/staff/roles/{portal.roles['basic'].id}")).text
    assert "No records." in page


async def test_what_a_person_sees_is_what_she_finds(portal: Portal, admin: Browser) -> None:
    acme, zeta = await portal.customer("Acme"), await portal.customer("Zeta")
    ana = await portal.contact("ana@acme.example", acme, role="manager", reach="projects")
    async with portal.work():
        await set_seat(person=ana.id, seat=Seat(customer=zeta.id, role=portal.roles["requester"].id, reach=Reach.GROUP))
        actor = await as_person(ana, await load_snapshot(portal.tenant.id))
    assert actor is not None
    seen = preview_of(actor)
    texts = ["Acme: The projects this person is assigned to", "Zeta: Only what is addressed to this person"]
    assert [[str(text) for text in one["words"]] for one in seen["kinds"]] == [texts, texts]
    found = await links(await portal.browser(ana))
    assert {"/sheets"} <= found
    assert "/colleagues" not in found
    shown = await admin.get(f"/staff/people/{ana.id}/preview")
    assert shown.status_code == 200
    assert all(text in shown.text for text in texts)
    assert ">Colleagues<" not in shown.text


async def test_who_cannot_sign_in_sees_nothing(portal: Portal, admin: Browser) -> None:
    customer = await portal.customer("Acme")
    gone = await portal.contact("ana@acme.example", customer, state="deactivated")
    waiting = await portal.contact("bea@acme.example", customer, state="invited")
    assert "cannot sign in" in (await admin.get(f"/staff/people/{gone.id}/preview")).text
    assert "has not signed in yet" in (await admin.get(f"/staff/people/{waiting.id}/preview")).text


async def test_previews_of_staff_are_for_who_manages_them(world: World, admin: Browser) -> None:
    portal = world.first
    colleague = await portal.staff("luis@obrador.example", role="clerk")
    clerk = await portal.browser(colleague)
    boss = await portal.staff("eva@obrador.example")
    foreign = await world.second.contact("zoe@autre.example", await world.second.customer("Autre"))
    assert (await admin.get(f"/staff/people/{colleague.id}/preview")).status_code == 200
    assert (await clerk.get(f"/staff/people/{boss.id}/preview")).status_code == 404
    assert (await admin.get(f"/staff/people/{foreign.id}/preview")).status_code == 404


async def test_a_closed_list_of_roles_has_three(portal: Portal, admin: Browser) -> None:
    customer = await portal.customer("Acme")
    before = await portal.contact("ana@acme.example", customer, role="viewer")
    async with portal.work():
        copy = await roles.copy_role(role=portal.roles["viewer"].id, label="Mine")
        await save_settings({"people.fixed_roles": True})
        assert [role.key for role in await roles.offered_roles()] == ["manager", "requester", "observer"]
        for verb in (
            roles.copy_role(role=portal.roles["manager"].id, label="Another"),
            roles.delete_role(role=copy),
        ):
            with pytest.raises(WrongStateError):
                await verb
        await roles.copy_role(role=portal.roles["clerk"].id, label="Reception")
        details = Details(given_name="Bea", family_name="Sol", email="bea@acme.example")
        for key in ("viewer", "basic", "accounting"):
            seat = Seat(customer=customer.id, role=portal.roles[key].id)
            with pytest.raises(roles.RoleNotOfferedError):
                await add_contact(details=details, seats=[seat])
        await add_contact(details=details, seats=[Seat(customer=customer.id, role=portal.roles["observer"].id)])
        unchanged = Seat(customer=customer.id, role=portal.roles["viewer"].id, reach=Reach.OWN)
        await set_seat(
            person=before.id, seat=unchanged
        )  # who had another role keeps it until she gets one of the three
        with pytest.raises(roles.RoleNotOfferedError):
            await set_seat(person=before.id, seat=Seat(customer=customer.id, role=portal.roles["basic"].id))
        reach = await Membership.select(Membership.reach).where(Membership.person == before.id)
        assert [row["reach"] for row in reach] == ["own"]
        assert await Role.exists().where(Role.id == copy)
    listed = (await admin.get("/staff/roles")).text
    assert listed.count("Cannot be given any more") == 4  # basic, viewer, accounting, and the copy
    shown = (await admin.get(f"/staff/roles/{portal.roles['manager'].id}")).text
    assert f"/staff/roles/{portal.roles['manager'].id}/copy" not in shown
    form = (await admin.get("/staff/people/new")).text
    offered = set(re.findall(r'name="role"[^>]*value="([0-9a-f-]{36})"', form)) | set(
        re.findall(r'value="([0-9a-f-]{36})"[^>]*name="role"', form)
    )
    assert offered == {str(portal.roles[key].id) for key in roles.FIXED_ROLES}
