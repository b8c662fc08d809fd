"""The tenant's switches: modules on or off, for everybody or for one customer. Off keeps all data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.clock import now
from core.db import transaction
from core.errors import NotFoundError, WrongStateError
from core.i18n import LazyString, Translator
from core.people.customers import find_customer
from core.people.new_customers import LATER, keep_off, note_choice
from core.people.roles import PresetGrants, grant_module_presets, lock_tenant
from core.people.tables import CustomerModule
from core.records.activity import write_activity
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.scoped_tables import TenantModule
from core.tenancy.snapshot import TenantSnapshot, load_snapshot, raise_version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from core.contributions import ModuleMeta

_ = Translator("core")


class NotEntitledError(WrongStateError):
    """The vendor does not let the tenant use the module today."""

    default = _("Your portal does not include this module.")


class NeedsModulesError(WrongStateError):
    """The module needs others that are off, or others that are on need it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleState:
    """A module as the preferences page shows it to a tenant."""

    meta: ModuleMeta
    entitled: bool
    enabled: bool
    granted_by_default: bool
    enabled_before: bool
    """Whether it was ever on: its permissions have been given to roles then."""
    missing: tuple[str, ...]
    """Modules that it requires and that are off."""
    needed_by: tuple[str, ...]
    """Modules that are on and require it."""


def _meta(module: str) -> ModuleMeta:
    found = registry().modules.get(module)
    if found is None:
        raise NotFoundError
    return found.meta


def _names(modules: Iterable[str]) -> LazyString | str:
    names = [registry().modules[module].meta.name for module in sorted(modules)]
    joined: LazyString | str = names[0] if names else ""
    for name in names[1:]:
        joined = _("{first}, {second}").format(first=joined, second=name)
    return joined


async def _switches() -> dict[str, TenantModule]:
    return {row.module: row for row in await TenantModule.objects()}


async def module_states(tenant: TenantSnapshot) -> list[ModuleState]:
    """Return every installed module with its switch, in the order of the preferences page."""
    switches = await _switches()
    on = {module for module, row in switches.items() if row.enabled and module in registry().modules}
    today = tenant.today()
    found = []
    for module in registry().modules.values():
        row = switches.get(module.id)
        found.append(
            ModuleState(
                meta=module.meta,
                entitled=_entitled(tenant, module.id, today),
                enabled=bool(row and row.enabled),
                granted_by_default=row.granted_by_default if row else True,
                enabled_before=bool(row and row.first_enabled_at),
                missing=tuple(needed for needed in module.meta.requires if needed not in on),
                needed_by=tuple(sorted(other for other in on if module.id in registry().modules[other].meta.requires)),
            )
        )
    return found


def _entitled(tenant: TenantSnapshot, module: str, today: object) -> bool:
    return any(
        one.valid_from <= today and (one.valid_until is None or today <= one.valid_until)  # type: ignore[operator]  # today is a date
        for one in tenant.entitlements.get(module, ())
    )


async def enable_module(module: str) -> PresetGrants | None:
    """
    Switch a module on for the tenant; return what its first enabling gave to roles, None where it was on before.

    Raises:
        NotFoundError: no such module is installed.
        NotEntitledError: the vendor does not let the tenant use it today.
        NeedsModulesError: a module that it requires is off.

    """
    meta = _meta(module)
    tenant = await load_snapshot(current_tenant_id())
    if not _entitled(tenant, module, tenant.today()):
        raise NotEntitledError
    given = None
    async with transaction():
        await lock_tenant()
        switches = await _switches()
        lacking = [needed for needed in meta.requires if not (needed in switches and switches[needed].enabled)]
        if lacking:
            raise NeedsModulesError(
                _("“{module}” needs {needed}: switch that on first.").format(module=meta.name, needed=_names(lacking))
            )
        row = switches.get(module)
        if row is not None and row.enabled:
            return None
        first = row is None or row.first_enabled_at is None
        if row is None:
            await TenantModule.insert(
                TenantModule(module=module, enabled=True, granted_by_default=True, first_enabled_at=now())
            )
        else:
            values: dict[object, object] = {TenantModule.enabled: True}
            if first:
                values[TenantModule.first_enabled_at] = now()
            await TenantModule.update(values).where(TenantModule.module == module)
        await _tell(tenant, module, enabled=True)
        if first:
            await keep_off(module=module)
            given = await grant_module_presets(module)
        await raise_version(current_tenant_id())
    return given


async def disable_module(module: str) -> None:
    """
    Switch a module off for the tenant: at the next request it is as if it were not there. Its data is kept.

    Raises:
        NotFoundError: no such module is installed.
        NeedsModulesError: another module that is on requires it.

    """
    meta = _meta(module)
    tenant = await load_snapshot(current_tenant_id())
    async with transaction():
        await lock_tenant()
        switches = await _switches()
        row = switches.get(module)
        if row is None or not row.enabled:
            return
        needing = [
            other
            for other, found in switches.items()
            if found.enabled and other in registry().modules and module in registry().modules[other].meta.requires
        ]
        if needing:
            raise NeedsModulesError(
                _("{needing} needs “{module}”: switch that off first.").format(
                    module=meta.name, needing=_names(needing)
                )
            )
        await TenantModule.update({TenantModule.enabled: False}).where(TenantModule.module == module)
        await _tell(tenant, module, enabled=False)
        await raise_version(current_tenant_id())


async def _tell(tenant: TenantSnapshot, module: str, *, enabled: bool) -> None:
    """Write the switch down, then let the module itself and those that are on hear of it, in the transaction."""
    await write_activity(kind="core.module_switched", data={"module": module, "enabled": enabled})
    listening = tenant.modules() | {module}
    hooks: Any = registry().manager.hook
    for implementation in hooks.on_module_switched.get_hookimpls():
        owner = implementation.plugin_name
        if owner.split(".")[0] == CORE or owner in listening:
            facts = {"module": module, "enabled": enabled}
            await implementation.function(**{name: facts[name] for name in implementation.argnames})


async def set_default_grant(module: str, *, granted: bool) -> None:
    """
    Decide whether customers have a module unless something else is said for one of them.

    Raises:
        NotFoundError: no such module is installed, or it was never on.

    """
    _meta(module)
    async with transaction():
        await lock_tenant()
        row = await TenantModule.objects().where(TenantModule.module == module).first()
        if row is None:
            raise NotFoundError
        if row.granted_by_default == granted:
            return
        await TenantModule.update({TenantModule.granted_by_default: granted}).where(TenantModule.module == module)
        await write_activity(
            kind="core.module_switched", data={"module": module, "enabled": row.enabled, "granted_by_default": granted}
        )
        await raise_version(current_tenant_id())


async def switch_for_customer(*, customer: UUID, module: str, granted: bool | None) -> None:
    """
    Give a module to one customer, take it away, or (None) let the tenant's default count.

    Raises:
        NotFoundError: no such customer, or no such module is installed.

    """
    meta = _meta(module)
    async with transaction():
        found = await find_customer(customer)
        row = (
            await CustomerModule.objects()
            .where(CustomerModule.customer == customer, CustomerModule.module == module)
            .first()
        )
        before = row.granted if row else None
        if before == granted:
            return
        if row is not None:
            await CustomerModule.delete().where(CustomerModule.id == row.id)
        if granted is not None:
            await CustomerModule.insert(CustomerModule(customer=customer, module=module, granted=granted))
        await note_choice(customer=customer)
        await write_activity(
            kind="core.customer_module_switched",
            customer=customer,
            data={"module": str(meta.name), "name": found.name, "before": before, "after": granted},
        )


async def switches_of_customer(customer: UUID) -> dict[str, bool]:
    """Return what is said for one customer, by module."""
    rows = await CustomerModule.select(CustomerModule.module, CustomerModule.granted).where(
        CustomerModule.customer == customer
    )
    return {row["module"]: bool(row["granted"]) for row in rows if row["module"] != LATER}
