"""What binds the way to a provider and back to one browser."""

from __future__ import annotations

from datetime import timedelta

from core.accounts.tokens import TOKEN_LENGTH, new_token
from core.web import cookie, set_cookie

BROWSER = "portico_provider"
"""The cookie with the secret that verifiers and nonces are made of."""
LASTS = timedelta(hours=48)
"""As long as somebody who registers may take to confirm her address: the identity stays only in the same browser."""


def browser() -> str:
    """Return the browser's secret, a new one where it has none; several ways may be under way in several tabs."""
    known = cookie(BROWSER)
    secret = known if len(known) == TOKEN_LENGTH else new_token()
    set_cookie(BROWSER, secret, seconds=int(LASTS.total_seconds()))
    return secret
