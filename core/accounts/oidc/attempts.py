"""
From here to a provider and back: each way is one row, bound to the browser, good once and for ten minutes.

`state` finds the row. PKCE's verifier and the nonce are made of `state` and of the secret in the browser's cookie, so
an answer counts only in the browser that asked, and the database holds nothing with which a code could be redeemed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from core.accounts.oidc.errors import AttemptSpentError
from core.accounts.oidc.tables import SignInAttempt
from core.accounts.tokens import TOKEN_LENGTH, new_token, token_hash
from core.clock import now
from core.db import uuid7
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping

LASTS = timedelta(minutes=10)
REGISTERING_LASTS = timedelta(hours=1)
"""How long somebody whom nobody knows here may take to fill in the registration."""


class Purpose(StrEnum):
    """What somebody was sent to a provider for."""

    SIGN_IN = "sign-in"
    CONNECT = "connect"
    INVITATION = "invitation"
    REGISTERING = "registering"
    """Nobody is sent for that: it is what a sign-in becomes whose identity is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody is on her way."""

    id: UUID
    provider: UUID
    purpose: Purpose
    person: UUID | None = None
    session: UUID | None = None
    link: UUID | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The secrets of one way, of which the provider sees `state`, `nonce` and the digest of `verifier`."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """PKCE's S256 of the verifier."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """Who somebody is at a provider."""

    provider: UUID
    issuer: str
    subject: str
    email: str = ""
    verified: bool = False
    """Whether the provider's word is enough that the address is hers."""
    given_name: str = ""
    family_name: str = ""

    @property
    def label(self) -> str:
        """What she is called there."""
        return self.email or f"{self.given_name} {self.family_name}".strip()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def ticket(state: str, browser: str) -> Ticket:
    """Return the secrets of the way that *state* stands for, in the browser with the secret *browser*."""
    verifier, nonce = (
        _text(hmac.digest(browser.encode(), f"{use}:{state}".encode(), "sha256")) for use in ("verifier", "nonce")
    )
    return Ticket(state, nonce, verifier)


async def note_attempt(
    *,
    provider: UUID,
    purpose: Purpose,
    browser: str,
    person: UUID | None = None,
    session: UUID | None = None,
    link: UUID | None = None,
    target: str = "",
) -> Ticket:
    """Write down that somebody sets out, and return the secrets of her way."""
    state, present = new_token(), now()
    await SignInAttempt.insert(
        SignInAttempt(
            id=uuid7(),
            token_hash=token_hash(state),
            browser_hash=token_hash(browser),
            provider=provider,
            purpose=purpose.value,
            person=person,
            session=session,
            link=link,
            target=target,
            created_at=present,
            expires_at=present + LASTS,
        )
    )
    return ticket(state, browser)


async def use_attempt(*, provider: UUID, state: str, browser: str) -> Attempt:
    """
    Use up the way that *state* stands for, and return it.

    Raises:
        AttemptSpentError: there is none, of another provider or browser, too old, or used already.

    """
    if len(state) != TOKEN_LENGTH or len(browser) != TOKEN_LENGTH:
        raise AttemptSpentError
    mine = (
        (SignInAttempt.token_hash == token_hash(state))
        & (SignInAttempt.browser_hash == token_hash(browser))
        & (SignInAttempt.provider == provider)
        & SignInAttempt.used_at.is_null()
        & (SignInAttempt.expires_at > now())
    )
    used = (
        await SignInAttempt.update({SignInAttempt.used_at: now()})
        .where(mine)
        .returning(
            SignInAttempt.id,
            SignInAttempt.purpose,
            SignInAttempt.person,
            SignInAttempt.session,
            SignInAttempt.link,
            SignInAttempt.target,
        )
    )
    if not used:
        raise AttemptSpentError
    row = used[0]
    return Attempt(
        id=as_uuid(row["id"]),
        provider=provider,
        purpose=Purpose(row["purpose"]),
        person=_optional(row["person"]),
        session=_optional(row["session"]),
        link=_optional(row["link"]),
        target=row["target"],
    )


def _optional(value: Any) -> UUID | None:
    return as_uuid(value) if value is not None else None


async def keep_for_registering(*, attempt: UUID, proved: Proved) -> None:
    """Remember for a while who somebody is whom nobody knows here, so that she may register as that."""
    facts = {
        "issuer": proved.issuer,
        "subject": proved.subject,
        "email": proved.email,
        "verified": proved.verified,
        "given_name": proved.given_name,
        "family_name": proved.family_name,
    }
    await SignInAttempt.update(
        {
            SignInAttempt.purpose: Purpose.REGISTERING.value,
            SignInAttempt.proved: msgspec.json.encode(facts).decode(),
            SignInAttempt.expires_at: now() + REGISTERING_LASTS,
        }
    ).where(SignInAttempt.id == attempt)


async def registering_as(*, attempt: str, browser: str) -> Proved | None:
    """Return who registers, in the browser in which she has proved it; None where she has not, or long ago."""
    try:
        id = UUID(attempt)
    except ValueError:
        return None
    if len(browser) != TOKEN_LENGTH:
        return None
    row = (
        await SignInAttempt.select(SignInAttempt.provider, SignInAttempt.proved)
        .where(
            (SignInAttempt.id == id)
            & (SignInAttempt.browser_hash == token_hash(browser))
            & (SignInAttempt.purpose == Purpose.REGISTERING.value)
            & (SignInAttempt.expires_at > now())
        )
        .first()
    )
    if row is None:
        return None
    facts: Mapping[str, Any] = msgspec.json.decode(row["proved"])
    return Proved(provider=as_uuid(row["provider"]), **facts)


async def forget_old_attempts() -> None:
    """Delete what is long over, with what it said of people."""
    await SignInAttempt.delete().where(SignInAttempt.expires_at <= now() - LASTS)
