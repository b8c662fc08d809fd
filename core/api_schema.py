"""The API's description of itself: only of modules that are on for the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from core import __version__
from core.errors import NotFoundError
from core.registry import registry
from core.web import tenant

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection
    from litestar.handlers.base import BaseRouteHandler

WHOLE = "/_/schema"
"""Where Litestar keeps the description of everything installed: closed to everybody."""
MEDIA_TYPE = "application/vnd.oai.openapi+json"
_API = "/api/v1/"
_DESCRIBED = "described"
"""Where an application keeps what each set of modules is told: a tenth of a second of work, and anybody may ask."""


async def _nobody(_connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    raise NotFoundError


def openapi_config() -> OpenAPIConfig:
    """Return what Litestar needs to know to describe the API."""
    return OpenAPIConfig(
        title="Portico",
        version=__version__,
        render_plugins=[JsonRenderPlugin()],
        openapi_router=Router(path=WHOLE, route_handlers=[], guards=[_nobody]),
    )


@get(
    "/api/schema/openapi.json",
    name="api:schema",
    opt={"public": "describes what keys are needed for, and tells nothing of anybody"},
    include_in_schema=False,
    sync_to_thread=False,
)
def describe_api(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the OpenAPI description of the modules that are on for the tenant."""
    on = frozenset(registry().modules[module].meta.url for module in tenant().modules())
    known: dict[frozenset[str], bytes] = request.app.state.setdefault(_DESCRIBED, {})
    if on not in known:
        known[on] = _description(request.app, on)
    return Response(known[on], media_type=MEDIA_TYPE)


def _description(app: Litestar, on: frozenset[str]) -> bytes:
    whole: dict[str, Any] = app.openapi_schema.to_schema()
    shown = {path: item for path, item in whole.get("paths", {}).items() if _module_of(path) in on}
    return msgspec.json.encode({**whole, "paths": shown})


def _module_of(path: str) -> str:
    return path.removeprefix(_API).split("/", 1)[0] if path.startswith(_API) else ""


HANDLERS: list[Any] = [describe_api]
