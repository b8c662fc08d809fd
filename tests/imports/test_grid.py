"""Tables as people and programs write them: what comes out is what they meant."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from core.imports import Grid, SheetError, column_word, read_grid, read_list
from core.imports.cells import Style, figure, styles_of
from core.imports.rows import column_of, letters_of
from tests.imports.books import STRICT, book, figures, row

TEXT = "Nombre;Nota\r\nPeña;ça\r\n"
PLAIN = Grid(("Nombre", "Nota"), ((2, ("Peña", "ça")),))


def moment(text: str) -> datetime:
    """Return a moment as sheets know it: of no time zone."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be"], ids=lambda name: name
)
def test_text_in_every_usual_encoding(encoding: str) -> None:
    assert read_grid(TEXT.encode(encoding)) == PLAIN


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_every_usual_delimiter_and_line_end(sign: str) -> None:
    for end in ("\r\n", "\n", "\r"):
        assert read_grid(TEXT.replace(";", sign).replace("\r\n", end).encode()) == PLAIN
    assert read_grid(f"sep={sign}\r\n{TEXT.replace(';', sign)}".encode()).columns == PLAIN.columns


def test_a_decimal_comma_is_no_delimiter() -> None:
    text = "Fecha;Horas\n1/3/2026;1,5\n2/3/2026;2,25\n3/3/2026;7,75\n"
    assert [cells for _line, cells in read_grid(text.encode()).rows] == [
        ("1/3/2026", "1,5"),
        ("2/3/2026", "2,25"),
        ("3/3/2026", "7,75"),
    ]
    assert read_grid(b"Horas\n1,5\n2,5\n", words={"horas"}).rows == ((2, ("1,5",)), (3, ("2,5",)))


def test_a_list_of_one_column_is_cut_nowhere() -> None:
    assert read_grid("name\nGarcía, Ana\nLópez, Eva\n".encode(), words={"name"}).rows == (
        (2, ("García, Ana",)),
        (3, ("López, Eva",)),
    )


def test_line_feeds_and_delimiters_in_quotation_marks() -> None:
    text = 'Name;Note\nAna;"one\ntwo; ""three"""\n\nEva; "four"\n'
    assert read_grid(text.encode()).rows == ((2, ("Ana", 'one\ntwo; "three"')), (5, ("Eva", "four")))


def test_a_quotation_mark_that_is_missing_swallows_no_rows() -> None:
    with pytest.raises(SheetError) as refused:
        read_grid(b'Name;Note\nAna;x\nEva;"y\nLuz;z\n')
    assert str(refused.value.message) == (
        "Line 3 cannot be read as a row of a list: perhaps a quotation mark is missing or too many."
    )


def test_a_row_that_the_delimiter_tears_is_named_and_not_moved() -> None:
    grid = read_grid(b"Name,Hours,Note\nAna,1,5,x\nEva,2,y,,\nLuz,3\n")
    assert grid.rows == ((3, ("Eva", "2", "y")), (4, ("Luz", "3", "")))
    assert [(line, str(text)) for line, text in grid.problems] == [
        (2, "This row has more cells than the list has columns: what holds the delimiter needs quotation marks.")
    ]


def test_titles_above_the_names_of_columns() -> None:
    text = "Report of hours;;\nMarch 2026;;\n;;\nUser;Hours;Note\nAna;1;x\n"
    assert read_grid(text.encode()) == Grid(("User", "Hours", "Note"), ((5, ("Ana", "1", "x")),))
    framed = "Client:;Acme;;\nPeriod:;March;;\nUser;Hours;Note;Task\nAna;1;x;y\n"
    assert read_grid(framed.encode(), words={"client", "user", "hours", "note"}).columns == (
        "User",
        "Hours",
        "Note",
        "Task",
    )


def test_a_row_with_a_word_that_names_a_column_is_a_row() -> None:
    text = "Datum;Mitarbeiter;Stunden\n1.3.2026;Ana;Service\n"
    assert read_grid(text.encode(), words={"service", "hours"}).columns == ("Datum", "Mitarbeiter", "Stunden")


def test_names_that_come_twice_are_told_apart() -> None:
    assert read_grid(b"Note;Note;;x\n1;2;3;4\n").columns == ("Note", "Note (2)", "", "x")


def test_the_apostrophe_of_exports_is_taken_away_again() -> None:
    assert read_grid(b"Phone;Name\n'+34 600 1;'tis\n").rows == ((2, ("+34 600 1", "'tis")),)


def test_typed_cells_are_texts_that_read_back() -> None:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["day", "moment", "clock", "elapsed", "number", "whole", "answer", "text"])
    sheet.append(
        [date(2026, 3, 1), moment("2026-03-01 09:30"), time(7, 5), timedelta(hours=30, minutes=1), 1.1 * 3, 34600123456,
         True, " +34 600 "]
    )  # fmt: skip
    data = io.BytesIO()
    made.save(data)
    assert read_grid(data.getvalue()).rows == (
        (2, ("2026-03-01", "2026-03-01 09:30:00", "07:05:00", "30:01:00", "3.3", "34600123456", "yes", "+34 600")),
    )


def test_formats_as_programs_write_them() -> None:
    codes = (
        "dd/mm/yyyy", "[$-C0A]d &quot;de&quot; mmmm;@", "h:mm AM/PM", "[h]:mm", "mm:ss", "0.00&quot;h&quot;",
        "#,##0.00\\ [$€-C0A]", "dd.mm.yy hh:mm", "[Red]0.0;[Blue]0", "mmm yy",
    )  # fmt: skip
    data = book(
        row(1, *"abcdefghij") + figures(2, 46082, 46082.5, 0.5, 1.0625, 0.0625, 2.5, 1234.5, 46082, 0.25, 46082),
        formats=codes,
    )
    assert read_grid(data).rows == (
        (2, ("2026-03-01", "2026-03-01 12:00:00", "12:00:00", "25:30:00", "01:30:00", "2.5", "1234.5",
             "2026-03-01 00:00:00", "0.25", "2026-03-01")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "style", "text"),
    [
        ("0.1", Style.PLAIN, "0.1"),
        ("0.30000000000000004", Style.PLAIN, "0.3"),
        ("1E-7", Style.PLAIN, "0.0000001"),
        ("1.5E+20", Style.PLAIN, "150000000000000000000"),
        ("12345678901234567", Style.PLAIN, "12345678901234567"),  # a key, as a program wrote it
        ("12.345", Style.PLAIN, "12.3450"),  # never twelve thousand
        ("-1.500", Style.PLAIN, "-1.5"),
        ("1", Style.DAY, "1900-01-01"),
        ("59", Style.DAY, "1900-02-28"),
        ("61", Style.DAY, "1900-03-01"),
        ("0", Style.DAY, "0"),
        ("-1", Style.DAY, "-1"),
        ("2958465", Style.DAY, "9999-12-31"),
        ("99999999", Style.DAY, "99999999"),
        ("0.999999999", Style.CLOCK, "23:59:59"),
        ("1.25", Style.CLOCK, "30:00:00"),
        ("46082.375", Style.CLOCK, "2026-03-01 09:00:00"),
        ("-0.0625", Style.DURATION, "-1:30:00"),
        ("0.375", Style.INSTANT, "09:00:00"),
    ],
)
def test_figures(raw: str, style: Style, text: str) -> None:
    assert figure(raw, style, from_1904=False) == text


def test_days_that_count_from_1904() -> None:
    data = book(row(1, "day") + figures(2, 44620), formats=["yyyy-mm-dd"], properties='date1904="1"')
    assert read_grid(data).rows == ((2, ("2026-03-01",)),)
    far = book(row(1, "day", "x") + figures(2, 2958465, 1), formats=["yyyy-mm-dd", "0"], properties='date1904="true"')
    assert [(line, str(text)) for line, text in read_grid(far).problems] == [(2, "Cell A2 cannot be read.")]


def test_built_in_formats_of_days_and_times() -> None:
    assert styles_of([0, 14, 20, 22, 46, 49, 10, 45, 9999], {}) == (
        Style.PLAIN, Style.DAY, Style.CLOCK, Style.INSTANT, Style.DURATION, Style.PLAIN, Style.PLAIN, Style.CLOCK,
        Style.PLAIN,
    )  # fmt: skip


def test_texts_in_several_fonts_and_with_their_sound() -> None:
    shared = ["<r><t>Ana </t></r><r><t>Ruiz</t></r><rPh><t>aaa</t></rPh>", "<t>a_x000D_b_x0000_c</t>"]
    cells = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c></row>'
    assert read_grid(book(row(1, "a", "b") + cells, shared=shared)).rows == ((2, ("Ana Ruiz", "a\rbc")),)


def test_cells_without_address_and_rows_far_away() -> None:
    rows = '<row><c><v>1</v></c><c t="str"><v>b</v></c></row><row r="900000"><c r="B900000"><v>2</v></c></row>'
    assert read_grid(book(rows)) == Grid(("1", "b"), ((900000, ("", "2")),), sheet="First")


def test_names_in_two_lines_where_cells_are_merged() -> None:
    upright = (
        row(1, "Hours of March") + row(3, "Name", "Hours", "", "Note") + row(4, "", "normal", "extra")
        + row(5, "Ana", "7", "1", "x")
    )  # fmt: skip
    merged = '<mergeCells><mergeCell ref="A1:D1"/><mergeCell ref="A3:A4"/><mergeCell ref="B3:C3"/></mergeCells>'
    assert read_grid(book(upright, after=merged)) == Grid(
        ("Name", "Hours normal", "Hours extra", "Note"), ((5, ("Ana", "7", "1", "x")),), sheet="First"
    )
    group = '<mergeCells><mergeCell ref="B3:C3"/><mergeCell ref="A9000:B9000"/><mergeCell ref="nonsense"/></mergeCells>'
    assert read_grid(book(upright, after=group)).columns == ("Name", "Hours normal", "Hours extra", "Note")


def test_the_first_sheet_that_is_shown_and_holds_something() -> None:
    sheets = [
        ("Settings", "hidden", row(1, "secret", "x")),
        ("Macros", "veryHidden", row(1, "secret", "x")),
        ("Empty", "visible", ""),
        ("Hours", "visible", row(1, "a", "b") + row(2, "1", "2")),
        ("More", "visible", row(1, "c")),
    ]
    assert read_grid(book(sheets=sheets)) == Grid(("a", "b"), ((2, ("1", "2")),), sheet="Hours", left_out=("More",))


def test_the_strict_kind_of_workbook() -> None:
    assert read_grid(book(row(1, "a") + row(2, "1"), space=STRICT)).rows == ((2, ("1",)),)


def test_a_cell_that_holds_an_error_or_no_result_is_named() -> None:
    rows = (
        row(1, "a", "b")
        + '<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>'
        + '<row r="3"><c r="B3"><f>1+1</f></c></row>'
        + '<row r="4"><c r="A4" t="str"><f>""</f><v></v></c><c r="B4"><f>1+1</f><v>2</v></c></row>'
        + '<row r="5"><c r="A5" t="s"><v>77</v></c></row>'
    )
    grid = read_grid(book(rows))
    assert grid.rows == ((4, ("", "2")),)
    assert [(line, str(text)) for line, text in grid.problems] == [
        (2, "Cell A2 holds an error: #N/A"),
        (3, "Cell B3 holds a formula without its result. Open the list in a spreadsheet and save it."),
        (5, "Cell A5 cannot be read."),
    ]


def test_known_columns_by_their_words() -> None:
    headers = {"name": ("nombre", "nom"), "amount": ("importe",)}
    data = book(row(1, "NOMBRE:", "x", "Importe *", "nom") + row(2, "Ana", "y", "3", "again") + row(3, "", "z"))
    sheet = read_list(data, headers=headers)
    assert (sheet.columns, sheet.rows) == (("name", "amount"), ((2, {"name": "Ana", "amount": "3"}),))


SIGNS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"], exclude_characters="'")
cells = st.text(SIGNS, max_size=12).map(str.strip)
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)
)


@given(tables)
def test_what_is_written_is_read(table: list[list[str]]) -> None:
    """As text with every delimiter, and as a sheet: the same rows."""
    names = [f"column {place}" for place in range(len(table[0]))]
    words = {column_word(name) for name in names}
    wanted = tuple((line, tuple(texts)) for line, texts in enumerate(table, 2) if any(texts))
    for sign in ";,\t|":
        text = io.StringIO()
        csv.writer(text, delimiter=sign, quoting=csv.QUOTE_ALL).writerows([names, *table])
        assert read_grid(text.getvalue().encode("utf-8-sig"), words=words).rows == wanted
    rows = "".join(row(line, *map(escape, texts)) for line, texts in enumerate([names, *table], 1))
    assert read_grid(book(rows)).rows == wanted


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=3))
def test_numbers_keep_their_value(number: Decimal) -> None:
    text = figure(repr(float(number)), Style.PLAIN, from_1904=False)
    assert Decimal(text) == number
    assert "e" not in text


@given(st.integers(0, (9999 - 1900) * 31_556_952))
def test_moments_keep_their_second(seconds: int) -> None:
    found = moment("1900-03-01 00:00") + timedelta(seconds=seconds)
    serial = (found - moment("1899-12-30 00:00")) / timedelta(days=1)
    assert figure(repr(serial), Style.INSTANT, from_1904=False) == f"{found:%Y-%m-%d %H:%M:%S}"


@given(st.integers(0, 16383))
def test_letters_of_columns(place: int) -> None:
    assert column_of(letters_of(place)) == place
