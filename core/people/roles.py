"""Roles: made from presets, edited by the tenant, given more when a module is first enabled."""

from __future__ import annotations

from core.people.roles_changed import RoleInUseError, change_role, check_grants, copy_role, delete_role, seen
from core.people.roles_known import (
    FIXED,
    FIXED_ROLES,
    MANAGE_ROLES,
    LastAdministratorError,
    RoleNotOfferedError,
    RolesFixedError,
    all_roles,
    are_fixed,
    find_role,
    follows_preset,
    has_administrator,
    help_of,
    keep_administrator,
    lock_tenant,
    offered_roles,
    read_grants,
    require_offered,
    roles_for,
    write_grants,
)
from core.people.roles_presets import PresetGrants, grant_module_presets, preview_module_presets, seed_roles

__all__ = [
    "FIXED",
    "FIXED_ROLES",
    "MANAGE_ROLES",
    "LastAdministratorError",
    "PresetGrants",
    "RoleInUseError",
    "RoleNotOfferedError",
    "RolesFixedError",
    "all_roles",
    "are_fixed",
    "change_role",
    "check_grants",
    "copy_role",
    "delete_role",
    "find_role",
    "follows_preset",
    "grant_module_presets",
    "has_administrator",
    "help_of",
    "keep_administrator",
    "lock_tenant",
    "offered_roles",
    "preview_module_presets",
    "read_grants",
    "require_offered",
    "roles_for",
    "seed_roles",
    "seen",
    "write_grants",
]
