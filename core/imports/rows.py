"""The rows of a worksheet, as its XML tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.i18n import Translator
from core.imports.cells import Style, clean, figure
from core.imports.lines import HEAD, LONGEST_CELL, MOST_COLUMNS
from core.imports.problems import SheetError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.i18n import LazyString
    from core.imports.lines import Lines

_ = Translator("core")

_LAST_ROW: Final = 1_048_576
_LAST_COLUMN: Final = 16_384
_DIGITS: Final = "0123456789"


class SheetRows:
    """Hears of rows and cells and puts them into *lines*: typed ones as texts that read back as what they are."""

    def __init__(self, lines: Lines, shared: Sequence[str], styles: Sequence[Style], *, from_1904: bool) -> None:
        self._lines = lines
        self._shared = shared
        self._styles = styles
        self._from_1904 = from_1904
        self._number = 0
        self._cells: list[str] = []
        self._problem: LazyString | None = None
        self._column = -1
        self._kind = "n"
        self._style = 0
        self._hearing = self._aside = self._formula = False
        self._parts: list[str] = []
        self._heard = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear of an element that begins."""
        if tag == "c":
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                letters = reference.rstrip(_DIGITS)
                self._column = _PLACES[letters] if letters in _PLACES else column_of(letters)
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
            self._formula = False
        elif tag == "v":
            self._hearing = True
        elif tag == "t":
            self._hearing = not self._aside
        elif tag == "row":
            self._number = int(attributes.get("r", self._number + 1))
            if not 0 < self._number <= _LAST_ROW:
                raise SheetError(_("The file is no Excel sheet that can be read."))
            self._column = -1
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._aside = True
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, tag: str) -> None:
        """Hear of an element that ends."""
        if tag in {"v", "t"}:
            self._hearing = False
        elif tag == "c":
            if self._parts or self._formula:
                self._take("".join(self._parts))
                self._parts.clear()
                self._heard = 0
        elif tag == "row":
            self._lines.add(self._number, self._cells, self._problem)
            self._cells, self._problem = [], None
        elif tag == "rPh":
            self._aside = False

    def text(self, text: str) -> None:
        """Hear of text; of a cell's, as much as is needed to see that it is too long."""
        if self._hearing and self._heard <= LONGEST_CELL:
            self._parts.append(text)
            self._heard += len(text)

    def _take(self, raw: str) -> None:
        column = self._column
        if column >= MOST_COLUMNS:
            return
        text = ""
        try:
            text = self._read(raw)
        except (ValueError, OverflowError, IndexError):
            self._complain(_("Cell {cell} cannot be read."))
        if self._kind == "e":
            self._complain(_("Cell {cell} holds an error: {error}").format(error=text[:40]))
        elif self._formula and not raw and self._kind != "str":
            self._complain(
                _("Cell {cell} holds a formula without its result. Open the list in a spreadsheet and save it.")
            )
        cells = self._cells
        if column >= len(cells):
            cells.extend([""] * (column - len(cells) + 1))
        cells[column] = text

    def _read(self, raw: str) -> str:
        if self._kind == "s":
            return self._shared[int(raw)]
        if self._kind == "n":
            return figure(raw.strip(), self._styles[self._style], from_1904=self._from_1904) if raw.strip() else ""
        if self._kind == "b":
            return "yes" if raw.strip() == "1" else "no"
        return raw.strip().replace("T", " ") if self._kind == "d" else clean(raw)

    def _complain(self, problem: LazyString) -> None:
        """Note what is wrong with the row: the first thing counts."""
        if self._problem is None:
            self._problem = problem.format(cell=f"{letters_of(self._column)}{self._number}")

    def _merge(self, text: str) -> None:
        """Remember cells that are one, where they may stand at the head of the list."""
        first, _colon, last = text.partition(":")
        try:
            bounds = [(int(each.lstrip(_LETTERS)), column_of(each.rstrip(_DIGITS))) for each in (first, last or first)]
        except ValueError:
            return
        (top, left), (bottom, right) = bounds
        if self._lines.found and top <= self._lines.found[: HEAD + 1][-1].number:
            self._lines.merged.append((top, left, bottom, right))


_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def column_of(letters: str) -> int:
    """Return a column's place from 0, by its letters; ValueError for what is none."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + _LETTERS.index(letter) + 1
    if not 0 < number <= _LAST_COLUMN:
        raise ValueError(letters[:4])
    return number - 1


def letters_of(column: int) -> str:
    """Return a column's letters, by its place from 0."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = _LETTERS[rest] + letters
    return letters


_PLACES: Final = {letters_of(place): place for place in range(MOST_COLUMNS)}
