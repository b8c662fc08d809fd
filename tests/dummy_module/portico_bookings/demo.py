"""Demo data, through the module's own verbs."""

from datetime import date, timedelta

from core.sdk import Customer, now
from portico_bookings.services import book_room


async def fill() -> None:
    """Book a room for each customer: a past one, a coming one, and one not published."""
    coming = now().date() + timedelta(days=30)  # of no day that a test's hours could pass
    for customer in await Customer.objects().order_by(Customer.name_folded):
        await book_room(customer=customer.id, title=f"Blue room for {customer.name}", day=coming)
        await book_room(customer=customer.id, title="Small room", day=date(2020, 2, 29))
        await book_room(customer=customer.id, title="Not yet", day=coming, published=False)
