"""Timesheets: registered work that customers see, approve or dispute; jobs and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import Category, ModuleMeta, Routes, Translator, hook
from plugins.timesheets import activities, api, contributions, demo, events, importing
from plugins.timesheets import lists as views
from plugins.timesheets import routes as portal
from plugins.timesheets import staff as back_office

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.sdk import ActivityKind, Card, Importer, MenuItem, Permission, RecordKind, Schedule, Setting, lists

_ = Translator("timesheets")

META = ModuleMeta(
    id="timesheets",
    name=_("Registered work"),
    description=_("Customers see and approve hours, follow jobs and projects."),
    version="1.0.0",
    icon="clock",
    category=Category.WORK,
    presets=contributions.PRESETS,
)


@hook
def routes() -> Routes:
    """Pages of contacts and staff, and the API."""
    return Routes(portal=portal.HANDLERS, staff=back_office.HANDLERS, api=api.HANDLERS)


@hook
def menu_items() -> Sequence[MenuItem]:
    """Registered work, jobs and projects, for each audience."""
    return contributions.MENU


@hook
def permissions() -> Sequence[Permission]:
    """Seeing, approving and disputing for contacts; looking after it for staff."""
    return contributions.PERMISSIONS


@hook
def settings() -> Sequence[Setting]:
    """Disputes, drafts, rates, reminders."""
    return contributions.SETTINGS


@hook
def record_kinds() -> Sequence[RecordKind]:
    """The entry, the approval, the job, the project."""
    return contributions.RECORDS


@hook
def activity_kinds() -> Sequence[ActivityKind]:
    """Asking, approving, disputing, correcting, answering."""
    return activities.ACTIVITIES


@hook(specname="lists")
def list_views() -> Sequence[lists.ListView]:
    """Registered work, jobs and projects, for each audience."""
    return views.VIEWS


@hook
def cards() -> Sequence[Card]:
    """What waits for approval, what is disputed, what is to be invoiced."""
    return views.CARDS


@hook
def importers() -> Sequence[Importer]:
    """`portico import timesheets`."""
    return (importing.IMPORTER,)


@hook
def schedules() -> Sequence[Schedule]:
    """Reminders."""
    return contributions.SCHEDULES


@hook
async def on_activity(activity: Any) -> None:
    """Projects are added and renamed."""
    await events.heard(activity)


@hook
async def on_module_switched(module: str, enabled: bool) -> None:  # noqa: FBT001 -- pluggy passes by keyword
    """Projects that were there before."""
    await events.switched(module, enabled=enabled)


@hook
async def demo_data() -> None:
    """Hours, jobs and projects in each of their states."""
    await demo.fill()
