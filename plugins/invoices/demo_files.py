"""E-invoices for demonstrations, written as an ERP would write them: UBL, CII, and a PDF that holds its CII."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from html import escape

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CII = "urn:un:unece:uncefact:data:standard:"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoParty:
    """Who sells or buys."""

    name: str
    tax_id: str = ""
    country: str = "ES"
    street: str = ""
    postal_code: str = ""
    city: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLine:
    """A line of a demonstration invoice; quantities, prices and rates are decimal texts."""

    name: str
    quantity: str = "1"
    unit: str = "C62"
    price: str
    rate: str = "21"

    @property
    def net(self) -> Decimal:
        """Amount without VAT."""
        return _rounded(Decimal(self.quantity) * Decimal(self.price))


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoInvoice:
    """A demonstration invoice."""

    number: str
    seller: DemoParty
    buyer: DemoParty
    issued_on: date
    due_on: date | None = None
    lines: tuple[DemoLine, ...]
    currency: str = "EUR"
    credit_note: bool = False
    paid: str = "0"
    order: str = ""
    project: str = ""
    corrects: str = ""
    iban: str = ""
    note: str = ""

    @property
    def vat(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Base and VAT by rate."""
        bases: dict[str, Decimal] = {}
        for line in self.lines:
            bases[line.rate] = bases.get(line.rate, Decimal(0)) + line.net
        return {rate: (base, _rounded(base * Decimal(rate) / 100)) for rate, base in sorted(bases.items())}

    @property
    def net(self) -> Decimal:
        """Total without VAT."""
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """Total VAT."""
        return sum((amount for _, amount in self.vat.values()), Decimal(0))

    @property
    def gross(self) -> Decimal:
        """Total."""
        return self.net + self.tax

    @property
    def due(self) -> Decimal:
        """What is to be paid."""
        return self.gross - Decimal(self.paid)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


def _tag(name: str, content: object = "", **attributes: str) -> str:
    """Return an element; text content has to be escaped."""
    said = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{said}>{content}</{name}>" if content != "" else ""


def _text(name: str, content: str, **attributes: str) -> str:
    return _tag(name, escape(content, quote=False), **attributes)


def _category(rate: str) -> str:
    return "S" if Decimal(rate) else "Z"


# -- UBL ---------------------------------------------------------------------------------------------------------------


def as_ubl(invoice: DemoInvoice) -> bytes:
    """Return the invoice as UBL 2.1."""
    kind = "CreditNote" if invoice.credit_note else "Invoice"
    body = "".join(
        (
            _text("cbc:CustomizationID", "urn:cen.eu:en16931:2017"),
            _text("cbc:ID", invoice.number),
            _text("cbc:IssueDate", invoice.issued_on.isoformat()),
            _text("cbc:DueDate", invoice.due_on.isoformat()) if invoice.due_on and not invoice.credit_note else "",
            _text(f"cbc:{kind}TypeCode", "381" if invoice.credit_note else "380"),
            _text("cbc:Note", invoice.note),
            _text("cbc:DocumentCurrencyCode", invoice.currency),
            _tag("cac:OrderReference", _text("cbc:ID", invoice.order)),
            _tag("cac:BillingReference", _tag("cac:InvoiceDocumentReference", _text("cbc:ID", invoice.corrects))),
            _tag("cac:ProjectReference", _text("cbc:ID", invoice.project)),
            _tag("cac:AccountingSupplierParty", _ubl_party(invoice.seller)),
            _tag("cac:AccountingCustomerParty", _ubl_party(invoice.buyer)),
            _ubl_means(invoice),
            _ubl_vat(invoice),
            _ubl_totals(invoice),
            *(_ubl_line(number, line, invoice) for number, line in enumerate(invoice.lines, 1)),
        )
    )
    names = f'xmlns:cac="{_UBL}CommonAggregateComponents-2" xmlns:cbc="{_UBL}CommonBasicComponents-2"'
    return f'<?xml version="1.0" encoding="UTF-8"?><{kind} xmlns="{_UBL}{kind}-2" {names}>{body}</{kind}>'.encode()


def _ubl_party(party: DemoParty) -> str:
    address = "".join(
        (
            _text("cbc:StreetName", party.street),
            _text("cbc:CityName", party.city),
            _text("cbc:PostalZone", party.postal_code),
            _tag("cac:Country", _text("cbc:IdentificationCode", party.country)),
        )
    )
    scheme = _tag("cac:TaxScheme", _text("cbc:ID", "VAT"))
    tax = _tag("cac:PartyTaxScheme", _text("cbc:CompanyID", party.tax_id) + scheme) if party.tax_id else ""
    legal = _tag("cac:PartyLegalEntity", _text("cbc:RegistrationName", party.name))
    contact = _tag("cac:Contact", _text("cbc:ElectronicMail", party.email))
    return _tag("cac:Party", _tag("cac:PostalAddress", address) + tax + legal + contact)


def _ubl_means(invoice: DemoInvoice) -> str:
    if not invoice.iban:
        return ""
    account = _tag("cac:PayeeFinancialAccount", _text("cbc:ID", invoice.iban))
    return _tag(
        "cac:PaymentMeans",
        _text("cbc:PaymentMeansCode", "58") + _text("cbc:PaymentID", invoice.number) + account,
    )


def _ubl_amount(name: str, amount: Decimal, invoice: DemoInvoice) -> str:
    return _tag(f"cbc:{name}", f"{amount:f}", currencyID=invoice.currency)


def _ubl_category(element: str, rate: str) -> str:
    scheme = _tag("cac:TaxScheme", _text("cbc:ID", "VAT"))
    return _tag(element, _text("cbc:ID", _category(rate)) + _text("cbc:Percent", rate) + scheme)


def _ubl_vat(invoice: DemoInvoice) -> str:
    rows = "".join(
        _tag(
            "cac:TaxSubtotal",
            _ubl_amount("TaxableAmount", base, invoice)
            + _ubl_amount("TaxAmount", amount, invoice)
            + _ubl_category("cac:TaxCategory", rate),
        )
        for rate, (base, amount) in invoice.vat.items()
    )
    return _tag("cac:TaxTotal", _ubl_amount("TaxAmount", invoice.tax, invoice) + rows)


def _ubl_totals(invoice: DemoInvoice) -> str:
    prepaid = _ubl_amount("PrepaidAmount", Decimal(invoice.paid), invoice) if Decimal(invoice.paid) else ""
    return _tag(
        "cac:LegalMonetaryTotal",
        _ubl_amount("LineExtensionAmount", invoice.net, invoice)
        + _ubl_amount("TaxExclusiveAmount", invoice.net, invoice)
        + _ubl_amount("TaxInclusiveAmount", invoice.gross, invoice)
        + prepaid
        + _ubl_amount("PayableAmount", invoice.due, invoice),
    )


def _ubl_line(number: int, line: DemoLine, invoice: DemoInvoice) -> str:
    kind, quantity = ("CreditNote", "Credited") if invoice.credit_note else ("Invoice", "Invoiced")
    item = _text("cbc:Name", line.name) + _ubl_category("cac:ClassifiedTaxCategory", line.rate)
    return _tag(
        f"cac:{kind}Line",
        _text("cbc:ID", str(number))
        + _text(f"cbc:{quantity}Quantity", line.quantity, unitCode=line.unit)
        + _ubl_amount("LineExtensionAmount", line.net, invoice)
        + _tag("cac:Item", item)
        + _tag("cac:Price", _tag("cbc:PriceAmount", line.price, currencyID=invoice.currency)),
    )


# -- CII ---------------------------------------------------------------------------------------------------------------


def as_cii(invoice: DemoInvoice) -> bytes:
    """Return the invoice as UN/CEFACT CII."""
    document = (
        _text("ram:ID", invoice.number)
        + _text("ram:TypeCode", "381" if invoice.credit_note else "380")
        + _cii_day("ram:IssueDateTime", invoice.issued_on)
        + _tag("ram:IncludedNote", _text("ram:Content", invoice.note))
    )
    agreement = (
        _tag("ram:SellerTradeParty", _cii_party(invoice.seller))
        + _tag("ram:BuyerTradeParty", _cii_party(invoice.buyer))
        + _tag("ram:BuyerOrderReferencedDocument", _text("ram:IssuerAssignedID", invoice.order))
        + _tag("ram:SpecifiedProcuringProject", _text("ram:ID", invoice.project))
    )
    trade = (
        "".join(_cii_line(number, line) for number, line in enumerate(invoice.lines, 1))
        + _tag("ram:ApplicableHeaderTradeAgreement", agreement)
        + "<ram:ApplicableHeaderTradeDelivery/>"
        + _tag("ram:ApplicableHeaderTradeSettlement", _cii_settlement(invoice))
    )
    profile = _tag("ram:GuidelineSpecifiedDocumentContextParameter", _text("ram:ID", "urn:cen.eu:en16931:2017"))
    names = (
        f'xmlns:rsm="{_CII}CrossIndustryInvoice:100" xmlns:udt="{_CII}UnqualifiedDataType:100" '
        f'xmlns:ram="{_CII}ReusableAggregateBusinessInformationEntity:100"'
    )
    body = (
        _tag("rsm:ExchangedDocumentContext", profile)
        + _tag("rsm:ExchangedDocument", document)
        + _tag("rsm:SupplyChainTradeTransaction", trade)
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}<rsm:CrossIndustryInvoice {names}>{body}</rsm:CrossIndustryInvoice>".encode()


def _cii_day(name: str, day: date) -> str:
    return _tag(name, _tag("udt:DateTimeString", day.strftime("%Y%m%d"), format="102"))


def _cii_party(party: DemoParty) -> str:
    address = (
        _text("ram:PostcodeCode", party.postal_code)
        + _text("ram:LineOne", party.street)
        + _text("ram:CityName", party.city)
        + _text("ram:CountryID", party.country)
    )
    mail = _tag("ram:EmailURIUniversalCommunication", _text("ram:URIID", party.email))
    tax = _text("ram:ID", party.tax_id, schemeID="VA")
    return (
        _text("ram:Name", party.name)
        + _tag("ram:DefinedTradeContact", mail)
        + _tag("ram:PostalTradeAddress", address)
        + _tag("ram:SpecifiedTaxRegistration", tax)
    )


def _cii_tax(rate: str, before: str = "", basis: str = "") -> str:
    return _tag(
        "ram:ApplicableTradeTax",
        before
        + _text("ram:TypeCode", "VAT")
        + basis
        + _text("ram:CategoryCode", _category(rate))
        + _text("ram:RateApplicablePercent", rate),
    )


def _cii_line(number: int, line: DemoLine) -> str:
    return _tag(
        "ram:IncludedSupplyChainTradeLineItem",
        _tag("ram:AssociatedDocumentLineDocument", _text("ram:LineID", str(number)))
        + _tag("ram:SpecifiedTradeProduct", _text("ram:Name", line.name))
        + _tag(
            "ram:SpecifiedLineTradeAgreement",
            _tag("ram:NetPriceProductTradePrice", _text("ram:ChargeAmount", line.price)),
        )
        + _tag("ram:SpecifiedLineTradeDelivery", _text("ram:BilledQuantity", line.quantity, unitCode=line.unit))
        + _tag(
            "ram:SpecifiedLineTradeSettlement",
            _cii_tax(line.rate)
            + _tag("ram:SpecifiedTradeSettlementLineMonetarySummation", _text("ram:LineTotalAmount", f"{line.net:f}")),
        ),
    )


def _cii_settlement(invoice: DemoInvoice) -> str:
    account = _tag("ram:PayeePartyCreditorFinancialAccount", _text("ram:IBANID", invoice.iban))
    means = _tag("ram:SpecifiedTradeSettlementPaymentMeans", _text("ram:TypeCode", "58") + account)
    due = (
        _tag("ram:SpecifiedTradePaymentTerms", _cii_day("ram:DueDateDateTime", invoice.due_on))
        if invoice.due_on
        else ""
    )
    rows = "".join(
        _cii_tax(rate, _text("ram:CalculatedAmount", f"{amount:f}"), _text("ram:BasisAmount", f"{base:f}"))
        for rate, (base, amount) in invoice.vat.items()
    )
    totals = (
        _text("ram:LineTotalAmount", f"{invoice.net:f}")
        + _text("ram:TaxBasisTotalAmount", f"{invoice.net:f}")
        + _text("ram:TaxTotalAmount", f"{invoice.tax:f}", currencyID=invoice.currency)
        + _text("ram:GrandTotalAmount", f"{invoice.gross:f}")
        + (_text("ram:TotalPrepaidAmount", invoice.paid) if Decimal(invoice.paid) else "")
        + _text("ram:DuePayableAmount", f"{invoice.due:f}")
    )
    corrects = _tag("ram:InvoiceReferencedDocument", _text("ram:IssuerAssignedID", invoice.corrects))
    return (
        _text("ram:PaymentReference", invoice.number)
        + _text("ram:InvoiceCurrencyCode", invoice.currency)
        + (means if invoice.iban else "")
        + rows
        + due
        + _tag("ram:SpecifiedTradeSettlementHeaderMonetarySummation", totals)
        + corrects
    )


# -- PDF ---------------------------------------------------------------------------------------------------------------


def as_facturx(invoice: DemoInvoice) -> bytes:
    """Return a page with the figures that holds the invoice as CII."""
    return _pdf(invoice, lambda writer: writer.add_attachment("factur-x.xml", as_cii(invoice)))


def as_plain_pdf(invoice: DemoInvoice) -> bytes:
    """Return a page with the figures, and nothing that a program could read."""
    return _pdf(invoice, lambda _: None)


def _pdf(invoice: DemoInvoice, attach: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(width=595, height=842)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})  # noqa: SLF001 -- pypdf has no drawing
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = StreamObject()
    content.set_data(_drawn(invoice))
    page[NameObject("/Contents")] = writer._add_object(content)  # noqa: SLF001 -- as above
    attach(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _drawn(invoice: DemoInvoice) -> bytes:
    rows: list[tuple[int, int, str]] = [
        (56, 20, invoice.seller.name),
        (
            56,
            10,
            f"{invoice.seller.street}  {invoice.seller.postal_code} {invoice.seller.city}  {invoice.seller.tax_id}",
        ),
        (56, 10, ""),
        (56, 16, invoice.number),
        (56, 10, invoice.issued_on.strftime("%d/%m/%Y")),
        (56, 10, ""),
        (56, 12, invoice.buyer.name),
        (56, 10, f"{invoice.buyer.street}  {invoice.buyer.postal_code} {invoice.buyer.city}  {invoice.buyer.tax_id}"),
        (56, 10, ""),
        *(
            (56, 10, f"{line.name}   {line.quantity} × {line.price}   {line.net} {invoice.currency}")
            for line in invoice.lines
        ),
        (56, 10, ""),
        *((330, 10, f"{rate} %   {base}   {amount}") for rate, (base, amount) in invoice.vat.items()),
        (330, 14, f"{invoice.gross} {invoice.currency}"),
    ]
    height, parts = 780, []
    for left, size, text in rows:
        plain = text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        parts.append(f"BT /F1 {size} Tf {left} {height} Td (".encode() + plain + b") Tj ET\n")
        height -= size + 8
    return b"".join(parts)
