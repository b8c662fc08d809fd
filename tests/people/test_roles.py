from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest

from core.contributions import Reach
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.people import roles
from core.people.persons import set_staff_role
from core.people.presets import PRESETS
from core.people.tables import Role
from core.records.tables import Activity
from tests.portal_fixtures import Portal, World


async def labels(portal: Portal) -> dict[str, str]:
    async with portal.work():
        return {role.key: role.label for role in await Role.objects()}


async def grants(portal: Portal, key: str) -> dict[str, str]:
    async with portal.work():
        role = await Role.objects().where(Role.key == key).first()
        assert role is not None
        return {permission: reach.word for permission, reach in roles.read_grants(role.grants).items()}


async def test_a_new_tenant_has_the_presets_in_its_language(world: World) -> None:
    assert await labels(world.first) == {key: preset.label.in_language("en") for key, preset in PRESETS.items()}
    assert await labels(world.second) == {key: preset.label.in_language("fr") for key, preset in PRESETS.items()}


async def test_seeding_again_changes_nothing(portal: Portal) -> None:
    before = await portal.snapshot()
    async with portal.work():
        await roles.seed_roles(portal.tenant.id)
    assert await portal.snapshot() is before


async def test_the_first_enabling_gives_to_roles_of_the_preset_and_nothing_to_copies(portal: Portal) -> None:
    manager = portal.roles["manager"]
    async with portal.work():
        copy = await roles.copy_role(role=manager.id, label="Jefa de obra")
        given = await roles.grant_module_presets("ledger")
    names = await labels(portal)
    assert set(given.granted) == {names["manager"], names["viewer"]}
    assert "Jefa de obra" in given.untouched
    assert (await grants(portal, "manager"))["ledger:sheet:view"] == "group"
    assert (await grants(portal, "viewer"))["ledger:sheet:view"] == "company"
    assert not [key for key in await grants(portal, f"role-{copy.hex}") if key.startswith("ledger:")]
    assert not [key for key in await grants(portal, "basic") if key.startswith("ledger:")]


async def test_presets_neither_narrow_nor_widen_what_a_role_has(portal: Portal) -> None:
    async with portal.work():
        await roles.change_role(
            role=portal.roles["manager"].id, label="Gestora", grants={"ledger:sheet:view": Reach.PROJECTS}
        )
        await roles.grant_module_presets("ledger")
    found = await grants(portal, "manager")
    assert (found["ledger:sheet:view"], found["ledger:sheet:sign"]) == ("projects", "company")


async def test_a_change_of_a_role_is_written_down_and_counts_at_the_next_request(portal: Portal) -> None:
    before = await portal.snapshot()
    manager = portal.roles["manager"]
    async with portal.work():
        await roles.change_role(role=manager.id, label="Gestora", grants={"core:company:edit": None})
        written = await Activity.objects().where(Activity.kind == "core.role_changed").first()
    after = await portal.snapshot()
    assert after.version == before.version + 1
    assert "core:company:edit" not in after.roles[manager.id].grants
    assert "core:company:view" in after.roles[manager.id].grants
    assert written is not None
    assert msgspec.json.decode(written.data) == {
        "role": str(manager.id),
        "name": "Gestora",
        "before": {"core:company:edit": "group"},
        "after": {},
    }


async def test_nothing_changed_is_no_change(portal: Portal) -> None:
    before = await portal.snapshot()
    manager = portal.roles["manager"]
    async with portal.work():
        await roles.change_role(role=manager.id, label=manager.label, grants={"core:company:edit": Reach.GROUP})
    assert await portal.snapshot() is before


@pytest.mark.parametrize(
    "wrong",
    [
        {"core:customer:manage": Reach.GROUP},
        {"nobody:knows:this": Reach.OWN},
        {"core:company:view": Reach.OWN},
    ],
)
async def test_a_role_takes_only_permissions_that_fit_it(portal: Portal, wrong: dict[str, Reach]) -> None:
    async with portal.work():
        with pytest.raises(InvalidInputError):
            await roles.change_role(role=portal.roles["manager"].id, label="x", grants=wrong)


async def test_somebody_can_always_manage_roles(portal: Portal) -> None:
    await portal.staff("pilar@obrador.example")
    administrator = portal.roles["administrator"]
    async with portal.work():
        with pytest.raises(roles.LastAdministratorError):
            await roles.change_role(role=administrator.id, label="Jefa", grants={roles.MANAGE_ROLES: None})
    assert roles.MANAGE_ROLES in await grants(portal, "administrator")


async def test_another_role_with_an_active_holder_lets_go_of_it(portal: Portal) -> None:
    await portal.staff("pilar@obrador.example")
    await portal.staff("luis@obrador.example", role="clerk")
    async with portal.work():
        await roles.change_role(
            role=portal.roles["clerk"].id, label="Oficina", grants={roles.MANAGE_ROLES: Reach.GROUP}
        )
        await roles.change_role(role=portal.roles["administrator"].id, label="Jefa", grants={roles.MANAGE_ROLES: None})
    assert roles.MANAGE_ROLES not in await grants(portal, "administrator")


async def test_a_copy_sent_twice_is_one_role(portal: Portal) -> None:
    id = uuid4()
    async with portal.work():
        first = await roles.copy_role(role=portal.roles["viewer"].id, label="Solo mirar", copy=id)
        second = await roles.copy_role(role=portal.roles["viewer"].id, label="Solo mirar", copy=id)
        count = await Role.count().where(Role.label == "Solo mirar")
    assert (first, second, count) == (id, id, 1)


async def test_only_copies_that_nobody_has_are_deleted(portal: Portal) -> None:
    async with portal.work():
        copy = await roles.copy_role(role=portal.roles["clerk"].id, label="Recepción")
        portal.roles["copy"] = await roles.find_role(copy)
        with pytest.raises(WrongStateError):
            await roles.delete_role(role=portal.roles["clerk"].id)
    person = await portal.staff("ana@obrador.example", role="copy")
    async with portal.work():
        with pytest.raises(roles.RoleInUseError):
            await roles.delete_role(role=copy)
        await set_staff_role(person=person.id, role=portal.roles["clerk"].id)
        await roles.delete_role(role=copy)
        with pytest.raises(NotFoundError):
            await roles.find_role(copy)


async def test_roles_of_another_tenant_do_not_exist(world: World) -> None:
    foreign = world.second.roles["manager"]
    async with world.first.work():
        with pytest.raises(NotFoundError):
            await roles.change_role(role=foreign.id, label="x", grants={})
        with pytest.raises(NotFoundError):
            await roles.copy_role(role=foreign.id, label="x")
