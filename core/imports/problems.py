"""What is said of a list that cannot be read."""

from __future__ import annotations

from core.errors import InvalidInputError


class SheetError(InvalidInputError):
    """A list that cannot be read."""
