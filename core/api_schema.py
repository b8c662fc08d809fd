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


_KEY = {"type": "http", "scheme": "bearer", "description": "A key of `portico token create`."}
_PROBLEM = {
    "type": "object",
    "description": "Why it was not done (RFC 9457).",
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string", "description": "For people, in the language of the tenant."},
        "errors": {"type": "array", "items": {"type": "string"}, "description": "What is wrong with what was sent."},
        "reference": {"type": "string", "description": "Of an error of ours, as it stands in our log."},
    },
    "required": ["status"],
}
_REFUSALS = {
    "400": "What was sent cannot be read; `errors` says which part.",
    "401": "There is no key, or it counts no more.",
    "403": "The key does not carry the permission.",
    "404": "There is no such record, or its module is off.",
    "409": "The record's state does not allow it, or it has changed meanwhile.",
    "413": "Too large.",
    "422": "What was sent does not fit; `errors` says why.",
    "429": "Too many at once; `Retry-After` says how many seconds to wait.",
}
_REFUSED = {
    status: {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, text in _REFUSALS.items()
}
"""The same for all: `core.answers` makes them all. Litestar's own 400 is of another shape, and never sent."""


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
    shown = {path: _refusing(item) for path, item in whole.get("paths", {}).items() if _module_of(path) in on}
    schemas = {"Problem": _PROBLEM, **whole.get("components", {}).get("schemas", {})}
    used = _used(shown, schemas)
    components = {
        "schemas": {name: schema for name, schema in schemas.items() if name in used},
        "securitySchemes": {"key": _KEY},
    }
    return msgspec.json.encode({**whole, "paths": shown, "components": components, "security": [{"key": []}]})


def _refusing(item: dict[str, Any]) -> dict[str, Any]:
    """Return what can be asked of a path, with the ways in which each may be refused."""
    return {
        method: {**operation, "responses": {**operation["responses"], **_REFUSED}}
        if isinstance(operation, dict) and "responses" in operation
        else operation
        for method, operation in item.items()
    }


def _used(shown: object, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that are spoken of, there or in each other; no others are told."""
    used: set[str] = set()
    left = [shown]
    while left:
        found = left.pop()
        if isinstance(found, dict):
            name = str(found.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in used:
                used.add(name)
                left.append(schemas[name])
            left.extend(found.values())
        elif isinstance(found, list | tuple):
            left.extend(found)
    return used


def _module_of(path: str) -> str:
    return path.removeprefix(_API).split("/", 1)[0] if path.startswith(_API) else ""


HANDLERS: list[Any] = [describe_api]
