"""Migrations happen or do not, once, whatever kills or doubles them; classes and schema agree."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess  # only its PIPE
import sys
import textwrap
from pathlib import Path

import pytest
from piccolo.columns import UUID, BigInt, Boolean, Text, Timestamptz
from piccolo.conf.apps import AppConfig

from core.db import (
    Database,
    ForeignKeyViolationError,
    MigrationError,
    Table,
    check_drift,
    execute,
    fetch,
    migrate,
    opened,
    pending,
    request_scope,
    uuid7,
)
from core.db.schema import columns_of, has_table

HEAD = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from core.db import add_column, create_index, create_table, execute, rebuild_table, uuid7

ID = "{id}"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="{app}", description=DESCRIPTION)

    async def run():
{body}

    manager.add_raw(run)
    return manager
"""
CREATE = """
await create_table("tenant", columns={"name": "text"})
await create_table("customer", columns={"id": "uuid", "tenant": "uuid", "name": "text"}, tenant_scoped=True)
"""
GROW = """
await create_table(
    "invoice",
    columns={"id": "uuid", "tenant": "uuid", "customer": "uuid", "net": "bigint", "note": "text?"},
    foreign_keys={"customer": "customer"}, checks={"positive": "net > 0"}, tenant_scoped=True,
)
await create_index("invoice", ["tenant", "net"])
"""


def app(folder: Path, name: str = "core", needs: tuple[AppConfig, ...] = (), **files: str) -> AppConfig:
    """An app with migration files; a file's name is its ID."""
    migrations = folder / name
    migrations.mkdir(exist_ok=True)
    for key, body in files.items():
        (migrations / f"{key}.py").write_text(
            HEAD.format(id=key, app=name, body=textwrap.indent(textwrap.dedent(body), " " * 8))
        )
    config = AppConfig(app_name=name, migrations_folder_path=migrations)
    config._migration_dependency_app_configs = list(needs)
    return config


async def noted() -> list[tuple[str, str]]:
    async with request_scope(bypass=True):
        return [
            (row["app_name"], row["name"]) for row in await fetch("SELECT app_name, name FROM migration ORDER BY id")
        ]


async def test_forward_in_order_once(database: Database, tmp_path: Path) -> None:
    core = app(tmp_path, m1=CREATE)
    invoices = app(tmp_path, "invoices", (core,), m1=GROW)
    assert await pending(database, [invoices, core]) == ["core m1", "invoices m1"]
    seen: list[str] = []
    assert await migrate(database, [invoices, core], progress=seen.append) == ["core m1", "invoices m1"] == seen
    assert await migrate(database, [invoices, core]) == []
    assert await pending(database, [core, invoices]) == []
    app(tmp_path, m2='await add_column("customer", "phone", "text?")')
    assert await migrate(database, [core, invoices]) == ["core m2"]
    assert await noted() == [("core", "m1"), ("invoices", "m1"), ("core", "m2")]


async def test_an_error_undoes_ddl_and_note(database: Database, tmp_path: Path) -> None:
    core = app(tmp_path, m1=CREATE, m2=GROW + "raise ZeroDivisionError\n", m3="pass")
    with pytest.raises(ZeroDivisionError):
        await migrate(database, [core])
    async with request_scope(bypass=True):
        assert not await has_table("invoice")
    assert await noted() == [("core", "m1")]
    app(tmp_path, m2=GROW)
    assert await migrate(database, [core]) == ["core m2", "core m3"]


async def test_killed_between_ddl_and_note_it_runs_again(database_url: str, tmp_path: Path) -> None:
    """SIGKILL after the last statement of the migration, before its note; then start again."""
    script = tmp_path / "starter.py"
    script.write_text(
        "import asyncio, sys\n"
        "from core.db import Database, migrate\n"
        "from piccolo.conf.apps import AppConfig\n"
        "async def main():\n"
        "    database = await Database.open(sys.argv[1])\n"
        "    config = AppConfig(app_name='core', migrations_folder_path=sys.argv[2])\n"
        "    await migrate(database, [config])\n"
        "asyncio.run(main())\n"
    )
    kill = "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    core = app(tmp_path, m1=CREATE, m2=GROW + kill)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), database_url, str(tmp_path / "core"), env=environment
    )
    assert await process.wait() == -signal.SIGKILL
    async with opened(database_url, pool_size=3) as database:
        assert await noted() == [("core", "m1")]
        async with request_scope(bypass=True):
            assert not await has_table("invoice")
        app(tmp_path, m2=GROW)
        assert await migrate(database, [core]) == ["core m2"]


async def test_two_starters_run_each_migration_once(database_url: str, tmp_path: Path) -> None:
    app(
        tmp_path, m1=CREATE, m2=GROW, m3="await execute(\"INSERT INTO tenant (id, name) VALUES ({}, 'once')\", uuid7())"
    )
    script = (
        "import asyncio, sys\n"
        "from core.db import Database, migrate\n"
        "from piccolo.conf.apps import AppConfig\n"
        "async def main():\n"
        "    database = await Database.open(sys.argv[1], pool_size=3)\n"
        "    config = AppConfig(app_name='core', migrations_folder_path=sys.argv[2])\n"
        "    print(await migrate(database, [config]))\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, database_url, str(tmp_path / "core"), stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    results = await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0, 0, 0]
    ran = [name for output, _ in results for name in output.decode().split("'") if name.startswith("core")]
    assert sorted(ran) == ["core m1", "core m2", "core m3"]
    async with opened(database_url, pool_size=2):
        assert await fetch("SELECT count(*) AS n FROM tenant") == [{"n": 1}]


async def test_a_missing_app_or_a_cycle_is_told(database: Database, tmp_path: Path) -> None:
    core = app(tmp_path)
    module = app(tmp_path, "module", (core,))
    with pytest.raises(MigrationError, match="need those of core"):
        await migrate(database, [module])
    core._migration_dependency_app_configs = [module]
    with pytest.raises(MigrationError, match="each other"):
        await migrate(database, [core, module])


async def test_rebuild_keeps_rows_indexes_and_those_who_point_at_it(database: Database, tmp_path: Path) -> None:
    core = app(tmp_path, m1=CREATE, m2=GROW)
    await migrate(database, [core])
    async with request_scope(bypass=True):
        tenant, customer, invoice = uuid7(), uuid7(), uuid7()
        await execute("INSERT INTO tenant (id, name) VALUES ({}, 'a')", tenant)
        await execute("INSERT INTO customer (id, tenant, name) VALUES ({}, {}, 'c')", customer, tenant)
        await execute(
            "INSERT INTO invoice (id, tenant, customer, net, note) VALUES ({}, {}, {}, 7, '19')",
            invoice,
            tenant,
            customer,
        )
    app(
        tmp_path,
        m3="""
        await rebuild_table(
            "customer", columns={"id": "uuid", "tenant": "uuid", "name": "text?", "code": "text"},
            unique=[("tenant", "code")], tenant_scoped=True, copy={"code": "name || '-1'"},
        )
        await rebuild_table(
            "invoice",
            columns={"id": "uuid", "tenant": "uuid", "customer": "uuid", "net": "bigint", "vat": "bigint = 0",
                     "note": "bigint?"},
            foreign_keys={"customer": "customer"}, checks={"small": "net < 1000"}, tenant_scoped=True,
            copy={"note": "cast(note AS bigint)", "vat": "net * 2"},
        )
        """,
    )
    assert await migrate(database, [core]) == ["core m3"]
    async with request_scope(bypass=True):
        assert await fetch("SELECT name, code FROM customer") == [{"name": "c", "code": "c-1"}]
        assert await fetch("SELECT net, vat, note FROM invoice") == [{"net": 7, "vat": 14, "note": 19}]
        assert {name: column.nullable for name, column in (await columns_of("customer")).items()} == {
            "id": False, "tenant": False, "name": True, "code": False
        }  # fmt: skip
        with pytest.raises(ForeignKeyViolationError):
            await execute("DELETE FROM customer WHERE id = {}", customer)
        with pytest.raises(ForeignKeyViolationError):
            await execute("UPDATE invoice SET customer = {} WHERE id = {}", invoice, invoice)
        if database.dialect == "sqlite":
            (kept,) = await fetch("SELECT count(*) AS n FROM sqlite_master WHERE name = 'ix_invoice_tenant_net'")
        else:
            (kept,) = await fetch("SELECT count(*) AS n FROM pg_indexes WHERE indexname = 'ix_invoice_tenant_net'")
        assert kept == {"n": 1}
    async with request_scope(tenant=tenant):
        assert await fetch("SELECT net FROM invoice") == [{"net": 7}]


async def test_a_migration_that_orphans_rows_is_undone(database: Database, tmp_path: Path) -> None:
    core = app(tmp_path, m1=CREATE, m2=GROW)
    await migrate(database, [core])
    app(
        tmp_path, m3="await execute(\"INSERT INTO customer (id, tenant, name) VALUES ({}, {}, 'x')\", uuid7(), uuid7())"
    )
    with pytest.raises((MigrationError, ForeignKeyViolationError)):
        await migrate(database, [core])
    async with request_scope(bypass=True):
        assert await fetch("SELECT * FROM customer") == []


class Tenant(Table, tablename="tenant"):
    name = Text()


class DriftedTenant(Table, tablename="tenant"):
    name = BigInt()
    since = Timestamptz()


class LooseTenant(Table, tablename="tenant"):
    name = Text(null=True)


class Nowhere(Table, tablename="nowhere"):
    x = Boolean()


class Narrow(Table, tablename="customer"):
    tenant = UUID()


async def test_drift_is_told_in_sentences(database: Database, tmp_path: Path) -> None:
    await migrate(database, [app(tmp_path, m1=CREATE)])
    assert await check_drift(database, [Tenant]) == []
    assert await check_drift(database, [DriftedTenant, LooseTenant, Nowhere, Narrow]) == [
        "tenant.name: bigint in the class, text in the database",
        "tenant.since: in the class, not in the database",
        "tenant.name: may be null in the class, not null in the database",
        "nowhere: no migration creates this table",
        "customer.name: in the database, not in the class",
    ]
