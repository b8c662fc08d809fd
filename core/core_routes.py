"""The core's own pages, from the packages they live in."""

from __future__ import annotations

from typing import Any

import core.accounts.routes as accounts
import core.imports.staff as imports
import core.lists.routes as lists
import core.messages.forward_routes as forwarding
import core.messages.log_staff as log
import core.messages.routes as messages
import core.messages.staff as messages_staff
import core.people.address_book_routes as address_book
import core.people.colleague_routes as colleagues
import core.people.registration_routes as registration
import core.people.routes as people
import core.people.staff as people_staff
import core.preferences.staff as preferences
import core.records.routes as records
import core.shell.routes as shell
from core import api_schema


def core_handlers() -> list[Any]:
    """Return the handlers of every page of the core."""
    packages = (
        shell,
        api_schema,
        accounts,
        records,
        lists,
        messages,
        messages_staff,
        forwarding,
        log,
        people,
        colleagues,
        address_book,
        registration,
        people_staff,
        preferences,
        imports,
    )
    return [handler for package in packages for handler in package.HANDLERS]
