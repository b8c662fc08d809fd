"""Forward migrations of core and modules: each is one transaction together with the note that it ran.

An app is a package with ``piccolo_app.py`` (APP_CONFIG) and a folder of Piccolo migration files: ID, DESCRIPTION and
``async def forwards() -> MigrationManager`` whose ``add_raw`` functions call core.db.ddl. Killed at any point, a
migration has happened or has not; two processes that start at once run each migration once.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.conf.apps import AppConfig

from core.db import scope as scopes
from core.db.database import Database, execute, fetch, request_scope
from core.db.errors import DbError
from core.db.postgres_session import ROLE
from core.db.schema import has_table
from core.db.transactions import Transaction

_LOCK = 0x706F727469636F  # "portico"
_BOOKKEEPING = {
    # as Piccolo's own migration table, so that its commands can look at it
    "sqlite": (
        "CREATE TABLE IF NOT EXISTS migration (id INTEGER PRIMARY KEY, name VARCHAR(200) NOT NULL, "
        "app_name VARCHAR(200) NOT NULL, ran_on TIMESTAMP NOT NULL DEFAULT current_timestamp, "
        "UNIQUE (app_name, name))"
    ),
    "postgres": (
        "CREATE TABLE IF NOT EXISTS migration (id SERIAL PRIMARY KEY, name VARCHAR(200) NOT NULL, "
        "app_name VARCHAR(200) NOT NULL, ran_on TIMESTAMP NOT NULL DEFAULT current_timestamp, "
        "UNIQUE (app_name, name))"
    ),
}
App = AppConfig | str
Progress = Callable[[str], None]


class MigrationError(DbError):
    """A migration file, or the order of the apps, is not as it must be."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    app: str
    id: str
    module: ModuleType

    def __str__(self) -> str:
        return f"{self.app} {self.id}"


def config_of(app: App) -> AppConfig:
    """The APP_CONFIG of ``"core.piccolo_app"`` or ``"plugins.invoices"``."""
    if isinstance(app, AppConfig):
        return app
    module = importlib.import_module(app if app.endswith("piccolo_app") else f"{app}.piccolo_app")
    config: AppConfig = module.APP_CONFIG
    return config


def in_order(apps: Sequence[App]) -> list[AppConfig]:
    """Dependencies first, else as given. Raises MigrationError for a missing one or a cycle."""
    configs = {config.app_name: config for config in map(config_of, apps)}
    if len(configs) != len(apps):
        raise MigrationError("two apps have the same name")
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, config in configs.items():
        needs = [needed.app_name for needed in config.migration_dependency_app_configs]
        if missing := [needed for needed in needs if needed not in configs]:
            message = f"the migrations of {name} need those of {', '.join(missing)}, which are not installed"
            raise MigrationError(message)
        sorter.add(name, *needs)
    try:
        sorter.prepare()
    except CycleError as error:
        message = f"apps need each other's migrations: {' → '.join(error.args[1])}"
        raise MigrationError(message) from error
    order = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=list(configs).index)
        order += [configs[name] for name in ready]
        sorter.done(*ready)
    return order


def files_of(config: AppConfig) -> list[Migration]:
    """The migrations of an app by rising ID. Two apps may use the same file names."""
    folder = Path(config.resolved_migrations_folder_path)
    found: dict[str, Migration] = {}
    for path in sorted(folder.glob("*.py")):
        if path.name == "__init__.py":
            continue
        name = f"_portico_migrations_{config.app_name}_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise MigrationError(f"{path} cannot be read")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        identity = getattr(module, "ID", None)
        if not identity:
            continue
        if identity in found:
            raise MigrationError(f"{config.app_name} has two migrations with ID {identity}")
        found[identity] = Migration(config.app_name, identity, module)
    return [found[identity] for identity in sorted(found)]


async def pending(database: Database, apps: Sequence[App]) -> list[str]:
    """What ``migrate`` would run, in order: ``["core 2026-11-21T00:00:00", …]``. Empty: up to date."""
    async with _as_owner(database):
        done = await _done() if await has_table("migration") else set()
    return [
        str(migration)
        for config in in_order(apps)
        for migration in files_of(config)
        if (migration.app, migration.id) not in done
    ]


async def migrate(database: Database, apps: Sequence[App], *, progress: Progress | None = None) -> list[str]:
    """Bring the database up to date; what ran. Safe to start again, and twice at once."""
    ran = []
    configs = in_order(apps)
    async with _locked(database):
        await _prepare(database)
        for config in configs:
            for migration in files_of(config):
                if await _run(database, migration):
                    ran.append(str(migration))
                    if progress is not None:
                        progress(str(migration))
    return ran


@contextlib.asynccontextmanager
async def _as_owner(database: Database) -> AsyncIterator[None]:
    with scopes.entered(None):
        async with request_scope(bypass=True) as scope:
            if scope.database is not database:
                raise MigrationError("another database has been opened since; it is current")
            yield


@contextlib.asynccontextmanager
async def _locked(database: Database) -> AsyncIterator[None]:
    """PostgreSQL: an advisory lock held by a connection of its own. SQLite: BEGIN IMMEDIATE does it for each."""
    engine: Any = database.engine
    if database.dialect == "sqlite":
        yield
        return
    async with engine.side_pool.acquire() as connection:
        await connection.execute(f"SELECT pg_advisory_lock({_LOCK})", timeout=600)
        try:
            yield
        finally:
            if not connection.is_closed():
                await scopes.settled(connection.execute(f"SELECT pg_advisory_unlock({_LOCK})"))


async def _prepare(database: Database) -> None:
    async with _as_owner(database), Transaction(database):
        if await has_table("migration"):
            return
        await execute(_BOOKKEEPING[database.dialect])
        if database.dialect == "postgres":
            await execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
            await execute(f"GRANT SELECT ON migration TO {ROLE}")


async def _done() -> set[tuple[str, str]]:
    return {(row["app_name"], row["name"]) for row in await fetch("SELECT app_name, name FROM migration")}


class _Transaction(Transaction):
    """SQLite: with foreign keys off, which rebuilding a table needs; they are checked before the commit."""

    async def __aenter__(self) -> Self:
        if scopes.running_of(self._database) is not None:
            raise MigrationError("migrate() inside transaction()")
        self._running = await self._database.backend.begin(foreign_keys=False)
        self._before = scopes.set_running(self._running)
        return self


async def _run(database: Database, migration: Migration) -> bool:
    """Run it unless it has been, DDL and note in one transaction."""
    async with _as_owner(database), _Transaction(database):
        if (migration.app, migration.id) in await _done():
            return False
        manager = await migration.module.forwards()
        if not isinstance(manager, MigrationManager):
            raise MigrationError(f"{migration}: forwards() returns a MigrationManager")
        if not manager.wrap_in_transaction:
            raise MigrationError(f"{migration}: what is not in a transaction cannot be undone after a kill")
        with contextlib.redirect_stdout(io.StringIO()):  # Piccolo prints
            await manager.run()
        await execute("INSERT INTO migration (name, app_name) VALUES ({}, {})", migration.id, migration.app)
        if database.dialect == "sqlite" and (
            broken := await fetch('SELECT "table", parent FROM pragma_foreign_key_check')
        ):
            raise MigrationError(f"{migration} leaves rows of {broken[0]['table']} without their {broken[0]['parent']}")
    return True
