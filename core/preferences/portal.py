"""The portal's own name, address, languages and time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from core.clock import now
from core.config import settings
from core.db import UniqueViolationError, transaction
from core.errors import InvalidInputError, NotFoundError
from core.i18n import LANGUAGES, Translator
from core.people.roles import lock_tenant
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.services import PortalNameTakenError, check_portal_name
from core.tenancy.snapshot import raise_version
from core.tenancy.tables import Tenant, TenantHost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.i18n import LazyString

_ = Translator("core")

LONGEST_NAME = 120


async def _tenant() -> Tenant:
    found = await Tenant.objects().where(Tenant.id == current_tenant_id()).first()
    if found is None:
        raise NotFoundError
    return found


async def rename_portal(name: str) -> str:
    """
    Give the portal another name in its address, and return its new host. The old address leads there.

    The old host stays the tenant's, as a former one: nobody else can take it, so old links never lead to a stranger.

    Raises:
        InvalidInputError: the name cannot be part of an address, or is reserved.
        PortalNameTakenError: another tenant has it, or had it.

    """
    chosen = check_portal_name(name)
    host = f"{chosen}.{settings().base_host}"
    async with transaction():
        await lock_tenant()
        before = await _tenant()
        if before.portal_name == chosen:
            return host
        other = await TenantHost.objects().where(TenantHost.host == host).first()
        if other is not None and other.tenant != before.id:
            raise PortalNameTakenError
        try:
            async with transaction():
                await Tenant.update({Tenant.portal_name: chosen}).where(Tenant.id == before.id)
                await TenantHost.update({TenantHost.kind: "former"}).where(
                    TenantHost.tenant == before.id, TenantHost.kind == "name"
                )
                if other is None:
                    await TenantHost.insert(TenantHost(host=host, tenant=before.id, kind="name", verified_at=now()))
                else:
                    await TenantHost.update({TenantHost.kind: "name"}).where(TenantHost.id == other.id)
        except UniqueViolationError as error:
            raise PortalNameTakenError from error
        await write_activity(kind="core.portal_renamed", data={"before": before.portal_name, "after": chosen})
        await raise_version(before.id)
    return host


async def change_portal(*, name: str, languages: Sequence[str], zone: str) -> None:
    """
    Change the company's name, the languages of the portal (the first is its own) and its time zone.

    Raises:
        InvalidInputError: something of it cannot be used.

    """
    fields: dict[str, list[LazyString]] = {}
    clean = " ".join(name.split())
    if not clean:
        fields["name"] = [_("Give the company's name.")]
    elif len(clean) > LONGEST_NAME:
        fields["name"] = [_("Use at most {n} characters.").format(n=LONGEST_NAME)]
    chosen = tuple(dict.fromkeys(languages))
    if not chosen or any(language not in LANGUAGES for language in chosen):
        fields["languages"] = [_("Choose languages among those of the portal.")]
    if zone not in available_timezones():
        fields["zone"] = [_("This time zone is not known.")]
    if fields:
        raise InvalidInputError(fields=fields)
    async with transaction():
        await lock_tenant()
        before = await _tenant()
        after = {"name": clean, "languages": " ".join(chosen), "zone": zone}
        changed: dict[Any, Any] = {key: value for key, value in after.items() if getattr(before, key) != value}
        if not changed:
            return
        await Tenant.update(changed).where(Tenant.id == before.id)
        await write_activity(
            kind="core.setting_changed",
            data={"before": {key: getattr(before, key) for key in changed}, "after": changed},
        )
        await raise_version(before.id)
