"""Customers and their projects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.clock import now
from core.db import fetch, transaction, uuid7
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.i18n import LANGUAGES, Translator
from core.people.company import Address, Invoicing, check_tax_id, compact_tax_id, write_json
from core.people.tables import Customer, Membership, Person, Project, ProjectPerson
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from core.i18n import LazyString

_ = Translator("core")

LONGEST_NAME = 200


class CustomerClosedError(WrongStateError):
    """The customer is closed."""

    default = _("This customer is closed. Reopen it first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetails:
    """What is known of a customer. `strict` checks the tax number by the rules of its country."""

    name: str
    number: str | None = None
    external_id: str | None = None
    tax_id: str | None = None
    language: str | None = None
    parent: UUID | None = None
    address: Address = field(default_factory=Address)
    invoicing: Invoicing = field(default_factory=Invoicing)
    strict: bool = True


async def find_customer(customer: UUID) -> Customer:
    """
    Return a customer of the tenant.

    Raises:
        NotFoundError: there is none with that id.

    """
    found = await Customer.objects().where(Customer.id == customer).first()
    if found is None:
        raise NotFoundError
    return found


def is_closed(customer: Customer) -> bool:
    """Whether nothing new is for this customer."""
    return customer.closed_at is not None


async def add_customer(*, details: CustomerDetails, customer: UUID | None = None) -> UUID:
    """
    Add a customer and return its id; the same *customer* id again adds nothing.

    Raises:
        InvalidInputError: something of it cannot be used.

    """
    customer = customer or uuid7()
    async with transaction():
        if await Customer.exists().where(Customer.id == customer):
            return customer
        clean = await _checked(details, customer)
        await Customer.insert(
            Customer(
                id=customer,
                name=clean.name,
                name_folded=fold(clean.name),
                number=clean.number,
                external_id=clean.external_id,
                tax_id=clean.tax_id,
                language=clean.language,
                parent=clean.parent,
                address=write_json(clean.address),
                invoicing=write_json(clean.invoicing),
            )
        )
        await write_activity(kind="core.customer_created", customer=customer, data={"name": clean.name})
    return customer


async def edit_customer(*, customer: UUID, details: CustomerDetails) -> None:
    """
    Change what is known of a customer.

    Raises:
        NotFoundError: no such customer.
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        found = await find_customer(customer)
        clean = await _checked(details, customer)
        after = {
            "name": clean.name,
            "name_folded": fold(clean.name),
            "number": clean.number,
            "external_id": clean.external_id if clean.external_id is not None else found.external_id,
            "tax_id": clean.tax_id,
            "language": clean.language,
            "parent": clean.parent,
            "address": write_json(clean.address),
            "invoicing": write_json(clean.invoicing),
        }
        changed = sorted(
            name for name, value in after.items() if getattr(found, name) != value and name != "name_folded"
        )
        if not changed:
            return
        await Customer.update(after).where(Customer.id == customer)
        await write_activity(
            kind="core.customer_edited", customer=customer, data={"name": clean.name, "changed": changed}
        )


async def edit_company(*, customer: UUID, address: Address, invoicing: Invoicing) -> None:
    """
    Change what a customer's own people may change: address and invoicing preferences.

    Raises:
        NotFoundError: no such customer.
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        found = await find_customer(customer)
        _check_invoicing(invoicing)
        after = {"address": write_json(address), "invoicing": write_json(invoicing)}
        changed = sorted(name for name, value in after.items() if getattr(found, name) != value)
        if not changed:
            return
        await Customer.update(after).where(Customer.id == customer)
        await write_activity(
            kind="core.company_edited", customer=customer, data={"customer": found.name, "changed": changed}
        )


async def close_customer(*, customer: UUID, closed: bool) -> None:
    """
    Close a customer, or open it again. Its data and its people's rights stay; nothing new is for it.

    Raises:
        NotFoundError: no such customer.

    """
    async with transaction():
        found = await find_customer(customer)
        if is_closed(found) == closed:
            return
        await Customer.update({Customer.closed_at: now() if closed else None}).where(Customer.id == customer)
        await write_activity(
            kind="core.customer_edited", customer=customer, data={"name": found.name, "closed": closed}
        )


async def _checked(details: CustomerDetails, customer: UUID) -> CustomerDetails:
    fields: dict[str, list[LazyString]] = {}
    clean = replace(
        details,
        name=" ".join(details.name.split()),
        number=(details.number or "").strip() or None,
        external_id=(details.external_id or "").strip() or None,
    )
    wrong_name = _wrong_name(clean.name, _("Give the customer's name."))
    if wrong_name is not None:
        fields["name"] = [wrong_name]
    if clean.language is not None and clean.language not in LANGUAGES:
        fields["language"] = [_("Choose one from the list.")]
    try:
        clean = replace(clean, tax_id=await _tax_id(clean))
        _check_invoicing(clean.invoicing)
    except InvalidInputError as error:
        fields |= {name: list(reasons) for name, reasons in error.fields.items()}
    fields |= await _taken(clean, customer)
    if clean.parent is not None:
        reason = await _wrong_parent(clean.parent, customer)
        if reason is not None:
            fields["parent"] = [reason]
    if fields:
        raise InvalidInputError(fields=fields)
    return clean


def _wrong_name(name: str, missing: LazyString) -> LazyString | None:
    if not name:
        return missing
    if len(name) > LONGEST_NAME:
        return _("Use at most {n} characters.").format(n=LONGEST_NAME)
    return None


async def _taken(clean: CustomerDetails, customer: UUID) -> dict[str, list[LazyString]]:
    """Return which of number and key another customer has, and who that is."""
    fields: dict[str, list[LazyString]] = {}
    if clean.number is not None:
        other = await Customer.objects().where(Customer.number == clean.number, Customer.id != customer).first()
        if other is not None:
            fields["number"] = [_("{name} has this number.").format(name=other.name)]
    if clean.external_id is not None:
        other = (
            await Customer.objects().where(Customer.external_id == clean.external_id, Customer.id != customer).first()
        )
        if other is not None:
            fields["external_id"] = [_("{name} has this key.").format(name=other.name)]
    return fields


async def _tax_id(details: CustomerDetails) -> str | None:
    if not (details.tax_id or "").strip():
        return None
    if not details.strict:
        return compact_tax_id(details.tax_id or "") or None
    country = details.address.country
    if not country:
        rows = await fetch("SELECT country FROM tenant WHERE id = {}", current_tenant_id())
        country = rows[0]["country"]
    return check_tax_id(details.tax_id or "", country=country)


async def _wrong_parent(parent: UUID, customer: UUID) -> LazyString | None:
    found = await Customer.objects().where(Customer.id == parent).first()
    if found is None:
        return _("Choose one from the list.")
    if parent == customer:
        return _("A company cannot be its own parent.")
    if found.parent is not None:
        return _("{name} has a parent itself; there is one level only.").format(name=found.name)
    if await Customer.exists().where(Customer.parent == customer):
        return _("This customer has subsidiaries; there is one level only.")
    return None


def _check_invoicing(invoicing: Invoicing) -> None:
    if invoicing.language and invoicing.language not in LANGUAGES:
        raise InvalidInputError(fields={"invoice_language": [_("Choose one from the list.")]})
    if len(invoicing.reference) > 200:
        raise InvalidInputError(fields={"reference": [_("Use at most {n} characters.").format(n=200)]})


# -- projects ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDetails:
    """What is known of a project."""

    name: str
    number: str | None = None
    external_id: str | None = None
    state: str = "open"
    starts_on: date | None = None
    ends_on: date | None = None


async def find_project(project: UUID) -> Project:
    """
    Return a project of the tenant.

    Raises:
        NotFoundError: there is none with that id.

    """
    found = await Project.objects().where(Project.id == project).first()
    if found is None:
        raise NotFoundError
    return found


async def add_project(*, customer: UUID, details: ProjectDetails, project: UUID | None = None) -> UUID:
    """
    Add a project to a customer and return its id; the same *project* id again adds nothing.

    Raises:
        NotFoundError: no such customer.
        InvalidInputError: something of it cannot be used.
        CustomerClosedError: nothing new for a closed customer.

    """
    project = project or uuid7()
    async with transaction():
        if await Project.exists().where(Project.id == project):
            return project
        owner = await find_customer(customer)
        if is_closed(owner):
            raise CustomerClosedError
        clean = _checked_project(details)
        await Project.insert(
            Project(
                id=project,
                customer=customer,
                name=clean.name,
                name_folded=fold(clean.name),
                number=clean.number,
                external_id=clean.external_id,
                state=clean.state,
                starts_on=clean.starts_on,
                ends_on=clean.ends_on,
            )
        )
        await write_activity(
            kind="core.project_changed",
            customer=customer,
            data={"name": clean.name, "project": str(project), "added": True},
        )
    return project


async def edit_project(*, project: UUID, details: ProjectDetails, people: Collection[UUID] | None = None) -> None:
    """
    Change a project, and which contacts of its customer are assigned to it (None leaves them).

    Raises:
        NotFoundError: no such project, or one of the people is no contact of its customer.
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        found = await find_project(project)
        clean = _checked_project(details)
        await Project.update(
            {
                Project.name: clean.name,
                Project.name_folded: fold(clean.name),
                Project.number: clean.number,
                Project.state: clean.state,
                Project.starts_on: clean.starts_on,
                Project.ends_on: clean.ends_on,
            }
        ).where(Project.id == project)
        if people is not None:
            await _assign(project, found.customer, set(people))
        await write_activity(
            kind="core.project_changed",
            customer=found.customer,
            data={"name": clean.name, "project": str(project), "people": len(people) if people is not None else None},
        )


async def _assign(project: UUID, customer: UUID, people: set[UUID]) -> None:

    allowed = {
        row["person"] for row in await Membership.select(Membership.person).where(Membership.customer == customer)
    }
    if not people <= allowed:
        raise NotFoundError
    before = {
        row["person"]
        for row in await ProjectPerson.select(ProjectPerson.person).where(ProjectPerson.project == project)
    }
    gone = before - people
    if gone:
        await ProjectPerson.delete().where(ProjectPerson.project == project, ProjectPerson.person.is_in(list(gone)))
    fresh = [ProjectPerson(project=project, person=person) for person in sorted(people - before)]
    if fresh:
        await ProjectPerson.insert(*fresh)


def _checked_project(details: ProjectDetails) -> ProjectDetails:
    fields: dict[str, list[LazyString]] = {}
    name = " ".join(details.name.split())
    wrong_name = _wrong_name(name, _("Give the project's name."))
    if wrong_name is not None:
        fields["name"] = [wrong_name]
    if details.starts_on and details.ends_on and details.ends_on < details.starts_on:
        fields["ends_on"] = [_("The end lies before the start.")]
    if details.state not in {"open", "closed"}:
        fields["state"] = [_("Choose one from the list.")]
    if fields:
        raise InvalidInputError(fields=fields)
    return ProjectDetails(
        name=name,
        number=(details.number or "").strip() or None,
        external_id=(details.external_id or "").strip() or None,
        state=details.state,
        starts_on=details.starts_on,
        ends_on=details.ends_on,
    )


async def projects_of_person(person: UUID) -> set[UUID]:
    """Return the projects that a contact is assigned to."""
    rows = await ProjectPerson.select(ProjectPerson.project).where(ProjectPerson.person == person)
    return {row["project"] for row in rows}


async def people_on(project: UUID) -> set[UUID]:
    """Return the contacts who are assigned to a project."""
    rows = await ProjectPerson.select(ProjectPerson.person).where(ProjectPerson.project == project)
    return {row["person"] for row in rows}


async def contacts_of(customer: UUID) -> list[Person]:
    """Return the living contacts of a customer, by name."""
    ids = [row["person"] for row in await Membership.select(Membership.person).where(Membership.customer == customer)]
    if not ids:
        return []
    found: list[Person] = (
        await Person.objects().where(Person.id.is_in(ids), Person.deleted_at.is_null()).order_by(Person.name_folded)
    )
    return found
