"""Rows into cells: typed in XLSX, in the reader's habits in CSV, and never a formula."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol

import xlsxwriter

from core.errors import TooLargeError
from core.formats import decimal_text, minor_digits, number
from core.i18n import Translator
from core.lists.spec import Chip
from core.lists.words import word

if TYPE_CHECKING:
    from pathlib import Path

    from core.lists.reading import Reading
    from core.lists.spec import Column

_ = Translator("core")

_DANGEROUS: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What spreadsheets take for the start of a formula, the full-width signs too (OWASP, CSV injection)."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_LONGEST_CELL: Final = 32_767
_MOST_ROWS: Final = 1_048_576 - 100
_SECONDS_A_DAY: Final = 86_400


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula. A plain number is none."""
    return bool(_DANGEROUS.match(text)) and not _NUMBER.fullmatch(text)


class Sheet(Protocol):
    """A file that rows are written to, in portions, by a thread."""

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Append rows."""

    def close(self) -> None:
        """Finish the file."""

    def abandon(self) -> None:
        """Let go of the file, unfinished."""


class _Cells:
    """What both kinds of file know of the columns."""

    def __init__(self, reading: Reading, columns: list[Column], language: str) -> None:
        self.columns = columns
        self.language = language
        self.today = reading.today
        self.zone = reading.actor.tenant.zone
        said = any(each.key == "currency" for each in columns)
        money = any(each.kind == "money" for each in columns)
        self.with_currency = reading.view.currency is not None and money and not said
        self.headers = [word(each.label, language) for each in columns]
        if self.with_currency:
            self.headers.append(str(_("Currency")))
        self.yes_no = (str(_("No")), str(_("Yes")))

    def value(self, column: Column, row: dict[str, Any]) -> Any:
        """Return a cell's value: texts for chips and answers, the local time for instants."""
        value = column.value(row, self.today) if column.value is not None else row[column.key]
        if isinstance(value, Chip):
            return word(value.label, self.language)
        if isinstance(value, tuple):
            return " · ".join(word(state.label, self.language) for state in value)
        if isinstance(value, bool):
            return self.yes_no[value]
        if isinstance(value, datetime):
            return value.astimezone(self.zone).replace(tzinfo=None)
        return value


class CsvSheet:
    """A text table as the reader's spreadsheet opens it: with BOM, and `;` between where `,` is the decimal sign."""

    def __init__(self, path: Path, reading: Reading, columns: list[Column], language: str) -> None:
        self._cells = _Cells(reading, columns, language)
        self._decimal = number("0.5", language)[1]
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";" if self._decimal == "," else ",")
        self._writer.writerow([_harmless(header) for header in self._cells.headers])

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Append rows."""
        cells = self._cells
        for row in rows:
            line = [self._text(column, cells.value(column, row), row) for column in cells.columns]
            if cells.with_currency:
                line.append(row["currency"] or "")
            self._writer.writerow(line)

    def _text(self, column: Column, value: Any, row: dict[str, Any]) -> str:
        if value is None:
            return ""
        if column.kind == "money":
            return decimal_text(value, row["currency"]).replace(".", self._decimal)
        if column.kind == "duration":
            return f"{value // 3600}:{value % 3600 // 60:02}"
        if column.kind == "instant":
            return value.isoformat(" ", "minutes") if isinstance(value, datetime) else str(value)
        if column.kind == "number" and _decimal(value) is not None:
            return f"{_decimal(value):f}".replace(".", self._decimal)
        return _harmless(str(value))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def abandon(self) -> None:
        """Let go of the file."""
        self._file.close()


def _harmless(text: str) -> str:
    return f"'{text}" if is_dangerous(text) else text


def _decimal(value: object) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


class XlsxSheet:
    """A workbook with one sheet: dates are dates, amounts numbers, texts texts; the last rows are the sums."""

    def __init__(self, path: Path, reading: Reading, columns: list[Column], language: str) -> None:
        self._cells = _Cells(reading, columns, language)
        self._summed = {each.key for each in reading.view.sums}
        self._sums: dict[str | None, dict[str, int]] = {}
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                "default_date_format": "yyyy-mm-dd",
            },
        )
        title = re.sub(r"[\[\]:*?/\\']", " ", word(reading.view.title, language)).strip()[:31]
        self._sheet = self._book.add_worksheet(title or None)
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._bold = self._book.add_format({"bold": True})
        self._format = cache(lambda code, bold: self._book.add_format({"num_format": code, "bold": bold}))
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._cells.headers) - 1, 18)
        for place, header in enumerate(self._cells.headers):
            self._sheet.write_string(0, place, header[:_LONGEST_CELL], self._bold)
        self._next = 1

    def write(self, rows: list[dict[str, Any]]) -> None:
        """
        Append rows.

        Raises:
            TooLargeError: more than a sheet holds.

        """
        cells = self._cells
        if self._next + len(rows) > _MOST_ROWS:
            raise TooLargeError
        for row in rows:
            currency = row.get("currency")
            for place, column in enumerate(cells.columns):
                value = cells.value(column, row)
                self._write(place, column.kind, value, currency)
                if column.key in self._summed and isinstance(value, int):
                    sums = self._sums.setdefault(currency if column.kind == "money" else None, {})
                    sums[column.key] = sums.get(column.key, 0) + value
            if cells.with_currency and currency:
                self._sheet.write_string(self._next, len(cells.columns), currency)
            self._next += 1

    def _write(self, place: int, kind: str, value: Any, currency: str | None, *, bold: bool = False) -> None:
        if value is None or value == "":
            return
        if kind == "money" and isinstance(value, int):
            digits = minor_digits(currency or "EUR")
            code = f"#,##0.{'0' * digits}" if digits else "#,##0"
            self._sheet.write_number(self._next, place, value / 10**digits, self._format(code, bold))
        elif kind == "duration" and isinstance(value, int):
            self._sheet.write_number(self._next, place, value / _SECONDS_A_DAY, self._format("[h]:mm", bold))
        elif kind == "number" and (figure := _decimal(value)) is not None:
            self._sheet.write_number(self._next, place, float(figure), self._format("General", bold))
        elif kind == "instant" and isinstance(value, datetime):
            self._sheet.write_datetime(self._next, place, value, self._format("yyyy-mm-dd hh:mm", bold))
        elif kind == "day" and not isinstance(value, str):
            self._sheet.write_datetime(self._next, place, value, self._format("yyyy-mm-dd", bold))
        else:
            text = str(value)[:_LONGEST_CELL]
            self._sheet.write_string(self._next, place, text, self._quoted if is_dangerous(text) else None)

    def close(self) -> None:
        """Write the sums and finish the file."""
        cells = self._cells
        for currency, sums in sorted(self._sums.items(), key=lambda item: item[0] or ""):
            for place, column in enumerate(cells.columns):
                if column.key in sums:
                    self._write(place, column.kind, sums[column.key], currency, bold=True)
                elif place == 0:
                    self._sheet.write_string(self._next, place, str(_("Total")), self._bold)
            if cells.with_currency and currency:
                self._sheet.write_string(self._next, len(cells.columns), currency, self._bold)
            self._next += 1
        self._book.close()

    def abandon(self) -> None:
        """Let go of the file; xlsxwriter removes its temporary ones when it closes."""
        self._book.close()
