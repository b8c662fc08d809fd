"""Pages for contacts."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from core.sdk import (
    Routes,
    Translator,
    action,
    current_actor,
    errors,
    lists,
    load,
    page,
    records,
    render,
    see_other,
)
from portico_bookings import api, staff
from portico_bookings.lists import BOOKINGS
from portico_bookings.permissions import BOOK, VIEW
from portico_bookings.services import book_room, cancel_booking
from portico_bookings.tables import Booking, Guest

_ = Translator("bookings")


def _sent(export: lists.Export) -> Stream:
    async def chunks() -> AsyncIterator[bytes]:
        async for chunk in export.chunks():
            yield chunk

    headers = {"Content-Disposition": f'attachment; filename="{export.filename}"'}
    return Stream(chunks(), media_type=export.media_type, headers=headers)


@page("/", name="bookings:list", permission=VIEW)
async def list_bookings(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the list."""
    view = await lists.list_view(BOOKINGS, request.url.query, current_actor())
    return await render("bookings/list.html", title=_("Bookings"), view=view)


@page("/export.csv", name="bookings:csv", permission=VIEW)
async def as_csv(request: Request[Any, Any, Any]) -> Stream:
    """Send the list as a file."""
    return _sent(await lists.export(BOOKINGS, request.url.query, current_actor(), suffix="csv"))


@page("/export.xlsx", name="bookings:xlsx", permission=VIEW)
async def as_xlsx(request: Request[Any, Any, Any]) -> Stream:
    """Send the list as a sheet."""
    return _sent(await lists.export(BOOKINGS, request.url.query, current_actor(), suffix="xlsx"))


@page("/rules", name="bookings:rules", public="rules of the house are no secret")
async def rules() -> Response[str]:
    """Show the rules to everybody, as long as the module is on."""
    return Response("Rules of the house", media_type="text/plain")


@page("/new", name="bookings:new", permission=BOOK)
async def new(about: FromQuery[str] = "") -> Response[Any]:
    """Show the form."""
    return await render("bookings/new.html", title=_("Book a room"), about=about)


@action("/", name="bookings:create", permission=BOOK)
async def create(request: Request[Any, Any, Any]) -> Response[Any]:
    """Book."""
    sent = await request.form()
    actor = current_actor()
    title = str(sent.get("title", "")).strip()
    if not title or len(title) > actor.tenant.setting("bookings.longest"):
        raise errors.InvalidInputError(fields={"title": [_("Give a shorter title.")]})
    customer = actor.active_customer or actor.places[0].customer
    made = await book_room(customer=customer, title=title, day=actor.tenant.today(), by=actor)
    return see_other(f"/bookings/{made.id}", flash_text=_("Booked."))


@page("/{booking:uuid}", name="bookings:show", permission=VIEW)
async def show(booking: FromPath[UUID]) -> Response[Any]:
    """Show a booking with its guests."""
    actor = current_actor()
    found = await load(actor, Booking, booking)
    guests = await Guest.select(Guest.name).where(Guest.booking == found.id)
    context = await records.context(actor=actor, kind="booking", record=found)
    return await render("bookings/show.html", title=found.title, booking=found, guests=guests, **context)


@action("/{booking:uuid}/cancel", name="bookings:cancel", permission=BOOK)
async def cancel(booking: FromPath[UUID]) -> Response[Any]:
    """Cancel it."""
    actor = current_actor()
    await cancel_booking(booking=await load(actor, Booking, booking), by=actor)
    return see_other(f"/bookings/{booking}")


ROUTES = Routes(
    portal=(list_bookings, as_csv, as_xlsx, rules, new, create, show, cancel), staff=staff.HANDLERS, api=api.HANDLERS
)
