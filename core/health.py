"""`/health/live`: the process answers. `/health/ready`: it can reach its database."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from core.db import fetch, request_scope

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Receive, Send

log = logging.getLogger("portico.health")


async def answer_health(scope: HTTPScope, _receive: Receive, send: Send) -> None:
    """Answer 200 `ok`, 503 `unavailable`, or 404 for another path."""
    status, text = 404, b"not found\n"
    if scope["path"] == "/health/live":
        status, text = 200, b"ok\n"
    elif scope["path"] == "/health/ready":
        status, text = (200, b"ok\n") if await _ready() else (503, b"unavailable\n")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else text, "more_body": False})


async def _ready() -> bool:
    try:
        async with request_scope(tenant=None):
            await fetch("SELECT 1 AS one FROM tenant LIMIT 1")
    except Exception:
        log.exception("not ready")
        return False
    return True
