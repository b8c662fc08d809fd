"""A portal with two small modules that exist for these tests only: `reports` requires `ledger`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

from core.contributions import Category, ModuleMeta, Permission, Reach, Setting
from core.hookspecs import hook
from core.i18n import Translator
from core.registry import Module
from tests.db_fixtures import Databases
from tests.portal_fixtures import Portal, World, make_portal, set_up_once, settings_for_tests, two_portals

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


async def _without_modules() -> tuple[Portal, Portal]:
    first = await make_portal(None, "Obrador Temporal", portal_name="obrador", languages=("en", "es"))
    second = await make_portal(None, "Lumière Traductions", portal_name="lumiere", languages=("fr", "en"), country="FR")
    return first, second


@asynccontextmanager
async def small_world(dialect: str, databases: Databases, folder: Path) -> AsyncIterator[World]:
    """Two tenants; no module is entitled or on."""
    HEARD.clear()
    found, app = set_up_once(settings_for_tests(folder), key="people", modules=small_modules(folder))
    async with two_portals(dialect, databases, key="people", make=_without_modules, app=app) as (
        database,
        first,
        second,
    ):
        yield World(database, found, app, first, second)
