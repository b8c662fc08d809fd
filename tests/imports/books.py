"""Workbooks written part by part, also such as no program writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def book(
    rows: str = "",
    *,
    after: str = "",
    shared: Sequence[str] = (),
    formats: Sequence[str] = (),
    properties: str = "",
    sheets: Sequence[tuple[str, str, str]] | None = None,
    more: Mapping[str, str | bytes] | None = None,
    space: str = MAIN,
) -> bytes:
    """
    Return an XLSX. *rows* is the XML of the first sheet's data, *after* what follows it; *sheets* are name, state, XML
    of the data where there are several; *formats* codes of numbers that cells use as styles from 1.
    """
    named = sheets if sheets is not None else [("First", "visible", rows)]
    parts: dict[str, str | bytes] = {
        "_rels/.rels": relations([("r", f"{LINKS}/officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{LINKS}"><workbookPr {properties}/><sheets>'
        + "".join(
            f'<sheet name="{name}" sheetId="{n}" state="{state}" r:id="rId{n}"/>'
            for n, (name, state, _rows) in enumerate(named, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            [(f"rId{n}", f"{LINKS}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(named) + 1)]
            + [("s", f"{LINKS}/sharedStrings", "/xl/sharedStrings.xml"), ("f", f"{LINKS}/styles", "styles.xml")]
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{space}">' + "".join(f"<si>{each}</si>" for each in shared) + "</sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{space}"><numFmts>'
        + "".join(f'<numFmt numFmtId="{n}" formatCode="{code}"/>' for n, code in enumerate(formats, 164))
        + '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
        + "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(formats)))
        + "</cellXfs></styleSheet>",
    }
    for n, (_name, _state, data) in enumerate(named, 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{space}"><sheetData>{data}</sheetData>{after}</worksheet>'
        )
    return packed({**parts, **(more or {})})


def relations(named: Sequence[tuple[str, str, str]]) -> str:
    inside = "".join(f'<Relationship Id="{key}" Type="{kind}" Target="{to}"/>' for key, kind, to in named)
    return f'<Relationships xmlns="{PACKAGE}">{inside}</Relationships>'


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def row(number: int, *texts: str) -> str:
    """Return a row of texts; empty ones are no cells."""
    cells = "".join(
        f'<c r="{"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for place, text in enumerate(texts)
        if text
    )
    return f'<row r="{number}">{cells}</row>'


def figures(number: int, *values: object) -> str:
    """Return a row of numbers, each in the style of its place, from 1."""
    cells = "".join(f'<c s="{style}"><v>{value}</v></c>' for style, value in enumerate(values, 1))
    return f'<row r="{number}">{cells}</row>'
