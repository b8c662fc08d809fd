"""Lists of hours as rows of texts: the portal's reader of tables, told the names of our columns."""

from __future__ import annotations

from typing import Final

from core.sdk import imports
from plugins.timesheets.reading.columns import BESIDES, FIELDS

Grid = imports.Grid

_WORDS: Final = frozenset(imports.column_word(word) for words in (*FIELDS.values(), BESIDES) for word in words)


def read_grid(data: bytes) -> Grid:
    """
    Read a list; a line in its head names its columns.

    Raises:
        SheetError: empty, too large, no text and no sheet, or of more rows than are read at once.

    """
    return imports.read_grid(data, words=_WORDS)
