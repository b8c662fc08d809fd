"""All pages of the back office about people, customers and roles."""

from __future__ import annotations

from typing import Any

from core.people import staff_customers, staff_people, staff_previews, staff_projects, staff_registrations, staff_roles

HANDLERS: list[Any] = [
    *staff_customers.HANDLERS,
    *staff_projects.HANDLERS,
    *staff_previews.HANDLERS,
    *staff_people.HANDLERS,
    *staff_registrations.HANDLERS,
    *staff_roles.HANDLERS,
]
