"""A portal with two small modules that exist for these tests only: `reports` requires `ledger`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

from core.app import build_app
from core.bootstrap import migrate_all, set_up
from core.contributions import Category, ModuleMeta, Permission, Reach, Setting
from core.db import Database
from core.hookspecs import hook
from core.i18n import Translator
from core.registry import Module, registry
from core.tenancy.snapshot import forget_snapshots
from tests.db_fixtures import Databases
from tests.portal_fixtures import World, make_portal, settings_for_tests

_ = Translator("core")

HEARD: list[tuple[str, str, bool]] = []
"""Who heard of which switch: listener, module, on or off."""


def _listener(name: str) -> object:
    @hook
    async def on_module_switched(module: str, enabled: bool) -> None:
        HEARD.append((name, module, enabled))

    return on_module_switched


def small_modules(folder: Path) -> dict[str, Module]:
    """Return the two modules."""

    @hook
    def permissions() -> list[Permission]:
        return [
            Permission(key="ledger:sheet:view", label=_("See"), help=_("See")),
            Permission(key="ledger:sheet:sign", label=_("Send"), help=_("Send"), reaches=(Reach.COMPANY, Reach.GROUP)),
        ]

    @hook
    def settings() -> list[Setting]:
        return [
            Setting(
                key="ledger.days",
                label=_("Number"),
                kind="integer",
                default=30,
                minimum=1,
                maximum=90,
                section="ledger",
            )
        ]

    ledger = ModuleMeta(
        id="ledger",
        name=_("Money"),
        description=_("Money"),
        version="1",
        icon="coin",
        category=Category.MONEY,
        presets={
            "manager": {"ledger:sheet:view": Reach.GROUP, "ledger:sheet:sign": Reach.COMPANY},
            "viewer": {"ledger:sheet:view": Reach.COMPANY},
        },
    )
    reports = ModuleMeta(
        id="reports", name=_("Work"), description=_("Work"), version="1", icon="file", requires=("ledger",)
    )
    plugins = {
        "ledger": SimpleNamespace(
            META=ledger, permissions=permissions, settings=settings, on_module_switched=_listener("ledger")
        ),
        "reports": SimpleNamespace(META=reports, on_module_switched=_listener("reports")),
    }
    return {
        key: Module(meta=plugin.META, plugin=plugin, package=f"tests.{key}", folder=folder / key)
        for key, plugin in plugins.items()
    }


async def _prepared(database: Database) -> None:
    await migrate_all(database, registry())


@asynccontextmanager
async def small_world(dialect: str, databases: Databases, folder: Path) -> AsyncIterator[World]:
    """Two tenants; no module is entitled or on."""
    HEARD.clear()
    found = set_up(settings_for_tests(folder), modules=small_modules(folder))
    app = build_app()
    async with databases.open(dialect, key="people", prepare=_prepared) as database:
        forget_snapshots()
        first = await make_portal(app, "Obrador Temporal", portal_name="obrador", languages=("en", "es"))
        second = await make_portal(
            app, "Lumière Traductions", portal_name="lumiere", languages=("fr", "en"), country="FR"
        )
        yield World(database, found, app, first, second)
