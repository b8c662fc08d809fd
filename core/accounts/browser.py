"""What the pages of accounts keep in the reader's browser, and know of it."""

from __future__ import annotations

from core.accounts import services
from core.accounts.entering import DEVICE_LASTS
from core.accounts.identities import LASTS
from core.accounts.options import policy_of
from core.accounts.passwords import advice
from core.accounts.sessions import COOKIE, Device
from core.accounts.tokens import TOKEN_LENGTH, new_token
from core.people.actor import actor_or_none
from core.web import cookie, flash, set_cookie, tenant, visit

DEVICE_COOKIE = "portico_device"
"""By it a browser is known to somebody who has signed in from it; it opens nothing."""


def device() -> Device:
    """Return from where the present request comes; an unknown browser gets a token, kept by `keep_session()`."""
    token = cookie(DEVICE_COOKIE)
    return Device(
        agent=visit().agent, address=visit().address, token=token if len(token) == TOKEN_LENGTH else new_token()
    )


def keep_session(token: str, kind: str, *, known: Device | None = None) -> None:
    """Put a session into the browser, for no longer than it can live; and that it is *known* from now on."""
    set_cookie(COOKIE, token, seconds=int(LASTS[kind].absolute.total_seconds()))
    if known is not None and known.token:
        set_cookie(DEVICE_COOKIE, known.token, seconds=int(DEVICE_LASTS.total_seconds()))


def forget_session() -> None:
    """Take the session out of the browser."""
    set_cookie(COOKIE, "", seconds=0)


async def end_session_before() -> None:
    """End the session that this browser had before somebody signed in anew."""
    actor = actor_or_none()
    if actor is not None:
        await services.sign_out(by=actor)
        forget_session()


def warn_about(password: str) -> None:
    """Say on the next page what is discouraged about *password*, which was accepted."""
    for sentence in advice(password, policy_of(tenant())):
        flash(sentence, kind="warning")
