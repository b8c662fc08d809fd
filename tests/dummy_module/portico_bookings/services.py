"""Verbs: book, publish, cancel."""

from datetime import date
from uuid import UUID

from core.sdk import Actor, Customer, errors, fold, now, transaction, write_activity
from portico_bookings.permissions import BOOK
from portico_bookings.tables import Booking, Guest


async def book_room(
    *,
    customer: UUID,
    title: str,
    day: date,
    by: Actor | None = None,
    addressee: UUID | None = None,
    project: UUID | None = None,
    guests: tuple[str, ...] = (),
    published: bool = True,
    id: UUID | None = None,
) -> Booking:
    """
    Book a room for a customer.

    Raises:
        NotFoundError: the tenant has no such customer.
        NotPermittedError: the contact may not book for it.

    """
    if by is not None and by.is_contact:
        by.require(BOOK, customer=customer)
    if not await Customer.exists().where(Customer.id == customer):
        raise errors.NotFoundError
    booking = Booking(
        customer=customer,
        project=project,
        addressee=addressee,
        title=title,
        title_folded=fold(title),
        day=day,
        booked_by=by.person if by is not None and by.is_contact else None,
        published_at=now() if published else None,
        **({"id": id} if id else {}),
    )
    async with transaction():
        await Booking.insert(booking)
        if guests:
            await Guest.insert(*(Guest(booking=booking.id, name=name) for name in guests))
        if published:
            await _tell(booking)
    return booking


async def publish_booking(*, booking: Booking) -> None:
    """Show a booking to the contacts of its customer, once."""
    if booking.published_at is not None:
        return
    async with transaction():
        booking.published_at = now()
        await Booking.update({Booking.published_at: booking.published_at}).where(Booking.id == booking.id)
        await _tell(booking)


async def cancel_booking(*, booking: Booking, by: Actor) -> None:
    """
    Cancel a booking; staff hears of it.

    Raises:
        NotPermittedError: the actor may not.
        WrongStateError: it is past or cancelled.

    """
    by.require(BOOK, customer=booking.customer)
    if booking.state != "booked":
        raise errors.WrongStateError
    async with transaction():
        await Booking.update({Booking.state: "cancelled"}).where(Booking.id == booking.id)
        await write_activity(kind="bookings.cancelled", record=("booking", booking), data={"title": booking.title})


async def _tell(booking: Booking) -> None:
    facts = {"title": booking.title, "day": booking.day.isoformat()}
    await write_activity(kind="bookings.made", record=("booking", booking), data=facts)
