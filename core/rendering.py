"""The process' templates, with the functions that every template sees."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from core.assets import asset, icon_sprite_url
from core.templating import Templates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_loaded: list[Templates] = []  # none or one: what this process renders


def icon(name: str, label: object = None) -> Markup:
    """Return an icon of the sprite; without a *label* it is decoration that screen readers pass over."""
    return _icon(name, str(label) if label else "", icon_sprite_url())


@lru_cache(maxsize=2048)
def _icon(name: str, label: str, sprite: str) -> Markup:
    meaning = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(meaning, sprite, escape(name))


def load_templates(modules: Mapping[str, Path] | None = None, *, reload: bool = False) -> Templates:
    """Read the templates of the core and of *modules* (id → folder), and render these from now on."""
    _loaded[:] = [Templates(modules or {}, shared={"asset": asset, "icon": icon}, reload=reload)]
    return _loaded[0]


def templates() -> Templates:
    """Return the process' templates; those of the core alone where nothing was loaded."""
    return _loaded[0] if _loaded else load_templates()
