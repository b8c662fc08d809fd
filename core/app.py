"""The composition root: collects routes of core and modules, closes them, and puts the ASGI layers around Litestar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Litestar, Router
from litestar.exceptions import HTTPException
from litestar.routes import HTTPRoute

from core.answers import answer_error
from core.api_schema import WHOLE, openapi_config
from core.assets.serve import serve_static
from core.config import settings
from core.contributions import Audience
from core.core_routes import core_handlers
from core.demo.index import answer_index
from core.errors import DomainError
from core.guards import check_unsafe, guard
from core.health import answer_health
from core.layers import Portal, is_base_host, is_http, with_headers
from core.registry import Registry, StartupError, registry
from core.shell.frame import frame, public_frame
from core.web import use_frame, use_public_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from litestar.types import ASGIApp, Receive, Scope, Send

LARGEST_BODY = 10 * 1024 * 1024
"""Bytes of a request body; a route that takes files raises it for itself."""


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
