"""What roles get from presets: at the start, and when a module is first enabled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.db import fetch, transaction
from core.errors import NotFoundError
from core.i18n import LANGUAGES
from core.people.presets import PRESETS
from core.people.roles_known import read_grants, write_grants
from core.people.tables import Role
from core.records.activity import write_activity
from core.registry import registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import raise_version

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from core.contributions import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetGrants:
    """What the first enabling of a module gives to roles, or would give."""

    granted: tuple[str, ...]
    """Labels of roles that follow a preset the module names."""
    untouched: tuple[str, ...]
    """Labels of copied roles for the same audience: they get nothing by themselves."""


async def seed_roles(tenant: UUID) -> None:
    """Give a tenant the roles of all presets that it lacks, named in its language. In the tenant's scope."""
    rows = await fetch("SELECT languages FROM tenant WHERE id = {}", tenant)
    language = str(rows[0]["languages"]).split()[0] if rows else "en"
    async with transaction():
        known = {row["key"] for row in await Role.select(Role.key)}
        missing = [
            Role(
                key=preset.key,
                label=preset.label.in_language(language if language in LANGUAGES else "en"),
                audience=preset.audience.value,
                preset=preset.key,
                grants=write_grants(preset.grants),
            )
            for preset in PRESETS.values()
            if preset.key not in known
        ]
        if missing:
            await Role.insert(*missing)
            await raise_version(tenant)


def _granted_by(module: str) -> Mapping[str, Mapping[str, Reach]]:
    found = registry().modules.get(module)
    if found is None:
        raise NotFoundError
    return found.meta.presets


async def preview_module_presets(module: str) -> PresetGrants:
    """Return which roles the first enabling of *module* would give its permissions to."""
    named = _granted_by(module)
    audiences = {PRESETS[preset].audience.value for preset in named if preset in PRESETS}
    roles = await Role.select(Role.label, Role.preset, Role.audience).order_by(Role.label)
    return PresetGrants(
        granted=tuple(role["label"] for role in roles if role["preset"] in named),
        untouched=tuple(role["label"] for role in roles if role["preset"] is None and role["audience"] in audiences),
    )


async def grant_module_presets(module: str) -> PresetGrants:
    """
    Give the permissions that *module* names for presets to the roles that follow these presets.

    Nothing that a role already has is narrowed or widened; copied roles get nothing. The caller does it once.

    Raises:
        NotFoundError: no such module is installed.

    """
    named = _granted_by(module)
    async with transaction():
        outcome = await preview_module_presets(module)
        changed = False
        for role in await Role.objects().where(Role.preset.is_not_null()):
            gets = named.get(role.preset or "", {})
            before = read_grants(role.grants)
            after = dict(gets) | before
            if after == before:
                continue
            await Role.update({Role.grants: write_grants(after)}).where(Role.id == role.id)
            added = {key: reach.word for key, reach in after.items() if key not in before}
            await write_activity(
                kind="core.role_changed",
                data={"role": str(role.id), "name": role.label, "module": module, "granted": added},
            )
            changed = True
        if changed:
            await raise_version(current_tenant_id())
    return outcome


def delivered_grants(role: Role, modules: Collection[str]) -> dict[str, Reach]:
    """Return what the preset of *role* gives with these modules on; nothing for a copy, which follows none."""
    preset = PRESETS.get(role.preset or "")
    if preset is None:
        return {}
    found: dict[str, Reach] = {}
    for module in sorted(modules):
        found |= _granted_by(module).get(preset.key, {})
    return found | dict(preset.grants)
