"""Demo data."""

from __future__ import annotations


async def fill() -> None:
    """Fill."""
