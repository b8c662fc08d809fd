"""What all rows of a list of people refer to at a tenant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.contributions import Audience
from core.i18n import LANGUAGES
from core.people.presets import PRESETS
from core.people.roles import roles_for
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import TenantSnapshot, load_snapshot
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Known:
    """What all rows of a list refer to."""

    tenant: TenantSnapshot
    roles: Mapping[str, UUID]
    create_customers: bool


async def known_here(*, create_customers: bool) -> Known:
    """Return what the rows of a list may refer to at this tenant."""
    return Known(await load_snapshot(current_tenant_id()), await _roles_by_word(), create_customers)


async def _roles_by_word() -> dict[str, UUID]:
    """Return the roles for contacts by key, by their names here, and by the presets' names in every language."""
    found: dict[str, UUID] = {}
    roles = await roles_for(Audience.CONTACT)
    for role in roles:
        if role.preset is not None:
            found[fold(role.preset)] = role.id
            for language in LANGUAGES:
                found.setdefault(fold(PRESETS[role.preset].label.in_language(language)), role.id)
    for role in roles:
        found[fold(role.label)] = role.id
    return found
