"""What roles may be granted."""

from core.sdk import Audience, Permission, Reach, Translator

_ = Translator("bookings")

VIEW, BOOK, MANAGE = "bookings:booking:view", "bookings:booking:create", "bookings:booking:manage"

PERMISSIONS = (
    Permission(key=VIEW, label=_("See bookings"), help=_("Rooms that the company has booked.")),
    Permission(key=BOOK, label=_("Book rooms"), help=_("And cancel what was booked.")),
    Permission(
        key=MANAGE,
        label=_("Manage bookings"),
        help=_("See, publish and remove the bookings of all customers."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
)
