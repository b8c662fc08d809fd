"""Whose the rows of a list are: customers, projects, workers, by number, by name, by what staff has decided before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sdk import Customer, Translator, errors, fold, imports, transaction
from plugins.timesheets.services.projects import undertaking_of
from plugins.timesheets.tables import KnownName, Worker

if TYPE_CHECKING:
    from plugins.timesheets.reading import ReadEntry

_ = Translator("timesheets")


@dataclass(slots=True)
class Placement:
    """
    Whose the entries of a list are: by number, by name, by what staff has decided before.

    `create_customers` and `create_projects` make what the portal does not know, where who brings the list in may do
    that; `fallback` takes rows without a customer.
    """

    create_customers: bool = False
    create_projects: bool = False
    fallback: UUID | None = None
    draft: bool = False
    customers: dict[tuple[str, str], UUID | None] = field(default_factory=dict)
    """By number and name: a number of one customer may be another one's name."""
    projects: dict[tuple[UUID, str, str], UUID | None] = field(default_factory=dict)
    workers: dict[tuple[str, str], UUID] = field(default_factory=dict)


class RefusedError(errors.InvalidInputError):
    """A row that cannot be taken in."""


async def customer_of(row: ReadEntry, placement: Placement) -> UUID:
    """
    Return whose a row is: by number, by name, by its project, else whoever takes rows without a customer.

    Raises:
        RefusedError: nobody knows.

    """
    key = (row.customer_number, row.customer)
    if not any(key):
        if placement.fallback is not None:
            return placement.fallback
        project = await _decided("project", row.project) if row.project else None
        if project is not None:
            return project.customer
        raise RefusedError(_("The row names no customer. Say to whom such rows belong."))
    if key not in placement.customers:
        placement.customers[key] = await known_customer(
            number=row.customer_number, name=row.customer, create=placement.create_customers
        )
    found = placement.customers[key]
    if found is None:
        raise RefusedError(_("No customer is called “{name}”.").format(name=row.customer or row.customer_number))
    return found


async def known_customer(*, number: str, name: str, create: bool = False) -> UUID | None:
    """Return the customer that a row names; None where nobody knows who that is and none is to be made."""
    if number and (found := await imports.customer_at(number=number)):
        return found
    if name:
        decided = await _decided("customer", name)
        if decided is not None:
            return decided.customer
        named = await Customer.select(Customer.id).where(
            Customer.name_folded == fold(name), Customer.closed_at.is_null()
        )
        if len(named) == 1:
            return UUID(str(named[0]["id"]))
        if not named and create:
            await imports.wait_for_others()
            return await imports.add_customer(name=name)
    return None


async def _decided(kind: str, name: str) -> KnownName | None:
    found: KnownName | None = (
        await KnownName.objects().where(KnownName.kind == kind, KnownName.name_folded == fold(name)).first()
    )
    return found


async def project_of(row: ReadEntry, customer: UUID, placement: Placement) -> UUID | None:
    """
    Return the customer's project that a row names, None where it names none.

    Raises:
        RefusedError: the customer has none such, and none is to be made.

    """
    key = (customer, row.project_number, row.project)
    if not (row.project_number or row.project):
        return None
    if key not in placement.projects:
        found = (
            await imports.project_at(customer=customer, reference=row.project_number) if row.project_number else None
        )
        if found is None and row.project:
            decided = await _decided("project", row.project)
            if decided is not None and decided.customer == customer:
                found = decided.project
            found = found or await imports.project_named(customer=customer, name=row.project)
        if found is None and placement.create_projects:
            found = await imports.add_project(
                customer=customer, name=row.project or row.project_number, number=row.project_number
            )
        if found is not None:
            await undertaking_of(project=found, customer=customer, name=row.project or row.project_number)
        placement.projects[key] = found
    made = placement.projects[key]
    if made is None:
        raise RefusedError(
            _("The customer has no project “{name}”, and whoever brings the list in may not make projects.").format(
                name=row.project or row.project_number
            )
        )
    return made


async def worker_of(row: ReadEntry, placement: Placement) -> UUID:
    """Return who did the work of a row."""
    key = (fold(row.worker), row.email)
    if key not in placement.workers:
        placement.workers[key] = await worker_named(name=row.worker, email=row.email)
    return placement.workers[key]


async def worker_named(*, name: str, email: str = "") -> UUID:
    """Return the worker with that address or else that name, made where there is none."""
    found = await _worker_known(name, email)
    if found is not None:
        return found
    async with transaction():
        await imports.wait_for_others()  # somebody may be making the same one
        found = await _worker_known(name, email)
        if found is not None:
            return found
        made = Worker(name=" ".join(name.split()), name_folded=fold(name), email=email or None)
        await Worker.insert(made)
        return made.id


async def _worker_known(name: str, email: str) -> UUID | None:
    found = None
    if email:
        found = await Worker.select(Worker.id).where(Worker.email == email).first()
    if found is None:
        same: Any = Worker.name_folded == fold(name)
        if email:
            same &= Worker.email.is_null()
        found = await Worker.select(Worker.id).where(same).order_by(Worker.id).first()
    return UUID(str(found["id"])) if found is not None else None
