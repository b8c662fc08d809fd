"""One click in a mail program, and a kind of mail stops: a signed link that says who, and of what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from core.signing import read_signed, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

LASTS = timedelta(days=365)
_PURPOSE = "unsubscribe"


def unsubscribe_path(tenant: UUID, person: UUID, kind: str) -> str:
    """Return the path on the portal under which *person* gets no more mails of *kind*."""
    facts = {"tenant": str(tenant), "person": str(person), "kind": kind}
    return f"/notifications/unsubscribe/{sign(_PURPOSE, facts, lasts=LASTS)}"


def read_token(token: str, tenant: UUID) -> tuple[UUID, str] | None:
    """Return person and kind, or None where the token is forged, expired or another tenant's."""
    facts: Mapping[str, str] | None = read_signed(_PURPOSE, token)
    if facts is None or facts.get("tenant") != str(tenant):
        return None
    return UUID(facts["person"]), facts["kind"]
