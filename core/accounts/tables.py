"""Credentials, sessions and links. Secrets are stored hashed: a dump of these tables opens nothing."""

from __future__ import annotations

from piccolo.columns import JSON, BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz
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
    offices = Integer(default=1, help_text="how many tenants' persons sign in with it")
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
    identity = UUIDColumn(null=True, default=None, help_text="with which it was opened, where no password was")
    created_at = Timestamptz(default=utc_now)
    seen_at = Timestamptz(default=utc_now)
    expires_at = Timestamptz()
    agent = Text(default="")
    address = Text(default="")


class Link(TenantTable, tablename="link"):
    """A single-use link that was mailed. `token_hash` is SHA-256 of the token."""

    token_hash = Text()
    purpose = Text(help_text="one of core.accounts.links.Purpose")
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    account = UUIDColumn(null=True, default=None)
    email = Text(help_text="folded; where it was sent")
    data = JSON(default="{}")
    created_at = Timestamptz(default=utc_now)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
    superseded_at = Timestamptz(null=True, default=None)


class KnownDevice(TenantTable, tablename="known_device"):
    """A browser in which a person has signed in before. `token_hash` is SHA-256 of its long-lived cookie."""

    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    token_hash = Text()
    created_at = Timestamptz(default=utc_now)
    seen_at = Timestamptz(default=utc_now)


class LinkedOffice(Table, tablename="linked_office"):
    """
    A tenant at which an account that serves several signs in, as its owner calls it and prefers it.

    It belongs to the account, not to the tenant: no tenant reads these rows.
    """

    account = UUIDColumn()
    tenant = UUIDColumn()
    nickname = Text(default="")
    preferred = Boolean(default=False, help_text="where the owner wants to land")
    linked_at = Timestamptz(default=utc_now)
    accepted_at = Timestamptz(null=True, default=None, help_text="when the password was last found good enough there")


class Registration(TenantTable, tablename="registration"):
    """
    Somebody unknown asks for access. `token_hash` is SHA-256 of the token that confirms the address.

    It holds no credentials: those are set behind the invitation, after staff have approved.
    """

    email = Text(help_text="folded")
    given_name = Text()
    family_name = Text()
    company = Text(help_text="as typed; nothing is looked up for the person who registers")
    country = Text(default="", help_text="ISO 3166-1 alpha-2")
    phone = Text(default="")
    message = Text(default="")
    language = Text(null=True, default=None)
    state = Text(default="unconfirmed", help_text="unconfirmed, waiting, approved or rejected")
    token_hash = Text(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=utc_now)
    confirmed_at = Timestamptz(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    decided_by = UUIDColumn(null=True, default=None)
    person = UUIDColumn(null=True, default=None, help_text="the contact that came of it")
    identity = JSON(default="{}", help_text="who she is at a sign-in provider, if she brought that along")


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
