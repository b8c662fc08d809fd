from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from core.errors import NotFoundError
from core.people.customers import CustomerDetails, add_customer
from core.people.new_customers import CLOSED, NEW_CUSTOMERS, is_portal_closed, open_portal
from core.people.roles import change_role, find_role, read_grants
from core.people.tables import CustomerModule
from core.preferences import switches
from core.preferences.values import save_settings
from core.records.tables import Activity
from core.registry import registry
from core.tenancy.scoped_tables import TenantModule
from core.tenancy.services import entitle, revoke
from tests.people.small_portal import HEARD
from tests.portal_fixtures import Portal


async def let(portal: Portal, *modules: str, until: date | None = None) -> None:
    for module in modules:
        await entitle(tenant=portal.tenant.id, module=module, valid_from=date(2020, 1, 1), valid_until=until)


async def portal_of(portal: Portal, name: str) -> UUID:
    async with portal.work():
        return await add_customer(details=CustomerDetails(name=name))


async def test_enabling_needs_the_vendor(portal: Portal) -> None:
    async with portal.work():
        with pytest.raises(switches.NotEntitledError):
            await switches.enable_module("ledger")
        with pytest.raises(NotFoundError):
            await switches.enable_module("nothing")
    await let(portal, "ledger", until=date(2020, 12, 31))
    async with portal.work():
        with pytest.raises(switches.NotEntitledError):
            await switches.enable_module("ledger")
        assert not await TenantModule.exists().where(TenantModule.module == "ledger")
    assert HEARD == []


async def test_a_switch_is_written_down_heard_and_counts_at_once(portal: Portal) -> None:
    await let(portal, "ledger")
    before = await portal.snapshot()
    async with portal.work():
        given = await switches.enable_module("ledger")
        written = [row["kind"] for row in await Activity.select(Activity.kind).order_by(Activity.id)]
        assert await switches.enable_module("ledger") is None
    after = await portal.snapshot()
    assert given is not None
    assert len(given.granted) == 2
    assert written == ["core.module_switched", "core.role_changed", "core.role_changed"]
    assert (before.modules(), after.modules()) == (frozenset(), frozenset({"ledger"}))
    assert HEARD == [("ledger", "ledger", True)]


async def test_required_modules_go_first_and_leave_last(portal: Portal) -> None:
    await let(portal, "ledger", "reports")
    async with portal.work():
        with pytest.raises(switches.NeedsModulesError):
            await switches.enable_module("reports")
        await switches.enable_module("ledger")
        await switches.enable_module("reports")
        with pytest.raises(switches.NeedsModulesError):
            await switches.disable_module("ledger")
    assert (await portal.snapshot()).modules() == {"ledger", "reports"}
    async with portal.work():
        await switches.disable_module("reports")
        await switches.disable_module("ledger")
    assert (await portal.snapshot()).modules() == frozenset()


async def test_the_presets_are_granted_once(portal: Portal) -> None:
    await let(portal, "ledger")
    manager = portal.roles["manager"]
    async with portal.work():
        await switches.enable_module("ledger")
        await change_role(role=manager.id, label="Gestora", grants={"ledger:sheet:view": None})
        await switches.disable_module("ledger")
        assert await switches.enable_module("ledger") is None
        assert "ledger:sheet:view" not in read_grants((await find_role(manager.id)).grants)


async def test_what_fails_in_a_module_undoes_the_switch(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    await let(portal, "ledger")

    async def fail(**_facts: object) -> None:
        raise RuntimeError("no")

    found = registry().manager.hook.on_module_switched.get_hookimpls()
    own = next(one for one in found if one.plugin_name == "ledger")
    monkeypatch.setattr(own, "function", fail)
    with pytest.raises(RuntimeError):
        async with portal.work():
            await switches.enable_module("ledger")
    async with portal.work():
        assert not await TenantModule.exists().where(TenantModule.module == "ledger")
        assert not await Activity.exists().where(Activity.kind == "core.module_switched")
    assert (await portal.snapshot()).modules() == frozenset()


async def test_one_customer_has_it_or_not_whatever_holds_for_the_others(portal: Portal) -> None:
    await let(portal, "ledger")
    first, second = await portal.customer("Nuñez"), await portal.customer("Otra")
    ana = await portal.contact("ana@nunez.example", first)
    async with portal.work():
        await switches.enable_module("ledger")
        await switches.set_default_grant("ledger", granted=False)
        await switches.switch_for_customer(customer=first.id, module="ledger", granted=True)
        assert await switches.switches_of_customer(first.id) == {"ledger": True}
        assert await switches.switches_of_customer(second.id) == {}
        await switches.switch_for_customer(customer=first.id, module="ledger", granted=False)
        assert await switches.switches_of_customer(first.id) == {"ledger": False}
        await switches.switch_for_customer(customer=first.id, module="ledger", granted=None)
        assert not await CustomerModule.exists().where(CustomerModule.customer == first.id)
        written = await Activity.count().where(Activity.kind == "core.customer_module_switched")
    assert (await portal.snapshot()).enabled == {"ledger": False}
    assert (ana.kind, written) == ("contact", 3)


async def test_what_comes_later_is_off_for_customers_who_began_closed(portal: Portal) -> None:
    await let(portal, "ledger", "reports")
    async with portal.work():
        await save_settings({NEW_CUSTOMERS: CLOSED})
    closed, chosen, opened = [await portal_of(portal, name) for name in ("Cerrada", "Elegida", "Abierta")]
    async with portal.work():  # as before an upgrade that brings the second module: nobody has said anything of it
        await CustomerModule.delete().where(CustomerModule.module == "reports")
        await switches.enable_module("ledger")
        await switches.switch_for_customer(customer=chosen, module="ledger", granted=True)
        await open_portal(customer=opened)
        assert [await is_portal_closed(customer=each) for each in (closed, chosen, opened)] == [True, False, False]
        await switches.enable_module("reports")
        said = [await switches.switches_of_customer(each) for each in (closed, chosen, opened)]
        assert said == [{"ledger": False, "reports": False}, {"ledger": True, "reports": False}, {}]
        assert [await is_portal_closed(customer=each) for each in (closed, chosen, opened)] == [True, False, False]
        await open_portal(customer=closed)
        for module in ("ledger", "reports"):
            await switches.switch_for_customer(customer=chosen, module=module, granted=None)
        assert await CustomerModule.count() == 0


async def test_taken_away_by_the_vendor_it_is_off_and_keeps_its_switch(portal: Portal) -> None:
    await let(portal, "ledger")
    async with portal.work():
        await switches.enable_module("ledger")
    await revoke(tenant=portal.tenant.id, module="ledger")
    assert (await portal.snapshot()).modules() == frozenset()
    await let(portal, "ledger")
    assert (await portal.snapshot()).modules() == {"ledger"}
