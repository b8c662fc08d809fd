"""Lists of people as files: Excel sheets and text, each row with its number in the file."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.i18n import Translator
from core.imports import SheetError, read_csv
from core.people.importing_words import HEADERS
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ = Translator("core")

SUFFIXES = (".xlsx", ".csv", ".txt", ".tsv")
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes of a sheet, packed and unpacked: a small file may hold a flood."""
MOST_ROWS = 50_000
MOST_COLUMNS = 256


def read_people(file: Path) -> list[tuple[int, dict[str, str]]]:
    """
    Return the rows of a file with their numbers in it.

    Raises:
        SheetError: too large, no list, or no column that is known.

    """
    if file.stat().st_size > MOST_BYTES:
        raise SheetError(_("The file is too large: at most {n} MB.").format(n=MOST_BYTES // 1024 // 1024))
    return read_list(file.read_bytes())


def read_list(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """
    Return the rows of a list with their numbers in it.

    Raises:
        SheetError: no list, or no column that is known.

    """
    if data.startswith(b"PK\x03\x04"):
        return _read_xlsx(data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", errors="replace").encode()
    return list(read_csv(data, headers=HEADERS).rows)


def _read_xlsx(data: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise SheetError(_("The sheet is too large when unpacked."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise SheetError(_("The file is no Excel sheet that can be read.")) from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise SheetError(_("The file is no Excel sheet that can be read."))
        words = {_word(word): column for column, known in HEADERS.items() for word in (column, *known)}
        names: list[str | None] = []
        rows: list[tuple[int, dict[str, str]]] = []
        for number, cells in _filled(sheet):
            texts = [_text(cell) for cell in cells]
            if not names:
                names = [words.get(_word(text)) for text in texts]
                if not any(names):
                    if any(texts):
                        raise SheetError(_("The first line of the list names no known column."))
                    names = []
                continue
            row = {name: text for name, text in zip(names, texts, strict=False) if name}
            if any(row.values()):
                rows.append((number, row))
            if len(rows) > MOST_ROWS:
                raise SheetError(_("The list has more than {n} rows.").format(n=MOST_ROWS))
    finally:
        book.close()
    return rows


def _filled(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield rows that hold something: a format that reaches to the sheet's last row is a million of empty ones."""
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
        if cells.count(None) < len(cells):
            yield number, cells


def _text(cell: Any) -> str:
    """Return a cell as text; numbers that are whole without a decimal point, as they were meant."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _word(text: str) -> str:
    return fold(text).replace("_", " ").replace("-", " ").replace(".", "").strip(" *:")
