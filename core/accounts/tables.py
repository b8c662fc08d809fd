"""Credentials, sessions and links. Secrets are stored hashed: a dump of these tables opens nothing."""

from __future__ import annotations

from piccolo.columns import JSON, BigInt, ForeignKey, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn  # noqa: N811 -- told apart from uuid.UUID
from piccolo.columns.base import OnDelete

from core.clock import now as utc_now
from core.db import Table
from core.people.tables import Person
from core.tenancy.table import TenantTable


class Account(Table, tablename="account"):
    """What a person signs in with. Its e-mail is not unique: two tenants' accounts may share it, unlinked."""

    email = Text(help_text="folded")
    email_verified_at = Timestamptz(null=True, default=None)
    password_hash = Text(null=True, default=None, secret=True)
    password_state = Text(default="unset", help_text="unset, temporary or set")
    password_set_at = Timestamptz(null=True, default=None)
    password_expires_at = Timestamptz(null=True, default=None, help_text="of a temporary password")
    disabled_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=utc_now)


class Session(TenantTable, tablename="session"):
    """Somebody signed in at one tenant. `token_hash` is SHA-256 of the cookie."""

    token_hash = Text()
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    account = UUIDColumn()
    active_customer = UUIDColumn(null=True, default=None)
    restricted = Text(null=True, default=None, help_text="set_password: nothing else is open")
    viewed_by = UUIDColumn(null=True, default=None, help_text="the staff member who looks as this contact")
    created_at = Timestamptz(default=utc_now)
    seen_at = Timestamptz(default=utc_now)
    expires_at = Timestamptz()
    agent = Text(default="")
    address = Text(default="")


class Link(TenantTable, tablename="link"):
    """A single-use link that was mailed. `token_hash` is SHA-256 of the token."""

    token_hash = Text()
    purpose = Text(help_text="invitation, reset, sign_in, change_email")
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    account = UUIDColumn(null=True, default=None)
    email = Text(help_text="folded; where it was sent")
    data = JSON(default="{}")
    created_at = Timestamptz(default=utc_now)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
    superseded_at = Timestamptz(null=True, default=None)


class ApiKey(TenantTable, tablename="api_key"):
    """A key of a tenant's own system. `key_hash` is SHA-256 of it."""

    name = Text()
    key_hash = Text()
    permissions = JSON(default="[]")
    created_at = Timestamptz(default=utc_now)
    expires_at = Timestamptz(null=True, default=None)
    used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class RateLimit(Table, tablename="rate_limit"):
    """A leaky bucket (GCRA): the theoretical arrival time of the next attempt, in microseconds since 1970."""

    key = Text()
    arrival = BigInt()
