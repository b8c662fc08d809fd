"""Plain ASGI app that answers `/static/…` from memory: what `Assets` holds under exactly that URL, or 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.assets import current_assets

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Receive, Send

    from core.assets import Asset

FOR_EVER = b"public, max-age=31536000, immutable"


async def serve_static(scope: HTTPScope, _receive: Receive, send: Send) -> None:
    """Send the file under the path, compressed if the browser takes it; 304 if it has it already.

    Paths are looked up among the known ones, never joined to a folder, so no path leads elsewhere.
    """
    found = current_assets().by_url.get(scope["path"])
    if found is None:
        await _send(send, 404, [(b"cache-control", b"no-store")], b"Not found\n", head=scope["method"] == "HEAD")
        return
    if scope["method"] not in {"GET", "HEAD"}:
        await _send(send, 405, [(b"allow", b"GET, HEAD")], b"Method not allowed\n", head=False)
        return
    asked = dict(scope["headers"])
    await _send_asset(send, found, asked, head=scope["method"] == "HEAD")


async def _send_asset(send: Send, found: Asset, asked: dict[bytes, bytes], *, head: bool) -> None:
    zipped = found.zipped if _accepts_gzip(asked.get(b"accept-encoding", b"").decode("latin-1")) else None
    etag = f'"{found.digest}-gz"' if zipped is not None else f'"{found.digest}"'
    headers = [
        (b"cache-control", FOR_EVER),
        (b"etag", etag.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if found.zipped is not None:
        headers.append((b"vary", b"Accept-Encoding"))
    if _has(etag, asked.get(b"if-none-match", b"").decode("latin-1")):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    headers.append((b"content-type", found.media_type.encode()))
    if zipped is not None:
        headers.append((b"content-encoding", b"gzip"))
    await _send(send, 200, headers, found.body if zipped is None else zipped, head=head)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, head: bool) -> None:
    names = {name for name, _ in headers}
    if b"content-type" not in names:
        headers = [*headers, (b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body, "more_body": False})


def _accepts_gzip(header: str) -> bool:
    """Read Accept-Encoding (RFC 9110, 12.5.3): gzip, or * where gzip is not named, with a weight above 0."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        try:
            weights[coding.strip()] = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            weights[coding.strip()] = 0
    return weights.get("gzip", weights.get("*", 0)) > 0


def _has(etag: str, header: str) -> bool:
    """Compare weakly with If-None-Match (RFC 9110, 13.1.2); proxies may mark our tag as weak."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in tags or tags == ["*"]
