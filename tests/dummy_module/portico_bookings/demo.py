"""Demo data, through the module's own verbs."""

from datetime import date

from core.sdk import Customer, now
from portico_bookings.services import book_room


async def fill() -> None:
    """Book a room for each customer: yesterday's, a coming one, and one not published."""
    for customer in await Customer.objects().order_by(Customer.name_folded):
        await book_room(customer=customer.id, title=f"Blue room for {customer.name}", day=now().date())
        await book_room(customer=customer.id, title="Small room", day=date(2020, 2, 29))
        await book_room(customer=customer.id, title="Not yet", day=now().date(), published=False)
