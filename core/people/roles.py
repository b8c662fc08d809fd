"""Roles: made from presets, edited by the tenant, given more when a module is first enabled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from core.contributions import Audience, Reach
from core.db import execute, fetch, transaction, uuid7
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.i18n import LANGUAGES, Translator
from core.people.presets import PRESETS
from core.people.tables import Membership, Person, Role
from core.records.activity import write_activity
from core.registry import registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import raise_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from core.i18n import LazyString

_ = Translator("core")

MANAGE_ROLES = "core:role:manage"


class RoleInUseError(WrongStateError):
    """Somebody has the role."""

    default = _("Somebody still has this role. Give them another one first.")


class LastAdministratorError(WrongStateError):
    """Nobody would be left who can manage roles and staff."""

    default = _("At least one active member of the staff must be able to manage roles and staff.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetGrants:
    """What the first enabling of a module gives to roles, or would give."""

    granted: tuple[str, ...]
    """Labels of roles that follow a preset the module names."""
    untouched: tuple[str, ...]
    """Labels of copied roles for the same audience: they get nothing by themselves."""


def read_grants(text: str | Mapping[str, str]) -> dict[str, Reach]:
    """Return a role's grants as the table keeps them."""
    stored = msgspec.json.decode(text, type=dict[str, str]) if isinstance(text, str) else text
    return {permission: Reach.parse(reach) for permission, reach in stored.items()}


def write_grants(grants: Mapping[str, Reach]) -> str:
    """Return grants as the table keeps them, sorted by permission."""
    return msgspec.json.encode({permission: grants[permission].word for permission in sorted(grants)}).decode()


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


async def find_role(role: UUID) -> Role:
    """
    Return a role of the tenant.

    Raises:
        NotFoundError: there is none with that id.

    """
    found = await Role.objects().where(Role.id == role).first()
    if found is None:
        raise NotFoundError
    return found


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


def check_grants(audience: Audience, grants: Mapping[str, Reach | None]) -> None:
    """
    Go on only with permissions that exist, for this audience, with a reach that makes sense for them.

    Raises:
        InvalidInputError: one of them does not.

    """
    for key, reach in grants.items():
        owned = registry().permissions.get(key)
        if owned is None or owned.item.audience is not audience:
            raise InvalidInputError(_("A role of this kind cannot be given “{permission}”.").format(permission=key))
        if reach is not None and reach not in owned.item.reaches:
            raise InvalidInputError(_("“{permission}” does not go that far.").format(permission=owned.item.label))


async def change_role(*, role: UUID, label: str, grants: Mapping[str, Reach | None]) -> None:
    """
    Change a role's name and the permissions that *grants* names (None takes one away); the others stay.

    Raises:
        NotFoundError: no such role.
        InvalidInputError: no name, or a grant that cannot be.
        LastAdministratorError: nobody could manage roles any more.

    """
    name = _checked_label(label)
    async with transaction():
        await lock_tenant()
        found = await find_role(role)
        check_grants(Audience(found.audience), grants)
        before = read_grants(found.grants)
        after = {key: reach for key, reach in ({**before, **grants}).items() if reach is not None}
        if after == before and name == found.label:
            return
        had_administrator = await has_administrator()
        await Role.update({Role.label: name, Role.grants: write_grants(after)}).where(Role.id == role)
        await keep_administrator(before=had_administrator)
        await write_activity(
            kind="core.role_changed",
            data={
                "role": str(role),
                "name": name,
                "before": {key: reach.word for key, reach in before.items() if after.get(key) != reach},
                "after": {key: reach.word for key, reach in after.items() if before.get(key) != reach},
            },
        )
        await raise_version(current_tenant_id())


async def copy_role(*, role: UUID, label: str, copy: UUID | None = None) -> UUID:
    """
    Make a role of its own from another one; it follows no preset, so modules add nothing to it. Returns its id.

    Raises:
        NotFoundError: no such role.
        InvalidInputError: no name, or another role has it.

    """
    name = _checked_label(label)
    copy = copy or uuid7()
    async with transaction():
        await lock_tenant()
        if await Role.exists().where(Role.id == copy):
            return copy
        found = await find_role(role)
        if await Role.exists().where(Role.label == name, Role.audience == found.audience):
            raise InvalidInputError(fields={"label": [_("Another role has this name.")]})
        made = Role(
            id=copy, key=f"role-{copy.hex}", label=name, audience=found.audience, preset=None, grants=found.grants
        )
        await Role.insert(made)
        await write_activity(
            kind="core.role_changed", data={"role": str(copy), "name": name, "copied_from": found.label}
        )
        await raise_version(current_tenant_id())
    return copy


async def delete_role(*, role: UUID) -> None:
    """
    Delete a copied role that nobody has.

    Raises:
        NotFoundError: no such role.
        WrongStateError: it follows a preset.
        RoleInUseError: somebody has it.

    """
    async with transaction():
        await lock_tenant()
        found = await find_role(role)
        if follows_preset(found):
            raise WrongStateError(_("The portal's own roles stay; only copies can be deleted."))
        if await Membership.exists().where(Membership.role == role) or await Person.exists().where(
            Person.staff_role == role
        ):
            raise RoleInUseError
        await Role.delete().where(Role.id == role)
        await write_activity(kind="core.role_changed", data={"role": str(role), "name": found.label, "deleted": True})
        await raise_version(current_tenant_id())


def follows_preset(role: Role) -> bool:
    """Whether the role is the portal's own, not a copy."""
    return role.preset is not None


def _checked_label(label: str) -> str:
    name = " ".join(label.split())
    if not name:
        raise InvalidInputError(fields={"label": [_("Give the role a name.")]})
    if len(name) > 80:
        raise InvalidInputError(fields={"label": [_("Use at most 80 characters.")]})
    return name


def help_of(preset: str | None) -> LazyString | None:
    """Return what a preset is for."""
    found = PRESETS.get(preset or "")
    return found.help if found else None


# -- somebody must be left who can manage roles ------------------------------------------------------------------------


async def lock_tenant() -> None:
    """Let changes of roles, staff and switches of one tenant follow one another, in the transaction of the change."""
    await execute("UPDATE tenant SET config_version = config_version WHERE id = {}", current_tenant_id())


async def has_administrator() -> bool:
    """Whether an active member of the staff can manage roles."""
    holders = [role.id for role in await Role.objects() if MANAGE_ROLES in read_grants(role.grants)]
    if not holders:
        return False
    return bool(
        await Person.exists().where(
            Person.kind == Audience.STAFF.value,
            Person.state == "active",
            Person.deleted_at.is_null(),
            Person.staff_role.is_in(holders),
        )
    )


async def keep_administrator(*, before: bool) -> None:
    """
    Go on only if somebody can still manage roles, where somebody could *before*.

    Raises:
        LastAdministratorError: nobody could any more.

    """
    if before and not await has_administrator():
        raise LastAdministratorError


async def roles_for(audience: Audience) -> Sequence[Role]:
    """Return the roles for contacts or for staff, the portal's own first."""
    roles: list[Role] = await Role.objects().where(Role.audience == audience.value)
    order = {key: number for number, key in enumerate(PRESETS)}
    return sorted(roles, key=lambda role: (order.get(role.preset or "", len(order)), role.label.casefold()))
