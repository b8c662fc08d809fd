"""The tenant's stylesheet: the two colours that everything else follows from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.preferences.brand import ACCENT, ON_ACCENT

if TYPE_CHECKING:
    from core.tenancy.snapshot import TenantSnapshot


def theme_url(tenant: TenantSnapshot) -> str | None:
    """Return where the tenant's stylesheet is, its colour in the address; None where it has the portal's own colour."""
    accent = str(tenant.setting(ACCENT))
    return f"/theme.css?{accent.removeprefix('#')}" if accent else None


def theme_css(tenant: TenantSnapshot) -> str:
    """Return the tenant's stylesheet."""
    accent = str(tenant.setting(ACCENT))
    return f":root {{ --accent: {accent}; --on-accent: {ON_ACCENT}; }}\n" if accent else ""
