"""What the core itself contributes, through the same hooks as any module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import permissions as core_permissions
from core.accounts import contributions as accounts
from core.contributions import Audience, MenuItem
from core.hookspecs import hook
from core.i18n import Translator
from core.messages import contributions as messages
from core.people import contributions as people
from core.people.colleagues_rights import sees_colleagues
from core.preferences import contributions as preferences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contributions import ActivityKind, Importer, Permission, Schedule, Setting

_ = Translator("core")


@hook
def permissions() -> Sequence[Permission]:
    """Return the core's permissions."""
    return core_permissions.PERMISSIONS


@hook
def settings() -> Sequence[Setting]:
    """Return the settings of accounts, messages and preferences."""
    return [*accounts.settings(), *messages.settings(), *preferences.settings()]


@hook
def activity_kinds() -> Sequence[ActivityKind]:
    """Return what can happen in the core."""
    return [
        *accounts.activity_kinds(),
        *messages.activity_kinds(),
        *people.activity_kinds(),
        *preferences.activity_kinds(),
    ]


@hook
def schedules() -> Sequence[Schedule]:
    """Return the core's own work that comes back."""
    return [*accounts.schedules(), *messages.schedules(), *people.schedules()]


@hook
def importers() -> Sequence[Importer]:
    """Return what the core can read."""
    return people.importers()


@hook
def menu_items() -> Sequence[MenuItem]:
    """Return the entries of the core itself."""
    return [
        MenuItem(
            key="core.colleagues",
            label=_("Colleagues"),
            icon="users",
            path="/colleagues",
            permission="core:colleague:view",
            weight=800,
            shown=sees_colleagues,
        ),
        MenuItem(
            key="core.customers",
            label=_("Customers"),
            icon="building",
            path="/staff/customers",
            permission="core:customer:view",
            audience=Audience.STAFF,
            weight=200,
        ),
        MenuItem(
            key="core.people",
            label=_("People"),
            icon="users",
            path="/staff/people",
            permission="core:person:view",
            audience=Audience.STAFF,
            weight=210,
        ),
        MenuItem(
            key="core.roles",
            label=_("Roles"),
            icon="shield-check",
            path="/staff/roles",
            permission="core:role:manage",
            audience=Audience.STAFF,
            weight=220,
        ),
        MenuItem(
            key="core.log",
            label=_("Log"),
            icon="history",
            path="/staff/log",
            permission="core:audit:view",
            audience=Audience.STAFF,
            weight=890,
        ),
        MenuItem(
            key="core.preferences",
            label=_("Preferences"),
            icon="adjustments",
            path="/staff/preferences",
            permission="core:preference:manage",
            audience=Audience.STAFF,
            weight=900,
        ),
    ]
