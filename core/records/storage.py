"""Bytes by their content: written once under their SHA-256, in a folder or S3-compatible storage, checked when read."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import LocalStore, from_url

from core.config import settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from obstore.store import ObjectStore


AT_ONCE = 4 * 1024 * 1024
"""Bytes up to which a content is read whole; larger ones go through in portions, so that memory stays flat."""
_PORTION = 1024 * 1024


class MissingContentError(Exception):
    """The bytes of a stored file are gone or damaged: staff must know."""


_stores: dict[str, ObjectStore] = {}


def _store() -> ObjectStore:
    url = settings().storage_url
    if url not in _stores:
        if url.startswith("file://"):
            folder = Path(url.removeprefix("file://"))
            folder.mkdir(parents=True, exist_ok=True)
            _stores[url] = LocalStore(str(folder.resolve()))
        else:
            _stores[url] = from_url(url)
    return _stores[url]


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


async def put_content(data: bytes) -> str:
    """Store *data* if its content is not there yet, and return its SHA-256 in hexadecimal."""
    sha256 = (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()
    try:
        await obstore.head_async(_store(), _place(sha256))
    except FileNotFoundError:
        await obstore.put_async(_store(), _place(sha256), data)
    return sha256


async def get_content(sha256: str) -> bytes:
    """
    Return the bytes with that SHA-256.

    Raises:
        MissingContentError: they are gone, or no longer what they were.

    """
    try:
        result = await obstore.get_async(_store(), _place(sha256))
        data = bytes(await result.bytes_async())
    except FileNotFoundError as error:
        raise MissingContentError(sha256) from error
    if (await asyncio.to_thread(hashlib.sha256, data)).hexdigest() != sha256:
        raise MissingContentError(sha256)
    return data


async def open_content(sha256: str, *, size: int) -> AsyncIterator[bytes]:
    """
    Return the bytes with that SHA-256 and *size*, in portions; all of them are checked before the first is handed out.

    Raises:
        MissingContentError: they are gone, or no longer what they were.

    """
    if size <= AT_ONCE:
        return _whole(await get_content(sha256))
    seen = hashlib.sha256()
    try:
        async for portion in _portions(sha256):
            seen.update(portion)
    except FileNotFoundError as error:
        raise MissingContentError(sha256) from error
    if seen.hexdigest() != sha256:
        raise MissingContentError(sha256)
    return _portions(sha256)


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _portions(sha256: str) -> AsyncIterator[bytes]:
    result = await obstore.get_async(_store(), _place(sha256))
    async for portion in result.stream(min_chunk_size=_PORTION):
        yield bytes(portion)
