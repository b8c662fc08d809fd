"""Pages of the back office."""

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from core.sdk import Translator, action, current_actor, lists, load, page, records, render, see_other
from portico_bookings.lists import ALL_BOOKINGS
from portico_bookings.permissions import MANAGE
from portico_bookings.services import publish_booking
from portico_bookings.tables import Booking, Guest

_ = Translator("bookings")
STAFF = "layouts/staff.html"


@page("/", name="bookings:staff", permission=MANAGE)
async def list_all(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the bookings of all customers."""
    view = await lists.list_view(ALL_BOOKINGS, request.url.query, current_actor())
    return await render("bookings/list.html", title=_("Bookings"), view=view, frame=STAFF)


@page("/{booking:uuid}", name="bookings:staff_show", permission=MANAGE)
async def show(booking: FromPath[UUID]) -> Response[Any]:
    """Show one."""
    actor = current_actor()
    found = await load(actor, Booking, booking)
    guests = await Guest.select(Guest.name).where(Guest.booking == found.id)
    context = await records.context(actor=actor, kind="booking", record=found)
    return await render("bookings/show.html", title=found.title, booking=found, guests=guests, frame=STAFF, **context)


@action("/{booking:uuid}/publish", name="bookings:publish", permission=MANAGE)
async def publish(booking: FromPath[UUID]) -> Response[Any]:
    """Show it to the customer."""
    await publish_booking(booking=await load(current_actor(), Booking, booking))
    return see_other(f"/staff/bookings/{booking}")


HANDLERS = (list_all, show, publish)
