"""The tenant's own colours, as a stylesheet of its own that browsers keep for ever under its hash."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from core.tenancy.snapshot import TenantSnapshot

DEFAULT_ACCENT = "#1f5fbf"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@lru_cache(maxsize=1024)
def stylesheet(accent: str) -> str:
    """Return the custom properties for an accent colour `#rrggbb`: itself, and what can be read on it."""
    colour = accent if _COLOUR.fullmatch(accent) else DEFAULT_ACCENT
    return f":root{{--accent:{colour};--on-accent:{'#ffffff' if luminance(colour) < 0.1833 else '#111111'}}}\n"  # noqa: PLR2004 -- equal contrast


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, "relative luminance")."""
    parts = [int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # noqa: PLR2004
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def theme_url(tenant: TenantSnapshot) -> str:
    """Return the path of the tenant's stylesheet: another colour has another path."""
    css = stylesheet(str(tenant.setting("brand.accent")))
    return f"/theme/{hashlib.sha256(css.encode()).hexdigest()[:16]}.css"
