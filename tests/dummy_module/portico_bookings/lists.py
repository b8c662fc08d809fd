"""The list, and what the home page counts of it."""

from core.sdk import Audience, Card, Translator, lists
from portico_bookings.permissions import MANAGE, VIEW
from portico_bookings.tables import Booking

_ = Translator("bookings")

_COLUMNS = (
    lists.Column(key="title", label=_("Room"), kind="title", source=Booking.title, sort=Booking.title_folded),
    lists.Column(key="day", label=_("Day"), kind="day", source=Booking.day, sort=True),
    lists.Column(key="company", label=_("Company"), source=Booking.customer.name),
)
_STATES = lists.ChoiceFilter(
    key="state",
    label=_("State"),
    options=(
        lists.Option(value="booked", label=_("booked"), where=lambda _reader: Booking.state == "booked"),
        lists.Option(value="cancelled", label=_("cancelled"), where=lambda _reader: Booking.state == "cancelled"),
    ),
)
BOOKINGS = lists.ListView(
    key="bookings",
    title=_("Bookings"),
    path="/bookings",
    table=Booking,
    permission=VIEW,
    columns=_COLUMNS,
    filters=(_STATES,),
    search=(Booking.title_folded,),
    default_sort="-day",
    row_url=lambda row: f"/bookings/{row['id']}",
    export_name="bookings",
)
ALL_BOOKINGS = lists.ListView(
    key="bookings.staff",
    title=_("Bookings"),
    path="/staff/bookings",
    table=Booking,
    permission=MANAGE,
    audience=Audience.STAFF,
    columns=_COLUMNS,
    search=(Booking.title_folded,),
    row_url=lambda row: f"/staff/bookings/{row['id']}",
)
CARDS = (
    Card(
        key="bookings.booked",
        label=_("Booked rooms"),
        list="bookings",
        query={"state": "booked"},
        permission=VIEW,
        icon="calendar",
    ),
)
