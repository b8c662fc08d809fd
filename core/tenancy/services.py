"""The vendor's verbs: make a tenant, let it use modules. They run before a scope exists, or across tenants."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.clock import now
from core.config import settings
from core.db import bypass_row_security, fetch, transaction
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.i18n import LANGUAGES, Translator
from core.registry import registry
from core.tenancy.snapshot import raise_version
from core.tenancy.tables import Entitlement, Tenant, TenantHost

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

_ = Translator("core")

RESERVED_NAMES = frozenset(
    [
        "account",
        "admin",
        "api",
        "app",
        "assets",
        "auth",
        "cdn",
        "console",
        "dashboard",
        "demo",
        "dev",
        "docs",
        "ftp",
        "health",
        "help",
        "imap",
        "localhost",
        "login",
        "mail",
        "mta",
        "ns",
        "ns1",
        "ns2",
        "pop",
        "portal",
        "portico",
        "public",
        "root",
        "security",
        "smtp",
        "staff",
        "static",
        "status",
        "support",
        "test",
        "vendor",
        "webmail",
        "www",
    ]
)
LONGEST_NAME = 63
"""Characters of a DNS label (RFC 1035)."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class PortalNameTakenError(WrongStateError):
    """Another tenant has this portal name."""

    default = _("This portal name is already taken. Choose another one.")


def portal_name_from(company: str) -> str:
    """Return a URL-safe portal name for *company*: accents folded, the rest hyphens; `portal-…` if nothing is left."""
    plain = unicodedata.normalize("NFKD", company).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    return name if name and name not in RESERVED_NAMES else f"portal-{name}".strip("-")


def check_portal_name(name: str) -> str:
    """
    Return *name* as it goes into the URL.

    Raises:
        InvalidInputError: it cannot be part of a host name, or it is reserved.

    """
    clean = name.strip().lower()
    if not _NAME.fullmatch(clean):
        raise InvalidInputError(
            fields={"portal_name": [_("Use letters a–z, digits and hyphens only, at most 63, no hyphen at the ends.")]},
        )
    if clean in RESERVED_NAMES:
        raise InvalidInputError(fields={"portal_name": [_("This name is reserved. Choose another one.")]})
    return clean


async def _free_name(company: str) -> str:
    wanted = portal_name_from(company)
    taken = {
        row["portal_name"]
        for row in await fetch("SELECT portal_name FROM tenant WHERE portal_name LIKE {}", f"{wanted}%")
    }
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


async def create_tenant(
    *,
    name: str,
    portal_name: str | None = None,
    country: str = "ES",
    zone: str = "Europe/Madrid",
    languages: Sequence[str] = ("es", "en"),
    tax_id: str | None = None,
) -> Tenant:
    """
    Make a tenant with its host; roles are seeded by `core.people.roles.seed_roles` in its scope.

    Raises:
        InvalidInputError: name, zone or a language cannot be used.
        PortalNameTakenError: another tenant has the portal name.

    """
    if not name.strip():
        raise InvalidInputError(fields={"name": [_("Give the company's name.")]})
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInputError(fields={"zone": [_("This time zone is not known.")]}) from error
    if not languages or any(language not in LANGUAGES for language in languages):
        raise InvalidInputError(fields={"languages": [_("Choose languages among those of the portal.")]})
    with bypass_row_security():
        async with transaction():
            chosen = check_portal_name(portal_name) if portal_name else await _free_name(name)
            wanted = f"{chosen}.{settings().base_host}"
            if await Tenant.exists().where(Tenant.portal_name == chosen) or await TenantHost.exists().where(
                TenantHost.host == wanted
            ):
                raise PortalNameTakenError
            tenant = Tenant(
                name=name.strip(),
                portal_name=chosen,
                country=country,
                zone=zone,
                languages=" ".join(languages),
                tax_id=tax_id,
                created_at=now(),
            )
            await Tenant.insert(tenant)
            host = TenantHost(host=wanted, tenant=tenant.id, kind="name", verified_at=now())
            await TenantHost.insert(host)
    return tenant


async def find_tenant(portal_name: str) -> Tenant:
    """
    Return the tenant with that portal name.

    Raises:
        NotFoundError: there is none.

    """
    with bypass_row_security():
        found = await Tenant.objects().where(Tenant.portal_name == portal_name.strip().lower()).first()
    if found is None:
        raise NotFoundError(_("There is no tenant “{name}”.").format(name=portal_name))
    return found


async def entitle(*, tenant: UUID, module: str, valid_from: date, valid_until: date | None = None) -> None:
    """
    Let a tenant use a module from *valid_from* until *valid_until*, inclusive.

    Raises:
        NotFoundError: no such module is installed.

    """
    if module not in registry().modules:
        raise NotFoundError(_("There is no module “{name}”.").format(name=module))
    with bypass_row_security():
        async with transaction():
            granted = Entitlement(tenant=tenant, module=module, valid_from=valid_from, valid_until=valid_until)
            await Entitlement.insert(granted)
            await raise_version(tenant)


async def revoke(*, tenant: UUID, module: str) -> None:
    """Take a module away from a tenant at once; its data is kept."""
    with bypass_row_security():
        async with transaction():
            await Entitlement.delete().where(Entitlement.tenant == tenant, Entitlement.module == module)
            await raise_version(tenant)
