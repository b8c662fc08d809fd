"""Adding customers and changing what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import now
from core.db import UniqueViolationError, transaction, uuid7
from core.people.company import write_json
from core.people.customers_known import CustomerChangedError, check_invoicing, checked, find_customer, is_closed
from core.people.new_customers import close_if_new_ones_are
from core.people.roles_known import lock_tenant
from core.people.tables import Customer
from core.records.activity import write_activity
from core.text import fold

if TYPE_CHECKING:
    from uuid import UUID

    from core.people.company import Address, Invoicing
    from core.people.customers_known import CustomerDetails


async def add_customer(*, details: CustomerDetails, customer: UUID | None = None) -> UUID:
    """
    Add a customer and return its id; the same *customer* id again adds nothing.

    Raises:
        InvalidInputError: something of it cannot be used.

    """
    customer = customer or uuid7()
    async with transaction():
        if details.parent is not None:
            await lock_tenant()
        if await Customer.exists().where(Customer.id == customer):
            return customer
        clean = await checked(details, customer)
        made = Customer(
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
        try:
            async with transaction():
                await Customer.insert(made)
        except UniqueViolationError:  # somebody has just added one with this number or key
            await checked(clean, customer)
            raise
        await close_if_new_ones_are(customer=customer)
        await write_activity(kind="core.customer_created", customer=customer, data={"name": clean.name})
    return customer


async def edit_customer(*, customer: UUID, details: CustomerDetails, version: int | None = None) -> None:
    """
    Change what is known of a customer; *version* is the one that was shown (None does not ask).

    Raises:
        NotFoundError: no such customer.
        CustomerChangedError: somebody has changed it since.
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        await lock_tenant()  # who is whose parent holds for two at once: both would pass alone
        found = await find_customer(customer)
        _require(found, version)
        clean = await checked(details, customer)
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
        await Customer.update({**after, "version": found.version + 1}).where(Customer.id == customer)
        await write_activity(
            kind="core.customer_edited", customer=customer, data={"name": clean.name, "changed": changed}
        )


async def edit_company(*, customer: UUID, address: Address, invoicing: Invoicing, version: int | None = None) -> None:
    """
    Change what a customer's own people may change: address and invoicing preferences.

    *version* is the one that was shown (None does not ask).

    Raises:
        NotFoundError: no such customer.
        CustomerChangedError: somebody has changed it since.
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        await lock_tenant()
        found = await find_customer(customer)
        _require(found, version)
        check_invoicing(invoicing)
        after = {"address": write_json(address), "invoicing": write_json(invoicing)}
        changed = sorted(name for name, value in after.items() if getattr(found, name) != value)
        if not changed:
            return
        await Customer.update({**after, "version": found.version + 1}).where(Customer.id == customer)
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
        after = {Customer.closed_at: now() if closed else None, Customer.version: Customer.version + 1}
        await Customer.update(after).where(Customer.id == customer)
        await write_activity(
            kind="core.customer_edited", customer=customer, data={"name": found.name, "closed": closed}
        )


def _require(customer: Customer, version: int | None) -> None:
    if version is not None and version != customer.version:
        raise CustomerChangedError
