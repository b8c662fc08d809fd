"""Changing roles: what they may do, copies of them, and letting copies go."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from core.contributions import Audience, Reach
from core.db import transaction, uuid7
from core.errors import InvalidInputError, StaleError, WrongStateError
from core.i18n import Translator
from core.people.roles_known import (
    RolesFixedError,
    are_fixed,
    find_role,
    follows_preset,
    has_administrator,
    keep_administrator,
    lock_tenant,
    read_grants,
    write_grants,
)
from core.people.tables import Membership, Person, Role
from core.records.activity import write_activity
from core.registry import registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import raise_version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

_ = Translator("core")


class RoleInUseError(WrongStateError):
    """Somebody has the role."""

    default = _("Somebody still has this role. Give them another one first.")


def seen(role: Role) -> str:
    """Return what stands for the role as it is now: a form carries it, and another one is stale."""
    text = f"{role.label}\n{write_grants(read_grants(role.grants))}"
    return sha256(text.encode()).hexdigest()[:16]


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


async def change_role(
    *, role: UUID, label: str, grants: Mapping[str, Reach | None], version: str | None = None
) -> None:
    """
    Change a role's name and the permissions that *grants* names (None takes one away); the others stay.

    *version* is what `seen()` said of the role when it was shown; None does not ask.

    Raises:
        NotFoundError: no such role.
        StaleError: somebody has changed it since.
        InvalidInputError: no name, or a grant that cannot be.
        LastAdministratorError: nobody could manage roles any more.

    """
    name = _checked_label(label)
    async with transaction():
        await lock_tenant()
        found = await find_role(role)
        if version is not None and version != seen(found):
            raise StaleError
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
        RolesFixedError: the tenant has closed the list of roles.

    """
    name = _checked_label(label)
    copy = copy or uuid7()
    async with transaction():
        await lock_tenant()
        if await Role.exists().where(Role.id == copy):
            return copy
        found = await find_role(role)
        await _require_open(found)
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
        RolesFixedError: the tenant has closed the list of roles.

    """
    async with transaction():
        await lock_tenant()
        found = await find_role(role)
        await _require_open(found)
        if follows_preset(found):
            raise WrongStateError(_("The portal's own roles stay; only copies can be deleted."))
        if await Membership.exists().where(Membership.role == role) or await Person.exists().where(
            Person.staff_role == role
        ):
            raise RoleInUseError
        await Role.delete().where(Role.id == role)
        await write_activity(kind="core.role_changed", data={"role": str(role), "name": found.label, "deleted": True})
        await raise_version(current_tenant_id())


def _checked_label(label: str) -> str:
    name = " ".join(label.split())
    if not name:
        raise InvalidInputError(fields={"label": [_("Give the role a name.")]})
    if len(name) > 80:
        raise InvalidInputError(fields={"label": [_("Use at most 80 characters.")]})
    return name


async def _require_open(role: Role) -> None:
    if role.audience == Audience.CONTACT.value and await are_fixed():
        raise RolesFixedError
