import re
from pathlib import Path

import pytest

from plugins.invoices.reading import FIELDS, MESSAGES, ReadingError, read_invoice
from plugins.invoices.reading import errors as all_errors
from plugins.invoices.reading.errors import (
    EmptyFileError,
    EntityDeclarationRefusedError,
    NotWellFormedXmlError,
    TooDeepError,
    TooLargeError,
    TooManyElementsError,
    UnknownDocumentTypeError,
    UnknownEncodingError,
    UnsupportedFormatError,
)
from plugins.invoices.reading.read import MAX_FILE_BYTES
from plugins.invoices.reading.xmltext import MAX_MARKS, MAX_XML_BYTES
from tests.plugins.invoices.reading.builders import UBL, ubl

PLAIN = ubl(declaration="", number="Ñ-1").decode()


def refused(data: bytes, name: str = "a.xml") -> ReadingError:
    with pytest.raises(ReadingError) as caught:
        read_invoice(data, name=name)
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        b"\n\t " + PLAIN.encode(),
        b'\n<?xml version="1.0" encoding="UTF-8"?>\n' + PLAIN.encode(),
        b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8" standalone="yes"?>' + PLAIN.encode(),
        ("\ufeff" + PLAIN).encode("utf-16-le"),
        ("\ufeff" + PLAIN).encode("utf-16-be"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + PLAIN).encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + PLAIN).encode("latin-1"),
        ("<?xml version='1.0' encoding='windows-1252'?>" + PLAIN).encode("cp1252"),
        ('<?xml version="1.0" encoding="ISO-8859-15"?>' + PLAIN).encode("iso-8859-15"),
        ('<?xml version="1.0" encoding="utf-16"?>' + PLAIN).encode(),
        ("<!-- <!DOCTYPE html> --><?pi <!DOCTYPE x> ?>" + PLAIN).encode(),
        PLAIN.replace("Ñ-1", "<![CDATA[Ñ]]><!-- inside -->-1").encode(),
        PLAIN.replace("Ñ-1", "&#209;-1").encode(),
    ],
)
def test_encodings_and_dress_make_no_difference(data: bytes) -> None:
    assert read_invoice(data, name="a.xml").number == "Ñ-1"


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
DTD = '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">'


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE, DTD, "<!DOCTYPE a>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", "<!-- -->", "<?p ?>\n", ' \n<?xml version="1.0"?>'])
def test_no_doctype_in_any_encoding(doctype: str, encoding: str, before: str) -> None:
    error = refused((before + doctype + PLAIN.replace("Ñ-1", "&a;")).encode(encoding))
    assert type(error) is EntityDeclarationRefusedError


def test_an_undeclared_entity_is_damage() -> None:
    assert type(refused(PLAIN.replace("Ñ-1", "&a;").encode())) is NotWellFormedXmlError


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFileError),
        (b"<", NotWellFormedXmlError),
        (PLAIN.encode()[:-20], NotWellFormedXmlError),
        (b"<a>\xff</a>", NotWellFormedXmlError),
        (b"<a>\x00</a>", NotWellFormedXmlError),
        (b"<a/><b/>", NotWellFormedXmlError),
        (b"<!-- only a comment -->", NotWellFormedXmlError),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', UnknownEncodingError),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', UnknownEncodingError),
        (b"<a>" * 1_000 + b"</a>" * 1_000, TooDeepError),
        (b"<a>" + b"<b/>" * (MAX_MARKS + 1) + b"</a>", TooManyElementsError),
        (b"<a" + b" b=''" * (MAX_MARKS + 1) + b"/>", TooManyElementsError),
        (b"<a>" + b" " * MAX_XML_BYTES + b"</a>", TooLargeError),
        (b"<a>" + b"x" * (11 * 1024 * 1024) + b"</a>", TooLargeError),
        (b"x" * (MAX_FILE_BYTES + 1), TooLargeError),
        (b"<html/>", UnsupportedFormatError),
        (b"<FatturaElettronica/>", UnsupportedFormatError),
        (b"PK\x03\x04 zip", UnsupportedFormatError),
        (b"\x89PNG\r\n", UnsupportedFormatError),
        (b"Number;Date\n", UnsupportedFormatError),
        (f'<Order xmlns="{UBL}Order-2"/>'.encode(), UnknownDocumentTypeError),
        (
            b'<SCRDMCCBDACIOMessageStructure xmlns="urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"/>',
            UnknownDocumentTypeError,
        ),
    ],
)
def test_what_is_no_invoice_is_refused_in_words(data: bytes, error: type[ReadingError]) -> None:
    found = refused(data)
    assert type(found) is error
    assert found.message == MESSAGES[found.code].format(**found.params)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.docx", "docx"), ("../../x.zip", "ZIP"), ("a", "ZIP"), ("..\\b.XLSX", "XLSX")]
)
def test_an_archive_is_called_by_its_name(name: str, kind: str) -> None:
    assert refused(b"PK\x03\x04", name).params == {"kind": kind}


def test_every_error_has_a_sentence_and_every_sentence_an_error() -> None:
    def leaves(error: type[ReadingError]) -> list[type[ReadingError]]:
        children = error.__subclasses__()
        return [leaf for child in children for leaf in leaves(child)] if children else [error]

    found = [error for error in leaves(ReadingError) if error.__module__ == all_errors.__name__]
    assert sorted(error.code for error in found) == sorted(MESSAGES)


def test_every_figure_that_an_error_names_can_be_translated() -> None:
    folder = Path(all_errors.__file__).parent
    named = {name for path in folder.glob("*.py") for name in re.findall(r'field="([^"]+)"', path.read_text())}
    assert sorted(named) == sorted(FIELDS)
