"""Tenants, their hosts, and what the vendor lets them use: found before a scope exists, so they are global."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete

from core.clock import now as utc_now
from core.db import Table


class Tenant(Table, tablename="tenant"):
    """A service company with its own portal."""

    name = Text()
    portal_name = Text(unique=True)
    country = Text(help_text="ISO 3166-1 alpha-2")
    zone = Text(help_text="IANA time zone")
    languages = Text(help_text="the languages its portal offers, separated by spaces, the first is the default")
    tax_id = Text(null=True, default=None)
    status = Text(default="active", help_text="active or suspended")
    config_version = Integer(default=1, help_text="rises with every switch, role, setting, brand")
    created_at = Timestamptz(default=utc_now)


class TenantHost(Table, tablename="tenant_host"):
    """A host name at which a portal answers."""

    host = Text(unique=True)
    tenant = ForeignKey(references=Tenant, null=False, on_delete=OnDelete.restrict)
    kind = Text(help_text="name, domain or former")
    verified_at = Timestamptz(null=True, default=None)


class Entitlement(Table, tablename="entitlement"):
    """The vendor's switch: from when until when a tenant may use a module."""

    tenant = ForeignKey(references=Tenant, null=False, on_delete=OnDelete.restrict)
    module = Text()
    valid_from = Date()
    valid_until = Date(null=True, default=None, help_text="the last day, inclusive")
