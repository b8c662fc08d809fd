"""What stands between a careless query and another tenant's rows: each known hole, shut, on both databases."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from piccolo.query.methods.delete import DeletionError
from piccolo.query.methods.update import UpdateError

from core.clock import now
from core.db import ForeignKeyViolationError, Table, fetch, outside, request_scope, transaction
from core.errors import NotSignedInError
from core.people.tables import Customer, Project
from core.records.base import beyond_reach
from core.tenancy.scope import NoTenantError, unscoped
from core.tenancy.table import ForeignTenantError, TenantTable
from tests.portal_fixtures import Portal, World


def named(portal: Portal, text: str) -> Customer:
    with portal.scope():
        return Customer(name=text, name_folded=text)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(lambda: Customer.select(Customer.name), id="select"),
        pytest.param(lambda: Customer.objects().first(), id="objects"),
        pytest.param(lambda: Customer.objects().get(Customer.name == "x"), id="get"),
        pytest.param(lambda: Customer.objects().get_or_create(Customer.name == "x"), id="get_or_create"),
        pytest.param(Customer.count, id="count"),
        pytest.param(Customer.exists, id="exists"),
        pytest.param(lambda: Customer.update({Customer.name: "x"}).where(Customer.name == "y"), id="update"),
        pytest.param(lambda: Customer.delete().where(Customer.name == "y"), id="delete"),
        pytest.param(lambda: Customer.delete(force=True), id="delete with force"),
        pytest.param(lambda: Customer.insert(Customer(name="x", name_folded="x")), id="insert"),
        pytest.param(lambda: Customer(name="x", name_folded="x").save(), id="save"),
    ],
)
async def test_without_a_tenant_no_query_is_even_made(query: Callable[[], Any]) -> None:
    with pytest.raises(NoTenantError):
        await query()


async def test_rows_of_one_tenant_are_all_that_its_scope_shows(world: World) -> None:
    mine, theirs = await world.first.customer("Mine"), await world.second.customer("Theirs")
    async with world.second.work():
        assert await Customer.count() == 1  # there is something that could leak
    async with world.first.work():
        assert await Customer.select(Customer.name) == [{"name": "Mine"}]
        assert await Customer.objects().where(Customer.id == theirs.id).first() is None
        assert await Customer.objects().get(Customer.id == theirs.id) is None
        either = (Customer.id == mine.id) | (Customer.id == theirs.id)
        assert await Customer.select(Customer.name).where(either) == [{"name": "Mine"}]
        assert await Customer.count().where(either) == 1
        assert not await Customer.exists().where(Customer.id == theirs.id)
        await Customer.update({Customer.name: "changed"}).where(Customer.id == theirs.id)
        await Customer.delete().where(Customer.id == theirs.id)
        theirs.name = "changed"
        with pytest.raises(ForeignTenantError):
            await theirs.save()
        await theirs.remove()
    async with world.second.work():
        assert await Customer.select(Customer.name) == [{"name": "Theirs"}]


async def test_all_rows_are_changed_or_deleted_only_when_said_so(world: World) -> None:
    await world.first.customer("A")
    await world.second.customer("B")
    async with world.first.work():
        with pytest.raises(DeletionError, match="would delete all rows of the tenant"):
            await Customer.delete()
        with pytest.raises(UpdateError, match="would change all rows of the tenant"):
            await Customer.update({Customer.name: "x"})
        await Customer.update({Customer.name: "x"}, force=True)
        await Customer.delete(force=True)
        assert await Customer.count() == 0
    async with world.second.work():
        assert await Customer.select(Customer.name) == [{"name": "B"}]


async def test_a_bare_delete_of_records_is_refused_too(world: World) -> None:
    """Reach adds conditions of its own; none of them says which rows are meant."""
    booking = importlib.import_module("portico_bookings.tables").Booking
    async with world.first.work():
        with beyond_reach("test"), pytest.raises(DeletionError):
            await booking.delete()
        with pytest.raises(NotSignedInError):
            await booking.delete()


async def test_no_row_moves_to_another_tenant(world: World) -> None:
    mine = await world.first.customer("Mine")
    other = world.second.tenant.id
    async with world.first.work():
        for values in ({Customer.tenant: other}, {"tenant": other}, {Customer.tenant: world.second.tenant}):
            with pytest.raises(ForeignTenantError, match="would move rows to another tenant"):
                await Customer.update(values).where(Customer.id == mine.id)
        await Customer.update({Customer.tenant: world.first.tenant.id}).where(Customer.id == mine.id)
        mine.tenant = other
        with pytest.raises(ForeignTenantError):
            await mine.save()
        assert await Customer.select(Customer.tenant) == [{"tenant": world.first.tenant.id}]


async def test_no_row_is_added_for_another_tenant(world: World) -> None:
    stray = named(world.second, "Stray")
    async with world.first.work():
        with pytest.raises(ForeignTenantError, match=r"insert\(\) of a row of another tenant"):
            await Customer.insert(named(world.first, "Mine"), stray)
        with pytest.raises(ForeignTenantError):
            await stray.save()
        assert await Customer.count() == 0


async def test_raw_sql_through_a_table_is_refused(world: World) -> None:
    async with world.first.work():
        with pytest.raises(ForeignTenantError, match=r"raw\(\) would leave the tenant's scope"):
            Customer.raw("SELECT * FROM customer")


async def test_the_database_refuses_a_reference_across_tenants(world: World) -> None:
    """Joins, prefetch and get_related would show the row behind the reference."""
    theirs = await world.second.customer("Theirs")
    async with world.first.work():
        with pytest.raises(ForeignKeyViolationError):
            async with transaction():
                await Project.insert(Project(customer=theirs.id, name="p", name_folded="p"))
    mine = await world.first.customer("Mine")
    project = await world.first.project(mine, "p")
    async with world.first.work():
        with pytest.raises(ForeignKeyViolationError):
            async with transaction():
                await Project.update({Project.customer: theirs.id}).where(Project.id == project.id)
        assert await Project.select(Project.customer.name) == [{"customer.name": "Mine"}]


async def test_a_module_s_references_are_held_as_well(world: World) -> None:
    booking = importlib.import_module("portico_bookings.tables").Booking
    theirs = await world.second.customer("Theirs")
    async with world.first.work():
        made = booking(customer=theirs.id, published_at=now(), title="t", title_folded="t", day=date(2026, 1, 1))
        with pytest.raises(ForeignKeyViolationError):
            async with transaction():
                await booking.insert(made)


async def test_records_without_an_actor_show_nothing(world: World) -> None:
    booking = importlib.import_module("portico_bookings.tables").Booking
    company = await world.first.customer("Acme")
    async with world.first.work():
        await booking.insert(
            booking(customer=company.id, published_at=now(), title="t", title_folded="t", day=date(2026, 1, 1))
        )
        with beyond_reach("test"):
            assert await booking.count() == 1
        for query in (booking.select, booking.objects, booking.count, booking.exists):
            with pytest.raises(NotSignedInError):
                await query()


async def test_a_scope_ends_with_its_block_and_stays_in_its_task(world: World) -> None:
    await world.first.customer("Mine")

    async def elsewhere() -> int:
        async with world.second.work():
            await asyncio.sleep(0)
            return await Customer.count()

    async with world.first.work():
        assert await asyncio.create_task(elsewhere(), context=outside()) == 0
        assert await Customer.count() == 1
    with pytest.raises(NoTenantError):
        await Customer.count()


async def test_the_way_out_needs_a_reason(world: World) -> None:
    await world.first.customer("Mine")
    await world.second.customer("Theirs")
    with pytest.raises(ValueError, match="needs a reason"), unscoped(""):
        pass
    with pytest.raises(ValueError, match="needs a reason"), beyond_reach(""):
        pass
    async with request_scope(tenant=None):
        with unscoped("test"):
            assert await Customer.count() == 2


async def test_row_level_security_stands_behind_all_that(world: World) -> None:
    """Raw SQL that forgot its condition, on PostgreSQL; SQLite has nothing of the kind."""
    await world.first.customer("Mine")
    await world.second.customer("Theirs")
    async with world.first.work():
        rows = await fetch("SELECT name FROM customer ORDER BY name")
    expected = ["Mine"] if world.database.dialect == "postgres" else ["Mine", "Theirs"]
    assert [row["name"] for row in rows] == expected


def _with_children(cls: type) -> set[type]:
    return {cls} | {found for child in cls.__subclasses__() for found in _with_children(child)}


def test_every_table_knows_its_tenant_or_says_why_not(world: World) -> None:
    """A new table without a tenant has to be added here, with its reason."""
    loose = _with_children(Table) - _with_children(TenantTable) - {Table}
    ours = {cls._meta.tablename for cls in loose if cls.__module__.startswith(("core.", "plugins.", "portico_"))}
    assert ours == {
        "tenant",  # what scopes are made of
        "tenant_host",  # found before there is a scope
        "entitlement",  # the vendor's word on a tenant
        "account",  # serves people of several tenants
        "linked_office",  # belongs to an account, and to no tenant
        "rate_limit",  # counts before anybody is known
        "queue",  # one worker serves all tenants
        "schedule_run",  # as the queue
    }
