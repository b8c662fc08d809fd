"""Work that comes back: what lies behind us is past."""

from core.sdk import Schedule, beyond_reach, now, transaction
from portico_bookings.tables import Booking


async def close_past() -> None:
    """Mark bookings of days gone by."""
    with beyond_reach("the worker closes what is past, whosever it is"):
        async with transaction():
            await Booking.update({Booking.state: "past"}).where(
                (Booking.state == "booked") & (Booking.day < now().date())
            )


SCHEDULES = (Schedule(key="bookings.close", every=3600, run=close_past),)
