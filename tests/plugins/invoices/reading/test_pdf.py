import io
import random
import time

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

from plugins.invoices.reading import Attachment, ReadingError, is_pdf, read_invoice
from plugins.invoices.reading import pdf as pdf_reader
from plugins.invoices.reading.errors import (
    AttachmentTooLargeError,
    BrokenPdfError,
    EncryptedPdfError,
    EntityDeclarationRefusedError,
    MissingNumberError,
    PdfTakesTooLongError,
    PdfWithoutInvoiceError,
    TruncatedPdfError,
)
from tests.plugins.invoices.reading.builders import cii, pdf, ubl, zugferd1


def refused(data: bytes) -> type[ReadingError]:
    with pytest.raises(ReadingError) as caught:
        read_invoice(data, name="a.pdf")
    return type(caught.value)


@pytest.mark.parametrize(
    "name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "zugferd-invoice.xml", "xrechnung.xml", "rechnung 7.XML"]
)
@pytest.mark.parametrize("associated_only", [False, True])
def test_the_embedded_invoice_is_found_under_any_name(name: str, associated_only: bool) -> None:
    data = cii()
    invoice = read_invoice(pdf({name: data}, associated_only=associated_only), name="a.pdf")
    plain = read_invoice(data, name="a.xml")
    assert (invoice.source_format, invoice.syntax, invoice.embedded_xml, invoice.embedded_xml_name) == (
        "facturx",
        "cii",
        data,
        name,
    )
    assert (invoice.number, invoice.totals, invoice.lines) == (plain.number, plain.totals, plain.lines)


def test_the_invoice_is_told_from_what_lies_beside_it() -> None:
    files = {"order-x.xml": cii(), "a.xml": b"<note/>", "hours.csv": b"1", "factur-x.xml": zugferd1()}
    invoice = read_invoice(pdf(files), name="a.pdf")
    assert (invoice.number, invoice.syntax) == ("Z1-9", "zugferd1")
    assert sorted(item.name for item in invoice.attachments) == ["a.xml", "hours.csv", "order-x.xml"]


def test_ubl_inside_a_pdf_is_read_too() -> None:
    invoice = read_invoice(pdf({"invoice.xml": ubl()}), name="a.pdf")
    assert (invoice.syntax, invoice.attachments) == ("ubl", ())
    assert Attachment(name="invoice.xml") not in invoice.attachments


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (pdf(), PdfWithoutInvoiceError),
        (pdf({"hours.csv": b"1"}), PdfWithoutInvoiceError),
        (pdf({"order-x.xml": cii()}), PdfWithoutInvoiceError),
        (pdf({"a.xml": b"<note/>"}), PdfWithoutInvoiceError),
        (pdf({"factur-x.xml": cii()}, password="secret"), EncryptedPdfError),
        (pdf({"factur-x.xml": b'<!DOCTYPE a SYSTEM "b">' + cii()}), EntityDeclarationRefusedError),
        (pdf({"factur-x.xml": cii().replace(b"R-7", b"")}), MissingNumberError),
        (b"%PDF-1.7\n", TruncatedPdfError),
        (b"%PDF-1.7\n%%EOF", BrokenPdfError),
        (b"%PDF-1.7\n" + b"1 0 obj << /A [ " * 100_000 + b"startxref\n9\n%%EOF", BrokenPdfError),
        (b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Prev 9>>\nstartxref\n9\n%%EOF", BrokenPdfError),
        (b"%PDF-1.7\nxref\n0 999999999\n" + b"0000000000 65535 n \n" * 9 + b"startxref\n9\n%%EOF", BrokenPdfError),
        (b"%PDF-1.7\nstartxref\n99999999999999\n%%EOF", BrokenPdfError),
        (b"%PDF-1.7\ntrailer\n<< /Root 1 0 R /Encrypt 2 0 R >>\nstartxref\n0\n%%EOF", EncryptedPdfError),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, error: type[ReadingError]) -> None:
    assert refused(data) is error


def test_a_file_cut_off_anywhere_is_truncated() -> None:
    whole = pdf({"factur-x.xml": cii()})
    assert {refused(whole[: len(whole) * part // 20]) for part in range(1, 20)} == {TruncatedPdfError}


def test_a_last_block_that_is_filled_up_is_no_damage() -> None:
    assert read_invoice(pdf({"factur-x.xml": cii()}) + b"\0" * 10_000, name="a.pdf").number == "R-7"


def test_a_little_of_something_else_may_stand_before() -> None:
    assert is_pdf(b"\r\n" + pdf())
    assert not is_pdf(ubl())


def test_a_decompression_bomb_is_not_unpacked() -> None:
    bomb = pdf({"factur-x.xml": b"<a>" + b"0" * (21 * 1024 * 1024) + b"</a>"}, associated_only=True)
    assert len(bomb) < 100_000
    assert refused(bomb) is AttachmentTooLargeError


def written(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_a_name_tree_that_bites_its_tail_ends() -> None:
    writer = PdfWriter()
    writer.add_blank_page(width=10, height=10)
    node = DictionaryObject()
    reference = writer._add_object(node)
    node[NameObject("/Kids")] = ArrayObject([reference, reference])
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/EmbeddedFiles"): reference})
    assert refused(written(writer)) is PdfWithoutInvoiceError


def test_a_page_tree_that_bites_its_tail_is_not_walked() -> None:
    writer = PdfWriter()
    writer.add_blank_page(width=10, height=10)
    pages = writer.root_object.raw_get("/Pages")
    data = written(writer)
    circular = data.replace(b"/Kids [ 4 0 R ]", b"/Kids [ %d 0 R ]" % pages.idnum)
    assert refused(circular) is PdfWithoutInvoiceError


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "_READS_BETWEEN_LOOKS", 1)
    with pytest.raises(PdfTakesTooLongError):
        pdf_reader.embedded_files(pdf({"factur-x.xml": cii()}), seconds=0)


def test_a_stream_that_lies_about_its_length() -> None:
    data = pdf({"factur-x.xml": cii()}, associated_only=True)
    lying = data.replace(b"/Length ", b"/Length 9")
    with pytest.raises(ReadingError):
        read_invoice(lying.replace(b"endstream", b"endstreax"), name="a.pdf")


def test_damage_anywhere_is_a_reading_error_or_harmless() -> None:
    whole = pdf({"factur-x.xml": cii()}, associated_only=True)
    picked = random.Random(11)
    started = time.monotonic()
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(picked.randrange(1, 12)):
            damaged[picked.randrange(len(damaged))] = picked.randrange(256)
        try:
            read_invoice(bytes(damaged), name="a.pdf")
        except ReadingError:
            continue
    assert time.monotonic() - started < 30
