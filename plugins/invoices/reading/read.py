"""From bytes to the invoice they hold, whatever the format."""

from dataclasses import replace

from lxml.etree import QName, _Element

from plugins.invoices.reading import cii, facturae, ubl
from plugins.invoices.reading.errors import (
    EmptyFileError,
    MissingSellerError,
    NotAnInvoiceError,
    PdfWithoutInvoiceError,
    ReadingError,
    SeveralInvoicesError,
    TooLargeError,
    UnknownDocumentTypeError,
    UnsupportedFormatError,
)
from plugins.invoices.reading.invoice import Attachment, ReadInvoice
from plugins.invoices.reading.nodes import children, local_name
from plugins.invoices.reading.pdf import EmbeddedFile, embedded_files
from plugins.invoices.reading.xmltext import MEGABYTE, looks_like_xml, parse

MAX_FILE_BYTES = 50 * MEGABYTE
_PDF_HEAD = 1_024  # a PDF may begin with a little of something else (ISO 32000-1, annex H)
_OTHER_DOCUMENTS = frozenset({"SCRDMCCBDACIOMessageStructure", "CrossIndustryOrder", "CrossIndustryDespatchAdvice"})
_ENVELOPES = frozenset({"StandardBusinessDocument"})


def read_invoice(data: bytes, *, name: str) -> ReadInvoice:
    """The one invoice of a file. Raises ReadingError; SeveralInvoicesError for a batch."""
    found = read_invoices(data, name=name)
    if len(found) > 1:
        raise SeveralInvoicesError(count=len(found))
    return found[0]


def read_invoices(data: bytes, *, name: str) -> tuple[ReadInvoice, ...]:
    """Every invoice of a file, at least one; only a Facturae batch holds more. Raises ReadingError.

    The content decides about the format; the name is used for nothing but the wording of `UnsupportedFormatError`.
    """
    if not data:
        raise EmptyFileError
    if len(data) > MAX_FILE_BYTES:
        raise TooLargeError(limit=MAX_FILE_BYTES // MEGABYTE)
    if b"%PDF-" in data[:_PDF_HEAD] and not looks_like_xml(data):
        return _from_pdf(data)
    if not looks_like_xml(data):
        raise UnsupportedFormatError(kind=_kind(data, name))
    return _from_xml(data)


def invoice_alone(data: bytes, part: int) -> bytes:
    """The *part*-th invoice of a batch as a file of its own, with nothing of the others. Raises ReadingError."""
    return facturae.part_of_batch(_document(parse(data)), part)


def is_pdf(data: bytes) -> bool:
    """Whether the bytes begin as a PDF does."""
    return b"%PDF-" in data[:_PDF_HEAD] and not looks_like_xml(data)


def _from_pdf(data: bytes) -> tuple[ReadInvoice, ...]:
    embedded = embedded_files(data)
    refusal: ReadingError | None = None
    for candidate in embedded.candidates:
        try:
            found = _from_xml(candidate.content)
        except NotAnInvoiceError:
            continue  # an XML of some other use beside or instead of the invoice
        except ReadingError as error:
            refusal = refusal or error
            continue
        return tuple(_embedded(invoice, candidate, embedded.names) for invoice in found)
    raise refusal or PdfWithoutInvoiceError()


def _embedded(invoice: ReadInvoice, file: EmbeddedFile, names: tuple[str, ...]) -> ReadInvoice:
    beside = tuple(Attachment(name=name) for name in names if name != file.name)
    return replace(
        invoice,
        source_format="facturx",
        embedded_xml=file.content,
        embedded_xml_name=file.name,
        attachments=invoice.attachments + beside,
    )


def _from_xml(data: bytes) -> tuple[ReadInvoice, ...]:
    root = _document(parse(data))
    name, namespace = local_name(root), QName(root).namespace or ""
    if namespace.startswith(ubl.NAMESPACE):
        if name not in ubl.ROOTS:
            raise UnknownDocumentTypeError(root=name)
        return _checked(ubl.read_ubl(root))
    if name in cii.ROOTS or namespace.startswith(cii.DRAFT_NAMESPACE):
        return _checked(cii.read_cii(root))
    if name == facturae.ROOT:
        return tuple(invoice for found in facturae.read_facturae(root) for invoice in _checked(found))
    if name in _OTHER_DOCUMENTS:
        raise UnknownDocumentTypeError(root=name)
    raise UnsupportedFormatError(kind=f"<{name[:60]}>")


def _document(root: _Element) -> _Element:
    if local_name(root) in _ENVELOPES:
        inside = list(children(root, *ubl.ROOTS, *cii.ROOTS))
        if len(inside) > 1:
            raise SeveralInvoicesError(count=len(inside))
        return inside[0] if inside else root
    return root


def _checked(invoice: ReadInvoice) -> tuple[ReadInvoice]:
    if not (invoice.seller.name or invoice.seller.tax_id):
        raise MissingSellerError
    return (invoice,)


def _kind(data: bytes, name: str) -> str:
    if data.startswith(b"PK\x03\x04"):
        _, dot, suffix = name.replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")
        return suffix[:10] if dot and suffix.casefold() != "zip" else "ZIP"
    head = data[:12].decode("ascii", "replace")
    return "".join(sign if sign.isprintable() else "·" for sign in head)
