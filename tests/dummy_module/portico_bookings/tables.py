"""Bookings, their guests, and what the module has heard of."""

from typing import Any
from uuid import UUID

from piccolo.columns import Date, ForeignKey, Text
from piccolo.columns.base import OnDelete

from core.sdk import CustomerRecord, Person, TenantTable
from portico_bookings.permissions import MANAGE, VIEW


class Booking(CustomerRecord, tablename="bookings_booking"):
    """A room for a day. Personally whose it is: the one it is addressed to, or who booked it."""

    view = VIEW
    staff_view = MANAGE

    title = Text()
    title_folded = Text()
    day = Date()
    state = Text(default="booked", help_text="booked, cancelled or past")
    booked_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)

    @classmethod
    def own_condition(cls, person: UUID) -> Any:
        """Return the condition that the booking is hers."""
        return (cls.addressee == person) | (cls.booked_by == person)


class Guest(TenantTable, tablename="bookings_guest"):
    """Somebody who is expected; read only through the loaded booking."""

    booking = ForeignKey(references=Booking, null=False, on_delete=OnDelete.restrict)
    name = Text()


class Heard(TenantTable, tablename="bookings_heard"):
    """What events brought."""

    what = Text()
