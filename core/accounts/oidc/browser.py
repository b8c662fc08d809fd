"""What binds the way to a provider and back to one browser."""

from __future__ import annotations

from core.accounts.oidc.attempts import REGISTERING_LASTS
from core.accounts.tokens import TOKEN_LENGTH, new_token
from core.web import cookie, set_cookie

BROWSER = "portico_provider"
"""The cookie with the secret that verifiers and nonces are made of."""


def browser() -> str:
    """Return the browser's secret, a new one where it has none; several ways may be under way in several tabs."""
    known = cookie(BROWSER)
    secret = known if len(known) == TOKEN_LENGTH else new_token()
    set_cookie(BROWSER, secret, seconds=int(REGISTERING_LASTS.total_seconds()))
    return secret
