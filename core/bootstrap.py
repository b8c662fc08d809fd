"""Setting a process up: settings, modules, catalogues, assets, templates. Server, worker, command, tests begin here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from core import contributed
from core.assets import load_assets
from core.config import use_settings
from core.db.migrations import migrate, pending
from core.i18n import load_catalogues
from core.lists import ListView, check_cards, check_lists
from core.messages.module_work import check_handlers
from core.people.presets import PRESETS
from core.piccolo_app import APP_CONFIG
from core.registry import StartupError, build_registry, discover, use_registry
from core.rendering import load_templates
from core.tenancy.snapshot import forget_snapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from piccolo.conf.apps import AppConfig

    from core.config import Settings
    from core.db import Database
    from core.registry import Module, Registry


def set_up(settings: Settings, *, modules: Mapping[str, Module] | None = None) -> Registry:
    """
    Make *settings* and the installed modules those of this process; *modules* replaces what is found (for tests).

    Raises:
        StartupError: a module breaks a rule; the text says which.

    """
    use_settings(settings)
    found = discover() if modules is None else dict(modules)
    registry = build_registry(found, core=[contributed], list_view=ListView)
    _check_presets(registry)
    use_registry(registry)
    wrong = check_lists(owned.item for owned in registry.lists.values())
    if wrong := wrong + check_cards(owned.item for owned in registry.cards.values()):
        raise StartupError(" ".join(wrong))
    check_handlers(registry)
    forget_snapshots()
    folders = {module.id: module.folder for module in registry.modules.values()}
    load_catalogues(folders)
    load_assets({key: folder / "static" / key for key, folder in folders.items() if (folder / "static" / key).is_dir()})
    load_templates(folders)
    return registry


def _check_presets(registry: Registry) -> None:
    """Go on only if modules grant to presets that there are: a typo would grant nothing, in silence."""
    for module in registry.modules.values():
        for preset, grants in module.meta.presets.items():
            if preset not in PRESETS:
                message = f"module {module.id!r}: there is no preset {preset!r}; there are {', '.join(PRESETS)}"
                raise StartupError(message)
            for key in grants:
                if registry.permission(key).audience is not PRESETS[preset].audience:
                    message = f"module {module.id!r}: {key} is not for the audience of preset {preset!r}"
                    raise StartupError(message)


def piccolo_apps(registry: Registry) -> list[AppConfig]:
    """Return the tables and migrations of the core and of the modules that have some."""
    apps = [APP_CONFIG]
    own = [module for module in registry.modules.values() if (module.folder / "piccolo_app.py").is_file()]
    return apps + [importlib.import_module(f"{module.package}.piccolo_app").APP_CONFIG for module in own]


async def migrate_all(
    database: Database, registry: Registry, *, progress: Callable[[str], None] | None = None
) -> list[str]:
    """Bring the database up to date; returns what ran."""
    return await migrate(database, piccolo_apps(registry), progress=progress)


async def pending_migrations(database: Database, registry: Registry) -> list[str]:
    """Return what `migrate_all` would run."""
    return await pending(database, piccolo_apps(registry))
