"""How devices and addresses are shown in short."""

from __future__ import annotations

import re

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


def device_name(agent: str) -> str:
    """Return a browser's words about itself in short, such as "Firefox · Linux"; as they are where nothing is known."""
    found = [next((name for name, sign in names if re.search(sign, agent)), "") for names in (_PROGRAMS, _SYSTEMS)]
    return " · ".join(filter(None, found)) or agent[:60]


def hidden_address(email: str) -> str:
    """Return *email* so that its owner knows it and others do not: a…@example.com. Nothing where it is no address."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}" if at and local else ""
