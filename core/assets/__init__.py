"""Static files of pages: URLs named by content, integrity hashes, the icon sprite.

Templates call `asset_url("portico.css")`, `asset("htmx.js").integrity` and `icon_sprite_url()`. Files come from
`core/static/` (css joined in name order to `portico.css`; js as ES modules; img), from `static/<id>/` of the modules
(`<id>/name`), and from the build hook beside this file (`htmx.js`, `icons.svg`, `THIRD_PARTY.txt`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.assets.files import PREFIX, Asset, AssetError, Assets

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PREFIX",
    "Asset",
    "AssetError",
    "Assets",
    "asset",
    "asset_url",
    "current_assets",
    "icon_sprite_url",
    "load_assets",
]

_CORE = Path(__file__).resolve().parent.parent
_loaded: list[Assets] = []  # none or one: what this process serves


def load_assets(modules: Mapping[str, Path] | None = None) -> Assets:
    """Read all static files, and serve these from now on. `modules` gives the static folder of each module id.

    Without `modules`: the folders `plugins/<id>/static/<id>` of this tree. AssetError if a file cannot be served.
    """
    folders = _folders_in_tree() if modules is None else modules
    _loaded[:] = [Assets(_CORE / "static", folders)]
    return _loaded[0]


def current_assets() -> Assets:
    """Give the files that this process serves; reads them if nobody has yet."""
    return _loaded[0] if _loaded else load_assets()


def asset(name: str) -> Asset:
    """Give the file with this logical name (`htmx.js`, `invoices/upload.js`); AssetError if there is none."""
    return current_assets()[name]


def asset_url(name: str) -> str:
    """Give the path of a file on every host, good for ever: another content has another path."""
    return asset(name).url


def icon_sprite_url() -> str:
    """Give the path of the sprite; an icon is `<svg><use href="PATH#name"></use></svg>`."""
    return asset_url("icons.svg")


def _folders_in_tree() -> dict[str, Path]:
    found = (_CORE.parent / "plugins").glob("*/static/*")
    return {path.name: path for path in found if path.is_dir() and path.name == path.parent.parent.name}
