"""Addresses that portals had before: they lead to the present one, and say nothing else of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from core.config import settings
from core.db import fetch

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Send

_SAFE = "/%:@!$&'()*+,;=-._~"
_NOW = """
SELECT h.host AS host, h.kind AS kind FROM tenant_host f
JOIN tenant t ON t.id = f.tenant AND t.status = 'active'
JOIN tenant_host h ON h.tenant = f.tenant AND h.kind <> 'former'
WHERE f.host = {} AND f.kind = 'former'
"""


async def present_origin(host: str) -> str | None:
    """Return the present origin of the portal that had *host* before, its own domain first; None for other hosts."""
    found = {row["kind"]: row["host"] for row in await fetch(_NOW, host)} if host else {}
    now = found.get("domain") or found.get("name")
    return settings().origin(now) if now else None


async def lead_on(host: str, scope: HTTPScope, send: Send) -> bool:
    """
    Lead a reader from a portal's former address to the same page at its present one; False where there is none.

    For now only (307): names may come back. Forms and programs are not led on: they would send to where nobody looked.
    """
    if scope["method"] not in {"GET", "HEAD"} or scope["path"].startswith("/api/"):
        return False
    origin = await present_origin(host)
    if origin is None:
        return False
    query = scope["query_string"].decode("latin-1")
    location = origin + quote(scope["path"], safe=_SAFE) + (f"?{query}" if query else "")
    headers = [(b"location", location.encode("latin-1", "replace")), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 307, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    return True
