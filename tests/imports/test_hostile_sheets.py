"""Small files that would make a reader hold much, work long or read what is not theirs."""

from __future__ import annotations

import io
import resource
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports import SheetError, read_grid, workbooks
from core.imports import lines as limits
from tests.imports.books import MAIN, book, figures, packed, row

UNREADABLE = "The file is no Excel sheet that can be read."
TOO_MUCH = "The list holds too much to be read at once. Split it."


def refusal(data: bytes, **options: int) -> str:
    with pytest.raises(SheetError) as refused:
        read_grid(data, **options)  # type: ignore[arg-type]  # rows at the most
    return str(refused.value.message)


def declared(data: bytes, name: str, size: int) -> bytes:
    """Return the archive with a part that says it is of another size."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    place = archive.getinfo(name)
    at = data.rindex(name.encode()) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    assert int.from_bytes(data[at + 24 : at + 28], "little") == place.file_size
    return data[: at + 24] + size.to_bytes(4, "little") + data[at + 28 :]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b" \r\n\t\n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b";;;\n;;\n", "The file is empty."),
        (b"\x00\x01\x02", "The file is no list: neither text with one line per row nor an Excel sheet."),
        (
            b"\xef\xbb\xbfname\n\xff\xfe\n",
            "The file is no list: neither text with one line per row nor an Excel sheet.",
        ),
        (b"\xff\xfe\x00", "The file is no list: neither text with one line per row nor an Excel sheet."),
        (b"\xd0\xcf\x11\xe0 old", "This is an Excel sheet of before 2007. Save it as .xlsx or .csv."),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "This Excel sheet is protected by a password. Save it without one.",
        ),
        (b"PK\x03\x04nonsense", UNREADABLE),
        (packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), UNREADABLE),
        (packed({"xl/workbook.xml": "<workbook"}), UNREADABLE),
        (book(sheets=[]), UNREADABLE),
        (book(sheets=[("x", "hidden", row(1, "a"))]), UNREADABLE),
        (book(), "The file is empty."),
        (book('<row r="0"><c><v>1</v></c></row>'), UNREADABLE),
        (book('<row r="1048577"><c><v>1</v></c></row>'), UNREADABLE),
        (book('<row r="99999999999999999999"><c><v>1</v></c></row>'), UNREADABLE),
        (book('<row r="1"><c r="XFE1"><v>1</v></c></row>'), UNREADABLE),
        (book('<row r="1"><c r="AAAAAAA1"><v>1</v></c></row>'), UNREADABLE),
        (book(row(1, "a"), more={"xl/workbook.xml": "\x00\x01"}), UNREADABLE),
    ],
    ids=lambda value: None if isinstance(value, bytes) else "",
)
def test_what_is_no_list_is_refused_in_words(data: bytes, said: str) -> None:
    assert refusal(data) == said


def test_an_old_sheet_may_be_binary_text() -> None:
    assert "Line 2" in refusal(b'a;b\n"' + b"x" * 200_000 + b'";1\n')


def test_entities_and_outside_parts_are_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
    outside = '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    for doctype, entity in ((bomb, "&l11;"), (outside, "&x;")):
        part = f'{doctype}<worksheet xmlns="{MAIN}"><sheetData>{row(1, entity)}</sheetData></worksheet>'
        assert refusal(book(more={"xl/worksheets/sheet1.xml": part})) == UNREADABLE


def test_two_corners_of_a_sheet_are_two_cells() -> None:
    """What makes readers that fill the space between allocate hundreds of gigabytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grid = read_grid(book(row(1, "a", "b") + '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'))
    assert grid.rows == ()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_part_that_unpacks_to_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1024 * 1024)
    data = book(row(1, "a") + " " * 4 * 1024 * 1024)
    assert len(data) < 20_000
    assert refusal(data) == "The sheet is too large when unpacked."


def test_a_part_that_understates_its_size_is_cut_there() -> None:
    data = book("".join(row(n, "a") for n in range(1, 2000)))
    assert refusal(declared(data, "xl/worksheets/sheet1.xml", 500)) == UNREADABLE


def test_too_many_elements_cells_and_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = book('<row r="1">' + "<c/>" * 50_000 + "</row>")
    monkeypatch.setattr(workbooks, "MOST_ELEMENTS", 20_000)
    assert refusal(empty) == TOO_MUCH
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MOST_CELLS", 100)
    assert refusal(book("".join(figures(n, 1, 2, 3) for n in range(1, 60)), formats=["0"] * 3)) == TOO_MUCH
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MOST_SIGNS", 100_000)
    cells = "".join('<row><c t="s"><v>0</v></c></row>' for _ in range(20))
    assert refusal(book(cells, shared=[f"<t>{'x' * 10_000}</t>"])) == TOO_MUCH


def test_too_many_rows_and_columns() -> None:
    assert refusal(b"a\n" + b"1\n" * 11, most_rows=10) == "The list has more than 10 rows. Split it."
    assert refusal(b"a\n" + b"1\n" * 100, most_rows=10) == "The list has more than 10 rows. Split it."
    assert len(read_grid(b"a\n" + b"1\n" * 10, most_rows=10).rows) == 10
    assert refusal(b";".join([b"a"] * 300) + b"\n") == "The list has more than 256 columns."


def test_a_cell_that_is_too_long_is_a_row_that_is_named() -> None:
    for data in (
        b"a;b\nx;" + b"y" * 40_000 + b"\n1;2\n",
        book(row(1, "a", "b") + row(2, "x", "y" * 40_000) + row(3, "1", "2")),
        book(
            row(1, "a", "b") + '<row><c><v>0</v></c><c t="s"><v>0</v></c></row>' + row(3, "1", "2"),
            shared=[f"<t>{'y' * 40_000}</t>"],
        ),
    ):
        grid = read_grid(data)
        assert [(line, str(text)) for line, text in grid.problems] == [
            (2, "A cell of this row holds more than 32767 letters.")
        ]
        assert grid.rows == ((3, ("1", "2")),)


@pytest.mark.parametrize("shared", [True, False])
def test_one_text_of_very_many_letters_is_not_held(*, shared: bool) -> None:
    text = "\N{GRINNING FACE}" * 5_000_000
    if shared:
        data = book(row(1, "a") + '<row><c t="s"><v>0</v></c></row>', shared=[f"<t>{text}</t>"])
    else:
        data = book(row(1, "a") + row(2, text))
    assert len(data) < 100_000
    tracemalloc.start()
    try:
        assert len(read_grid(data).problems) == 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_an_archive_of_very_many_parts() -> None:
    assert refusal(packed({f"{n}": "" for n in range(10_001)})) == UNREADABLE


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_a_refusal(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b'a;"b'):
        with suppress(SheetError):
            grid = read_grid(start + data)
            assert all(len(cells) == len(grid.columns) for _line, cells in grid.rows)


SOUND = book(
    row(1, "a", "b") + row(2, "x", "y") + figures(3, 1, 46082),
    shared=["<t>x</t>"],
    formats=["0", "yyyy-mm-dd"],
    after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
)


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    data = bytearray(SOUND)
    for place, value in damage:
        data[place] = value
    with suppress(SheetError):
        read_grid(bytes(data))


XML = """<row r="1"><c r="A1" t="s" s="1"><f>1</f><v>0</v></c><c r="B1"><is><t>x</t></is></c></row>"""


@given(st.lists(st.tuples(st.integers(0, len(XML)), st.sampled_from(list('<>/"=0123456789ABrcstv&; -'))), max_size=6))
def test_a_damaged_sheet_is_read_or_refused(damage: list[tuple[int, str]]) -> None:
    text = XML
    for place, sign in damage:
        text = text[:place] + sign + text[place + 1 :]
    with suppress(SheetError):
        read_grid(book(text, shared=["<t>x</t>"], formats=["yyyy-mm-dd"]))
