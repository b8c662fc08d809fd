"""Lists as people export them: any delimiter, UTF-8 or Windows-1252, headers in any of our languages."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InvalidInputError
from core.i18n import Translator
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ = Translator("core")

MOST_ROWS = 50_000
_DELIMITERS = (";", ",", "\t", "|")


class SheetError(InvalidInputError):
    """A list that cannot be read."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a list: number of the line in the file, and texts by the name of the column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_csv(data: bytes, *, headers: Mapping[str, Sequence[str]]) -> Sheet:
    """
    Read a list whose first line names columns: *headers* holds the words for each column, folded alike.

    Columns that nobody knows are left out; empty lines too.

    Raises:
        SheetError: no text, no known header, too many rows.

    """
    text = _text(data)
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(1_000_000)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    words = {_word(word): column for column, known in headers.items() for word in (column, *known)}
    try:
        names = [words.get(_word(cell)) for cell in next(lines, [])]
        if not any(names):
            raise SheetError(_("The first line of the list names no known column."))
        rows: list[tuple[int, dict[str, str]]] = []
        for cells in lines:
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
            if any(row.values()):
                rows.append((lines.line_num, row))
            if len(rows) > MOST_ROWS:
                raise SheetError(_("The list has more than {n} rows.").format(n=MOST_ROWS))
    except csv.Error as error:
        raise SheetError(_("The list is not text with one line per row.")) from error
    return Sheet(tuple(name for name in names if name), tuple(rows))


def _word(text: str) -> str:
    return fold(text).replace("_", " ").replace("-", " ").replace(".", "").strip(" *:")


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SheetError(_("The list is not text with one line per row."))
