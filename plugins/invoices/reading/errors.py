"""Why a file is not read as an invoice: each error names one fact and carries the values that its sentence needs.

`MESSAGES` holds the English sentence of every code; the module translates by code and fills in `params`.
"""

from typing import ClassVar

MESSAGES: dict[str, str] = {
    "amount-has-too-many-decimals": (
        "{field} is {value}, which has more decimals than {currency} has ({decimals}). It cannot be kept exactly."
    ),
    "attachment-too-large": (
        "The file embedded in the PDF unpacks to more than {limit} MB, which no invoice needs. It was not unpacked."
    ),
    "bad-amount": "{field} is “{value}”, which is not an amount.",
    "bad-currency": "“{value}” is not a currency code of three letters.",
    "bad-date": "{field} is “{value}”, which is not a date.",
    "broken-pdf": "The PDF is damaged and its parts cannot be found.",
    "empty-file": "The file is empty.",
    "encrypted-pdf": "The PDF is encrypted. Save it without a password and send it again.",
    "entity-declaration-refused": (
        "The XML declares a document type or entities, which invoices never need and attacks use. It was not read."
    ),
    "missing-amount": "The invoice does not state its {field}.",
    "missing-currency": "The invoice does not state its currency.",
    "missing-date": "The invoice does not state its date of issue.",
    "missing-number": "The invoice does not state its number.",
    "missing-seller": "The invoice names no seller, neither by name nor by tax number.",
    "mixed-currencies": "The invoice is in {currency}, but its {field} is in {value}.",
    "not-well-formed-xml": "The XML is damaged at line {line}: {detail}",
    "pdf-takes-too-long": "The PDF is built in a way that takes too long to read.",
    "pdf-without-invoice": "The PDF holds no e-invoice. Its figures have to be typed.",
    "several-invoices": "The file holds {count} invoices. Send each one as a file of its own.",
    "too-deep": "The XML is nested deeper than {limit} levels, which no invoice is.",
    "too-large": "The file is larger than {limit} MB.",
    "too-many-elements": "The XML has more parts than the {limit} that are read.",
    "truncated-pdf": "The end of the PDF is missing: the file is cut off.",
    "unknown-document-type": "The file is a “{root}”, which is not an invoice or a credit note.",
    "unknown-encoding": "The text encoding “{encoding}” of the XML is not one that invoices use.",
    "unsupported-format": "The file is neither a PDF nor an e-invoice that can be read (it starts as “{kind}”).",
    "unsupported-version": "The file is {format} {version}, and only {supported} is read.",
    "value-too-long": "{field} is longer than {limit} characters.",
}

FIELDS: tuple[str, ...] = (
    "VAT amount",
    "VAT base",
    "VAT rate",
    "VAT total",
    "allowance or charge",
    "amount due",
    "base of an allowance or charge",
    "date of issue",
    "due date",
    "equivalence surcharge",
    "expenses",
    "invoice number",
    "line amount",
    "logistics charge",
    "outstanding amount",
    "paid amount",
    "part payment",
    "payment in kind",
    "payments on account",
    "percentage",
    "price base quantity",
    "quantity",
    "retained guarantee",
    "rounding amount",
    "subsidy",
    "sum of the allowances",
    "sum of the charges",
    "sum of the lines",
    "tax amount",
    "tax base",
    "tax rate",
    "third-party payment",
    "total with VAT",
    "total without VAT",
    "unit price",
    "withheld amount",
    "withheld tax",
    "withheld taxes",
    "withholding base",
)
"""What `field` in `params` can be, for translation: English names of figures."""


class ReadingError(Exception):
    """A file that is not read. `code` is stable, `params` fill the sentence of that code."""

    code: ClassVar[str]

    def __init__(self, **params: str | int) -> None:
        """Keep the facts; the sentence is made when it is asked for, so that it can be translated."""
        self.params = params
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence in English."""
        return MESSAGES[self.code].format(**self.params)


class NotReadableError(ReadingError):
    """The file as such: size, encoding, damage, hostile content."""


class NotAnInvoiceError(ReadingError):
    """A sound file that holds no invoice that is read here."""


class IncompleteInvoiceError(ReadingError):
    """An invoice with a figure or a fact that is missing or cannot be understood."""


class AmountHasTooManyDecimalsError(IncompleteInvoiceError):
    """A total that cannot be kept in minor units without changing it."""

    code = "amount-has-too-many-decimals"


class AttachmentTooLargeError(NotReadableError):
    """A decompression bomb, or an attachment beyond the limit."""

    code = "attachment-too-large"


class BadAmountError(IncompleteInvoiceError):
    """Text where a decimal number belongs."""

    code = "bad-amount"


class BadCurrencyError(IncompleteInvoiceError):
    """Text where an ISO 4217 code belongs."""

    code = "bad-currency"


class BadDateError(IncompleteInvoiceError):
    """Text where a calendar date belongs."""

    code = "bad-date"


class BrokenPdfError(NotReadableError):
    """A PDF whose structure cannot be followed."""

    code = "broken-pdf"


class EmptyFileError(NotReadableError):
    """No bytes at all."""

    code = "empty-file"


class EncryptedPdfError(NotReadableError):
    """A PDF with an encryption dictionary, whatever its password."""

    code = "encrypted-pdf"


class EntityDeclarationRefusedError(NotReadableError):
    """A DOCTYPE: entity bombs, external entities and external DTDs all need one."""

    code = "entity-declaration-refused"


class MissingAmountError(IncompleteInvoiceError):
    """A total without which there is nothing to show."""

    code = "missing-amount"


class MissingCurrencyError(IncompleteInvoiceError):
    """No currency (BT-5)."""

    code = "missing-currency"


class MissingDateError(IncompleteInvoiceError):
    """No date of issue (BT-2)."""

    code = "missing-date"


class MissingNumberError(IncompleteInvoiceError):
    """No number (BT-1)."""

    code = "missing-number"


class MissingSellerError(IncompleteInvoiceError):
    """Nobody who issued it (BT-27, BT-31)."""

    code = "missing-seller"


class MixedCurrenciesError(IncompleteInvoiceError):
    """A total in another currency than the document's."""

    code = "mixed-currencies"


class NotWellFormedXmlError(NotReadableError):
    """Not XML, or damaged XML."""

    code = "not-well-formed-xml"


class PdfTakesTooLongError(NotReadableError):
    """A PDF that leads its reader in circles."""

    code = "pdf-takes-too-long"


class PdfWithoutInvoiceError(NotAnInvoiceError):
    """A plain PDF: its figures are typed by staff or come in a list beside it."""

    code = "pdf-without-invoice"


class SeveralInvoicesError(NotAnInvoiceError):
    """A batch, where one invoice was asked for; `read_invoices` reads all of them."""

    code = "several-invoices"


class TooDeepError(NotReadableError):
    """XML nested beyond the parser's limit."""

    code = "too-deep"


class TooLargeError(NotReadableError):
    """More bytes than are read, in the file or in its embedded XML."""

    code = "too-large"


class TooManyElementsError(NotReadableError):
    """XML that would fill the memory although the file is small."""

    code = "too-many-elements"


class TruncatedPdfError(NotReadableError):
    """A PDF without its end marker."""

    code = "truncated-pdf"


class UnknownDocumentTypeError(NotAnInvoiceError):
    """A business document of another kind: an order, a reminder."""

    code = "unknown-document-type"


class UnknownEncodingError(NotReadableError):
    """An encoding outside the list that is decoded."""

    code = "unknown-encoding"


class UnsupportedFormatError(NotAnInvoiceError):
    """Neither PDF nor one of the XML vocabularies."""

    code = "unsupported-format"


class UnsupportedVersionError(NotAnInvoiceError):
    """The right vocabulary in a version that is not read."""

    code = "unsupported-version"


class ValueTooLongError(IncompleteInvoiceError):
    """A number so long that no page could show it."""

    code = "value-too-long"
