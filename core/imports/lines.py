"""The lines of a list as they come out of a file, counted while they come: what a small file can make us hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from core.i18n import Translator
from core.imports.problems import SheetError

if TYPE_CHECKING:
    from core.i18n import LazyString

_ = Translator("core")

MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 256
MOST_CELLS: Final = 4_000_000
MOST_SIGNS: Final = 128_000_000
"""Letters of all cells together; a sheet may name one long text in each of its cells."""
LONGEST_CELL: Final = 32_767
"""As many letters as a cell of Excel holds."""
HEAD: Final = 20
"""Lines with content among which the one with the names of the columns is looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line with content: its number in the file, its texts, and what is wrong with it if something is."""

    number: int
    cells: tuple[str, ...]
    problem: LazyString | None = None


@dataclass(slots=True)
class Lines:
    """
    What was read so far; `add` refuses what is too much.

    *merged* are ranges of cells as first row, first column, last row, last column, rows from 1 and columns from 0.
    """

    most_rows: int = MOST_ROWS
    found: list[Line] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    sheet: str = ""
    left_out: tuple[str, ...] = ()
    _cells: int = 0
    _signs: int = 0

    def add(self, number: int, cells: list[str], problem: LazyString | None = None) -> None:
        """
        Take a line; one without content is none.

        Raises:
            SheetError: more than is read at once.

        """
        while cells and not cells[-1]:
            cells.pop()
        if not cells and problem is None:
            return
        self._cells += len(cells)
        self._signs += sum(map(len, cells))
        if self._cells > MOST_CELLS or self._signs > MOST_SIGNS:
            raise too_much()
        if len(self.found) > self.most_rows + HEAD:
            raise too_many_rows(self.most_rows)
        longest = max(map(len, cells), default=0)
        if longest > LONGEST_CELL:
            problem = problem or _("A cell of this row holds more than {n} letters.").format(n=LONGEST_CELL)
            cells = [cell[:LONGEST_CELL] for cell in cells]
        self.found.append(Line(number, tuple(cells), problem))


def too_many_rows(most: int) -> SheetError:
    """Return the error of a list that is too long."""
    return SheetError(_("The list has more than {n} rows. Split it.").format(n=most))


def too_much() -> SheetError:
    """Return the error of a list whose cells are too many, or too long together."""
    return SheetError(_("The list holds too much to be read at once. Split it."))
