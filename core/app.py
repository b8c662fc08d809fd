"""The composition root: collects routes of core and modules, closes them, and puts the ASGI layers around Litestar."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar import Litestar, Request, Response, Router
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.routes import HTTPRoute
from litestar.status_codes import (
    HTTP_303_SEE_OTHER,
    HTTP_400_BAD_REQUEST,
    HTTP_401_UNAUTHORIZED,
    HTTP_403_FORBIDDEN,
    HTTP_404_NOT_FOUND,
    HTTP_405_METHOD_NOT_ALLOWED,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    HTTP_500_INTERNAL_SERVER_ERROR,
)

from core.accounts import rate_limits
from core.accounts.routes import sign_in_to_go_on
from core.api_schema import WHOLE, openapi_config
from core.assets.serve import serve_static
from core.config import settings
from core.contributions import Audience
from core.core_routes import core_handlers
from core.db import UnstorableTextError
from core.demo.index import answer_index
from core.errors import (
    DomainError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    NotSignedInError,
    TooLargeError,
    TooManyAttemptsError,
)
from core.health import answer_health
from core.i18n import Translator
from core.layers import UNSAFE, Portal, is_base_host, is_http, with_headers
from core.people.actor import ActorKind, actor_or_none, current_actor
from core.registry import Registry, StartupError, registry
from core.shell.frame import frame, public_frame
from core.web import check_form_token, is_local_path, render_message, tenant, use_frame, use_public_frame, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from litestar.connection import ASGIConnection
    from litestar.handlers.base import BaseRouteHandler
    from litestar.types import ASGIApp, Receive, Scope, Send

    from core.people.actor import Actor

log = logging.getLogger("portico.web")
_ = Translator("core")

LARGEST_BODY = 10 * 1024 * 1024
"""Bytes of a request body; a route that takes files raises it for itself."""
LONGEST_KEPT_FORM = 16 * 1024
"""Bytes of a form that is offered again after its session ended."""
SET_PASSWORD = "/account/password"  # noqa: S105 -- a path
ALLOWED_WHEN_RESTRICTED = frozenset({SET_PASSWORD, f"{SET_PASSWORD}/link", f"{SET_PASSWORD}/forgotten", "/logout"})
FORGED = "/_/forged"
_TEMPLATES = {400: "422", 401: "403", 405: "404"}
_KNOWN = frozenset({403, 404, 409, 410, 413, 422, 429, 500})


# -- who may call a route ----------------------------------------------------------------------------------------------


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
    if actor.restricted == "set_password" and connection.scope["path"] not in ALLOWED_WHEN_RESTRICTED:
        raise MustSetPasswordError
    permission = handler.opt.get("permission")
    if permission is not None and not actor.can(permission):
        raise NotPermittedError
    await _count(connection, actor)


async def _count(connection: ASGIConnection[Any, Any, Any, Any], actor: Actor) -> None:
    """Count what somebody does often: every request of a key, and every form with files of a person."""
    if actor.kind is ActorKind.API:
        await rate_limits.take(rate_limits.API, str(actor.session))
    elif connection.scope["method"] in UNSAFE and connection.headers.get("content-type", "").startswith(
        "multipart/form-data"
    ):
        await rate_limits.take(rate_limits.UPLOAD, str(actor.person))


async def _keep_form(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Keep what was typed into a form whose session ended meanwhile; files and long forms are not kept."""
    headers = connection.headers
    if (
        isinstance(connection, Request)
        and connection.method == "POST"
        and connection.scope["path"] != SET_PASSWORD  # passwords stand on no page
        and headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        and headers.get("content-length", "").isdigit()
        and int(headers["content-length"]) <= LONGEST_KEPT_FORM
    ):
        sent = await connection.form()
        visit().unsent = [(key, value) for key, value in sent.multi_items() if isinstance(value, str)]


class MustSetPasswordError(DomainError):
    """The session can do nothing but set a password."""

    status = HTTP_403_FORBIDDEN
    default = _("Please set a new password first.")


async def check_unsafe(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Refuse a form without this session's token: runs before every unsafe handler of pages."""
    if request.scope["method"] in {"GET", "HEAD", "OPTIONS"} or request.route_handler.opt.get("no_form_token"):
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


# -- errors ------------------------------------------------------------------------------------------------------------


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Turn what was raised into an answer: one table for pages, fragments and the API."""
    if request.scope["path"] == FORGED:
        error = ForgedFormError()
    if isinstance(error, UnstorableTextError):
        error = InvalidInputError()
    if isinstance(error, DomainError):
        return _answer_domain(request, error)
    if isinstance(error, HTTPException):
        return _answer_http(request, error)
    reference = secrets.token_hex(4)
    log.error("unexpected error, reference %s", reference, exc_info=error)
    return _answer(request, HTTP_500_INTERNAL_SERVER_ERROR, reference=reference)


def _answer_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    status = error.status_code
    if isinstance(error, NotAuthorizedException):
        return _answer_domain(request, NotSignedInError())
    if isinstance(error, PermissionDeniedException):
        return _answer_domain(request, NotPermittedError())
    # a host that Litestar cannot read has no portal either
    if status in {HTTP_404_NOT_FOUND, HTTP_405_METHOD_NOT_ALLOWED} or (visit().tenant is None and status < 500):
        return _answer_domain(request, NotFoundError())
    if status == HTTP_413_REQUEST_ENTITY_TOO_LARGE:
        return _answer_domain(request, TooLargeError())
    if status >= HTTP_500_INTERNAL_SERVER_ERROR:
        log.error("error %s: %s", status, error.detail)
    if not _is_api():
        return _answer(request, status)
    # the title is for people; what is wrong with which part is for their programs, and speaks of types in English
    title = str(_("This does not fit what the address expects.")) if status == HTTP_400_BAD_REQUEST else error.detail
    return _answer(request, status, text=title, details=list(_wrong_parts(error)))


def _wrong_parts(error: HTTPException) -> Iterator[str]:
    """Yield what is wrong with a body or query, by the names that the sender knows: `paid_on: Invalid date`."""
    for part in error.extra if isinstance(error.extra, list) else ():
        if isinstance(part, dict) and part.get("message"):
            yield ": ".join(str(part[name]) for name in ("key", "message") if part.get(name))


def _answer_domain(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    if isinstance(error, NotSignedInError) and not _is_api():
        return _to_sign_in(request)
    if isinstance(error, MustSetPasswordError) and not _is_api():
        return _redirect(request, SET_PASSWORD)
    retry = error.retry_after if isinstance(error, TooManyAttemptsError) else None
    details = (
        [str(text) for texts in error.fields.values() for text in texts] if isinstance(error, InvalidInputError) else []
    )
    text = None if isinstance(error, NotFoundError) else str(error.message)
    return _answer(request, error.status, text=text, details=details, retry_after=retry)


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    *,
    text: str | None = None,
    details: Sequence[str] = (),
    retry_after: int | None = None,
    reference: str | None = None,
) -> Response[Any]:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if _is_api():
        body = {"status": status, "title": text or "", "errors": list(details), "reference": reference}
        problem = {key: value for key, value in body.items() if value or key == "status"}
        return Response(problem, status_code=status, media_type="application/problem+json", headers=headers)
    forged = request.scope["path"] == FORGED or text == str(ForgedFormError.default)
    name = "forged" if forged else _TEMPLATES.get(status, str(status) if status in _KNOWN else "500")
    facts = {
        "text": text,
        "details": list(details),
        "back_url": _referring_page(request),
        "retry_after": retry_after,
        "reference": reference,
    }
    titles = {
        "403": _("Not permitted"),
        "forged": _("Please send this again"),
        "404": _("Page not found"),
        "409": _("This has changed"),
        "410": _("Not available"),
        "413": _("Too large"),
        "422": _("Please check what you entered"),
        "429": _("Too many attempts"),
        "500": _("Something went wrong"),
    }
    page = render_message(f"errors/{name}.html", status=status, title=str(titles[name]), error=facts)
    page.headers.update(headers)
    return page


def _is_api() -> bool:
    return visit().scope["path"].startswith("/api/")


def _referring_page(request: Request[Any, Any, Any]) -> str | None:
    referrer = request.headers.get("referer", "")
    origin = visit().origin
    path = referrer.removeprefix(origin) if referrer.startswith(f"{origin}/") else ""
    return path if path and is_local_path(path) and path != visit().scope["path"] else None


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    seen = visit()
    wanted = seen.scope["path"]
    query = seen.scope["query_string"].decode("latin-1")
    whole = f"{wanted}?{query}" if query else wanted
    if seen.unsent and not request.headers.get("hx-request"):
        return sign_in_to_go_on(whole, seen.unsent)
    target = whole if request.scope["method"] == "GET" else _referring_page(request) or "/"
    return _redirect(request, "/" if target == "/" else f"/?next={quote(target, safe='')}")


def _redirect(request: Request[Any, Any, Any], path: str) -> Response[Any]:
    if request.headers.get("hx-request") == "true":
        return Response("", media_type=MediaType.TEXT, status_code=HTTP_401_UNAUTHORIZED, headers={"HX-Redirect": path})
    return Response("", media_type=MediaType.TEXT, status_code=HTTP_303_SEE_OTHER, headers={"Location": path})


# -- routes ------------------------------------------------------------------------------------------------------------


def _routers(known: Registry) -> list[Router]:
    pages: list[Router] = [
        Router("/", route_handlers=core_handlers(), guards=[guard], before_request=check_unsafe),
    ]
    taken = {"api", "health", "staff", "static"} | {
        path.split("/")[1] for handler in core_handlers() for path in handler.paths
    }
    for module_id, routes in known.routes.items():
        url = known.modules[module_id].meta.url
        if url in taken:
            message = f"module {module_id!r}: pages of the core live under /{url}; choose another id"
            raise StartupError(message)
        if routes.portal:
            pages.append(
                Router(f"/{url}", route_handlers=list(routes.portal), guards=[guard], before_request=check_unsafe),
            )
        if routes.staff:
            pages.append(
                Router(f"/staff/{url}", route_handlers=list(routes.staff), guards=[guard], before_request=check_unsafe),
            )
        if routes.api:
            pages.append(Router(f"/api/v1/{url}", route_handlers=list(routes.api), guards=[guard]))
    return pages


def check_routes(routes: Iterable[Any]) -> None:
    """
    Go on only if every handler says who may call it.

    Raises:
        StartupError: a handler names no permission, or one that nobody declares, or one for the other audience.

    """
    for route in routes:
        if not isinstance(route, HTTPRoute):
            kind = type(route).__name__
            message = f"route {route.path}: only HTTP routes pass through session and gate; this is a {kind}"
            raise StartupError(message)
        if route.path.startswith(WHOLE):  # Litestar's own, closed to everybody
            continue
        for handler in route.route_handlers:
            if handler.http_methods == {"OPTIONS"}:  # Litestar's own answer to which methods a path has
                continue
            opt = {key: value for key, value in handler.opt.items() if key in {"permission", "public", "signed_in"}}
            if len(opt) != 1 or not all(opt.values()):
                message = f"route {route.path}: say exactly one of permission, public (reason), signed_in (reason)"
                raise StartupError(message)
            if "permission" in opt:
                permission = registry().permission(opt["permission"])
                back_office = route.path.startswith(("/staff", "/api"))
                if (permission.audience is Audience.STAFF) != back_office:
                    message = f"route {route.path}: {permission.key} is a permission for {permission.audience}"
                    raise StartupError(message)


def build_app(*, lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = ()) -> ASGIApp:
    """
    Return the ASGI application of this process' registry and settings.

    Raises:
        StartupError: a route is open by mistake, or a module breaks another rule.

    """
    use_frame(frame)
    use_public_frame(public_frame)
    litestar = Litestar(
        route_handlers=_routers(registry()),
        exception_handlers={HTTPException: answer_error, DomainError: answer_error, Exception: answer_error},
        openapi_config=openapi_config(),
        request_max_body_size=LARGEST_BODY,
        lifespan=list(lifespan),
        logging_config=None,
        debug=False,
    )
    check_routes(litestar.routes)
    portal = Portal(litestar)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if is_http(scope):
            path = scope["path"]
            if path.startswith("/static/"):
                await serve_static(scope, receive, send)
                return
            if path.startswith("/health/"):
                await answer_health(scope, receive, send)
                return
            if settings().demo and is_base_host(scope):
                await answer_index(scope, receive, send)
                return
        await portal(scope, receive, send)

    return with_headers(app)
