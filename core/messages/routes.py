"""A person's bell, how she wants to be told, and the link in mails that stops a kind of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.enums import MediaType
from litestar.params import FromPath, FromQuery
from litestar.status_codes import HTTP_200_OK

from core.accounts.pages import own_frame
from core.errors import NotFoundError
from core.i18n import Translator
from core.messages.bell import choices_of, choose, mark_read, notices_of, stop_mails
from core.messages.unsubscribing import read_token
from core.people.actor import current_actor
from core.registry import registry
from core.web import action, page, render, see_other, tenant

_ = Translator("core")

_OWN = "everybody has a bell of her own"
_PREFIX = "channel:"


@page("/notifications", name="messages:bell", signed_in=_OWN)
async def bell(before: FromQuery[UUID | None] = None) -> Response[Any]:
    """Show what the reader was told, newest first."""
    actor = current_actor()
    told, following = await notices_of(actor, before=before)
    return await render(
        "messages/bell.html",
        title=_("Notifications"),
        frame=own_frame(),
        told=told,
        next_url=f"/notifications?before={following}" if following else None,
        first_page=before is None,
    )


@action("/notifications/read", name="messages:read_all", signed_in=_OWN)
async def read_all() -> Response[Any]:
    """Mark everything as read."""
    await mark_read(current_actor())
    return see_other("/notifications", flash_text=_("All marked as read."))


@action("/notifications/{notice:uuid}/open", name="messages:open", signed_in=_OWN)
async def open_notice(request: Request[Any, Any, Any], notice: FromPath[UUID]) -> Response[Any]:
    """Mark one as read and go where it leads."""
    await mark_read(current_actor(), notice)
    return see_other(str((await request.form()).get("path", "/notifications")))


@page("/account/notifications", name="messages:choices", signed_in="everybody chooses for herself")
async def choices() -> Response[Any]:
    """Show for each kind of activity whether the reader hears of it, and how."""
    return await render(
        "messages/choices.html",
        title=_("What we tell you"),
        frame=own_frame(),
        choices=await choices_of(current_actor()),
    )


@action("/account/notifications", name="messages:choose", signed_in="everybody chooses for herself")
async def save_choices(request: Request[Any, Any, Any]) -> Response[Any]:
    """Keep what the reader has chosen."""
    sent = await request.form()
    channels = {key.removeprefix(_PREFIX): str(value) for key, value in sent.items() if key.startswith(_PREFIX)}
    await choose(actor=current_actor(), channels=channels)
    return see_other("/account/notifications", flash_text=_("Saved."))


@page("/notifications/unsubscribe/{token:str}", name="messages:unsubscribe", public="the signed link is the proof")
async def ask_unsubscribe(token: FromPath[str]) -> Response[Any]:
    """Ask before a kind of mail is stopped: opening a link changes nothing."""
    _person, kind = _read(token)
    return await render("messages/unsubscribe.html", title=_("Fewer mails"), label=_label(kind), done=False)


@post(
    "/notifications/unsubscribe/{token:str}",
    name="messages:unsubscribe_now",
    opt={
        "public": "the signed link is the proof",
        "no_form_token": "mail programs post here without a page of ours (RFC 8058); the signed link is the proof",
    },
    include_in_schema=False,
    media_type=MediaType.HTML,
    status_code=HTTP_200_OK,
)
async def unsubscribe(token: FromPath[str]) -> Response[Any]:
    """Stop a kind of mail for a person."""
    person, kind = _read(token)
    await stop_mails(person=person, kind=kind)
    return await render("messages/unsubscribe.html", title=_("Fewer mails"), label=_label(kind), done=True)


def _read(token: str) -> tuple[UUID, str]:
    found = read_token(token, tenant().id)
    if found is None or found[1] not in registry().activity_kinds:
        raise NotFoundError
    return found


def _label(kind: str) -> str:
    return str(registry().activity_kinds[kind].item.label)


HANDLERS: list[Any] = [bell, read_all, open_notice, choices, save_choices, ask_unsubscribe, unsubscribe]
