"""The e-invoice embedded in a PDF (Factur-X, ZUGFeRD 1 and 2), found without trusting the PDF.

pypdf, because it is pure Python (nothing to crash), already installed, and bounds by configuration what a stream may
unpack to. Only the catalogue, the name tree of embedded files and the associated files are followed, never the pages;
our own walk counts its steps, and the stream under pypdf stops it when its time is over.
"""

import io
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pypdf import PdfReader, apply_configuration
from pypdf.errors import LimitReachedError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from plugins.invoices.reading.errors import (
    AttachmentTooLargeError,
    BrokenPdfError,
    EncryptedPdfError,
    PdfTakesTooLongError,
    PdfWithoutInvoiceError,
    ReadingError,
    TruncatedPdfError,
)
from plugins.invoices.reading.xmltext import MAX_XML_BYTES, MEGABYTE

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it repairs silently is no news for the operator's log

MAX_SECONDS: Final = 5.0
"""Of the processor, for one PDF: 50 MB of a sound one take about one, however busy the machine is."""
_MAX_NODES: Final = 2_000
_MAX_CANDIDATES: Final = 8
_LONGEST_NAME: Final = 255
_SMALLEST_ROW: Final = 16
_TAIL: Final = 4_096
_PADDING: Final = b"\x00\r\n\t "
"""What gateways fill up the last block of a file with."""
_READS_BETWEEN_LOOKS: Final = 256
_ENCRYPTED = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R|/Encrypt\s*<<")

INVOICE_NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "zugferd.xml", "cii.xml")
_XML_TYPES: Final = ("/text/xml", "/application/xml")
_IGNORED_NAMES: Final = ("order-x.xml", "cida.xml", "despatch-advice.xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedFile:
    """A file inside a PDF, unpacked."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedFiles:
    """XML files that may be the invoice, likeliest first, and the names of everything embedded."""

    candidates: tuple[EmbeddedFile, ...]
    names: tuple[str, ...]


class _OutOfTimeError(BaseException):  # not an Exception: pypdf swallows those while it repairs
    pass


class _WatchedStream(io.BytesIO):
    """The file, refusing to be read once the time is over, whatever loop pypdf is in."""

    def __init__(self, data: bytes, *, seconds: float) -> None:
        super().__init__(data)
        self._until = time.thread_time() + seconds
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads += 1
        if self._reads % _READS_BETWEEN_LOOKS == 0 and time.thread_time() > self._until:
            raise _OutOfTimeError
        return super().read(size)


def embedded_files(data: bytes, *, seconds: float = MAX_SECONDS) -> EmbeddedFiles:
    """What may be the invoice. Raises the ReadingError of what is wrong with the PDF, or PdfWithoutInvoiceError."""
    data = data.rstrip(_PADDING)
    if b"%%EOF" not in data[-_TAIL:]:
        raise TruncatedPdfError
    try:
        with apply_configuration(
            zlib_maximum_output_length=MAX_XML_BYTES,
            lzw_maximum_output_length=MAX_XML_BYTES,
            run_length_maximum_output_length=MAX_XML_BYTES,
            array_based_stream_maximum_output_length=MAX_XML_BYTES,
            stream_filters_maximum_length=4,
            stream_decoding_work_maximum_length=2 * MAX_XML_BYTES,
            disable_legacy_handling=True,
        ):
            return _embedded_files(data, seconds)
    except ReadingError:
        raise
    except _OutOfTimeError:
        raise PdfTakesTooLongError from None
    except (Exception, RecursionError):  # noqa: BLE001 -- pypdf raises anything at all on a damaged file
        if _ENCRYPTED.search(data):
            raise EncryptedPdfError from None
        raise BrokenPdfError from None


def _embedded_files(data: bytes, seconds: float) -> EmbeddedFiles:
    reader = PdfReader(_WatchedStream(data, seconds=seconds), root_object_recovery_limit=1_000)
    if reader.is_encrypted and not reader.decrypt(""):  # every viewer opens what only printing is forbidden of
        raise EncryptedPdfError
    names: list[str] = []
    wanted: list[tuple[int, str, StreamObject]] = []
    seen: set[int] = set()
    for spec in islice(_file_specifications(reader.root_object), _MAX_NODES):
        name = _name_of(spec)
        content = _content_of(spec)
        if content is None or id(content) in seen:
            continue
        seen.add(id(content))
        names.append(name)
        if (rank := _rank(name, content)) is not None:
            wanted.append((rank, name, content))
    if not wanted:
        raise PdfWithoutInvoiceError
    wanted.sort(key=lambda found: found[0])
    unpacked = [EmbeddedFile(name=name, content=_unpacked(stream)) for _, name, stream in wanted[:_MAX_CANDIDATES]]
    return EmbeddedFiles(candidates=tuple(unpacked), names=tuple(names))


def _unpacked(stream: StreamObject) -> bytes:
    if _has_tiny_rows(stream):
        raise PdfTakesTooLongError
    try:
        return stream.get_data()
    except LimitReachedError:
        raise AttachmentTooLargeError(limit=MAX_XML_BYTES // MEGABYTE) from None


def _has_tiny_rows(stream: StreamObject) -> bool:
    # A predictor (made for images) is undone row by row in Python: twenty million rows of one byte take a minute.
    stated = _resolved(stream.get("/DecodeParms"))
    for facts in stated if isinstance(stated, ArrayObject) else [stated]:
        plain = _resolved(facts)
        if isinstance(plain, DictionaryObject) and plain.get("/Predictor", 1) != 1:
            columns = _resolved(plain.get("/Columns"))
            if not isinstance(columns, NumberObject) or int(columns) < _SMALLEST_ROW:
                return True
    return False


def _rank(name: str, content: StreamObject) -> int | None:
    plain = name.casefold().replace("\\", "/").rsplit("/", 1)[-1]
    if plain in _IGNORED_NAMES:
        return None
    if plain in INVOICE_NAMES:
        return INVOICE_NAMES.index(plain)
    if plain.endswith(".xml"):
        return len(INVOICE_NAMES)
    return len(INVOICE_NAMES) + 1 if content.get("/Subtype") in _XML_TYPES else None


def _file_specifications(root: DictionaryObject) -> Iterator[DictionaryObject]:
    steps = 0
    names = _resolved(root.get("/Names"))
    pending: list[PdfObject | None] = []
    if isinstance(names, DictionaryObject):
        pending.append(_resolved(names.get("/EmbeddedFiles")))
    visited: set[int] = set()
    while pending and steps < _MAX_NODES:
        steps += 1
        node = pending.pop()
        if not isinstance(node, DictionaryObject) or id(node) in visited:
            continue
        visited.add(id(node))
        for spec in _items(node.get("/Names"))[1::2]:
            if isinstance(spec, DictionaryObject):
                yield spec
        pending.extend(reversed(_items(node.get("/Kids"))))
    for spec in _items(root.get("/AF")):
        if isinstance(spec, DictionaryObject):
            yield spec


def _items(value: PdfObject | None) -> list[PdfObject | None]:
    array = _resolved(value)
    return [_resolved(item) for item in array[:_MAX_NODES]] if isinstance(array, ArrayObject) else []


def _resolved(value: PdfObject | None) -> PdfObject | None:
    return value.get_object() if value is not None else None


def _name_of(spec: DictionaryObject) -> str:
    for key in ("/UF", "/F", "/Unix", "/DOS"):
        value = _resolved(spec.get(key))
        if isinstance(value, TextStringObject):
            return value.strip("\x00 ")[:_LONGEST_NAME]
        if isinstance(value, ByteStringObject):
            return value.decode("latin-1").strip("\x00 ")[:_LONGEST_NAME]
    return ""


def _content_of(spec: DictionaryObject) -> StreamObject | None:
    files = _resolved(spec.get("/EF"))
    if isinstance(files, DictionaryObject):
        for key in ("/UF", "/F", "/Unix", "/DOS"):
            if isinstance(stream := _resolved(files.get(key)), StreamObject):
                return stream
    return None
