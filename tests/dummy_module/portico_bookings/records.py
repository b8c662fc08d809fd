"""The record kind, and the button that the module puts on records of other modules."""

from uuid import UUID

from core.sdk import RecordAction, RecordKind, Translator
from portico_bookings.permissions import BOOK, MANAGE, VIEW
from portico_bookings.tables import Booking

_ = Translator("bookings")


def _path(kind: str, record: UUID) -> str:
    return f"/bookings/new?about={kind}.{record}"


KINDS = (
    RecordKind(
        key="booking",
        label=_("Booking"),
        table=Booking,
        title=lambda record: record.title,
        url=lambda record: f"/bookings/{record.id}",
        staff_url=lambda record: f"/staff/bookings/{record.id}",
        view=VIEW,
        staff_view=MANAGE,
        search=("title_folded",),
        attachments=True,
        forward=True,
        icon="calendar",
    ),
)
ACTIONS = (
    RecordAction(key="bookings:about", label=_("Book a room for this"), icon="calendar", permission=BOOK, path=_path),
)
