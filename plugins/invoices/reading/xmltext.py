"""Bytes to an XML tree, safely: bounded, no DOCTYPE, no entities of its own, no network.

The text is decoded here rather than by libxml2, so that the search for a DOCTYPE sees what the parser will see,
whatever the encoding.
"""

import codecs
import re

from lxml import etree

from plugins.invoices.reading.errors import (
    EntityDeclarationRefusedError,
    NotWellFormedXmlError,
    TooDeepError,
    TooLargeError,
    TooManyElementsError,
    UnknownEncodingError,
)

MEGABYTE = 1024 * 1024
MAX_XML_BYTES = 20 * MEGABYTE
MAX_MARKS = 1_000_000
"""Most tags (opening and closing) and most attributes: about 8,000 invoice lines, and 250 MB of tree at the worst."""
MAX_DEPTH = 256
"""libxml2's own limit without `huge_tree`; invoices need about 15."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARATION = re.compile(r"<\?xml\s[^>]*?\?>")
_DECLARED = re.compile(rb"""\s*<\?xml\s(?:[^>]*?\s)?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = re.compile(r"(?:utf-8|us-ascii|ascii|iso[-_]?8859[-_]\d{1,2}|latin-?[19]|(?:windows-|cp)125\d)")
_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)


def looks_like_xml(data: bytes) -> bool:
    """Whether the first sign after a byte order mark and white space is an opening bracket."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    return head.startswith(b"<")


def parse(data: bytes) -> etree._Element:
    """The root element. Raises the NotReadableError of what is wrong."""
    if len(data) > MAX_XML_BYTES:
        raise TooLargeError(limit=MAX_XML_BYTES // MEGABYTE)
    text = _decoded(data)
    _refuse_doctype(text)
    if text.count("<") > MAX_MARKS or text.count("=") > MAX_MARKS:
        raise TooManyElementsError(limit=MAX_MARKS)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise _syntax_error(error) from None
    if root.getroottree().docinfo.internalDTD is not None:  # the search above came first; this is the second belt
        raise EntityDeclarationRefusedError
    return root


def _decoded(data: bytes) -> str:
    encoding, body = _encoding_of(data)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotWellFormedXmlError(line=line, detail=f"not {encoding} text") from None
    # The declaration may lie about the encoding from here on, and must not follow white space.
    text = text.lstrip("\ufeff \t\r\n")
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _encoding_of(data: bytes) -> tuple[str, bytes]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding, data[len(bom) :]
    # Without a mark: what comes first is ASCII, a bracket or white space, and one of its two bytes is zero.
    if data[1:2] == b"\x00":
        return "utf-16-le", data
    if data[:1] == b"\x00":
        return "utf-16-be", data
    declared = _DECLARED.match(data[:1024])
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if encoding.startswith("utf-16"):
        return "utf-8", data  # a common lie: written as a UTF-16 string, saved as UTF-8
    if encoding == "utf8":
        encoding = "utf-8"
    if not _ENCODINGS.fullmatch(encoding):
        raise UnknownEncodingError(encoding=encoding)
    return encoding, data


def _refuse_doctype(text: str) -> None:
    # A DOCTYPE can stand only before the root element; elsewhere the same letters are text or a syntax error.
    at = 0
    while before := _BEFORE_ROOT.match(text, at):  # one by one: a repetition would remember each of a million
        at = before.end()
    if text.startswith("<!DOCTYPE", at):
        raise EntityDeclarationRefusedError


def _syntax_error(error: etree.XMLSyntaxError) -> NotWellFormedXmlError | TooDeepError | TooLargeError:
    message = error.msg or "no content"
    if "Excessive depth" in message or "Maximum entity" in message or "nesting" in message:
        return TooDeepError(limit=MAX_DEPTH)
    if "huge" in message.lower() or "too long" in message.lower():
        return TooLargeError(limit=10)  # one text of more than 10 MB
    return NotWellFormedXmlError(line=error.lineno or 1, detail=message[:200])
