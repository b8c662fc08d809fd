"""Invoices: received as e-invoices, checked, published, searched, downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sdk import Category, ModuleMeta, Routes, Translator, hook
from plugins.invoices import api, contributions, demo, importing
from plugins.invoices import lists as views
from plugins.invoices import routes as portal
from plugins.invoices import staff as back_office

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.sdk import ActivityKind, Card, Importer, MenuItem, Permission, RecordKind, Setting, lists

_ = Translator("invoices")

META = ModuleMeta(
    id="invoices",
    name=_("Invoices"),
    description=_("Customers find, read and download their invoices, and see what is still to be paid."),
    version="1.0.0",
    icon="file-invoice",
    category=Category.MONEY,
    presets=contributions.PRESETS,
)


@hook
def routes() -> Routes:
    """Pages of contacts and staff, and the API."""
    return Routes(portal=portal.HANDLERS, staff=back_office.HANDLERS, api=api.HANDLERS)


@hook
def menu_items() -> Sequence[MenuItem]:
    """One entry for each audience."""
    return contributions.MENU


@hook
def permissions() -> Sequence[Permission]:
    """Seeing for contacts; seeing, publishing, deciding, collecting for staff."""
    return contributions.PERMISSIONS


@hook
def settings() -> Sequence[Setting]:
    """Whether invoices are published as soon as they are read."""
    return contributions.SETTINGS


@hook
def record_kinds() -> Sequence[RecordKind]:
    """The invoice."""
    return contributions.RECORDS


@hook
def activity_kinds() -> Sequence[ActivityKind]:
    """Publication, payment, replacement, withdrawal."""
    return contributions.ACTIVITIES


@hook(specname="lists")
def list_views() -> Sequence[lists.ListView]:
    """The contacts' list and the staff's."""
    return (views.INVOICES, views.STAFF_INVOICES)


@hook
def cards() -> Sequence[Card]:
    """What is unpaid, what is late."""
    return views.CARDS


@hook
def importers() -> Sequence[Importer]:
    """`portico import invoices`."""
    return (importing.IMPORTER,)


@hook
async def demo_data() -> None:
    """Invoices in each of their states."""
    await demo.fill()
