"""Random tokens of cookies, links and keys. Only their SHA-256 is stored: a dump of the database opens nothing."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32
"""256 random bits."""
TOKEN_LENGTH = 43
"""Characters of a token: 32 bytes in URL-safe base 64."""


def new_token() -> str:
    """Return a fresh random token, safe in cookies and URLs."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """
    Return what is stored of *token*: its SHA-256 in hexadecimal.

    A look-up by this hash needs no constant-time comparison: an attacker cannot steer the hash of what he sends.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
