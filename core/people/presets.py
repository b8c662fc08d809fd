"""Roles that a new tenant starts with. Modules add their own permissions to them when they are first enabled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.contributions import Audience, Reach
from core.i18n import LazyString, Translator

if TYPE_CHECKING:
    from collections.abc import Mapping

_ = Translator("core")

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Preset:
    """A role as a new tenant gets it: its key, its name, for whom, and what the core lets it do."""

    key: str
    label: LazyString
    help: LazyString
    audience: Audience
    grants: Mapping[str, Reach]


PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            "basic",
            _("Basic"),
            _("Sees and approves registered work, nothing else."),
            Audience.CONTACT,
            {"core:comment:write": Reach.COMPANY},
        ),
        Preset(
            "viewer",
            _("Viewer"),
            _("Sees what is shared with the company and changes nothing."),
            Audience.CONTACT,
            {"core:company:view": Reach.COMPANY},
        ),
        Preset(
            "accounting",
            _("Accounting"),
            _("Sees and downloads invoices, comments on them, keeps the invoicing data up to date."),
            Audience.CONTACT,
            {
                "core:comment:write": Reach.COMPANY,
                "core:document:forward": Reach.COMPANY,
                "core:company:view": Reach.COMPANY,
                "core:company:edit": Reach.COMPANY,
            },
        ),
        Preset(
            "manager",
            _("Manager"),
            _("May do everything the company may do, and manages its colleagues."),
            Audience.CONTACT,
            {
                "core:comment:write": Reach.GROUP,
                "core:document:forward": Reach.GROUP,
                "core:company:view": Reach.GROUP,
                "core:company:edit": Reach.GROUP,
                "core:colleague:view": Reach.GROUP,
                "core:colleague:manage": Reach.GROUP,
            },
        ),
        Preset(
            "requester",
            _("Requester"),
            _("Sends requests, accepts quotes, downloads what was delivered."),
            Audience.CONTACT,
            {
                "core:comment:write": Reach.COMPANY,
                "core:company:view": Reach.COMPANY,
                "core:document:forward": Reach.COMPANY,
            },
        ),
        Preset(
            "observer",
            _("Observer"),
            _("Follows the requests of all colleagues without taking part."),
            Audience.CONTACT,
            {"core:company:view": Reach.COMPANY},
        ),
        Preset(
            ADMINISTRATOR,
            _("Administrator"),
            _("May do everything in the back office."),
            Audience.STAFF,
            {
                "core:customer:view": Reach.GROUP,
                "core:customer:manage": Reach.GROUP,
                "core:person:view": Reach.GROUP,
                "core:person:manage": Reach.GROUP,
                "core:role:manage": Reach.GROUP,
                "core:preference:manage": Reach.GROUP,
                "core:message:view": Reach.GROUP,
                "core:import:decide": Reach.GROUP,
                "core:audit:view": Reach.GROUP,
                "core:record:comment": Reach.GROUP,
                "core:document:send": Reach.GROUP,
            },
        ),
        Preset(
            "clerk",
            _("Clerk"),
            _("Works with customers and what comes in; changes no preferences, roles or staff."),
            Audience.STAFF,
            {
                "core:customer:view": Reach.GROUP,
                "core:customer:manage": Reach.GROUP,
                "core:person:view": Reach.GROUP,
                "core:person:manage": Reach.GROUP,
                "core:message:view": Reach.GROUP,
                "core:import:decide": Reach.GROUP,
                "core:record:comment": Reach.GROUP,
                "core:document:send": Reach.GROUP,
            },
        ),
    )
}
