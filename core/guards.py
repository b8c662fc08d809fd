"""Who may call a route, and what every form must bring along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response
from litestar.status_codes import HTTP_403_FORBIDDEN

from core.accounts import rate_limits
from core.accounts.identities import SET_PASSWORD
from core.accounts.linking_pages import PASSWORD_PATH
from core.accounts.routes import SIGN_OUT_PATH
from core.errors import DomainError, NotFoundError, NotPermittedError, NotSignedInError
from core.forms import SECRET_FIELDS
from core.i18n import Translator
from core.layers import UNSAFE
from core.people.actor import ActorKind, actor_or_none, current_actor
from core.web import check_form_token, tenant, visit

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection
    from litestar.handlers.base import BaseRouteHandler

    from core.people.actor import Actor

_ = Translator("core")

LONGEST_KEPT_FORM = 16 * 1024
"""Bytes of a form that is offered again after its session ended."""
ALLOWED_WHEN_RESTRICTED = frozenset(
    {PASSWORD_PATH, f"{PASSWORD_PATH}/link", f"{PASSWORD_PATH}/forgotten", SIGN_OUT_PATH}
)


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request through to its handler, or not: every route of the portal has this guard."""
    only_with = handler.opt.get("only_with")
    if only_with is not None and not tenant().setting(only_with):
        raise NotFoundError
    if "public" in handler.opt:
        return
    actor = actor_or_none()
    if actor is None:
        await _keep_form(connection)
        raise NotSignedInError
    if actor.restricted == SET_PASSWORD and connection.scope["path"] not in ALLOWED_WHEN_RESTRICTED:
        raise MustSetPasswordError
    permission = handler.opt.get("permission")
    if permission is not None and not actor.can(permission):
        raise NotPermittedError
    await _count(connection, actor)


async def _count(connection: ASGIConnection[Any, Any, Any, Any], actor: Actor) -> None:
    """Count what somebody does often: every request of a key, and every form with files of a person."""
    if actor.kind is ActorKind.API:
        await rate_limits.take(rate_limits.API, str(actor.session))
    elif visit().scope["method"] in UNSAFE and connection.headers.get("content-type", "").startswith(
        "multipart/form-data"
    ):
        await rate_limits.take(rate_limits.UPLOAD, str(actor.person))


async def _keep_form(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Keep what was typed into a form whose session ended meanwhile; files, long forms and passwords are not kept."""
    headers = connection.headers
    if (
        isinstance(connection, Request)
        and connection.method == "POST"
        and connection.scope["path"] != PASSWORD_PATH  # passwords stand on no page
        and headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        and headers.get("content-length", "").isdigit()
        and int(headers["content-length"]) <= LONGEST_KEPT_FORM
    ):
        sent = await connection.form()
        visit().unsent = [
            (key, value) for key, value in sent.multi_items() if isinstance(value, str) and key not in SECRET_FIELDS
        ]


class MustSetPasswordError(DomainError):
    """The session can do nothing but set a password."""

    status = HTTP_403_FORBIDDEN
    default = _("Please set a new password first.")


async def check_unsafe(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Refuse a form without this session's token: runs before every unsafe handler of pages."""
    if request.scope["method"] not in UNSAFE or request.route_handler.opt.get("no_form_token"):
        return None
    if not await check_form_token(request):
        raise ForgedFormError
    limit = request.route_handler.opt.get("limit")
    if limit is not None:
        await rate_limits.take(rate_limits.PER_PERSON[limit], str(current_actor().person))
    return None


class ForgedFormError(DomainError):
    """A form came without the token of this session: another site's, or from before signing in."""

    status = HTTP_403_FORBIDDEN
    default = _("This form is from an earlier session. Open the page again and repeat what you did.")
