"""What the pages of accounts keep in the reader's browser, and know of it."""

from __future__ import annotations

import re

from core.accounts import services
from core.accounts.identities import LASTS
from core.accounts.options import policy_of
from core.accounts.passwords import advice
from core.accounts.sessions import COOKIE, Device
from core.people.actor import actor_or_none
from core.web import flash, set_cookie, tenant, visit

# The first that fits: browsers name the ones they descend from as well.
_PROGRAMS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Headless)?(?:Chrome|CriOS)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("Android", r"\bAndroid\b"),
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMac OS X\b"),
    ("Linux", r"\bLinux\b"),
)


def device() -> Device:
    """Return from where the present request comes."""
    return Device(agent=visit().agent, address=visit().address)


def device_name(agent: str) -> str:
    """Return a browser's words about itself in short, such as "Firefox · Linux"; as they are where nothing is known."""
    found = [next((name for name, sign in names if re.search(sign, agent)), "") for names in (_PROGRAMS, _SYSTEMS)]
    return " · ".join(filter(None, found)) or agent[:60]


def keep_session(token: str, kind: str) -> None:
    """Put a session into the browser, for no longer than it can live."""
    set_cookie(COOKIE, token, seconds=int(LASTS[kind].absolute.total_seconds()))


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
