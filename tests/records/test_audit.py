"""The chain over the log: any row that was changed, deleted, swapped or cut off afterwards is found."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest

from core import permissions as core_permissions
from core.clock import later
from core.config import Settings, use_settings
from core.db import Database, bypass_row_security, execute, fetch, outside, request_scope, transaction
from core.db.migrations import migrate
from core.hookspecs import hook
from core.lists import ListView
from core.messages import contributions as messages
from core.piccolo_app import APP_CONFIG
from core.records.activity import write_activity
from core.records.audit import (
    Flaw,
    Problem,
    Verification,
    canonical,
    chain_new,
    checkpoint,
    export_checkpoint,
    exported_checkpoints,
    link_hash,
    verify,
)
from core.registry import build_registry, use_registry
from core.tenancy.scope import tenant_scope, unscoped
from core.tenancy.snapshot import forget_snapshots
from core.tenancy.tables import Entitlement, Tenant, TenantHost

NUMBER = 12


def _core() -> ModuleType:
    plugin = ModuleType("core_plugin")

    @hook
    def permissions() -> Any:
        return core_permissions.PERMISSIONS

    @hook
    def activity_kinds() -> Any:
        return messages.activity_kinds()

    plugin.permissions, plugin.activity_kinds = permissions, activity_kinds
    return plugin


async def _prepare(database: Database) -> None:
    await migrate(database, [APP_CONFIG])


@dataclass
class Log:
    tenant: UUID
    other: UUID


async def _tenant(name: str) -> UUID:
    id = uuid4()
    with unscoped("tests: a new tenant"):
        async with request_scope(tenant=None, bypass=True), transaction():
            await Tenant.insert(
                Tenant(id=id, name=name, portal_name=name, country="ES", zone="Europe/Madrid", languages="en")
            )
            await TenantHost.insert(TenantHost(host=f"{name}.example", tenant=id, kind="name"))
            await Entitlement.insert(Entitlement(tenant=id, module="x", valid_from=date(2020, 1, 1)))
    return id


@pytest.fixture
async def log(dialect: str, databases: Any, tmp_path: Path) -> AsyncIterator[Log]:
    """Two tenants with twelve chained activities each."""
    use_registry(build_registry({}, core=[_core()], list_view=ListView))
    use_settings(Settings(home=tmp_path, secret_keys=("a" * 32,)))
    forget_snapshots()
    async with databases.open(dialect, key="audit", prepare=_prepare):
        found = Log(tenant=await _tenant("one"), other=await _tenant("two"))
        for tenant in (found.tenant, found.other):
            with tenant_scope(tenant):
                for start in (0, NUMBER // 2):
                    async with request_scope(tenant=tenant):
                        for number in range(start, start + NUMBER // 2):
                            data = {"n": number, "ñ": "zürich", "nested": {"b": [1.5, None], "a": True}}
                            await write_activity(kind="core.setting_changed", data=data)
                        assert len(await chain_new()) == NUMBER // 2
        yield found


async def check(log: Log, *checkpoints: str) -> Verification:
    with tenant_scope(log.tenant):
        async with request_scope(tenant=log.tenant):
            return await verify(checkpoints)


async def tamper(sql: str, *args: Any) -> None:
    """Write behind the portal's back, as the owner of the database."""
    with bypass_row_security():
        async with request_scope(tenant=None, bypass=True), transaction():
            await execute(sql, *args)


async def rows(log: Log) -> list[dict[str, Any]]:
    with bypass_row_security():
        async with request_scope(tenant=None, bypass=True):
            return await fetch("SELECT * FROM activity WHERE tenant = {} ORDER BY sequence", log.tenant)


async def test_a_chain_that_nobody_touched_holds(log: Log) -> None:
    assert await check(log) == Verification(links=NUMBER, problems=())
    sequences = [row["sequence"] for row in await rows(log)]
    assert sequences == list(range(1, NUMBER + 1))


async def test_what_is_not_chained_yet_is_no_problem(log: Log) -> None:
    with tenant_scope(log.tenant):
        async with request_scope(tenant=log.tenant):
            await write_activity(kind="core.setting_changed")
    assert await check(log) == Verification(links=NUMBER, problems=())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "core.signed_in"),
        ("by_kind", "staff"),
        ("record_kind", "invoice"),
        ("record", uuid4()),
        ("data", '{"n": 5, "ñ": "zürich", "nested": {"b": [1.5, null], "a": false}}'),
        ("data", "{}"),
        ("hash", "0" * 64),
        ("previous", "0" * 64),
        ("id", uuid4()),
    ],
)
async def test_a_changed_column_is_found(log: Log, column: str, value: object) -> None:
    await tamper(f'UPDATE activity SET "{column}" = {{}} WHERE tenant = {{}} AND sequence = 5', value, log.tenant)
    found = await check(log)
    assert not found.holds
    assert {problem.sequence for problem in found.problems} <= {5, 6}


async def test_a_changed_time_is_found(log: Log) -> None:
    (row,) = [row for row in await rows(log) if row["sequence"] == 5]
    moved = datetime.fromisoformat(str(row["at"])) + timedelta(microseconds=1)
    await tamper('UPDATE activity SET "at" = {} WHERE tenant = {} AND sequence = 5', moved, log.tenant)
    assert await check(log) == Verification(links=NUMBER, problems=(Problem(5, Flaw.CHANGED),))


async def test_deleted_rows_are_found(log: Log) -> None:
    await tamper("DELETE FROM activity WHERE tenant = {} AND sequence = 5", log.tenant)
    found = await check(log)
    assert found.problems == (Problem(5, Flaw.MISSING), Problem(6, Flaw.UNLINKED))


async def test_a_row_that_was_taken_out_of_the_chain_is_found(log: Log) -> None:
    await tamper(
        "UPDATE activity SET sequence = NULL, hash = NULL, previous = NULL WHERE tenant = {} AND sequence = 5",
        log.tenant,
    )
    assert not (await check(log)).holds


async def test_swapped_rows_are_found(log: Log) -> None:
    for old, new in ((5, -1), (6, 5), (-1, 6)):
        await tamper("UPDATE activity SET sequence = {} WHERE tenant = {} AND sequence = {}", new, log.tenant, old)
    assert not (await check(log)).holds


@pytest.mark.parametrize("left", [0, 3, NUMBER - 1])
async def test_a_cut_off_end_is_found(log: Log, left: int) -> None:
    await tamper("DELETE FROM activity WHERE tenant = {} AND sequence > {}", log.tenant, left)
    assert await check(log) == Verification(links=left, problems=(Problem(NUMBER, Flaw.CUT_OFF),))


async def test_checkpoints_find_a_chain_that_was_rewritten_as_a_whole(log: Log) -> None:
    with tenant_scope(log.tenant):
        async with request_scope(tenant=log.tenant):
            await export_checkpoint()
    lines = exported_checkpoints()
    assert len(lines) == 1
    assert await check(log, *lines) == Verification(links=NUMBER, problems=())
    await tamper("UPDATE activity SET kind = 'core.signed_in' WHERE tenant = {} AND sequence = 5", log.tenant)
    await tamper("UPDATE activity SET sequence = NULL, previous = NULL, hash = NULL WHERE tenant = {}", log.tenant)
    await tamper("DELETE FROM chain_head WHERE tenant = {}", log.tenant)
    with tenant_scope(log.tenant):
        async with request_scope(tenant=log.tenant):
            await chain_new()
    assert (await check(log)).holds  # the database alone cannot tell
    assert await check(log, *lines) == Verification(links=NUMBER, problems=(Problem(NUMBER, Flaw.OFF_CHECKPOINT),))


async def test_a_forged_checkpoint_is_found_and_one_of_another_tenant_is_passed_over(log: Log) -> None:
    with tenant_scope(log.other):
        async with request_scope(tenant=log.other):
            foreign = await checkpoint()
    with tenant_scope(log.tenant):
        async with request_scope(tenant=log.tenant):
            own = await checkpoint()
    assert own is not None
    assert foreign is not None
    assert (await check(log, foreign, own)).holds
    parts = own.split(" ")
    parts[3] = "f" * 64
    assert (await check(log, " ".join(parts))).problems == (Problem(NUMBER, Flaw.FORGED_CHECKPOINT),)
    use_settings(Settings(secret_keys=("b" * 32, "a" * 32)))
    assert (await check(log, own)).holds  # signed with the key before
    beyond = own.split(" ")
    assert json.dumps(beyond[2]) == f'"{NUMBER}"'


async def test_random_damage_is_always_found(log: Log) -> None:
    rng = random.Random(7)
    original = await rows(log)
    columns = [name for name in original[0] if name not in {"tenant", "customer", "by", "id", "at"}]
    for _ in range(60):
        row, column = rng.choice(original), rng.choice(columns)
        old = row[column]
        new: Any = {"sequence": -rng.randint(1, 99), "record": uuid4(), "data": f'{{"x": {rng.random()}}}'}.get(
            column, f"x{rng.random()}"
        )
        if column == "by_kind":
            new = "api"
        await tamper(f'UPDATE activity SET "{column}" = {{}} WHERE id = {{}}', new, row["id"])
        found = await check(log)
        assert not found.holds, (column, new)
        await tamper(f'UPDATE activity SET "{column}" = {{}} WHERE id = {{}}', old, row["id"])
    assert (await check(log)).holds


class _UndoneError(Exception):
    """Takes back what was done to the log."""


@pytest.mark.long
async def test_ten_thousand_random_damages_are_all_found(log: Log) -> None:
    """Changed, deleted, swapped, cut off; each in a transaction that is taken back."""
    rng = random.Random(8)
    original = await rows(log)
    columns = [name for name in original[0] if name not in {"tenant", "customer", "by", "id", "at"}]
    missed: list[Any] = []
    with bypass_row_security(), tenant_scope(log.tenant):
        for _ in range(10_000):
            one, other = rng.sample(original, 2)
            column = rng.choice(columns)
            changed: Any = {"sequence": -rng.randint(1, 99), "record": uuid4(), "data": f'{{"x": {rng.random()}}}'}
            new = "api" if column == "by_kind" else changed.get(column, f"x{rng.random()}")
            move = "UPDATE activity SET sequence = {} WHERE id = {}"
            damage: list[tuple[str, tuple[Any, ...]]] = rng.choice(
                [
                    [(f'UPDATE activity SET "{column}" = {{}} WHERE id = {{}}', (new, one["id"]))],
                    [("DELETE FROM activity WHERE id = {}", (one["id"],))],
                    [
                        (move, (-1, one["id"])),
                        (move, (one["sequence"], other["id"])),
                        (move, (other["sequence"], one["id"])),
                    ],
                    [
                        (
                            "DELETE FROM activity WHERE tenant = {} AND sequence > {}",
                            (log.tenant, rng.randint(0, NUMBER - 1)),
                        )
                    ],
                ]
            )
            try:
                async with request_scope(tenant=None, bypass=True), transaction():
                    for sql, given in damage:
                        await execute(sql, *given)
                    if (await verify()).holds:
                        missed.append(damage)
                    raise _UndoneError  # noqa: TRY301 -- rolls back
            except _UndoneError:
                pass
    assert missed == []
    assert (await check(log)).holds


async def test_two_writers_make_one_chain(log: Log) -> None:
    async def write() -> None:
        with tenant_scope(log.tenant):
            for _ in range(5):
                async with request_scope(tenant=log.tenant):
                    await write_activity(kind="core.setting_changed")
                async with request_scope(tenant=log.tenant):
                    await chain_new()

    with later(timedelta(hours=1)):
        await asyncio.gather(*(asyncio.create_task(write(), context=outside()) for _ in range(4)))
    assert await check(log) == Verification(links=NUMBER + 20, problems=())


def test_hashing_is_fast() -> None:
    row = {
        "id": uuid4(),
        "at": "2026-01-01 00:00:00+00:00",
        "kind": "core.signed_in",
        "by_kind": "contact",
        "by": uuid4(),
        "record_kind": "invoice",
        "record": uuid4(),
        "customer": uuid4(),
        "data": '{"number": "F-1", "day": "2026-01-01"}',
    }
    tenant, start, count = uuid4(), time.process_time(), 20_000
    for number in range(count):
        link_hash("0" * 64, canonical(tenant, row, number))
    assert count / (time.process_time() - start) > 20_000  # a row each; the goal of 50,000/s is for an idle machine
