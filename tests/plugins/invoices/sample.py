"""Rows that the demo does not make, for tests that need something in every table."""

from __future__ import annotations

from core.people.tables import Customer
from plugins.invoices.tables import Alias


async def fill(customer: Customer) -> None:
    """Give a customer what can only come from people's decisions."""
    await Alias.insert(Alias(key=f"{customer.name} as documents write it", customer=customer.id))
