"""Rows into files: typed in XLSX, in the reader's habits in CSV, and never a formula."""

from __future__ import annotations

import csv
import math
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from core.formats import clock, decimal_text, minor_digits, number
from core.i18n import Translator
from core.lists.cells import ColumnCells, decimal_of, headers_of, with_currency
from core.lists.words import word
from core.lists.xlsx import Book, number_cell, text_cell
from core.text import harmless, is_dangerous

if TYPE_CHECKING:
    from pathlib import Path

    from core.lists.reading import Reading
    from core.lists.spec import Column

_ = Translator("core")

_SECONDS_A_DAY: Final = 86_400
_FIRST_DAY: Final = date(1899, 12, 30).toordinal()
"""Day 0 of spreadsheets, as far as they count right: from March 1900, they believe in a 29 February of that year."""
_SOUND_FROM: Final = 61
_WIDTHS: Final = {"day": 12, "instant": 18, "money": 14, "duration": 10, "number": 10, "bool": 8}
_NARROWEST, _WIDEST = 8, 50
_DAY, _INSTANT, _HOURS, _SECONDS = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "[h]:mm", "[h]:mm:ss"


class Sheet(Protocol):
    """A file that rows are written to, in portions, by a thread."""

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Append rows."""

    def close(self) -> None:
        """Finish the file."""

    def abandon(self) -> None:
        """Let go of the file, unfinished."""


class CsvSheet:
    """A text table as the reader's spreadsheet opens it: with BOM, and `;` between where `,` is the decimal sign."""

    def __init__(self, path: Path, reading: Reading, columns: list[Column], language: str) -> None:
        self._decimal = number("0.5", language)[1]
        self._with_currency = with_currency(reading, columns)
        self._columns = [ColumnCells(column, reading, language, partial(self._text, column.kind)) for column in columns]
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";" if self._decimal == "," else ",")
        self._writer.writerow([harmless(header) for header in headers_of(reading, columns, language)])

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Append rows."""
        columns = [column.cells(column.values(rows), rows) for column in self._columns]
        if self._with_currency:
            columns.append([row["currency"] or "" for row in rows])
        self._writer.writerows(zip(*columns, strict=True))

    def _text(self, kind: str, value: Any, currency: str | None) -> str:
        if kind == "money" and isinstance(value, int):
            return decimal_text(value, currency or "EUR").replace(".", self._decimal)
        if kind == "duration" and isinstance(value, int):
            return clock(value, "")
        if kind == "instant" and isinstance(value, datetime):
            return value.isoformat(" ", "minutes")
        if kind == "number" and (figure := decimal_of(value)) is not None:
            return f"{figure:f}".replace(".", self._decimal)
        return harmless(str(value))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def abandon(self) -> None:
        """Let go of the file."""
        self._file.close()


class XlsxSheet:
    """A workbook with one sheet: dates are dates, amounts numbers, texts texts; the last rows are the sums."""

    def __init__(self, path: Path, reading: Reading, columns: list[Column], language: str) -> None:
        self._columns = [ColumnCells(column, reading, language, partial(self._cell, column.kind)) for column in columns]
        self._headers = headers_of(reading, columns, language)
        self._with_currency = with_currency(reading, columns)
        self._total = _("Total").in_language(language)
        self._summed = {each.key for each in reading.view.sums}
        self._sums: dict[str | None, dict[str, int]] = {}
        self._begun = False
        self._book = Book(path, word(reading.view.title, language))

    def write(self, rows: list[dict[str, Any]]) -> None:
        """
        Append rows.

        Raises:
            TooLargeError: more than a sheet holds.

        """
        values = [column.values(rows) for column in self._columns]
        if not self._begun:
            self._begin(values)
        for column, found in zip(self._columns, values, strict=True):
            if column.column.key in self._summed:
                self._add(column.column, found, rows)
        cells = [column.cells(found, rows) for column, found in zip(self._columns, values, strict=True)]
        if self._with_currency:
            cells.append([text_cell(row["currency"]) if row["currency"] else "" for row in rows])
        self._book.rows(zip(*cells, strict=True))

    def _begin(self, values: list[list[Any]]) -> None:
        """Write the head: columns are as wide as the first rows want it."""
        self._begun = True
        widths: list[float] = []
        for place, header in enumerate(self._headers):
            wanted = _NARROWEST
            if place < len(self._columns):
                column = self._columns[place]
                texts = (str(column.plain(value)) for value in values[place] if value is not None)
                wanted = _WIDTHS.get(column.column.kind) or max((len(text) + 2 for text in texts), default=_NARROWEST)
            widths.append(min(max(wanted, len(header) + 4, _NARROWEST), _WIDEST))  # + 4: the filter's arrow
        self._book.begin(self._headers, widths)

    def _add(self, column: Column, values: list[Any], rows: list[dict[str, Any]]) -> None:
        for value, row in zip(values, rows, strict=True):
            if isinstance(value, int):
                sums = self._sums.setdefault(row["currency"] if column.kind == "money" else None, {})
                sums[column.key] = sums.get(column.key, 0) + value

    def _cell(self, kind: str, value: Any, currency: str | None, *, bold: bool = False) -> str:
        style = partial(self._book.style, bold=bold)
        if kind == "money" and isinstance(value, int):
            digits = minor_digits(currency or "EUR")
            return number_cell(value / 10**digits, style(f"#,##0.{'0' * digits}" if digits else "#,##0"))
        if kind == "duration" and isinstance(value, int):
            return number_cell(value / _SECONDS_A_DAY, style(_SECONDS if value % 60 else _HOURS))
        if kind == "number" and (figure := decimal_of(value)) is not None and math.isfinite(float(figure)):
            return number_cell(float(figure), style())
        if isinstance(value, date) and (days := value.toordinal() - _FIRST_DAY) >= _SOUND_FROM:
            if isinstance(value, datetime):
                seconds = (value - datetime.combine(value, datetime.min.time())).total_seconds()
                return number_cell(days + seconds / _SECONDS_A_DAY, style(_INSTANT))
            return number_cell(days, style(_DAY))
        text = str(value)
        return text_cell(text, style(quoted=is_dangerous(text)))

    def close(self) -> None:
        """Write the sums and finish the file."""
        if not self._begun:
            self._begin([[] for _ in self._columns])
        totals = []
        for currency, sums in sorted(self._sums.items(), key=lambda item: item[0] or ""):
            cells = [
                self._cell(column.column.kind, sums[column.column.key], currency, bold=True)
                if column.column.key in sums
                else ""
                for column in self._columns
            ]
            cells[0] = cells[0] or text_cell(self._total, self._book.style(bold=True))
            if self._with_currency:
                cells.append(text_cell(currency, self._book.style(bold=True)) if currency else "")
            totals.append(cells)
        self._book.rows(totals, filtered=False)
        self._book.close()

    def abandon(self) -> None:
        """Let go of the file."""
        self._book.abandon()
