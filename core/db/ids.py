"""Keys that sort by the time of their making."""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A UUIDv7 (RFC 9562, 6.2 method 3: 12 more bits of time). Strictly rising within a process."""
    global _last  # noqa: PLW0603 -- one counter per process is the point
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    ticks = (milliseconds << 12) | (rest << 12) // 1_000_000
    with _lock:
        if ticks <= _last:
            ticks = _last + 1
        _last = ticks
    random = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=(ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0x2 << 62 | random)
