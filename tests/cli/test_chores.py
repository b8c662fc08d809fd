"""What the vendor does to a tenant stands in the tenant's log, in one transaction with the change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.accounts.api_keys import actor_of, create_api_key
from core.cli.base import as_vendor
from core.cli.chores import end_keys, let_use, take_away
from core.clock import later, now
from core.errors import NotFoundError
from core.records.tables import Activity
from core.tenancy.snapshot import load_snapshot
from core.tenancy.tables import Entitlement, Tenant
from tests.db_fixtures import Databases
from tests.people.small_portal import small_world
from tests.portal_fixtures import Portal, World

NAME = "obrador"


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """Two tenants with the small modules, none of which they are entitled to yet."""
    async with small_world(dialect, databases, tmp_path) as made:
        yield made


async def log(portal: Portal) -> list[dict[str, Any]]:
    async with portal.work():
        rows = await Activity.select(Activity.data).where(Activity.kind == "core.module_switched").order_by(Activity.id)
    return [msgspec.json.decode(row["data"]) for row in rows]


async def held(portal: Portal) -> list[dict[str, Any]]:
    async with portal.work():
        return await Entitlement.select(Entitlement.module, Entitlement.valid_from).where(
            Entitlement.tenant == portal.tenant.id, Entitlement.module == "ledger"
        )


async def test_entitling_and_revoking_stand_in_the_tenants_log(portal: Portal) -> None:
    await as_vendor(lambda: take_away(NAME, "ledger"))
    await as_vendor(lambda: let_use(NAME, "ledger", since=date(2026, 1, 1), until=date(2026, 12, 31)))
    assert await held(portal) == [{"module": "ledger", "valid_from": date(2026, 1, 1)}]
    await as_vendor(lambda: take_away(NAME, "ledger"))
    assert await held(portal) == []
    assert await log(portal) == [
        {"module": "ledger", "entitled": False},
        {"module": "ledger", "entitled_from": "2026-01-01", "entitled_until": "2026-12-31"},
        {"module": "ledger", "entitled": False},
    ]


async def test_what_fails_leaves_neither_right_nor_log(portal: Portal) -> None:
    before = await log(portal)
    with pytest.raises(NotFoundError):
        await as_vendor(lambda: let_use(NAME, "no-such-module", since=None, until=None))
    assert await log(portal) == before


async def test_today_is_the_tenants(portal: Portal) -> None:
    await as_vendor(lambda: take_away(NAME, "ledger"))
    async with portal.work():
        await Tenant.update({Tenant.zone: "Pacific/Kiritimati"}).where(Tenant.id == portal.tenant.id)
    noon = now().replace(hour=12, minute=0) + timedelta(days=1)
    with later(noon - now()):  # there it is tomorrow already: 14 hours ahead
        await as_vendor(lambda: let_use(NAME, "ledger", since=None, until=None))
    assert await held(portal) == [{"module": "ledger", "valid_from": noon.date() + timedelta(days=1)}]


@pytest.fixture
async def portal(world: World) -> Portal:
    """The first of the two."""
    return world.first


async def test_a_revoked_key_opens_nothing_and_stands_in_the_log(portal: Portal) -> None:
    async with portal.work():
        tenant = await load_snapshot(portal.tenant.id)
        keys = [await create_api_key(name=name, permissions=["core:customer:view"]) for name in ("ERP", "ERP", "BI")]
        assert [await end_keys("ERP") for _twice in range(2)] == [2, 0]
        opened = [await actor_of(f"Bearer {key}", tenant) is not None for key in keys]
        rows = await Activity.select(Activity.data).where(Activity.kind == "core.setting_changed")
    assert opened == [False, False, True]
    assert [msgspec.json.decode(row["data"]) for row in rows] == [{"api_key": "ERP", "revoked": 2}]
