"""Work for later."""

from typing import Any
from uuid import UUID

from core.sdk import beyond_reach, records, work
from portico_bookings.tables import Booking, Heard


@work.handler("bookings.remind")
async def remind(item: work.Item) -> None:
    """Write down who would be reminded of a booking."""
    with beyond_reach("the worker reminds of bookings, whosever they are"):
        booking = await Booking.objects().where(Booking.id == UUID(item.payload["booking"])).first()
    if booking is None:
        raise work.PermanentError
    people = await records.audience(booking)
    await Heard.insert(Heard(what=f"remind {booking.title} {len(people)}"))


async def remind_later(*, booking: Any) -> UUID | None:
    """Have people reminded of a booking, once."""
    return await work.enqueue(remind, {"booking": str(booking.id)}, once_key=str(booking.id))
