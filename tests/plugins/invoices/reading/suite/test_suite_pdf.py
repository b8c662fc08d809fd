"""PDFs as other writers make them: encrypted without a password, object streams, many files, many names."""

from __future__ import annotations

import io
import zlib

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from plugins.invoices.reading import ReadingError, read_invoice
from plugins.invoices.reading.errors import EncryptedPdfError
from tests.plugins.invoices.reading.builders import pdf
from tests.plugins.invoices.reading.suite.as_cii import cii, zugferd1
from tests.plugins.invoices.reading.suite.as_ubl import ubl
from tests.plugins.invoices.reading.suite.paper import Paper

PAPER = Paper()
XML = cii(PAPER, profile="basic")
ALGORITHMS = ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"]


def encrypted(algorithm: str, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf({"factur-x.xml": XML}))))
    writer.encrypt(password, "owner alone", algorithm=algorithm)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_opens_without_a_password_is_read(algorithm: str) -> None:
    invoice = read_invoice(encrypted(algorithm, ""), name="a.pdf")
    assert (invoice.number, invoice.embedded_xml) == (PAPER.number, XML)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_needs_a_password_is_refused_for_it(algorithm: str) -> None:
    with pytest.raises(EncryptedPdfError):
        read_invoice(encrypted(algorithm, "secret"), name="a.pdf")


def in_object_streams(content: bytes) -> bytes:
    """A PDF 1.5 by hand: everything but the embedded file lies in a compressed object stream, under an xref stream."""
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R /AF [4 0 R] "
        "/Names << /EmbeddedFiles << /Names [(factur-x.xml) 4 0 R] >> >> >>",
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        4: "<< /Type /Filespec /F (factur-x.xml) /UF (factur-x.xml) /AFRelationship /Data "
        "/EF << /F 5 0 R /UF 5 0 R >> >>",
    }
    heads, bodies = "", ""
    for number, body in objects.items():
        heads += f"{number} {len(bodies)} "
        bodies += body + "\n"
    packed = zlib.compress((heads + bodies).encode())
    file = zlib.compress(content)
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = {}

    def write(number: int, facts: str, stream: bytes) -> None:
        places[number] = out.tell()
        out.write(f"{number} 0 obj\n<< {facts} /Length {len(stream)} >>\nstream\n".encode())
        out.write(stream + b"\nendstream\nendobj\n")

    write(5, "/Type /EmbeddedFile /Subtype /text#2Fxml /Filter /FlateDecode", file)
    write(6, f"/Type /ObjStm /N {len(objects)} /First {len(heads)} /Filter /FlateDecode", packed)
    places[7] = out.tell()
    rows = [(0, 0, 65535), *((2, 6, index) for index in range(4)), *((1, places[number], 0) for number in (5, 6, 7))]
    table = zlib.compress(b"".join(bytes([kind]) + a.to_bytes(4, "big") + b.to_bytes(2, "big") for kind, a, b in rows))
    write(7, "/Type /XRef /Size 8 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode", table)
    out.write(f"startxref\n{places[7]}\n%%EOF\n".encode())
    return out.getvalue()


def test_object_and_reference_streams() -> None:
    invoice = read_invoice(in_object_streams(XML), name="a.pdf")
    assert (invoice.number, invoice.embedded_xml_name, invoice.embedded_xml) == (PAPER.number, "factur-x.xml", XML)


NAMES = (
    *("factur-x.xml", "FACTUR-X.XML", "ZUGFeRD-invoice.xml", "zugferd-invoice.xml", "xrechnung.xml", "EN16931.xml"),
    *("..\\..\\factur-x.xml", "\u202elmx.x-rutcaf.xml"),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [XML, zugferd1(PAPER), ubl(PAPER)], ids=["cii", "zugferd", "ubl"])
def test_names(name: str, data: bytes) -> None:
    assert read_invoice(pdf({name: data}), name="a.pdf").number == PAPER.number


def test_a_file_of_no_name_is_known_by_its_type() -> None:
    def typed(kind: str) -> bytes:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf({"data": XML}))))
        for found in writer._objects:
            if found is not None and getattr(found, "get", lambda _: None)("/Type") == "/EmbeddedFile":
                found[NameObject("/Subtype")] = NameObject(kind)  # type: ignore[index]  # a dictionary, as asked
        target = io.BytesIO()
        writer.write(target)
        return target.getvalue()

    assert read_invoice(typed("/text/xml"), name="a.pdf").number == PAPER.number
    with pytest.raises(ReadingError):
        read_invoice(typed("/application/pdf"), name="a.pdf")


def test_the_invoice_among_forty_files() -> None:
    files = {f"hours-{n}.xml": b"<hours/>" if n % 2 else b"not xml" for n in range(3)}
    files |= {f"scan-{n}.pdf": b"%PDF-" * 100 for n in range(36)}
    files["factur-x.xml"] = XML
    invoice = read_invoice(pdf(files), name="a.pdf")
    assert (invoice.number, len(invoice.attachments)) == (PAPER.number, 39)
