"""Address books, as tests see them: who stands in one."""

from __future__ import annotations

from core.people.address_book import add_recipients, entries_of
from core.people.tables import Customer, Person
from tests.portal_fixtures import Portal

ANA, HIM, HER = "ana@acme.example", "adviser@tax.example", "her@else.example"


async def add(portal: Portal, customer: Customer, *emails: str) -> list[str]:
    """Put addresses in a customer's book, as forwarding does."""
    async with portal.work():
        return await add_recipients(customer=customer.id, emails=emails, by=None)


async def book(portal: Portal, customer: Customer) -> list[tuple[str, str]]:
    """Name and address of everybody in a customer's book, as the customer sees it."""
    async with portal.work():
        return [(entry.name, entry.email) for entry in await entries_of(customer.id)]


async def people(portal: Portal) -> dict[str, tuple[str, str, bool]]:
    """State, source, and whether they are deleted, of everybody who is no active contact, by address."""
    async with portal.work():
        rows = await Person.select().where(Person.state != "active").order_by(Person.id)
    return {row["email"]: (row["state"], row["source"], row["deleted_at"] is not None) for row in rows}


async def person_with(portal: Portal, email: str) -> Person:
    async with portal.work():
        found = await Person.objects().where(Person.email_folded == email, Person.deleted_at.is_null()).first()
    assert found is not None
    return found
