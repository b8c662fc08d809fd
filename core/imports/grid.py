"""
Lists as people and programs export them, as rows of texts under the names of their columns.

The one reader of tables: XLSX or text in any usual encoding and delimiter. What a cell says is a text that reads back
as what it is (`core.imports.cells`), so that both kinds of file are read alike from here on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from core.i18n import Translator
from core.imports.lines import HEAD, MOST_COLUMNS, MOST_ROWS, Lines, too_many_rows
from core.imports.problems import SheetError
from core.imports.text_tables import read_text
from core.imports.workbooks import read_workbook
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from core.i18n import LazyString
    from core.imports.lines import Line

_ = Translator("core")

MOST_BYTES: Final = 50 * 1024 * 1024
SUFFIXES: Final = (".xlsx", ".csv", ".txt", ".tsv")
"""How the names of files end that can be read."""
_TORN: Final = _("This row has more cells than the list has columns: what holds the delimiter needs quotation marks.")
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_PROTECTED: Final = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Grid:
    """
    A list: the names of its columns, and its rows with their number in the file. Each row has a text per column.

    *problems* are rows that cannot be read, with why: whoever takes the list in says so of each. *left_out* are the
    sheets of a workbook after the one that is read.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    problems: tuple[tuple[int, LazyString], ...] = ()
    sheet: str = ""
    left_out: tuple[str, ...] = ()


def read_grid(data: bytes, *, words: Collection[str] = (), most_rows: int = MOST_ROWS) -> Grid:
    """
    Read a list. *words* are names of columns that the caller knows, in the form of `column_word()`.

    The line with most of them names the columns; where no line has two, it is the first that is about as wide as the
    list, so that titles and remarks above it do no harm. Names may stand in two lines where cells of it are merged.

    Raises:
        SheetError: empty, too large, neither text nor sheet, or more rows than are read at once.

    """
    if not data.strip():
        raise SheetError(_("The file is empty."))
    if len(data) > MOST_BYTES:
        raise SheetError(_("The file is too large: at most {n} MB.").format(n=MOST_BYTES // 1024 // 1024))
    if data.startswith(_OLD_OFFICE):
        if _PROTECTED in data:
            raise SheetError(_("This Excel sheet is protected by a password. Save it without one."))
        raise SheetError(_("This is an Excel sheet of before 2007. Save it as .xlsx or .csv."))
    lines = Lines(most_rows)
    known = frozenset(words)

    def score(cells: Sequence[str]) -> int:
        return len({word for word in map(column_word, cells) if word in known})

    in_workbook = data.startswith(_ZIP)
    if in_workbook:
        read_workbook(data, lines)
    else:
        read_text(data, lines, score)
    if not lines.found:
        raise SheetError(_("The file is empty."))
    return _grid(lines, score, torn=not in_workbook)


def column_word(text: str) -> str:
    """Fold the name of a column: no accents, no case, no decoration."""
    return " ".join(fold(text).replace("_", " ").replace("-", " ").replace(".", "").split()).strip(" *:")


def _grid(lines: Lines, score: Callable[[Sequence[str]], int], *, torn: bool) -> Grid:
    found = lines.found
    head = _head(found[: HEAD + 1], score)
    names, last = _names(found, head, lines.merged)
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise SheetError(_("The list has more than {n} columns.").format(n=MOST_COLUMNS))
    width = len(names)
    rows: list[tuple[int, tuple[str, ...]]] = []
    problems: list[tuple[int, LazyString]] = []
    for line in islice(found, last + 1, None):
        cells = line.cells
        if line.problem is not None:
            problems.append((line.number, line.problem))
        elif torn and len(cells) > width:
            problems.append((line.number, _TORN))
        elif any(cells[:width]):
            rows.append((line.number, (*cells[:width], *("",) * (width - len(cells)))))
    if len(rows) + len(problems) > lines.most_rows:
        raise too_many_rows(lines.most_rows)
    return Grid(_told_apart(names), tuple(rows), tuple(problems), lines.sheet, lines.left_out)


def _head(first: Sequence[Line], score: Callable[[Sequence[str]], int]) -> int:
    """Return the place of the line that names the columns."""
    known = [score(line.cells) for line in first]
    best = max(known)
    if best > 1:  # a single one may be a word of a row
        return known.index(best)
    filled = [len(line.cells) - line.cells.count("") for line in first]
    if not any(filled):
        raise SheetError(_("The file is empty."))
    enough = (max(filled) + 1) // 2
    return next(place for place, cells in enumerate(filled) if cells >= enough)


def _names(found: Sequence[Line], head: int, merged: Sequence[tuple[int, int, int, int]]) -> tuple[list[str], int]:
    """Return the names of the columns, and the place of the last line that holds any."""
    line = found[head]
    names = list(line.cells)
    here = [bounds for bounds in merged if bounds[0] == line.number]
    deepest = max((bottom for _top, _left, bottom, _right in here), default=line.number)
    if deepest == line.number and any(right > left for _top, left, _bottom, right in here):
        deepest += 1  # a heading over several columns, and their own names below it
    if deepest == line.number or deepest - line.number > 2:
        return names, head
    last = head
    for top, left, _bottom, right in here:
        if top == line.number and left < len(line.cells):
            names.extend([""] * (right + 1 - len(names)))
            for column in range(left, right + 1):
                names[column] = line.cells[left]
    while last + 1 < len(found) and found[last + 1].number <= deepest:
        last += 1
        for column, text in enumerate(found[last].cells):
            if column >= len(names):
                names.append("")
            if text:
                names[column] = f"{names[column]} {text}".strip()
    return names, last


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, each only once: the second "Note" is "Note (2)"."""
    seen: Counter[str] = Counter()
    apart = []
    for name in names:
        seen[name] += bool(name)
        apart.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return tuple(apart)
