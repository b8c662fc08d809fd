"""Small Facturae of our own, as `builders` has the other kinds."""

from collections.abc import Mapping

from tests.plugins.invoices.reading.builders import element


def facturae_tax(rate: str, base: str, amount: str, *, code: str = "01", more: str = "") -> str:
    return element(
        "Tax",
        element("TaxTypeCode", code)
        + element("TaxRate", rate)
        + element("TaxableBase", element("TotalAmount", base))
        + element("TaxAmount", element("TotalAmount", amount))
        + more,
    )


def facturae_invoice(
    *,
    number: str = "7",
    series: str = "",
    invoice_class: str = "OO",
    corrective: str = "",
    outputs: str = "",
    withheld: str = "",
    totals: Mapping[str, str] | None = None,
    inside_totals: str = "",
    lines: str = "",
    payment: str = "",
    more: str = "",
) -> str:
    sums = {
        "TotalGrossAmount": "100.00",
        "TotalGrossAmountBeforeTaxes": "100.00",
        "TotalTaxOutputs": "21.00",
        "TotalTaxesWithheld": "0.00",
        "InvoiceTotal": "121.00",
        "TotalOutstandingAmount": "121.00",
        "TotalExecutableAmount": "121.00",
    } | dict(totals or {})
    line = element(
        "InvoiceLine",
        element("ItemDescription", "Horas")
        + element("Quantity", "4.0")
        + element("UnitOfMeasure", "02")
        + element("UnitPriceWithoutTax", "25.000000")
        + element("TotalCost", "100.00")
        + element("GrossAmount", "100.00")
        + element("TaxesOutputs", facturae_tax("21.00", "100.00", "21.00")),
    )
    return element(
        "Invoice",
        element(
            "InvoiceHeader",
            element("InvoiceNumber", number)
            + (element("InvoiceSeriesCode", series) if series else "")
            + element("InvoiceDocumentType", "FC")
            + element("InvoiceClass", invoice_class)
            + corrective,
        )
        + element(
            "InvoiceIssueData",
            element("IssueDate", "2026-03-31")
            + element("InvoiceCurrencyCode", "EUR")
            + element("TaxCurrencyCode", "EUR"),
        )
        + element("TaxesOutputs", outputs or facturae_tax("21.00", "100.00", "21.00"))
        + (element("TaxesWithheld", withheld) if withheld else "")
        + element("InvoiceTotals", "".join(element(name, value) for name, value in sums.items()) + inside_totals)
        + element("Items", lines or line)
        + payment
        + more,
    )


FACTURAE_NAMESPACES = {
    "3.2": "http://www.facturae.es/Facturae/2009/v3.2/Facturae",
    "3.2.1": "http://www.facturae.es/Facturae/2014/v3.2.1/Facturae",
    "3.2.2": "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml",
}


def facturae(*invoices: str, version: str = "3.2.2", buyer: str = "", issuer: str = "EM") -> bytes:
    seller = element(
        "SellerParty",
        element("TaxIdentification", element("TaxIdentificationNumber", "B12345678"))
        + element("LegalEntity", element("CorporateName", "Obrador SL")),
    )
    other = element(
        "BuyerParty",
        element("TaxIdentification", element("TaxIdentificationNumber", "A11111111"))
        + element("LegalEntity", element("CorporateName", "Cliente SA")),
    )
    header = element("FileHeader", element("SchemaVersion", version) + element("InvoiceIssuerType", issuer))
    body = (
        header
        + element("Parties", seller + (buyer or other))
        + element("Invoices", "".join(invoices or (facturae_invoice(),)))
    )
    namespace = FACTURAE_NAMESPACES.get(version, FACTURAE_NAMESPACES["3.2.2"])
    signature = element("ds:Signature", xmlns_ds="").replace(
        ' xmlns_ds=""', ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    )
    return f'<fe:Facturae xmlns:fe="{namespace}">{body}{signature}</fe:Facturae>'.encode()
