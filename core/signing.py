"""Signed values: one algorithm and one audience per purpose; and the form token that is bound to a session."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt

from core.clock import now
from core.config import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "HS256"
MASK_BYTES = 32
"""Length of an HMAC-SHA256, and so of the mask that makes each response's token differ (BREACH)."""
NONCE_BYTES = 16
"""The random part of the mask; the rest says whose form it is."""


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


@cache
def _form_key(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), b"portico:form:", "sha256")


def _form_mac(key: str, bound_to: str) -> bytes:
    made = _form_key(key).copy()
    made.update(bound_to.encode())
    return made.digest()


def _masked(mac: bytes, mask: bytes) -> bytes:
    return (int.from_bytes(mac) ^ int.from_bytes(mask)).to_bytes(MASK_BYTES)


def _mask(key: str, whose: str, nonce: bytes) -> bytes:
    owner = hmac.digest(key.encode(), b"portico:whose:" + nonce + whose.encode(), "sha256")
    return nonce + owner[: MASK_BYTES - NONCE_BYTES]


def form_token(bound_to: str, whose: str = "") -> str:
    """
    Return a token for forms of the session (or pre-session cookie) *bound_to*; masked, so it differs each time.

    The mask tells `is_form_of()`, and nobody else, *whose* forms they are, also after the session has ended.
    """
    key = settings().secret_keys[0]
    mask = _mask(key, whose, secrets.token_bytes(NONCE_BYTES))
    return base64.urlsafe_b64encode(mask + _masked(_form_mac(key, bound_to), mask)).decode()


def _parts(token: str) -> tuple[bytes, bytes] | None:
    """Return a form token's mask and what it masks, or None where it is none."""
    try:
        raw = base64.urlsafe_b64decode(token.encode())
    except (binascii.Error, ValueError):
        return None
    return (raw[:MASK_BYTES], raw[MASK_BYTES:]) if len(raw) == 2 * MASK_BYTES else None


def is_form_of(token: str, whose: str) -> bool:
    """Whether *token* was made for a form of *whose*; it may be of a session that has ended."""
    parts = _parts(token)
    if parts is None:
        return False
    mask, nonce = parts[0], parts[0][:NONCE_BYTES]
    return any([hmac.compare_digest(mask, _mask(key, whose, nonce)) for key in settings().secret_keys])  # noqa: C419 -- no early end


def is_form_token(token: str, bound_to: str) -> bool:
    """Whether *token* was made for *bound_to*, in constant time."""
    parts = _parts(token)
    if parts is None:
        return False
    mac = _masked(parts[1], parts[0])
    return any([hmac.compare_digest(mac, _form_mac(key, bound_to)) for key in settings().secret_keys])  # noqa: C419 -- no early end
