"""Argon2id off the event loop: as many at a time as there are cores, so sign-ins never stop other pages."""

from __future__ import annotations

import asyncio
import os
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 256
"""Characters of a password that are taken at most."""
MOST_BYTES = 1024
"""Bytes of a password that are hashed at most."""
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP: m = 19 MiB, t = 2, p = 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="argon2")


# Threads stay behind in a fork: a server process that comes from one that has hashed (the demo) makes its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)


def normalized(password: str) -> str:
    """Return *password* in NFC, so that one typed on another keyboard is the same; nothing is cut or folded."""
    return unicodedata.normalize("NFC", password)


def fits(password: str) -> bool:
    """Whether *password* is short enough to be hashed at all."""
    if len(password) > MOST_BYTES:
        return False
    text = normalized(password)
    return len(text) <= LONGEST and len(_bytes(text)) <= MOST_BYTES


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, _bytes(normalized(password)))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _dummy() -> str:
    """Return a hash that nobody knows the password of."""
    return _hasher.hash(secrets.token_bytes(32))


async def hash_password(password: str) -> str:
    """
    Return the Argon2id hash of *password*.

    Raises:
        ValueError: it is too long; check `fits()` before.

    """
    if not fits(password):
        message = "a password over the limit reached the hasher"
        raise ValueError(message)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool(), _hasher.hash, _bytes(normalized(password)))


async def verify_password(stored: str | None, password: str) -> bool:
    """
    Whether *password* is the one that *stored* was made from.

    Without a stored hash the same work is done on a dummy, so that unknown addresses take as long as known ones.
    """
    loop = asyncio.get_running_loop()
    candidate = password if fits(password) else ""
    right = await loop.run_in_executor(_pool(), lambda: _verify(stored or _dummy(), candidate))
    return right and stored is not None and candidate == password


def needs_rehash(stored: str) -> bool:
    """Whether *stored* was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(stored)
