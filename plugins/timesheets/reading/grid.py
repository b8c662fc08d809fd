"""From bytes to rows of texts: CSV in any encoding and with any delimiter, or the first sheet of an XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.sdk import Translator, errors

_ = Translator("timesheets")

MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 256
MOST_BYTES: Final = 50 * 1024 * 1024
MOST_UNPACKED: Final = 400 * 1024 * 1024
_LONGEST_CELL: Final = 100_000
_DELIMITERS: Final = (";", ",", "\t", "|")
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


class GridError(errors.InvalidInputError):
    """A file that is no list."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A list: the names of its columns, and its rows with their line in the file. Each row has a text per column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_grid(data: bytes) -> Grid:
    """
    Read a list whose first line with content names its columns.

    Raises:
        GridError: empty, too large, no text and no sheet, or of more rows than are read at once.

    """
    if not data.strip():
        raise GridError(_("The file is empty."))
    if len(data) > MOST_BYTES:
        raise GridError(_("The file is larger than {n} MB.").format(n=MOST_BYTES // 1024 // 1024))
    if data.startswith(_OLD_EXCEL):
        raise GridError(_("This is an Excel sheet of before 2007. Save it as .xlsx or .csv."))
    return _grid(_sheet_lines(data) if data.startswith(_ZIP) else _text_lines(_text(data)))


def _grid(lines: Any) -> Grid:
    columns: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if not columns:
            names = list(cells)
            while names and not names[-1]:
                names.pop()
            columns = tuple(names)
            continue
        width = len(columns)
        row = (*cells[:width], *("",) * (width - len(cells)))
        if any(row):
            rows.append((number, row))
        if len(rows) > MOST_ROWS:
            raise GridError(_("The list has more than {n} rows. Split it.").format(n=MOST_ROWS))
    if not columns:
        raise GridError(_("The file is empty."))
    return Grid(columns, tuple(rows))


def _text(data: bytes) -> str:
    """UTF-8 with and without its mark, UTF-16 with one, else what Western Windows programs write."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise GridError(_("The file is no list: neither text with one line per entry nor an Excel sheet."))


def _text_lines(text: str) -> Any:
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.casefold().startswith("sep=") and len(first.strip()) == len("sep=") + 1:  # a line that Excel obeys
        delimiter = first.strip()[-1]
        text = text.replace(first, "", 1)
    else:
        delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(_LONGEST_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in lines:
            yield lines.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise GridError(_("Line {line} cannot be read as a row of a list.").format(line=lines.line_num + 1)) from error


def _sheet_lines(data: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise GridError(_("The sheet is too large when unpacked."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise GridError(_("The file is no Excel sheet that can be read.")) from error
    try:
        if not book.worksheets:
            raise GridError(_("The file is no Excel sheet that can be read."))
        rows = book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS)
        for number, cells in enumerate(rows, start=1):
            if cells.count(None) == len(cells):  # a format that reaches to the sheet's last row is a million of these
                continue
            yield number, [_cell(cell) for cell in cells]
    finally:
        book.close()


def _cell(value: Any) -> str:  # noqa: PLR0911 -- one line per type of cell
    """Typed cells as texts that read back as what they are: ISO days and times, durations as h:mm:ss."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M:%S}"
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()
