"""What the module does to its host, all of it."""

from collections.abc import Sequence
from typing import Any

from core import sdk
from core.sdk import Audience, Category, MenuItem, ModuleMeta, Reach, Translator, hook
from portico_bookings import activities, demo, events, importing, records, schedule
from portico_bookings import jobs as _jobs  # noqa: F401 -- the worker knows by this what the module does later
from portico_bookings import lists as views
from portico_bookings import permissions as may
from portico_bookings import routes as pages
from portico_bookings import settings as preferences

_ = Translator("bookings")

META = ModuleMeta(
    id="bookings",
    name=_("Bookings"),
    description=_("Rooms that your customers have booked."),
    version="1.2.3",
    icon="calendar",
    category=Category.WORK,
    presets={
        "manager": {may.VIEW: Reach.GROUP, may.BOOK: Reach.GROUP},
        "basic": {may.VIEW: Reach.OWN},
        "administrator": {may.MANAGE: Reach.GROUP},
    },
)


@hook
def routes() -> sdk.Routes:
    return pages.ROUTES


@hook
def menu_items() -> Sequence[MenuItem]:
    return [
        MenuItem(
            key="bookings",
            label=_("Bookings"),
            icon="calendar",
            path="/bookings",
            permission=may.VIEW,
            card="bookings.booked",
        ),
        MenuItem(
            key="bookings.staff",
            label=_("Bookings"),
            icon="calendar",
            path="/staff/bookings",
            permission=may.MANAGE,
            audience=Audience.STAFF,
        ),
    ]


@hook
def permissions() -> Sequence[sdk.Permission]:
    return may.PERMISSIONS


@hook
def settings() -> Sequence[sdk.Setting]:
    return preferences.SETTINGS


@hook
def record_kinds() -> Sequence[sdk.RecordKind]:
    return records.KINDS


@hook
def record_actions() -> Sequence[sdk.RecordAction]:
    return records.ACTIONS


@hook
def activity_kinds() -> Sequence[sdk.ActivityKind]:
    return activities.KINDS


@hook
def lists() -> Sequence[Any]:
    return [views.BOOKINGS, views.ALL_BOOKINGS]


@hook
def cards() -> Sequence[sdk.Card]:
    return views.CARDS


@hook
def importers() -> Sequence[sdk.Importer]:
    return importing.IMPORTERS


@hook
def schedules() -> Sequence[sdk.Schedule]:
    return schedule.SCHEDULES


@hook
async def demo_data() -> None:
    await demo.fill()


@hook
async def on_activity(activity: Any) -> None:
    await events.hear(f"{activity.kind} {activity.record_kind}")


@hook
async def on_module_switched(module: str, enabled: bool) -> None:
    await events.hear(f"{module} {'on' if enabled else 'off'}")
