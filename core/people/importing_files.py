"""Lists of people as files: each row with its number in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.i18n import Translator
from core.imports import Sheet, SheetError, read_list
from core.people.importing_words import HEADERS

if TYPE_CHECKING:
    from pathlib import Path

_ = Translator("core")

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 50_000


def read_people(file: Path) -> Sheet:
    """
    Return the rows of a file.

    Raises:
        SheetError: too large, no list, or no column that is known.

    """
    if file.stat().st_size > MOST_BYTES:
        raise SheetError(_("The file is too large: at most {n} MB.").format(n=MOST_BYTES // 1024 // 1024))
    return people_in(file.read_bytes())


def people_in(data: bytes) -> Sheet:
    """
    Return the rows of a list.

    Raises:
        SheetError: no list, or no column that is known.

    """
    return read_list(data, headers=HEADERS, most_rows=MOST_ROWS)
