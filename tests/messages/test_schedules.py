"""Schedules come once per period, whoever looks for them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from core.clock import later
from core.db import count_queries, outside, request_scope, transaction
from core.messages.queue import enqueue
from core.messages.queue_tables import ScheduleRun
from core.messages.schedules import Timetable
from core.messages.worker import Worker, drain
from core.registry import registry
from core.tenancy.scoped_tables import TenantModule
from core.tenancy.snapshot import raise_version
from core.tenancy.tables import Tenant
from tests.messages.conftest import RAN, World, make_tenant, scoped


async def test_schedules_run_once_per_period_and_tenant_with_many_workers(world: World) -> None:
    other = await make_tenant("Lumiere")
    suspended = await make_tenant("Contabil")
    async with request_scope(tenant=None, bypass=True), transaction():
        await Tenant.update({Tenant.status: "suspended"}).where(Tenant.id == suspended)

    async def hour(number: int) -> None:
        with later(timedelta(hours=number)):
            workers = [Worker() for _ in range(3)]  # a new one each time: they have all been restarted
            await asyncio.gather(
                *(asyncio.create_task(worker.tick(), context=outside()) for worker in workers for _ in "ab")
            )
            for worker in workers:
                if worker.running:
                    await asyncio.wait(set(worker.running))
            await drain()

    await hour(0)
    assert sorted(RAN) == sorted([world.tenant, other])
    await hour(0)
    assert len(RAN) <= 4  # the hour may just have ended
    RAN.clear()
    await hour(2)
    assert sorted(RAN) == sorted([world.tenant, other])
    async with request_scope(tenant=None):
        assert await ScheduleRun.count().where(ScheduleRun.key == "papers.remind") == 2


async def test_a_worker_looks_through_all_tenants_once_a_second(world: World) -> None:
    table = Timetable()
    assert await table.queue_due() > 0
    with count_queries() as counter:
        assert await table.queue_due() == 0
    assert counter.value == 0
    with later(timedelta(seconds=1)), count_queries() as counter:
        await table.queue_due()
    assert counter.value > 0


async def test_schedules_of_a_module_that_is_off_do_not_run(world: World) -> None:
    async with scoped(world.tenant), transaction():
        await TenantModule.update({TenantModule.enabled: False}).where(TenantModule.module == "papers")
        await Tenant.update({Tenant.config_version: Tenant.config_version + 1}).where(Tenant.id == world.tenant)
    await drain()
    assert RAN == []
    assert "papers.remind" in registry().schedules


async def test_a_schedule_whose_module_goes_off_before_it_runs_does_not_run(world: World) -> None:
    async with scoped(world.tenant):
        await enqueue(kind="core.schedule", payload={"key": "papers.remind"}, tenant=world.tenant)
    async with scoped(world.tenant), transaction():
        await TenantModule.update({TenantModule.enabled: False}).where(TenantModule.module == "papers")
        await raise_version(world.tenant)
    await drain()
    assert RAN == []
