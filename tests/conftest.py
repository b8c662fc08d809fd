"""What holds for every test: fixtures from `tests/*_fixtures.py`, and no word to the outside world."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = sorted(f"tests.{path.stem}" for path in Path(__file__).parent.glob("*_fixtures.py"))


class OutsideConnectionError(Exception):
    """A test tried to reach another machine; the code under test must not, and tests bring their own servers."""


def is_loopback(host: object) -> bool:
    """Tell whether a host is this machine. A path of a Unix socket is; names are only if they say so themselves."""
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host is None or not isinstance(host, str):
        return host is None
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: raise OutsideConnectionError for connections, datagrams and look-ups that leave this machine."""
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and len(address) > 1 else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not is_loopback(host):
        raise OutsideConnectionError(f"{event} to {host!r}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    """Close the door once for the whole process; an audit hook cannot be taken off again."""
    if not getattr(sys, "_portico_refuses_outside", False):
        sys.addaudithook(refuse_outside)
        sys._portico_refuses_outside = True  # type: ignore[attr-defined]  # survives a second session in one process
