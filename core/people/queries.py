"""What the pages about people and customers read; lists go by key, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from piccolo.columns.combination import WhereRaw

from core.db import fetch
from core.people.tables import RECIPIENT, Customer, Membership, Person, Project, ProjectPerson
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.contributions import Audience

PAGE = 30
"""Rows of a page."""
MOST_WORDS = 6
"""Words of a search that count."""
SUGGESTED = 20
"""Customers that a type-ahead proposes."""
STATES = (RECIPIENT, "address_book", "pending", "invited", "active", "deactivated")

_PEOPLE_WITH_ROLES = """
SELECT role, count(*) AS number FROM (
    SELECT m.role AS role, m.person AS person FROM membership m
    JOIN person p ON p.tenant = m.tenant AND p.id = m.person
    WHERE m.tenant = {} AND p.deleted_at IS NULL
    UNION
    SELECT staff_role, id FROM person WHERE tenant = {} AND staff_role IS NOT NULL AND deleted_at IS NULL
) held GROUP BY role
"""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, and the key after which the next page starts (None: there is none)."""

    rows: list[dict[str, Any]]
    after: str | None


_OF_CUSTOMER = "{} IN (SELECT person FROM membership WHERE tenant = {} AND customer = {})"


def pattern(text: str) -> str:
    """Return what LIKE looks for: folded, with wildcards that were typed taken out."""
    return f"%{fold(text).replace('%', ' ').replace('_', ' ').strip()}%"


def _numbered(like: str) -> Any:
    """Return the condition that a customer's number is like this, as typed or in capital letters."""
    return Customer.number.like(like) | Customer.number.like(like.upper())


def _paged(rows: Sequence[dict[str, Any]]) -> Page:
    shown = list(rows[:PAGE])
    return Page(shown, f"{shown[-1]['id']}" if len(rows) > PAGE else None)


async def list_customers(*, search: str = "", after: str | None = None, closed: bool = False) -> Page:
    """Return customers by name, with their parent's name and how many contacts they have."""
    query = Customer.select(
        Customer.id,
        Customer.name,
        Customer.name_folded,
        Customer.number,
        Customer.tax_id,
        Customer.parent,
        Customer.closed_at,
    )
    if not closed:
        query = query.where(Customer.closed_at.is_null())
    if search.strip():
        compact = "".join(sign for sign in search.upper() if sign.isalnum())
        wanted = Customer.name_folded.like(pattern(search)) | _numbered(f"%{search.strip()}%")
        if compact:
            wanted |= Customer.tax_id.like(f"%{compact}%")
        query = query.where(wanted)
    last = await _last(Customer, after)
    if last is not None:
        query = query.where(
            (Customer.name_folded > last["name_folded"])
            | ((Customer.name_folded == last["name_folded"]) & (Customer.id > last["id"]))
        )
    rows = await query.order_by(Customer.name_folded).order_by(Customer.id).limit(PAGE + 1)
    page = _paged(rows)
    names = await customer_names(row["parent"] for row in page.rows if row["parent"])
    counts = await _contacts_at([row["id"] for row in page.rows])
    for row in page.rows:
        row["parent_name"] = names.get(row["parent"], "")
        row["contacts"] = counts.get(row["id"], 0)
    return page


async def _last(table: type[Customer | Person], after: str | None) -> dict[str, Any] | None:
    try:
        key = UUID(after) if after else None
    except ValueError:
        key = None
    if key is None:
        return None
    found: dict[str, Any] | None = await table.select(table.id, table.name_folded).where(table.id == key).first()
    return found


async def _contacts_at(customers: list[UUID]) -> dict[UUID, int]:
    if not customers:
        return {}
    rows = await Membership.select(Membership.customer).where(
        Membership.customer.is_in(customers), Membership.person.deleted_at.is_null()
    )
    counts: dict[UUID, int] = {}
    for row in rows:
        counts[row["customer"]] = counts.get(row["customer"], 0) + 1
    return counts


async def customer_names(customers: Iterable[UUID]) -> dict[UUID, str]:
    """Return names by id."""
    wanted = sorted(set(customers))
    if not wanted:
        return {}
    rows = await Customer.select(Customer.id, Customer.name).where(Customer.id.is_in(wanted))
    return {row["id"]: row["name"] for row in rows}


async def suggest_customers(text: str) -> list[dict[str, str]]:
    """Return open customers whose name, number or tax number holds *text*, for a type-ahead."""
    query = Customer.select(Customer.id, Customer.name, Customer.number, Customer.tax_id).where(
        Customer.closed_at.is_null()
    )
    if text.strip():
        wanted = Customer.name_folded.like(pattern(text)) | _numbered(f"{text.strip()}%")
        compact = "".join(sign for sign in text.upper() if sign.isalnum())
        if compact:
            wanted |= Customer.tax_id.like(f"{compact}%")
        query = query.where(wanted)
    rows = await query.order_by(Customer.name_folded).limit(SUGGESTED)
    return [
        {
            "value": str(row["id"]),
            "label": row["name"],
            "hint": " · ".join(part for part in (row["number"], row["tax_id"]) if part),
        }
        for row in rows
    ]


async def has_customers() -> bool:
    """Whether the tenant has a customer that is open."""
    return bool(await Customer.exists().where(Customer.closed_at.is_null()))


def people_found(query: Any, *, kind: Audience, search: str = "", state: str = "", deleted: bool = False) -> Any:
    """Narrow a query of people to those a list shows; with *deleted* also who was deleted."""
    query = query.where(Person.kind == kind.value)
    if not deleted:
        query = query.where(Person.deleted_at.is_null())
    if state in STATES:
        query = query.where(Person.state == state)
    for word in fold(search).split()[:MOST_WORDS]:
        query = query.where(Person.name_folded.like(pattern(word)) | Person.email_folded.like(f"%{word}%"))
    return query


async def list_people(
    *,
    kind: Audience,
    search: str = "",
    state: str = "",
    customer: UUID | None = None,
    after: str | None = None,
    deleted: bool = False,
) -> Page:
    """Return contacts or staff by family name, with their customers and roles."""
    query = Person.select(
        Person.id,
        Person.given_name,
        Person.family_name,
        Person.name_folded,
        Person.email,
        Person.state,
        Person.last_sign_in_at,
        Person.sign_ins,
        Person.invited_at,
        Person.deleted_at,
        Person.staff_role,
    )
    query = people_found(query, kind=kind, search=search, state=state, deleted=deleted)
    if customer is not None:
        query = query.where(WhereRaw(_OF_CUSTOMER, Person.id, current_tenant_id(), customer))
    last = await _last(Person, after)
    if last is not None:
        query = query.where(
            (Person.name_folded > last["name_folded"])
            | ((Person.name_folded == last["name_folded"]) & (Person.id > last["id"]))
        )
    rows = await query.order_by(Person.name_folded).order_by(Person.id).limit(PAGE + 1)
    page = _paged(rows)
    seats = await seats_of([row["id"] for row in page.rows])
    for row in page.rows:
        row["name"] = f"{row['given_name']} {row['family_name']}".strip() or row["email"] or ""
        row["seats"] = seats.get(row["id"], [])
    return page


async def reaches_anybody(*, customer: UUID) -> bool:
    """Whether somebody of a customer has an address to which something could be mailed."""
    return bool(
        await Membership.exists().where(
            Membership.customer == customer,
            Membership.person.email.is_not_null(),
            Membership.person.state != "deactivated",
            Membership.person.deleted_at.is_null(),
        )
    )


async def seats_of(people: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the places of contacts: customer, role and reach, by the customer's name."""
    if not people:
        return {}
    rows = await Membership.select(
        Membership.person,
        Membership.customer,
        Membership.role,
        Membership.reach,
        Membership.customer.name.as_alias("customer_name"),
        Membership.role.label.as_alias("role_label"),
    ).where(Membership.person.is_in(people))
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["customer_name"].casefold()):
        found.setdefault(row["person"], []).append(row)
    return found


async def projects_of(customer: UUID) -> list[dict[str, Any]]:
    """Return a customer's projects, the open ones first, each with how many contacts are assigned."""
    rows: list[dict[str, Any]] = await Project.select(
        Project.id, Project.name, Project.number, Project.state, Project.starts_on, Project.ends_on, Project.name_folded
    ).where(Project.customer == customer)
    ids = [row["id"] for row in rows]
    counts: dict[UUID, int] = {}
    if ids:
        for row in await ProjectPerson.select(ProjectPerson.project).where(ProjectPerson.project.is_in(ids)):
            counts[row["project"]] = counts.get(row["project"], 0) + 1
    for row in rows:
        row["people"] = counts.get(row["id"], 0)
    return sorted(rows, key=lambda row: (row["state"] != "open", row["name_folded"]))


async def subsidiaries_of(customer: UUID) -> list[dict[str, Any]]:
    """Return the customers whose parent this one is."""
    found: list[dict[str, Any]] = (
        await Customer.select(Customer.id, Customer.name)
        .where(Customer.parent == customer)
        .order_by(Customer.name_folded)
    )
    return found


async def people_with_roles() -> dict[UUID, int]:
    """Return how many people have each role, as contacts or as staff."""
    tenant = current_tenant_id()
    return {as_uuid(row["role"]): row["number"] for row in await fetch(_PEOPLE_WITH_ROLES, tenant, tenant)}


async def people_with_role(role: UUID) -> int:
    """Return how many people have a role, as contacts or as staff."""
    contacts = await Membership.select(Membership.person).where(
        Membership.role == role, Membership.person.deleted_at.is_null()
    )
    staff = await Person.count().where(Person.staff_role == role, Person.deleted_at.is_null())
    return len({row["person"] for row in contacts}) + int(staff)
