"""Static files of one process: read once at start, named by their content, ready to be sent."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PREFIX = "/static/"

# What may be served, and whether it is worth compressing. Anything else in a static folder is an error at start.
MEDIA_TYPES = {
    ".css": ("text/css; charset=utf-8", True),
    ".js": ("text/javascript; charset=utf-8", True),
    ".json": ("application/json", True),
    ".txt": ("text/plain; charset=utf-8", True),
    ".svg": ("image/svg+xml", True),
    ".ico": ("image/x-icon", False),
    ".png": ("image/png", False),
    ".webp": ("image/webp", False),
    ".woff2": ("font/woff2", False),
}


class AssetError(Exception):
    """Static files cannot be served as they are; the message says which and what to do. Raised at start only."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as a browser gets it; `integrity` is the value of the HTML attribute."""

    name: str
    url: str
    media_type: str
    body: bytes
    zipped: bytes | None
    digest: str
    integrity: str


class Assets:
    """All static files, by logical name (`portico.css`, `invoices/upload.js`) and by URL.

    One hash over everything stands in every URL, `/static/<hash>/<name>`, instead of one for each file: so ES modules
    import each other, and stylesheets their images, by plain relative names.
    """

    def __init__(self, core: Path, modules: Mapping[str, Path]) -> None:
        """Read `core` (the folder with css, js, img, dist) and each module's folder, given by module id."""
        sources = dict(_read_core(core))
        for module, folder in sorted(modules.items()):
            sources |= {f"{module}/{name}": body for name, body in _read_folder(folder)}
        digests = {name: hashlib.sha256(body).hexdigest() for name, body in sources.items()}
        listing = "".join(f"{name} {digest}\n" for name, digest in sorted(digests.items()))
        self.version = hashlib.sha256(listing.encode()).hexdigest()[:12]
        self.by_name = {name: self._asset(name, body, digests[name]) for name, body in sources.items()}
        self.by_url = {asset.url: asset for asset in self.by_name.values()}

    def _asset(self, name: str, body: bytes, digest: str) -> Asset:
        suffix = name[name.rfind(".") :]
        media_type, compress = MEDIA_TYPES[suffix]
        zipped = gzip.compress(body, mtime=0) if compress else None
        return Asset(
            name=name,
            url=f"{PREFIX}{self.version}/{name}",
            media_type=media_type,
            body=body,
            zipped=zipped if zipped is not None and len(zipped) < len(body) else None,
            digest=digest[:32],
            integrity="sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode(),
        )

    def __getitem__(self, name: str) -> Asset:
        """Give the file with this logical name; AssetError if there is none."""
        try:
            return self.by_name[name]
        except KeyError:
            known = ", ".join(sorted(self.by_name))
            raise AssetError(f"No static file {name!r}; there are {known}") from None


def _read_core(static: Path) -> Iterator[tuple[str, bytes]]:
    dist = static / "dist"
    if not (dist / "htmx.js").is_file():
        raise AssetError(
            "The front-end files are missing. Installing makes them: uv sync --inexact --reinstall-package portico"
        )
    # made by the build hook: what others wrote, and the icons; the stamp beside them is no page's business
    yield from ((name, body) for name, body in _read_folder(dist, skip=".sha256"))
    styles = sorted((static / "css").glob("*.css"))
    if styles:
        yield "portico.css", b"\n".join(path.read_bytes() for path in styles)
    yield from _read_folder(static / "js")
    for name, body in _read_folder(static / "img"):
        yield f"img/{name}", body


def _read_folder(folder: Path, skip: str | None = None) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.suffix == skip:
            continue
        if path.suffix not in MEDIA_TYPES or any(part.startswith(".") for part in name.split("/")):
            raise AssetError(f"{path} is no kind of file that pages load; known are {', '.join(MEDIA_TYPES)}")
        yield name, path.read_bytes()
