"""What can happen, and who hears of it how."""

from core.sdk import ActivityKind, Audience, Translator

_ = Translator("bookings")

KINDS = (
    ActivityKind(
        key="bookings.made",
        label=_("New bookings"),
        sentence=_("{title} is booked"),
        subject=_("{title} is booked"),
        body=_("The room is yours on {day}."),
        button=_("See the booking"),
        digest=_("{count} new bookings"),
        notify=(Audience.CONTACT,),
        channel="mail",
    ),
    ActivityKind(
        key="bookings.cancelled",
        label=_("Cancelled bookings"),
        sentence=_("{title} is cancelled"),
        notify=(Audience.STAFF,),
    ),
)
