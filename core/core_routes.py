"""The core's own pages, from the packages they live in."""

from __future__ import annotations

from typing import Any

from core.accounts import routes as accounts
from core.messages import routes as messages
from core.messages import staff as messages_staff
from core.people import routes as people
from core.people import staff as people_staff
from core.preferences import staff as preferences
from core.records import routes as records
from core.shell import routes as shell


def core_handlers() -> list[Any]:
    """Return the handlers of every page of the core."""
    packages = (shell, accounts, records, messages, messages_staff, people, people_staff, preferences)
    return [handler for package in packages for handler in package.HANDLERS]
