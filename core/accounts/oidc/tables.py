"""Providers of a tenant, the identities that people have connected, and what is under way between here and there."""

from __future__ import annotations

from piccolo.columns import JSON, Boolean, ForeignKey, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn  # noqa: N811 -- told apart from uuid.UUID
from piccolo.columns.base import OnDelete

from core.clock import now as utc_now
from core.people.tables import Person
from core.tenancy.table import TenantTable


class SignInProvider(TenantTable, tablename="sign_in_provider"):
    """Where a tenant lets people prove who they are. The issuer of a provider never changes."""

    name = Text(help_text="as it stands on buttons")
    kind = Text(help_text="google, microsoft or other")
    issuer = Text()
    client_id = Text()
    client_secret = Text(default="", secret=True, help_text="sealed; empty for a public client")
    registers = Boolean(default=False, help_text="whether people may register with it")
    trusts_email = Boolean(default=False, help_text="whether the addresses that it has verified are taken as verified")
    enabled = Boolean(default=True)
    created_at = Timestamptz(default=utc_now)


class SignInIdentity(TenantTable, tablename="sign_in_identity"):
    """Somebody's identity at a provider, with which she signs in at this tenant."""

    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    provider = ForeignKey(references=SignInProvider, null=False, on_delete=OnDelete.restrict)
    issuer = Text()
    subject = Text()
    label = Text(default="", help_text="what the provider calls her, to tell several apart; says nothing else")
    connected_at = Timestamptz(default=utc_now)
    used_at = Timestamptz(null=True, default=None)


class SignInAttempt(TenantTable, tablename="sign_in_attempt"):
    """
    Somebody was sent to a provider. `token_hash` is SHA-256 of `state`, `browser_hash` that of the browser's cookie.

    Verifier and nonce are made of those two, so that this row alone opens nothing. Once she is back and unknown, it
    keeps for a while who she is, for the registration.
    """

    token_hash = Text()
    browser_hash = Text()
    provider = ForeignKey(references=SignInProvider, null=False, on_delete=OnDelete.restrict)
    purpose = Text(help_text="sign-in, connect, invitation or registering")
    person = UUIDColumn(null=True, default=None)
    session = UUIDColumn(null=True, default=None)
    link = UUIDColumn(null=True, default=None)
    target = Text(default="", help_text="a path of the portal to go on to")
    proved = JSON(default="{}", help_text="issuer, subject, names and address, once she is back and unknown")
    created_at = Timestamptz(default=utc_now)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
