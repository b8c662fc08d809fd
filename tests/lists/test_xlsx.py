"""The workbook that exports are written into, read back by another program's eyes."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape

from core.errors import TooLargeError
from core.lists import xlsx
from core.lists.xlsx import Book, column_name, number_cell, text_cell

SPELLED = r"a_x0041_b"


def opened(path: Path) -> Any:
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes())).worksheets[0]


def test_columns_are_called_as_spreadsheets_call_them() -> None:
    assert [column_name(place) for place in range(1_000)] == [get_column_letter(place + 1) for place in range(1_000)]


def test_a_book_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.xlsx", "Hours: [a] 'b' / of a very long name of a list")
    hours, money, bold = book.style("[h]:mm"), book.style('#,##0.00" <€>"'), book.style(bold=True)
    assert [book.style("[h]:mm"), book.style(bold=True)] == [hours, bold]
    book.begin(["Name", "Hours & more", "Total"], [12, 20.5, 9])
    book.rows(
        [
            [text_cell(' two  spaces\nand "lines" <b>&amp;'), number_cell(0.5, hours), number_cell(-12.34, money)],
            ["", number_cell(1e-7), text_cell("=1+1", book.style(quoted=True))],
        ]
    )
    book.rows([[text_cell("Total", bold), "", number_cell(3, money)]], filtered=False)
    book.close()
    sheet = opened(tmp_path / "book.xlsx")
    assert sheet.title == "Hours   a   b    of a very long"
    assert [[cell.value for cell in row] for row in sheet.iter_rows(max_row=1)] == [["Name", "Hours & more", "Total"]]
    rows = list(sheet.iter_rows(min_row=2))
    assert [cell.value for cell in rows[0]] == [' two  spaces\nand "lines" <b>&amp;', timedelta(hours=12), -12.34]
    assert [cell.number_format for cell in rows[0]] == ["General", "[h]:mm", '#,##0.00" <€>"']
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in rows[1]] == [
        (None, "n", False),
        (1e-7, "n", False),
        ("=1+1", "s", True),
    ]
    assert [(cell.value, cell.font.bold) for cell in rows[2]] == [("Total", True), (None, False), (3, False)]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:C3", "$1:$1")
    assert {name: found.width for name, found in sheet.column_dimensions.items()} == {"A": 12, "B": 20.5, "C": 9}


@given(st.text(max_size=60), st.integers(0, 3))
def test_every_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str, kind: int) -> None:
    text = (text, f"{text}{SPELLED}", f"_x{text}", f"\x07\r\n{text}\ufffe")[kind]
    path = tmp_path_factory.getbasetemp() / "one.xlsx"
    book = Book(path, text)
    book.begin([text], [10])
    book.rows([[text_cell(text)]])
    book.close()
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            etree.fromstring(parts.read(name))
    sheet = opened(path)
    assert [unescape(cell.value or "") for cell in sheet["A"]] == [text, text]


def test_what_a_sheet_cannot_hold_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("MOST_ROWS", 3), ("_LARGEST_PART", 900)):
        with monkeypatch.context() as patched:
            patched.setattr(xlsx, name, most)
            book = Book(tmp_path / "book.xlsx", "Book")
            book.begin(["A"], [10])
            with pytest.raises(TooLargeError):
                book.rows([[text_cell("x" * 100)]] * 3)
            book.abandon()
            book.abandon()


def test_texts_are_cut_where_a_cell_ends(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.xlsx", "")
    book.begin(["A"], [10])
    book.rows([[text_cell("x" * 40_000)]])
    book.close()
    sheet = opened(tmp_path / "book.xlsx")
    assert (sheet.title, len(sheet["A2"].value)) == ("1", 32_767)
