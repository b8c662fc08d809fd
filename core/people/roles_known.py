"""Roles as they are kept: read, found, offered; and that somebody is left who can manage them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from core.contributions import Audience, Reach
from core.db import execute
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.i18n import Translator
from core.people.presets import PRESETS
from core.people.tables import Person, Role
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from core.i18n import LazyString
    from core.tenancy.snapshot import RoleGrants

_ = Translator("core")

AnyRole = TypeVar("AnyRole", "Role", "RoleGrants")

MANAGE_ROLES = "core:role:manage"
FIXED = "people.fixed_roles"
FIXED_ROLES = ("requester", "observer", "manager")
"""The only roles that contacts can be given where the tenant has closed the list."""


class LastAdministratorError(WrongStateError):
    """Nobody would be left who can manage roles and staff."""

    default = _("At least one active member of the staff must be able to manage roles and staff.")


class RolesFixedError(WrongStateError):
    """The tenant has closed the list of roles."""

    default = _("The list of roles is closed in the preferences: there are these three only.")


class RoleNotOfferedError(InvalidInputError):
    """The role cannot be given: the tenant has closed the list of roles, and this one is not in it."""

    def __init__(self) -> None:
        super().__init__(fields={"role": [_("Choose one from the list.")]})


def read_grants(text: str | Mapping[str, str]) -> dict[str, Reach]:
    """Return a role's grants as the table keeps them."""
    stored = msgspec.json.decode(text, type=dict[str, str]) if isinstance(text, str) else text
    return {permission: Reach.parse(reach) for permission, reach in stored.items()}


def write_grants(grants: Mapping[str, Reach]) -> str:
    """Return grants as the table keeps them, sorted by permission."""
    return msgspec.json.encode({permission: grants[permission].word for permission in sorted(grants)}).decode()


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


def follows_preset(role: Role) -> bool:
    """Whether the role is the portal's own, not a copy."""
    return role.preset is not None


def help_of(preset: str | None) -> LazyString | None:
    """Return what a preset is for."""
    found = PRESETS.get(preset or "")
    return found.help if found else None


async def are_fixed() -> bool:
    """Whether the tenant has closed the list of roles for contacts."""
    return bool((await load_snapshot(current_tenant_id())).setting(FIXED))


async def roles_for(audience: Audience) -> Sequence[Role]:
    """Return the roles that contacts or staff can be given, the portal's own first."""
    found = await all_roles(audience)
    if audience is Audience.CONTACT and await are_fixed():
        return [role for role in found if role.preset in FIXED_ROLES]
    return found


async def offered_roles() -> Sequence[Role]:
    """Return the roles that contacts can be given."""
    return await roles_for(Audience.CONTACT)


async def all_roles(audience: Audience) -> Sequence[Role]:
    """Return the roles for contacts or for staff, also those that nobody can be given now."""
    roles: list[Role] = await Role.objects().where(Role.audience == audience.value)
    return in_order(roles)


def in_order(roles: Iterable[AnyRole]) -> list[AnyRole]:
    """Return roles as pages list them: the portal's own first, in their order, then copies by name."""
    order = {key: number for number, key in enumerate(PRESETS)}
    return sorted(roles, key=lambda role: (order.get(role.preset or "", len(order)), role.label.casefold()))


async def require_offered(role: Role) -> None:
    """
    Go on only with a role that people can be given now.

    Raises:
        RoleNotOfferedError: the tenant has closed the list, and it is not in it.

    """
    if role.audience == Audience.CONTACT.value and role.preset not in FIXED_ROLES and await are_fixed():
        raise RoleNotOfferedError


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
