"""Small e-invoices of our own, written as text so that nothing of the readers is in them."""

import io
from collections.abc import Mapping

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


CII = "urn:un:unece:uncefact:data:standard:"


def element(name: str, content: object = "", /, **attributes: str) -> str:
    stated = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{stated}>{content}</{name}>"


def ubl_party(name: str, tax_id: str = "", *, country: str = "ES", more: str = "") -> str:
    scheme = element("cac:TaxScheme", element("cbc:ID", "VAT"))
    tax = element("cac:PartyTaxScheme", element("cbc:CompanyID", tax_id) + scheme) if tax_id else ""
    return element(
        "cac:Party",
        more
        + element("cac:PostalAddress", element("cac:Country", element("cbc:IdentificationCode", country)))
        + tax
        + element("cac:PartyLegalEntity", element("cbc:RegistrationName", name)),
    )


def ubl_line(
    net: str, *, position: str = "1", name: str = "Work", quantity: str = "1", more: str = "", kind: str = "Invoice"
) -> str:
    amount = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    category = element("cac:ClassifiedTaxCategory", element("cbc:ID", "S") + element("cbc:Percent", "21"))
    return element(
        f"cac:{kind}Line",
        element("cbc:ID", position)
        + element(f"cbc:{amount}", quantity, unitCode="HUR")
        + element("cbc:LineExtensionAmount", net)
        + more
        + element("cac:Item", element("cbc:Name", name) + category)
        + element("cac:Price", element("cbc:PriceAmount", net)),
    )


def ubl_vat(base: str, amount: str, *, rate: str = "21", category: str = "S") -> str:
    return element(
        "cac:TaxSubtotal",
        element("cbc:TaxableAmount", base)
        + element("cbc:TaxAmount", amount)
        + element("cac:TaxCategory", element("cbc:ID", category) + element("cbc:Percent", rate)),
    )


def ubl(
    *,
    kind: str = "Invoice",
    type_code: str = "380",
    number: str = "A-1",
    issued: str = "2026-03-31",
    currency: str = "EUR",
    header: str = "",
    after_parties: str = "",
    vat_total: str = "21.00",
    vat_rows: str | None = None,
    tax_totals: str | None = None,
    totals: Mapping[str, str] | None = None,
    lines: str | None = None,
    profile: str = "urn:cen.eu:en16931:2017",
    declaration: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> bytes:
    sums = totals or {
        "LineExtensionAmount": "100.00",
        "TaxExclusiveAmount": "100.00",
        "TaxInclusiveAmount": "121.00",
        "PayableAmount": "121.00",
    }
    rows = ubl_vat("100.00", "21.00") if vat_rows is None else vat_rows
    body = (
        element("cbc:CustomizationID", profile)
        + element("cbc:ID", number)
        + element("cbc:IssueDate", issued)
        + element(f"cbc:{kind}TypeCode", type_code)
        + element("cbc:DocumentCurrencyCode", currency)
        + header
        + element("cac:AccountingSupplierParty", ubl_party("Obrador SL", "ESB12345678"))
        + element("cac:AccountingCustomerParty", ubl_party("Cliente SA", "ESA11111111"))
        + after_parties
        + (tax_totals or element("cac:TaxTotal", element("cbc:TaxAmount", vat_total, currencyID=currency) + rows))
        + element(
            "cac:LegalMonetaryTotal",
            "".join(element(f"cbc:{name}", value, currencyID=currency) for name, value in sums.items()),
        )
        + (lines if lines is not None else ubl_line("100.00", kind=kind))
    )
    root = (
        f'<{kind} xmlns="{UBL}{kind}-2" xmlns:cac="{UBL}CommonAggregateComponents-2" '
        f'xmlns:cbc="{UBL}CommonBasicComponents-2">{body}</{kind}>'
    )
    return (declaration + root).encode()


def cii_day(name: str, day: str, *, code: str = "102") -> str:
    return element(f"ram:{name}", element("udt:DateTimeString", day, format=code))


def cii_party(name: str, tax_id: str = "") -> str:
    tax = element("ram:SpecifiedTaxRegistration", element("ram:ID", tax_id, schemeID="VA")) if tax_id else ""
    return element("ram:Name", name) + element("ram:PostalTradeAddress", element("ram:CountryID", "DE")) + tax


def cii_line(net: str, *, position: str = "1", status: str = "", more: str = "") -> str:
    reason = element("ram:LineStatusReasonCode", status) if status else ""
    return element(
        "ram:IncludedSupplyChainTradeLineItem",
        element("ram:AssociatedDocumentLineDocument", element("ram:LineID", position) + reason)
        + element("ram:SpecifiedTradeProduct", element("ram:Name", "Ware"))
        + element(
            "ram:SpecifiedLineTradeAgreement",
            element("ram:NetPriceProductTradePrice", element("ram:ChargeAmount", net)),
        )
        + element("ram:SpecifiedLineTradeDelivery", element("ram:BilledQuantity", "1", unitCode="H87"))
        + element(
            "ram:SpecifiedLineTradeSettlement",
            element(
                "ram:ApplicableTradeTax",
                element("ram:TypeCode", "VAT")
                + element("ram:CategoryCode", "S")
                + element("ram:RateApplicablePercent", "19"),
            )
            + more
            + element("ram:SpecifiedTradeSettlementLineMonetarySummation", element("ram:LineTotalAmount", net)),
        ),
    )


def cii_vat(base: str, amount: str, *, rate: str = "19") -> str:
    return element(
        "ram:ApplicableTradeTax",
        element("ram:CalculatedAmount", amount)
        + element("ram:TypeCode", "VAT")
        + element("ram:BasisAmount", base)
        + element("ram:CategoryCode", "S")
        + element("ram:RateApplicablePercent", rate),
    )


def cii(
    *,
    type_code: str = "380",
    profile: str = "urn:cen.eu:en16931:2017",
    currency: str = "EUR",
    lines: str | None = None,
    vat: str | None = None,
    settlement: str = "",
    before_totals: str = "",
    totals: str | None = None,
    header: str = "",
) -> bytes:
    sums = totals or (
        element("ram:LineTotalAmount", "100.00")
        + element("ram:TaxBasisTotalAmount", "100.00")
        + element("ram:TaxTotalAmount", "19.00", currencyID=currency)
        + element("ram:GrandTotalAmount", "119.00")
        + element("ram:DuePayableAmount", "119.00")
    )
    body = (
        element(
            "rsm:ExchangedDocumentContext",
            element("ram:GuidelineSpecifiedDocumentContextParameter", element("ram:ID", profile)),
        )
        + element(
            "rsm:ExchangedDocument",
            element("ram:ID", "R-7")
            + element("ram:TypeCode", type_code)
            + cii_day("IssueDateTime", "20260331")
            + header,
        )
        + element(
            "rsm:SupplyChainTradeTransaction",
            (cii_line("100.00") if lines is None else lines)
            + element(
                "ram:ApplicableHeaderTradeAgreement",
                element("ram:SellerTradeParty", cii_party("Muster GmbH", "DE123456789"))
                + element("ram:BuyerTradeParty", cii_party("Kunde AG")),
            )
            + element("ram:ApplicableHeaderTradeDelivery")
            + element(
                "ram:ApplicableHeaderTradeSettlement",
                settlement
                + element("ram:InvoiceCurrencyCode", currency)
                + (cii_vat("100.00", "19.00") if vat is None else vat)
                + before_totals
                + element("ram:SpecifiedTradeSettlementHeaderMonetarySummation", sums),
            ),
        )
    )
    return (
        f'<rsm:CrossIndustryInvoice xmlns:rsm="{CII}CrossIndustryInvoice:100" '
        f'xmlns:ram="{CII}ReusableAggregateBusinessInformationEntity:100" '
        f'xmlns:udt="{CII}UnqualifiedDataType:100" xmlns:qdt="{CII}QualifiedDataType:100">{body}'
        "</rsm:CrossIndustryInvoice>"
    ).encode()


def zugferd1(*, lines: str = "", profile: str = "urn:ferd:CrossIndustryDocument:invoice:1p0:comfort") -> bytes:
    line = element(
        "ram:IncludedSupplyChainTradeLineItem",
        element("ram:AssociatedDocumentLineDocument", element("ram:LineID", "1"))
        + element(
            "ram:SpecifiedSupplyChainTradeAgreement",
            element(
                "ram:NetPriceProductTradePrice",
                element("ram:ChargeAmount", "25.0000") + element("ram:BasisQuantity", "1.0000", unitCode="C62"),
            ),
        )
        + element("ram:SpecifiedSupplyChainTradeDelivery", element("ram:BilledQuantity", "4.0000", unitCode="C62"))
        + element(
            "ram:SpecifiedSupplyChainTradeSettlement",
            element(
                "ram:ApplicableTradeTax",
                element("ram:CategoryCode", "S") + element("ram:ApplicablePercent", "19.00"),
            )
            + element(
                "ram:SpecifiedTradeSettlementMonetarySummation",
                element("ram:LineTotalAmount", "100.00", currencyID="EUR"),
            ),
        )
        + element("ram:SpecifiedTradeProduct", element("ram:Name", "Ware")),
    )
    vat = element(
        "ram:ApplicableTradeTax",
        element("ram:CalculatedAmount", "19.00", currencyID="EUR")
        + element("ram:TypeCode", "VAT")
        + element("ram:BasisAmount", "100.00", currencyID="EUR")
        + element("ram:ApplicablePercent", "19.00"),
    )
    amounts = {
        "LineTotalAmount": "100.00",
        "ChargeTotalAmount": "0.00",
        "AllowanceTotalAmount": "0.00",
        "TaxBasisTotalAmount": "100.00",
        "TaxTotalAmount": "19.00",
        "GrandTotalAmount": "119.00",
    }
    sums = "".join(element(f"ram:{name}", value, currencyID="EUR") for name, value in amounts.items())
    body = (
        element(
            "rsm:SpecifiedExchangedDocumentContext",
            element("ram:GuidelineSpecifiedDocumentContextParameter", element("ram:ID", profile)),
        )
        + element(
            "rsm:HeaderExchangedDocument",
            element("ram:ID", "Z1-9")
            + element("ram:Name", "RECHNUNG")
            + element("ram:TypeCode", "380")
            + cii_day("IssueDateTime", "20140711"),
        )
        + element(
            "rsm:SpecifiedSupplyChainTradeTransaction",
            element(
                "ram:ApplicableSupplyChainTradeAgreement",
                element("ram:SellerTradeParty", cii_party("Kraxi GmbH", "DE123456789"))
                + element("ram:BuyerTradeParty", cii_party("Papierflieger GmbH"))
                + element("ram:BuyerOrderReferencedDocument", element("ram:ID", "B1")),
            )
            + element("ram:ApplicableSupplyChainTradeDelivery")
            + element(
                "ram:ApplicableSupplyChainTradeSettlement",
                element("ram:PaymentReference", "Z1-9")
                + element("ram:InvoiceCurrencyCode", "EUR")
                + vat
                + element("ram:SpecifiedTradeSettlementMonetarySummation", sums),
            )
            + (lines or line),
        )
    )
    return (
        '<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0" '
        f'xmlns:ram="{CII}ReusableAggregateBusinessInformationEntity:12" xmlns:udt="{CII}UnqualifiedDataType:15">'
        f"{body}</rsm:CrossIndustryDocument>"
    ).encode()


def pdf(files: Mapping[str, bytes] | None = None, *, associated_only: bool = False, password: str = "") -> bytes:
    """A PDF of one page with files embedded through the name tree, or as associated files alone."""
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    for name, content in (files or {}).items():
        if associated_only:
            stream = StreamObject()
            stream.set_data(content)
            stream[NameObject("/Type")] = NameObject("/EmbeddedFile")
            spec = DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/Filespec"),
                    NameObject("/F"): TextStringObject(name),
                    NameObject("/UF"): TextStringObject(name),
                    NameObject("/EF"): DictionaryObject({NameObject("/F"): writer._add_object(stream.flate_encode())}),
                }
            )
            writer.root_object[NameObject("/AF")] = ArrayObject([writer._add_object(spec)])
        else:
            writer.add_attachment(name, content)
    if password:
        writer.encrypt(password)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
