"""What a tenant has configured, read once per change of `tenant.config_version`, so it holds at the next request."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.clock import now
from core.config import settings
from core.contributions import Audience, Reach
from core.db import after_commit, execute, fetch
from core.db.convert import to_uuid
from core.registry import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

_TENANT = (
    "SELECT id, name, portal_name, country, zone, languages, tax_id, status, config_version FROM tenant WHERE id = {}"
)
_HOSTS = "SELECT host, kind FROM tenant_host WHERE tenant = {} AND kind <> 'former'"
_ENTITLEMENTS = "SELECT module, valid_from, valid_until FROM entitlement WHERE tenant = {}"
_MODULES = "SELECT module, enabled, granted_by_default FROM tenant_module WHERE tenant = {}"
_SETTINGS = "SELECT key, value FROM setting WHERE tenant = {}"
_ROLES = "SELECT id, key, label, audience, preset, grants FROM role WHERE tenant = {}"


@dataclass(frozen=True, slots=True)
class RoleGrants:
    """A role as requests use it."""

    id: UUID
    key: str
    label: str
    audience: Audience
    preset: str | None
    grants: Mapping[str, Reach]


@dataclass(frozen=True, slots=True)
class Entitled:
    """From when until when (inclusive) the vendor lets a tenant use a module."""

    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSnapshot:
    """A tenant's configuration at one version."""

    id: UUID
    name: str
    portal_name: str
    country: str
    zone: ZoneInfo
    languages: tuple[str, ...]
    tax_id: str | None
    status: str
    version: int
    host: str
    entitlements: Mapping[str, tuple[Entitled, ...]]
    enabled: Mapping[str, bool]
    """Module id → whether customers have it unless said otherwise. Only modules that are switched on."""
    roles: Mapping[UUID, RoleGrants]
    answers: Mapping[str, Any] = field(default_factory=dict)
    _on: dict[date, frozenset[str]] = field(init=False, default_factory=dict, repr=False, compare=False)
    """What is on, by day; worked out once a day, as nothing else can change it at one version."""
    _today: list[tuple[datetime, datetime, date]] = field(init=False, default_factory=list, repr=False, compare=False)
    """The present day with its first instant and the next day's; a page asks ten times."""

    @property
    def language(self) -> str:
        """The tenant's default language."""
        return self.languages[0]

    @property
    def origin(self) -> str:
        """Scheme, host and port of its portal: what links in mails start with; never a request's Host."""
        return settings().origin(self.host)

    def today(self) -> date:
        """Return today's date where the tenant is."""
        present = now()
        for start, end, day in self._today:
            if start <= present < end:
                return day
        day = present.astimezone(self.zone).date()
        bounds = (datetime.combine(each, time(), self.zone) for each in (day, day + timedelta(days=1)))
        start, end = (bound.astimezone(UTC) for bound in bounds)
        self._today[:] = [(start, end, day)]
        return day

    def setting(self, key: str) -> Any:
        """Return the tenant's answer to a declared setting, or its default."""
        declared = registry().settings[key].item
        return self.answers.get(key, declared.default)

    def modules(self) -> frozenset[str]:
        """Return the modules that are installed, entitled today and enabled, with all that they require."""
        today = self.today()
        known = self._on.get(today)
        if known is None:
            self._on.clear()
            known = self._on[today] = self._modules(today)
        return known

    def _modules(self, today: date) -> frozenset[str]:
        on = {module for module in self.enabled if self._entitled(module, today) and module in registry().modules}
        while True:
            lacking = {module for module in on if not on.issuperset(registry().modules[module].meta.requires)}
            if not lacking:
                return frozenset(on)
            on -= lacking

    def _entitled(self, module: str, today: date) -> bool:
        return any(
            entitled.valid_from <= today and (entitled.valid_until is None or today <= entitled.valid_until)
            for entitled in self.entitlements.get(module, ())
        )


_snapshots: dict[UUID, TenantSnapshot] = {}
_raised: ContextVar[set[UUID] | None] = ContextVar("portico_raised_versions", default=None)


def _raised_here() -> set[UUID]:
    """Return the tenants whose version this task has raised and not committed: nobody else may read those snapshots."""
    found = _raised.get()
    if found is None:
        found = set()
        _raised.set(found)
    return found


async def raise_version(tenant: UUID) -> None:
    """Raise the tenant's `config_version`, in the transaction of the change: every process reads it anew."""
    await execute("UPDATE tenant SET config_version = config_version + 1 WHERE id = {}", tenant)
    raised = _raised_here()
    raised.add(tenant)
    after_commit(lambda: raised.discard(tenant))


def forget_snapshots() -> None:
    """Drop all snapshots of this process: another database, another registry."""
    _snapshots.clear()


async def load_snapshot(tenant: UUID, version: int | None = None) -> TenantSnapshot:
    """
    Return the snapshot of *tenant*, from memory where *version* is still the one in memory.

    Without a version the database is asked for it.

    Raises:
        LookupError: there is no such tenant.

    """
    if version is None:
        rows = await fetch("SELECT config_version FROM tenant WHERE id = {}", tenant)
        if not rows:
            message = f"no tenant {tenant}"
            raise LookupError(message)
        version = rows[0]["config_version"]
    uncommitted = tenant in _raised_here()
    known = _snapshots.get(tenant)
    if known is not None and known.version == version and not uncommitted:
        return known
    fresh = await _read(tenant)
    if not uncommitted:
        _snapshots[tenant] = fresh
    return fresh


async def _read(tenant: UUID) -> TenantSnapshot:
    rows = await fetch(_TENANT, tenant)
    if not rows:
        message = f"no tenant {tenant}"
        raise LookupError(message)
    row = rows[0]
    hosts = {found["kind"]: found["host"] for found in await fetch(_HOSTS, tenant)}
    entitlements: dict[str, tuple[Entitled, ...]] = {}
    for found in await fetch(_ENTITLEMENTS, tenant):
        entitled = Entitled(
            as_date(found["valid_from"]), as_date(found["valid_until"]) if found["valid_until"] else None
        )
        entitlements[found["module"]] = (*entitlements.get(found["module"], ()), entitled)
    roles = [_role(found) for found in await fetch(_ROLES, tenant)]
    return TenantSnapshot(
        id=tenant,
        name=row["name"],
        portal_name=row["portal_name"],
        country=row["country"],
        zone=ZoneInfo(row["zone"]),
        languages=tuple(row["languages"].split()),
        tax_id=row["tax_id"],
        status=row["status"],
        version=row["config_version"],
        host=hosts.get("domain") or hosts["name"],
        entitlements=entitlements,
        enabled={
            found["module"]: bool(found["granted_by_default"])
            for found in await fetch(_MODULES, tenant)
            if found["enabled"]
        },
        roles={role.id: role for role in roles},
        answers={found["key"]: msgspec.json.decode(found["value"]) for found in await fetch(_SETTINGS, tenant)},
    )


def _role(row: Mapping[str, Any]) -> RoleGrants:
    grants = msgspec.json.decode(row["grants"], type=dict[str, str])
    return RoleGrants(
        id=as_uuid(row["id"]),
        key=row["key"],
        label=row["label"],
        audience=Audience(row["audience"]),
        preset=row["preset"],
        grants={key: Reach.parse(reach) for key, reach in grants.items()},
    )


def as_uuid(value: Any) -> UUID:
    """Return a raw statement's id as a UUID: SQLite hands out text, PostgreSQL a UUID of asyncpg's."""
    if type(value) is str:
        return to_uuid(value)  # type: ignore[no-any-return]  # of a text it makes a UUID
    return value if type(value) is UUID else UUID(int=value.int)


def as_date(value: Any) -> date:
    """Return a raw statement's date as a date: SQLite hands out ISO text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_instant(value: Any) -> datetime:
    """Return a raw statement's instant as an aware one in UTC: SQLite hands out ISO text."""
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else value
