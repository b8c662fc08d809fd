"""`portico migrate` and `portico check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from core.app import build_app
from core.bootstrap import migrate_all, piccolo_apps
from core.cli.base import console, run
from core.config import settings
from core.db.drift import check_drift
from core.i18n import LANGUAGES
from core.i18n.extraction import find_sources
from core.i18n.upkeep import check as check_catalogues
from core.rendering import templates

if TYPE_CHECKING:
    from core.db import Database
    from core.registry import Registry


async def _migrate(database: Database, registry: Registry) -> list[str]:
    return await migrate_all(database, registry, progress=lambda step: console.print(f"  {step}", highlight=False))


def migrate() -> None:
    """Bring the database up to date. Safe to run again, and by two at once."""
    ran = run(_migrate, migrated=False)
    console.print(f"{len(ran)} migrations ran." if ran else "The database is up to date.")


async def _check(database: Database, registry: Registry) -> list[str]:
    problems: list[str] = []
    tables = [table for app in piccolo_apps(registry) for table in app.table_classes]
    problems += await check_drift(database, tables)
    templates().compile_all(tuple(LANGUAGES))
    build_app()
    problems += [str(problem) for problem in check_catalogues(find_sources())]
    return problems


def check() -> None:
    """Check everything a module must obey: routes, permissions, tables, templates, texts."""
    problems = run(_check)
    for problem in problems:
        console.print(f"  {problem}", highlight=False)
    console.print(f"Database {settings().database_url.split(':', 1)[0]}; {len(problems)} problems.")
    if problems:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(migrate)
    app.command()(check)
