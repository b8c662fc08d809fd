"""Customers and their projects. Their verbs stand by noun in the files beside this."""

from __future__ import annotations

from core.people.customers_edited import add_customer, close_customer, edit_company, edit_customer
from core.people.customers_known import (
    LONGEST_NAME,
    CustomerChangedError,
    CustomerClosedError,
    CustomerDetails,
    find_customer,
    is_closed,
)
from core.people.projects import (
    ProjectDetails,
    add_project,
    contacts_of,
    edit_project,
    find_project,
    people_on,
    projects_of_person,
)

__all__ = [
    "LONGEST_NAME",
    "CustomerChangedError",
    "CustomerClosedError",
    "CustomerDetails",
    "ProjectDetails",
    "add_customer",
    "add_project",
    "close_customer",
    "contacts_of",
    "edit_company",
    "edit_customer",
    "edit_project",
    "find_customer",
    "find_project",
    "is_closed",
    "people_on",
    "projects_of_person",
]
