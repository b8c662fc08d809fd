"""Files of records. One function opens every file, with one access check: what the record's reader may see."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.accounts import rate_limits
from core.db import transaction
from core.errors import DomainError, NotFoundError
from core.i18n import Translator
from core.records.activity import write_activity
from core.records.kinds import load_record
from core.records.storage import MissingContentError, open_content, put_content
from core.records.tables import File

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from core.people.actor import Actor
    from core.records.base import CustomerRecord

_ = Translator("core")

LONGEST_NAME = 120
"""Characters of a stored file name."""
_DEVICE_NAMES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class FileUnavailableError(DomainError):
    """A file's bytes are gone or damaged; staff has been told."""

    status = 410
    default = _("This file cannot be opened at the moment. We have been told and are looking into it.")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file with its bytes, in portions, and the record it belongs to."""

    file: File
    portions: AsyncIterator[bytes]
    record: CustomerRecord


def clean_name(name: str, fallback: str = "file") -> str:
    """Return *name* fit for any file system and header: no folders, control or direction signs, at most 120 long."""
    plain = _BIDI.sub("", unicodedata.normalize("NFC", name)).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(character for character in plain if character.isprintable() and character not in '<>:"|?*').strip(
        ". "
    )
    if not plain or _DEVICE_NAMES.fullmatch(plain):
        plain = f"{fallback}-{plain}".strip("-")
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix) > 10:
        return plain[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def content_disposition(name: str, *, inline: bool = False) -> str:
    """Return the header of a download with *name* (RFC 6266, with an ASCII fallback)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace("\\", "").replace('"', "")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain or 'file'}\"; filename*=UTF-8''{quote(name, safe='')}"


async def add_file(
    *,
    record: tuple[str, UUID],
    data: bytes,
    name: str,
    media_type: str,
    role: str = "attachment",
    internal: bool = False,
    by: UUID | None = None,
) -> File:
    """Store *data* and tie it to *record* (kind, id). The bytes are safe before the row exists."""
    sha256 = await put_content(data)
    kept = File(
        record_kind=record[0],
        record=record[1],
        sha256=sha256,
        size=len(data),
        media_type=media_type,
        name=clean_name(name),
        role=role,
        internal=internal,
        by=by,
    )
    async with transaction():
        await File.insert(kept)
    return kept


async def files_of(*, record: tuple[str, UUID], with_internal: bool) -> Sequence[File]:
    """Return the files of a record that its reader has loaded."""
    query = (
        File.objects().where(File.record_kind == record[0], File.record == record[1]).order_by(File.created_at, File.id)
    )
    return await (query if with_internal else query.where(File.internal.eq(False)))


async def open_file(*, actor: Actor, file: UUID) -> Opened:
    """
    Return a file with its bytes: the one way to any file, by the record's own access check.

    Raises:
        NotFoundError: unknown, foreign, internal, or its record is out of reach or switched off.
        FileUnavailableError: the bytes are gone or damaged.

    """
    found = await File.objects().where(File.id == file).first()
    if found is None or (found.internal and actor.is_contact):
        raise NotFoundError
    record = await load_record(actor, found.record_kind, found.record)
    try:
        portions = await open_content(found.sha256, size=found.size)
    except MissingContentError as error:
        if await rate_limits.attempt(rate_limits.MISSING_FILE, str(found.id)):
            await write_activity(
                kind="core.file_missing", by=actor, record=(found.record_kind, record), data={"name": found.name}
            )
        raise FileUnavailableError from error
    return Opened(found, portions, record)
