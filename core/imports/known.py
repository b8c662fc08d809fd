"""What importers ask of the portal: the tenant they read for, customers, their projects and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.contributions import Audience
from core.db import fetch
from core.people import customers, seen
from core.people.company import Address
from core.people.roles import lock_tenant
from core.people.tables import Person
from core.records.audiences import contacts_with
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import TenantSnapshot, as_uuid, load_snapshot
from core.text import fold

if TYPE_CHECKING:
    from core.people.actor import Actor

_CONTACT = """
SELECT p.id AS id FROM person p JOIN membership m ON m.tenant = p.tenant AND m.person = p.id
WHERE p.tenant = {} AND m.customer = {} AND p.email_folded = {} AND p.kind = 'contact' AND p.deleted_at IS NULL
"""
_PROJECTS = "SELECT id FROM project WHERE tenant = {} AND customer = {} AND (number = {} OR external_id = {}) LIMIT 2"


_CONTACTS = """
SELECT p.email AS email FROM person p JOIN membership m ON m.tenant = p.tenant AND m.person = p.id
WHERE p.tenant = {} AND m.customer = {} AND p.kind = 'contact' AND p.deleted_at IS NULL AND p.email IS NOT NULL
ORDER BY p.id
"""
_NUMBERED = """
SELECT id FROM customer WHERE tenant = {} AND (number = {} OR external_id = {}) AND closed_at IS NULL LIMIT 2
"""
_PROJECT_NAMED = "SELECT id FROM project WHERE tenant = {} AND customer = {} AND name_folded = {} LIMIT 2"
_NUMBERS = "SELECT number FROM project WHERE tenant = {} AND customer = {} AND number IS NOT NULL ORDER BY number"
_OPEN_PROJECTS = """
SELECT id, name FROM project WHERE tenant = {} AND customer = {} AND state = 'open' ORDER BY name_folded, id
"""
_ASSIGNED_PROJECTS = """
SELECT id, name FROM project WHERE tenant = {} AND customer = {} AND state = 'open'
      AND id IN (SELECT project FROM project_person WHERE tenant = {} AND person = {}) ORDER BY name_folded, id
"""
_LIVING_CONTACTS = """
SELECT p.id AS id, p.given_name AS given_name, p.family_name AS family_name, p.email AS email
FROM person p JOIN membership m ON m.tenant = p.tenant AND m.person = p.id
WHERE p.tenant = {} AND m.customer = {} AND p.kind = 'contact' AND p.deleted_at IS NULL
ORDER BY p.name_folded, p.id
"""


async def tenant() -> TenantSnapshot:
    """Return the tenant of this piece of work."""
    return await load_snapshot(current_tenant_id())


async def wait_for_others() -> None:
    """Let deliveries of one tenant that make customers follow one another, until the transaction ends."""
    await lock_tenant()


async def add_customer(
    *,
    name: str,
    tax_id: str = "",
    lines: tuple[str, ...] = (),
    postal_code: str = "",
    city: str = "",
    region: str = "",
    country: str = "",
) -> UUID:
    """
    Make a customer of what a document says of it; its tax number is taken as it stands.

    Raises:
        InvalidInputError: something of it cannot be used.

    """
    address = Address(lines=lines, postal_code=postal_code, city=city, region=region, country=country)
    shortened = " ".join(name.split())[: customers.LONGEST_NAME]
    details = customers.CustomerDetails(name=shortened, tax_id=tax_id or None, address=address, strict=False)
    return await customers.add_customer(details=details)


async def contact_at(*, customer: UUID, email: str) -> UUID | None:
    """Return the contact of *customer* with that address."""
    rows = await fetch(_CONTACT, current_tenant_id(), customer, email.strip().lower())
    return as_uuid(rows[0]["id"]) if rows else None


async def project_at(*, customer: UUID, reference: str) -> UUID | None:
    """Return the customer's project with that number or key, if there is exactly one."""
    rows = await fetch(_PROJECTS, current_tenant_id(), customer, reference, reference)
    return as_uuid(rows[0]["id"]) if len(rows) == 1 else None


async def customer_at(*, number: str) -> UUID | None:
    """Return the customer with that number or key, if there is exactly one that is not closed."""
    rows = await fetch(_NUMBERED, current_tenant_id(), number, number)
    return as_uuid(rows[0]["id"]) if len(rows) == 1 else None


async def project_named(*, customer: UUID, name: str) -> UUID | None:
    """Return the customer's project of that name, folded, if there is exactly one."""
    rows = await fetch(_PROJECT_NAMED, current_tenant_id(), customer, fold(name))
    return as_uuid(rows[0]["id"]) if len(rows) == 1 else None


async def add_project(*, customer: UUID, name: str, number: str = "") -> UUID:
    """
    Make a project of what a list says of it.

    Raises:
        NotFoundError: no such customer.
        InvalidInputError: something of it cannot be used.
        CustomerClosedError: nothing new for a closed customer.

    """
    details = customers.ProjectDetails(name=" ".join(name.split())[: customers.LONGEST_NAME], number=number or None)
    return await customers.add_project(customer=customer, details=details)


async def people_who(permission: str, *, customer: UUID) -> dict[UUID, str]:
    """Return the contacts who have *permission* at *customer*, by id: their names."""
    ids = sorted(await contacts_with(permission, customer))
    rows = await Person.select(Person.id, Person.given_name, Person.family_name, Person.email).where(
        Person.id.is_in(ids or [UUID(int=0)])
    )
    return {row["id"]: f"{row['given_name']} {row['family_name']}".strip() or row["email"] or "" for row in rows}


async def all_projects() -> list[tuple[UUID, UUID, str]]:
    """Return all projects of the tenant: id, customer, name."""
    rows = await fetch("SELECT id, customer, name FROM project WHERE tenant = {} ORDER BY id", current_tenant_id())
    return [(as_uuid(row["id"]), as_uuid(row["customer"]), row["name"]) for row in rows]


async def staff_who(permission: str) -> list[UUID]:
    """Return the members of staff who have *permission*, the first first."""
    snapshot = await load_snapshot(current_tenant_id())
    holders = [role for role, held in snapshot.roles.items() if permission in held.grants]
    rows = (
        await Person.select(Person.id)
        .where(
            Person.kind == Audience.STAFF.value,
            Person.deleted_at.is_null(),
            Person.staff_role.is_in(holders or [UUID(int=0)]),
        )
        .order_by(Person.id)
    )
    return [row["id"] for row in rows]


async def as_person(person: UUID) -> Actor | None:
    """Return who somebody is when she signs in, or None where nobody is: demo data is what people have done."""
    found = await Person.objects().where(Person.id == person, Person.deleted_at.is_null()).first()
    snapshot = await load_snapshot(current_tenant_id())
    return await seen.as_person(found, snapshot) if found is not None else None


async def contacts_at(customer: UUID) -> list[str]:
    """Return the addresses of a customer's contacts."""
    return [row["email"] for row in await fetch(_CONTACTS, current_tenant_id(), customer)]


async def project_numbers(customer: UUID) -> list[str]:
    """Return the numbers of a customer's projects."""
    return [row["number"] for row in await fetch(_NUMBERS, current_tenant_id(), customer)]


async def projects_of(customer: UUID, *, assigned_to: UUID | None = None) -> list[tuple[str, str]]:
    """Return the customer's projects to choose from, as (id, name): the open ones, by name; or a person's alone."""
    tenant = current_tenant_id()
    if assigned_to is None:
        rows = await fetch(_OPEN_PROJECTS, tenant, customer)
    else:
        rows = await fetch(_ASSIGNED_PROJECTS, tenant, customer, tenant, assigned_to)
    return [(str(as_uuid(row["id"])), row["name"]) for row in rows]


async def contacts_of(customer: UUID) -> list[tuple[str, str]]:
    """Return the customer's living contacts to choose from, as (id, name), by name."""
    rows = await fetch(_LIVING_CONTACTS, current_tenant_id(), customer)
    return [
        (str(as_uuid(row["id"])), f"{row['given_name']} {row['family_name']}".strip() or row["email"] or "–")
        for row in rows
    ]
