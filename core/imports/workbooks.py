"""
The first sheet of an XLSX workbook that is shown, read as a stream.

Excel's format is a ZIP of XML parts. What is held is what `Lines` lets in: a part is never in memory whole, document
type definitions are refused, and an address far away makes no empty cells before it.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from core.i18n import Translator
from core.imports.cells import Style, clean, styles_of
from core.imports.lines import LONGEST_CELL, MOST_CELLS, MOST_SIGNS, too_much
from core.imports.problems import SheetError
from core.imports.rows import SheetRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.imports.lines import Lines

_ = Translator("core")

MOST_UNPACKED: Final = 192 * 1024 * 1024
"""Bytes of all parts that are read, unpacked."""
MOST_ELEMENTS: Final = 16_000_000
"""Elements of all parts: a formatted row or cell without content is one too, and costs as much time."""
_MOST_PARTS: Final = 10_000
_ENTRY: Final = b"PK\x01\x02"
_CHUNK: Final = 64 * 1024
_MAIN: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_LINKS: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_TAGS: Final = (
    "row c v is t f r rPh si mergeCell sheetData workbookPr sheet numFmt cellXfs xf Relationship sheets mergeCells"
)
_NAMES: Final = {f"{space}|{tag}": tag for space in _MAIN for tag in _TAGS.split()} | {
    "http://schemas.openxmlformats.org/package/2006/relationships|Relationship": "Relationship"
}
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    KeyError,
    ValueError,
    IndexError,
    EOFError,
    OSError,
    RuntimeError,
)
"""What broken or foreign archives and XML raise; encrypted entries and unknown packings a RuntimeError."""


def read_workbook(data: bytes, lines: Lines) -> None:
    """
    Read the first sheet that is shown and has content into *lines*.

    Raises:
        SheetError: no workbook, or too much of it.

    """
    if data.count(_ENTRY) > _MOST_PARTS:
        raise unreadable()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _Workbook(archive).read(lines)
    except _BROKEN as error:
        raise unreadable() from error


def unreadable() -> SheetError:
    """Return the error of a file that only looks like a workbook."""
    return SheetError(_("The file is no Excel sheet that can be read."))


class _Workbook:
    """The parts of a workbook, by what they are to each other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.unpacked = self.elements = 0

    def read(self, lines: Lines) -> None:
        main = next(iter(self._related("", "officeDocument").values()), "xl/workbook.xml")
        book = _Book()
        self.parse(main, book)
        sheets = self._related(main, "worksheet")
        shown = [(name, sheets[link]) for name, link in book.shown if link in sheets]
        if not shown:
            raise unreadable()
        texts, figures = _Texts(), _Formats()
        for part, found in (("sharedStrings", texts), ("styles", figures)):
            for path in list(self._related(main, part).values())[:1]:
                self.parse(path, found)
        styles = styles_of(figures.used, figures.codes)
        for place, (name, path) in enumerate(shown):
            rows = SheetRows(lines, texts.found, styles or (Style.PLAIN,), from_1904=book.from_1904)
            self.parse(path, rows)
            if lines.found:
                lines.sheet = name
                lines.left_out = tuple(other for other, _path in shown[place + 1 :])
                return

    def _related(self, part: str, kind: str) -> dict[str, str]:
        """Return the parts of a kind that *part* names, by the keys it gives them."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self.archive.namelist():
            return {}
        found = _Relations(kind)
        self.parse(path, found)
        return {
            key: posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            for key, target in found.found.items()
        }

    def parse(self, path: str, handler: Any) -> None:
        """Let *handler* hear of the elements of a part."""
        entry = self.archive.getinfo(path)
        self.unpacked += entry.file_size  # zipfile unpacks no more than an entry says of itself
        if self.unpacked > MOST_UNPACKED:
            raise SheetError(_("The sheet is too large when unpacked."))
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise unreadable()
        parser = expat.ParserCreate(namespace_separator="|")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        names = _NAMES
        start: Callable[[str, dict[str, str]], None] = handler.start
        end: Callable[[str], None] = handler.end

        def started(name: str, attributes: dict[str, str]) -> None:
            tag = names.get(name)
            if tag is not None:
                self.elements += 1
                start(tag, attributes)

        def ended(name: str) -> None:
            tag = names.get(name)
            if tag is not None:
                end(tag)

        parser.StartElementHandler = started
        parser.EndElementHandler = ended
        parser.CharacterDataHandler = handler.text
        with self.archive.open(entry) as stream:
            for chunk in chain(iter(lambda: stream.read(_CHUNK), b""), (b"",)):
                parser.Parse(chunk, not chunk)
                if self.elements > MOST_ELEMENTS:
                    raise too_much()


def _refuse_doctype(*_facts: object) -> None:
    raise unreadable()


class _Part:
    """What is heard of a part; most say nothing of text."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear of an element that begins."""

    def end(self, tag: str) -> None:
        """Hear of its end."""

    def text(self, text: str) -> None:
        """Hear of text."""


class _Relations(_Part):
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.found: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        fits = attributes.get("Type", "").rpartition("/")[2] == self.kind
        if tag == "Relationship" and fits and attributes.get("TargetMode") != "External":
            self.found[attributes["Id"]] = attributes["Target"]


class _Book(_Part):
    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.from_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}
        elif tag == "sheet" and attributes.get("state", "visible") == "visible":
            link = next((attributes[f"{space}|id"] for space in _LINKS if f"{space}|id" in attributes), "")
            self.shown.append((attributes.get("name", ""), link))


class _Formats(_Part):
    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.used: list[int] = []
        self._inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self.codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._inside = True
        elif tag == "xf" and self._inside:
            self.used.append(int(attributes.get("numFmtId", "0")))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._inside = False


class _Texts(_Part):
    """
    Texts that cells share. Those in several fonts are one; how they are pronounced is left out.

    Of each as much is kept as is needed to see that it is too long for a cell.
    """

    def __init__(self) -> None:
        self.found: list[str] = []
        self._signs = self._heard = 0
        self._parts: list[str] = []
        self._hearing = self._aside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 -- as all parts hear it
        if tag == "t":
            self._hearing = not self._aside
        elif tag == "rPh":
            self._aside = True

    def end(self, tag: str) -> None:
        if tag == "t":
            self._hearing = False
        elif tag == "rPh":
            self._aside = False
        elif tag == "si":
            self.found.append(clean("".join(self._parts)))
            self._parts.clear()
            self._heard = 0
            if len(self.found) > MOST_CELLS:
                raise too_much()

    def text(self, text: str) -> None:
        if self._hearing:
            if self._heard <= LONGEST_CELL:
                self._parts.append(text)
            self._heard += len(text)
            self._signs += len(text)
            if self._signs > MOST_SIGNS:
                raise too_much()
