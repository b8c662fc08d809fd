"""Secrets of others that have to be said again, such as those of sign-in providers: encrypted in the database."""

from __future__ import annotations

import base64
import binascii
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.config import settings

_NONCE = 12
"""Bytes, as AES-GCM wants them: random, for far fewer than 2^32 texts of one key."""


def _key(secret: str, purpose: str) -> AESGCM:
    return AESGCM(hmac.digest(secret.encode(), b"portico:sealed:" + purpose.encode(), "sha256"))


def seal(purpose: str, text: str, *, bound_to: str) -> str:
    """Return *text* encrypted for *purpose* under the first secret key; it opens only together with *bound_to*."""
    nonce = os.urandom(_NONCE)
    sealed = _key(settings().secret_keys[0], purpose).encrypt(nonce, text.encode(), bound_to.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(purpose: str, sealed: str, *, bound_to: str) -> str | None:
    """Return what was sealed, under any of the secret keys; None where none of them opens it."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode())
    except (binascii.Error, ValueError):
        return None
    for secret in settings().secret_keys:
        try:
            return _key(secret, purpose).decrypt(raw[:_NONCE], raw[_NONCE:], bound_to.encode()).decode()
        except (InvalidTag, ValueError):
            continue
    return None
