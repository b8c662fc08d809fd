"""The one clock: tests may set it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_shift = timedelta(0)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC) + _shift


@contextmanager
def later(shift: timedelta) -> Iterator[None]:
    """Run the block as if *shift* had passed, in the whole process: for tests of expiry and schedules."""
    global _shift  # noqa: PLW0603 -- the one process-wide clock
    before, _shift = _shift, _shift + shift
    try:
        yield
    finally:
        _shift = before
