"""What programs of the tenant may do."""

from datetime import date
from uuid import UUID

import msgspec
from litestar.params import FromPath, JSONBody

from core.sdk import api_get, api_post, current_actor, load
from portico_bookings.permissions import MANAGE
from portico_bookings.services import book_room
from portico_bookings.tables import Booking


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """A booking to be made."""

    customer: UUID
    title: str
    day: date


class Shown(msgspec.Struct):
    """A booking as programs see it."""

    id: UUID
    title: str
    day: date


@api_get("/", name="bookings:api_list", permission=MANAGE)
async def list_bookings() -> list[Shown]:
    """Return all bookings."""
    rows = await Booking.select(Booking.id, Booking.title, Booking.day).order_by(Booking.id)
    return [Shown(**row) for row in rows]


@api_get("/{booking:uuid}", name="bookings:api_show", permission=MANAGE)
async def show_booking(booking: FromPath[UUID]) -> Shown:
    """Return one booking."""
    found = await load(current_actor(), Booking, booking)
    return Shown(found.id, found.title, found.day)


@api_post("/", name="bookings:api_create", permission=MANAGE)
async def create_booking(data: JSONBody[Wanted]) -> Shown:
    """Make a booking."""
    made = await book_room(customer=data.customer, title=data.title, day=data.day)
    return Shown(made.id, made.title, made.day)


HANDLERS = (list_bookings, show_booking, create_booking)
