"""What a contact can be told of, by default and by what staff choose for a new one; she changes it as she likes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.contributions import Audience
from core.db import execute, uuid7
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from core.contributions import ActivityKind
    from core.tenancy.snapshot import TenantSnapshot

Channel = Literal["none", "bell", "mail"]

# The table of choices stands above people; only a new contact's first ones are written here.
_CHOOSE = "INSERT INTO mail_choice (id, tenant, person, activity_kind, channel) VALUES ({}, {}, {}, {}, {})"


def kinds_for_contacts(modules: Collection[str]) -> list[ActivityKind]:
    """Return the kinds of which somebody with *modules* can be told at all."""
    return [
        owned.item
        for owned in registry().activity_kinds.values()
        if Audience.CONTACT in owned.item.notify
        and owned.item.shared
        and (owned.owner == CORE or owned.owner in modules)
    ]


def contact_default(tenant: TenantSnapshot, kind: ActivityKind) -> Channel:
    """Return how contacts hear of a kind without a choice of their own."""
    if kind.key == "core.comment_added" and not tenant.setting("messages.mail_comments"):
        return "bell"
    return kind.channel


def chosen_channels(tenant: TenantSnapshot, modules: Collection[str], mails: Collection[str]) -> dict[str, Channel]:
    """Return what differs from the defaults where exactly *mails* come by mail; what else would, shows in the bell."""
    found: dict[str, Channel] = {}
    for kind in kinds_for_contacts(modules):
        default = contact_default(tenant, kind)
        if kind.key in mails and default != "mail":
            found[kind.key] = "mail"
        elif kind.key not in mails and default == "mail":
            found[kind.key] = "bell"
    return found


async def write_channels(*, person: UUID, channels: Mapping[str, Channel]) -> None:
    """Write down how a new contact is told of things. In the transaction that adds her."""
    for kind, channel in sorted(channels.items()):
        await execute(_CHOOSE, uuid7(), current_tenant_id(), person, kind, channel)
