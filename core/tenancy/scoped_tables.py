"""A tenant's own switches and settings."""

from __future__ import annotations

from piccolo.columns import JSON, Boolean, Text, Timestamptz

from core.tenancy.table import TenantTable


class TenantModule(TenantTable, tablename="tenant_module"):
    """The tenant's switch, and whether its customers have the module unless said otherwise."""

    module = Text()
    enabled = Boolean(default=False)
    granted_by_default = Boolean(default=True)
    first_enabled_at = Timestamptz(null=True, default=None)


class Setting(TenantTable, tablename="setting"):
    """A tenant's answer to a declared setting; no row means the default."""

    key = Text()
    value = JSON()
