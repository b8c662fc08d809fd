"""
A workbook of one sheet, written row by row into its zip: memory flat, a quarter of the time of a general library.

ECMA-376, part 1: texts stand in their cells (18.3.1.53, inline strings), so that nothing is kept for the end but how
many rows there are. Only what exports need is here.
"""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from core.errors import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MOST_ROWS: Final = 1_048_576
LONGEST_TEXT: Final = 32_767
_LARGEST_PART: Final = 2**31 - 2**24
"""Bytes of a sheet: beyond, the zip would need 64-bit sizes, of which Excel warns."""
_LEVEL: Final = 4
_LONGEST_TITLE: Final = 31

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET: Final = "xl/worksheets/sheet1.xml"

_TYPES: Final = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)
_ROOT: Final = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_PARTS: Final = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)

_BROKEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML cannot say, and what would be taken for a spelling of that (22.9.2.19, ST_Xstring)."""
_NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_EDGES: Final = re.compile(r"\A\s|\s\Z|\n|  ")


def column_name(place: int) -> str:
    """Return how a sheet calls its column number *place*, from 0: A … Z, AA …."""
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def escaped(text: str) -> str:
    """Return a text as XML says it; characters that XML has not are spelled as Excel does, `_x0007_`."""
    if _BROKEN.search(text):
        text = _BROKEN.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def number_cell(figure: float, style: int = 0) -> str:
    """Return a cell of a number, from behind its name."""
    return f' s="{style}"><v>{figure!r}</v></c>'


def text_cell(text: str, style: int = 0) -> str:
    """Return a cell of a text, from behind its name; it stays a text whatever it begins with."""
    text = text[:LONGEST_TEXT]
    space = ' xml:space="preserve"' if _EDGES.search(text) else ""
    said = f' s="{style}"' if style else ""
    return f'{said} t="inlineStr"><is><t{space}>{escaped(text)}</t></is></c>'


class Book:
    """A workbook: styles are asked for while rows are written, widths are told with the first."""

    def __init__(self, path: Path, title: str) -> None:
        self._title = _NOT_IN_TITLES.sub(" ", _BROKEN.sub(" ", title)).strip()[:_LONGEST_TITLE].strip() or "1"
        self._file = path.open("wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._part = self._zip.open(_SHEET, "w")
        self._names: list[str] = []
        self._size = 0
        self._next = 1
        self._filtered = 1
        self._codes: dict[str, int] = {}
        self._styles: dict[tuple[str, bool, bool], int] = {("", False, False): 0}

    def style(self, code: str = "", *, bold: bool = False, quoted: bool = False) -> int:
        """Return the number of a style: of a number format, of bold letters, of texts that look like formulas."""
        if code:
            self._codes.setdefault(code, 164 + len(self._codes))  # below are Excel's own
        return self._styles.setdefault((code, bold, quoted), len(self._styles))

    def begin(self, headers: Sequence[str], widths: Sequence[float]) -> None:
        """Write what stands above the rows: the headers stay in view, and can be filtered by."""
        self._names = [column_name(place) for place in range(len(headers))]
        cols = "".join(
            f'<col min="{place}" max="{place}" width="{width:g}" customWidth="1"/>'
            for place, width in enumerate(widths, start=1)
        )
        self._write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            '<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
            'activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{cols}</cols><sheetData>'
        )
        bold = self.style(bold=True)
        self.rows([[text_cell(header, bold) for header in headers]])

    def rows(self, rows: Iterable[Sequence[str]], *, filtered: bool = True) -> None:
        """
        Append rows of cells, "" where there is none; *filtered* ones are hidden by what the reader filters by.

        Raises:
            TooLargeError: more than a sheet holds.

        """
        names, first = self._names, self._next
        lines = [
            f'<row r="{number}">'
            + "".join([f'<c r="{name}{number}"{cell}' for name, cell in zip(names, cells, strict=True) if cell])
            + "</row>"
            for number, cells in enumerate(rows, start=first)
        ]
        self._next += len(lines)
        if self._next > MOST_ROWS:
            raise TooLargeError
        if filtered:
            self._filtered = self._next - 1
        self._write("".join(lines))

    def _write(self, text: str) -> None:
        data = text.encode()
        self._size += len(data)
        if self._size > _LARGEST_PART:
            raise TooLargeError
        self._part.write(data)

    def close(self) -> None:
        """Finish the file."""
        last = self._names[-1]
        self._write(
            f'</sheetData><autoFilter ref="A1:{last}{self._filtered}"/>'
            '<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
        )
        self._part.close()
        quoted = f"'{escaped(self._title)}'!"
        parts = {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _ROOT,
            "xl/_rels/workbook.xml.rels": _PARTS,
            "xl/workbook.xml": (
                f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews><sheets>'
                f'<sheet name="{escaped(self._title)}" sheetId="1" r:id="rId1"/></sheets><definedNames>'
                f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
                f"{quoted}$A$1:${last}${self._filtered}</definedName>"
                f'<definedName name="_xlnm.Print_Titles" localSheetId="0">{quoted}$1:$1</definedName>'
                "</definedNames></workbook>"
            ),
            "xl/styles.xml": self._style_sheet(),
        }
        for name, text in parts.items():
            self._zip.writestr(name, text)
        self._zip.close()
        self._file.close()

    def _style_sheet(self) -> str:
        codes = "".join(
            f'<numFmt numFmtId="{number}" formatCode="{escaped(code)}"/>' for code, number in self._codes.items()
        )
        formats = f'<numFmts count="{len(self._codes)}">{codes}</numFmts>' if codes else ""
        styles = "".join(
            f'<xf numFmtId="{self._codes.get(code, 0)}" fontId="{int(bold)}" fillId="0" borderId="0" xfId="0"'
            f' applyNumberFormat="{int(bool(code))}" applyFont="{int(bold)}" quotePrefix="{int(quoted)}"/>'
            for code, bold, quoted in self._styles
        )
        font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
        return (
            f'{_HEAD}<styleSheet xmlns="{_MAIN}">{formats}'
            f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill></fills>'
            '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
            f'<cellXfs count="{len(self._styles)}">{styles}</cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
        )

    def abandon(self) -> None:
        """Let go of the file, unfinished."""
        with suppress(OSError, ValueError):
            self._part.close()
            self._zip.close()
        self._file.close()
