"""What holds for every test: fixtures from `tests/*_fixtures.py`, and no word to the outside world."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("portico", deadline=None, derandomize=True)  # a loaded machine is slow, not wrong
settings.register_profile("search", deadline=None, max_examples=1000)  # --hypothesis-profile=search: other examples
settings.load_profile("portico")

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


LONGEST = (
    "tests/browser/test_accessibility.py",
    "tests/browser/test_story.py",
    "tests/browser/test_ways_in.py",
    "tests/browser/",
    "tests/architecture/test_tools.py",
    "tests/contract/test_modules.py",
    "tests/contract/test_switches.py",
    "tests/contract/",
    "tests/plugins/invoices/test_demo_program.py",
    "tests/lists/test_export.py",
    "tests/db/test_processes.py",
)
"""What takes long begins first, or everybody waits for it at the end; neighbours share a running demo, or a town."""


LONG = "PORTICO_TEST_LONG"
"""Set, everything runs: `python -m tests --long` sets it."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones to the long command, which pytest counts as deselected; put the longest of the rest first."""
    left = [] if os.environ.get(LONG) else [item for item in items if item.get_closest_marker("long")]
    if left and len(left) < len(items):  # whoever names long tests alone wants them
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]

    def place(item: pytest.Item) -> int:
        return next((at for at, path in enumerate(LONGEST) if item.nodeid.startswith(path)), len(LONGEST))

    items.sort(key=place)
