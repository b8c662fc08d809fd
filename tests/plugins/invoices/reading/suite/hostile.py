"""Files that attack their reader, each made here; run as a program, it reads all of them and says what it cost."""

from __future__ import annotations

import json
import resource
import sys
import time
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MB = 1024 * 1024


def _object(number: int, content: bytes) -> bytes:
    return b"%d 0 obj\n" % number + content + b"\nendobj\n"


def _pdf(*objects: bytes) -> bytes:
    return b"%PDF-1.7\n" + b"".join(objects) + b"trailer\n<</Root 1 0 R/Size 9>>\nstartxref\n0\n%%EOF"


def _with_file(facts: bytes, packed: bytes, length: int | None = None) -> bytes:
    stated = len(packed) if length is None else length
    return _pdf(
        _object(1, b"<</Type/Catalog/Names<</EmbeddedFiles<</Names[(factur-x.xml) 2 0 R]>>>>>>"),
        _object(2, b"<</Type/Filespec/F(factur-x.xml)/EF<</F 3 0 R>>>>"),
        b"3 0 obj\n<<%s/Length %d>>\nstream\n" % (facts, stated) + packed + b"\nendstream\nendobj\n",
    )


def _zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(b"\0" * MB) for _ in range(megabytes)) + packer.flush()


def _laughs() -> bytes:
    entities = b'<!ENTITY e0 "ha">' + b"".join(
        b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10)
    )
    return b"<!DOCTYPE a [" + entities + b"]><a>&e9;</a>"


_MANY_NAMES = b"<</Type/Catalog/Names<</EmbeddedFiles<</Names[" + b"(a.xml) 2 0 R " * 400_000 + b"]>>>>>>"

ATTACKS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "billion laughs": ("EntityDeclarationRefusedError", _laughs),
    "quadratic blowup": (
        "EntityDeclarationRefusedError",
        lambda: b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 100_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>",
    ),
    "entity from elsewhere": (
        "EntityDeclarationRefusedError",
        lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    ),
    "doctype behind a million comments": (
        "EntityDeclarationRefusedError",
        lambda: b"<!-- x -->\n" * 900_000 + b"<!DOCTYPE a><a/>",
    ),
    "inclusion": (
        "MissingNumberError",
        lambda: (
            b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">'
            b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/></Invoice>'
        ),
    ),
    "attributes": ("TooLargeError", lambda: b"<a " + b" ".join(b'a%d="x"' % n for n in range(900_000)) + b"/>"),
    "namespaces": (
        "UnsupportedFormatError",
        lambda: b"<a " + b" ".join(b'xmlns:a%d="u%d"' % (n, n) for n in range(200_000)) + b"/>",
    ),
    "depth": ("TooDeepError", lambda: b"<a>" * 300_000 + b"</a>" * 300_000),
    "elements": ("TooManyElementsError", lambda: b"<a>" + b"<b/>" * 1_100_000 + b"</a>"),
    "instructions": ("UnsupportedFormatError", lambda: b"<?a ?>" * 990_000 + b"<a/>"),
    "declaration without end": ("TooLargeError", lambda: b"<?xml " + b" " * (19 * MB)),
    "archive": ("UnsupportedFormatError", lambda: b"PK\x03\x04" + b"\0" * 1000),
    "name tree in a circle": (
        "PdfWithoutInvoiceError",
        lambda: _pdf(
            _object(1, b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 3 0 R>>>>"),
            _object(2, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
            _object(3, b"<</Kids[3 0 R 3 0 R]>>"),
        ),
    ),
    "reference to itself": (
        "BrokenPdfError",
        lambda: _pdf(_object(1, b"<</Type/Catalog/Names 2 0 R>>"), _object(2, b"2 0 R")),
    ),
    "references without end": (
        "BrokenPdfError|PdfTakesTooLongError",
        lambda: _pdf(
            _object(1, b"<</Type/Catalog/Names 2 0 R>>"), *(_object(n, b"%d 0 R" % (n + 1)) for n in range(2, 20_000))
        ),
    ),
    "huge length": ("BrokenPdfError", lambda: _with_file(b"", b"<a/>", 99_999_999_999)),
    "negative length": ("PdfWithoutInvoiceError|BrokenPdfError", lambda: _with_file(b"", b"<a/>", -5)),
    "decompression bomb": ("AttachmentTooLargeError", lambda: _with_file(b"/Filter/FlateDecode", _zeros(60))),
    "bomb in a bomb": (
        "AttachmentTooLargeError",
        lambda: _with_file(b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(_zeros(60), 9)),
    ),
    "rows of one byte": (
        "PdfTakesTooLongError",
        lambda: _with_file(b"/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 1>>", _zeros(19)),
    ),
    "run lengths": ("AttachmentTooLargeError", lambda: _with_file(b"/Filter/RunLengthDecode", b"\x81a" * (2 * MB))),
    "a million names": (
        "BrokenPdfError|PdfTakesTooLongError|PdfWithoutInvoiceError",
        lambda: _pdf(_object(1, _MANY_NAMES)),
    ),
    "strings without end": ("BrokenPdfError|PdfTakesTooLongError", lambda: _pdf(_object(1, b"(" * 600_000))),
    "arrays without end": ("BrokenPdfError|PdfTakesTooLongError", lambda: _pdf(_object(1, b"[" * 500_000))),
    "dictionaries without end": ("BrokenPdfError|PdfTakesTooLongError", lambda: _pdf(_object(1, b"<</A" * 100_000))),
    "twenty megabytes of nothing": (
        "BrokenPdfError|PdfTakesTooLongError",
        lambda: b"%PDF-1.7\n" + b"\0" * (20 * MB) + b"%%EOF",
    ),
    "sixty megabytes": ("TooLargeError", lambda: b"<a>" + b" " * (60 * MB) + b"</a>"),
}
"""In an order in which the memory that one of them needs to be made hides nothing of the next."""


def _cost(make: Callable[[], bytes]) -> tuple[str, float, int]:
    """What reading came to, in seconds of the processor and megabytes beyond what there was before."""
    from plugins.invoices.reading import ReadingError, read_invoices  # noqa: PLC0415 -- what is measured

    data = make()
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        read_invoices(data, name="a.xml")
        said = "read"
    except ReadingError as error:
        said = type(error).__name__ if error.message else "silent"
    spent = time.process_time() - started
    return said, spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: _cost(make) for name, (_, make) in ATTACKS.items()}))
