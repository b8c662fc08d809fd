"""Lists whose columns are known: each row as texts by the key of the column, in any of our languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.i18n import Translator
from core.imports.grid import column_word, read_grid
from core.imports.lines import MOST_ROWS
from core.imports.problems import SheetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.i18n import LazyString

_ = Translator("core")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a list: their number in the file, and texts by the key of the column; and rows that are none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    problems: tuple[tuple[int, LazyString], ...] = ()
    left_out: tuple[str, ...] = ()


def read_list(data: bytes, *, headers: Mapping[str, Sequence[str]], most_rows: int = MOST_ROWS) -> Sheet:
    """
    Read a list, a sheet or text, with a line that names columns: *headers* holds the words for each.

    Columns that nobody knows are left out; empty rows too.

    Raises:
        SheetError: no list, no known column, too many rows.

    """
    words = {column_word(word): column for column, known in headers.items() for word in (column, *known)}
    grid = read_grid(data, words=words, most_rows=most_rows)
    names: list[str | None] = []
    for name in grid.columns:
        column = words.get(column_word(name))
        names.append(column if column not in names else None)  # the first column of that meaning counts
    if not any(names):
        raise SheetError(_("The first line of the list names no known column."))
    rows = []
    for number, cells in grid.rows:
        row = {name: cell for name, cell in zip(names, cells, strict=True) if name}
        if any(row.values()):
            rows.append((number, row))
    return Sheet(tuple(name for name in names if name), tuple(rows), grid.problems, grid.left_out)
