"""Lists as text: any usual encoding and delimiter, line feeds in quotation marks, decimal commas."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from core.i18n import Translator
from core.imports.lines import HEAD
from core.imports.problems import SheetError
from core.text import is_dangerous

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.imports.lines import Lines

_ = Translator("core")

_DELIMITERS: Final = (";", ",", "\t", "|")
_NO_DELIMITER: Final = "\x1f"
"""Stands in no text that is read here: lists of one column are cut nowhere."""
_UTF8_MARK: Final = b"\xef\xbb\xbf"


def read_text(data: bytes, lines: Lines, score: Callable[[Sequence[str]], int]) -> None:
    """
    Read *data* into *lines*. *score* says how many names of columns it knows among cells.

    Raises:
        SheetError: no text, too much of it, or a quotation mark is missing.

    """
    text = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not text.strip("".join(_DELIMITERS) + " \r\n"):
        return
    if first.casefold().startswith("sep=") and len(first) == len("sep=") + 1:  # a line that Excel obeys
        delimiter = first[-1]
        skipped = text.index(first)
        text = text[:skipped] + text[skipped + len(first) :]
    else:
        delimiter = _delimiter(text, score)
    for number, cells in _records(text, delimiter):
        lines.add(number, [_harmless(cell.strip()) for cell in cells])


def _decoded(data: bytes) -> str:
    """UTF-8 and UTF-16 with and without their marks, else what Western Windows programs write."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif data.startswith(_UTF8_MARK):
        encodings = ("utf-8-sig",)
    elif data[1:2] == b"\x00":
        encodings = ("utf-16-le",)
    elif data[:1] == b"\x00":
        encodings = ("utf-16-be",)
    else:
        encodings = ("utf-8", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SheetError(_("The file is no list: neither text with one line per row nor an Excel sheet."))


def _delimiter(text: str, score: Callable[[Sequence[str]], int]) -> str:
    """
    Return what stands between cells: with which names of columns are found, and most lines are of one width.

    A comma in every amount does not count where the names are not cut by it.
    """
    best, chosen = (0, 0, 0), _NO_DELIMITER
    head = text[: 1024 * 1024]
    first = next((line for line in head.splitlines() if line.strip()), "")
    alone = score([first])
    for sign in _DELIMITERS:
        wide = []
        with suppress(SheetError):  # the row is named when it is read
            for _line, cells in islice(_records(head, sign), HEAD):
                if len(cells) > 1 and any(cells):
                    wide.append(cells)
        if not wide:
            continue
        known = max(score(cells) for cells in wide)
        if (sign not in first and alone) or known < alone:  # the name of the only column
            continue
        widths = [len(cells) for cells in wide]
        common = max(set(widths), key=lambda width: (widths.count(width), width))
        found = (known, widths.count(common), common)
        if found > best:
            best, chosen = found, sign
    return chosen


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        text_ = _("Line {line} cannot be read as a row of a list: perhaps a quotation mark is missing or too many.")
        raise SheetError(text_.format(line=begins)) from error


def _harmless(cell: str) -> str:
    """Take away the apostrophe that exports put before what a spreadsheet would take for a formula."""
    return cell[1:] if cell.startswith("'") and is_dangerous(cell[1:]) else cell
