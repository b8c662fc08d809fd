"""Signed values: one algorithm and one audience per purpose; and the form token that is bound to a session."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt

from core.clock import now
from core.config import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "HS256"
MASK_BYTES = 32
"""Length of an HMAC-SHA256, and so of the mask that makes each response's token differ (BREACH)."""


def sign(purpose: str, facts: Mapping[str, Any], *, lasts: timedelta) -> str:
    """Return a signed text of *facts* that only *purpose* accepts, for as long as it *lasts*."""
    key = settings().secret_keys[0]
    return jwt.encode({**facts, "aud": f"portico:{purpose}", "exp": now() + lasts}, key, algorithm=ALGORITHM)


def read_signed(purpose: str, text: str) -> dict[str, Any] | None:
    """Return the facts that were signed for *purpose*, or None where the text is forged, foreign or expired."""
    for key in settings().secret_keys:
        try:
            return jwt.decode(
                text,
                key,
                algorithms=[ALGORITHM],
                audience=f"portico:{purpose}",
                options={"require": ["exp", "aud"], "verify_exp": False},
            ) | _unexpired(text)
        except (jwt.InvalidTokenError, _ExpiredError):
            continue
    return None


class _ExpiredError(Exception):
    """The signed value is past its time."""


def _unexpired(text: str) -> dict[str, Any]:
    claims = jwt.decode(text, options={"verify_signature": False})
    if claims["exp"] <= now().timestamp():
        raise _ExpiredError
    return {}


def _form_mac(key: str, bound_to: str) -> bytes:
    return hmac.digest(key.encode(), b"portico:form:" + bound_to.encode(), "sha256")


def _masked(mac: bytes, mask: bytes) -> bytes:
    return (int.from_bytes(mac) ^ int.from_bytes(mask)).to_bytes(MASK_BYTES)


def form_token(bound_to: str) -> str:
    """Return a token for forms of the session (or pre-session cookie) *bound_to*; masked, so it differs each time."""
    mac = _form_mac(settings().secret_keys[0], bound_to)
    mask = secrets.token_bytes(MASK_BYTES)
    return base64.urlsafe_b64encode(mask + _masked(mac, mask)).decode()


def is_form_token(token: str, bound_to: str) -> bool:
    """Whether *token* was made for *bound_to*, in constant time."""
    try:
        raw = base64.urlsafe_b64decode(token.encode())
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 2 * MASK_BYTES:
        return False
    mac = _masked(raw[MASK_BYTES:], raw[:MASK_BYTES])
    return any([hmac.compare_digest(mac, _form_mac(key, bound_to)) for key in settings().secret_keys])  # noqa: C419 -- no early end
