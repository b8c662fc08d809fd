"""Who registers may bring an identity along: it stays with the registration until staff have decided."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import msgspec

from core.accounts.oidc.attempts import Proved
from core.accounts.oidc.tables import SignInProvider
from core.accounts.tokens import TOKEN_LENGTH, token_hash
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping


def pack_identity(proved: Proved, browser: str) -> dict[str, str]:
    """Return what a registration keeps of who somebody is, and of the *browser* in which she has proved it."""
    return {
        "provider": str(proved.provider),
        "issuer": proved.issuer,
        "subject": proved.subject,
        "label": proved.label,
        "browser": token_hash(browser),
    }


def _facts(kept: str) -> Mapping[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(kept)
    return found


def unpack_identity(kept: str) -> Proved | None:
    """Return who somebody is at a provider, as a registration has kept it; None where she brought nothing along."""
    facts = _facts(kept)
    if not facts:
        return None
    return Proved(
        provider=as_uuid(facts["provider"]),
        issuer=facts["issuer"],
        subject=facts["subject"],
        email=facts["label"],
    )


async def shown_identity(kept: str) -> str | None:
    """Return with what somebody who registers wants to sign in, for the staff: the provider, and her name there."""
    facts = _facts(kept)
    if not facts:
        return None
    row = (
        await SignInProvider.select(SignInProvider.name).where(SignInProvider.id == as_uuid(facts["provider"])).first()
    )
    return " · ".join(filter(None, [row["name"], facts["label"]])) if row is not None else None


def was_proved_in(kept: str, browser: str) -> bool:
    """Whether *browser* is the one in which the identity of a registration was proved; so is none at all."""
    facts = _facts(kept)
    if not facts:
        return True
    return len(browser) == TOKEN_LENGTH and hmac.compare_digest(facts["browser"], token_hash(browser))
