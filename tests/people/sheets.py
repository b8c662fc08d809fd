"""A module with records for these tests: sheets, under two kinds of one table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from piccolo.columns import Text

from core.clock import now
from core.contributions import Audience, MenuItem, ModuleMeta, Permission, Reach, RecordKind
from core.db import create_table, insert_many, request_scope
from core.hookspecs import hook
from core.i18n import Translator
from core.people.tables import Customer, Person, Project
from core.records.base import CustomerRecord, beyond_reach
from core.registry import Module
from tests.db_fixtures import Databases
from tests.people.small_portal import small_modules
from tests.portal_fixtures import Portal, World, make_portal, set_up_once, settings_for_tests, two_portals

_ = Translator("core")

SEE = "sheets:sheet:view"


class Sheet(CustomerRecord, tablename="sheets_sheet"):
    view = SEE
    staff_view = "sheets:sheet:manage"

    title = Text()


def sheets_module(folder: Path) -> Module:
    """Return the module."""

    @hook
    def permissions() -> list[Permission]:
        return [
            Permission(key=SEE, label=_("See sheets"), help=_("See sheets")),
            Permission(
                key=Sheet.staff_view,
                label=_("See sheets"),
                help=_("See sheets"),
                audience=Audience.STAFF,
                reaches=(Reach.GROUP,),
            ),
        ]

    @hook
    def record_kinds() -> list[RecordKind]:
        return [
            RecordKind(
                key=key,
                label=_("Sheets"),
                table=Sheet,
                title=lambda record: str(getattr(record, "title", "")),
                url=lambda record: f"/sheets/{record.id}",
                view=SEE,
                staff_view=Sheet.staff_view,
                forward=key == "sheet",
            )
            for key in ("sheet", "sheet_again")
        ]

    @hook
    def menu_items() -> list[MenuItem]:
        return [MenuItem(key="sheets.all", label=_("Sheets"), icon="file", path="/sheets", permission=SEE)]

    meta = ModuleMeta(
        id="sheets",
        name=_("Sheets"),
        description=_("Sheets"),
        version="1",
        icon="file",
        presets={
            "manager": {SEE: Reach.GROUP},
            "observer": {SEE: Reach.COMPANY},
            "requester": {SEE: Reach.OWN},
            "viewer": {SEE: Reach.OWN},
        },
    )
    plugin = SimpleNamespace(META=meta, permissions=permissions, record_kinds=record_kinds, menu_items=menu_items)
    return Module(meta=meta, plugin=plugin, package="tests.sheets", folder=folder / "sheets")


async def _with_sheets() -> tuple[Portal, Portal]:
    async with request_scope(tenant=None, bypass=True):
        await create_table(
            "sheets_sheet",
            columns={
                "id": "uuid",
                "customer": "uuid",
                "project": "uuid?",
                "addressee": "uuid?",
                "published_at": "timestamptz?",
                "version": "integer = 1",
                "created_at": "timestamptz",
                "title": "text",
            },
            foreign_keys={"customer": "customer", "project": "project", "addressee": "person"},
            tenant_scoped=True,
        )
    first = await make_portal(None, "Obrador Temporal", portal_name="obrador", languages=("en", "es"))
    second = await make_portal(None, "Lumière", portal_name="lumiere", languages=("fr", "en"), country="FR")
    for portal in (first, second):
        await portal.enable("sheets")
    return first, second


@asynccontextmanager
async def sheets_world(dialect: str, databases: Databases, folder: Path) -> AsyncIterator[World]:
    """Two tenants with sheets; the other small modules are installed and off."""
    modules = small_modules(folder) | {"sheets": sheets_module(folder)}
    found, app = set_up_once(settings_for_tests(folder), key="sheets", modules=modules)
    async with two_portals(dialect, databases, key="sheets", make=_with_sheets, app=app) as (database, first, second):
        yield World(database, found, app, first, second)


async def add_sheets(
    portal: Portal,
    customer: Customer,
    addressee: Person | None,
    titles: Sequence[str],
    *,
    project: Project | None = None,
) -> None:
    """Make published sheets."""
    rows: list[dict[str, Any]] = [
        {
            "tenant": portal.tenant.id,
            "customer": customer.id,
            "addressee": addressee.id if addressee else None,
            "project": project.id if project else None,
            "published_at": now(),
            "title": title,
        }
        for title in titles
    ]
    async with portal.work():
        with beyond_reach("tests make records"):
            await insert_many(Sheet, rows)


async def addressees(portal: Portal) -> dict[str, tuple[UUID | None, int]]:
    """Return whose each sheet is, and its version."""
    async with portal.work():
        with beyond_reach("tests look behind"):
            rows = await Sheet.select(Sheet.title, Sheet.addressee, Sheet.version)
    return {row["title"]: (row["addressee"], row["version"]) for row in rows}
