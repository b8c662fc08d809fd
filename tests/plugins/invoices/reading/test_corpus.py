"""Real files of others, read from the folder that PORTICO_CORPUS names; without it these tests say so and skip.

The expected figures are taken from each file by plain XPath (or from the JSON beside a Facturae) with no help from the
readers: Decimals here, minor units there.
"""

import io
import json
import os
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pypdf import PdfReader

from plugins.invoices.reading import ReadingError, ReadInvoice, check_sums, read_invoice

CORPUS = os.environ.get("PORTICO_CORPUS", "")
FOLDER = Path(CORPUS) / "invoices"
NONE_HERE = "PORTICO_CORPUS is not set: no real invoices to read"

UBL = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
LINE = "/*/*[local-name()='InvoiceLine' or local-name()='CreditNoteLine']"
DUE_DAY = "//*[local-name()='SpecifiedTradePaymentTerms']/*[local-name()='DueDateDateTime']/*"


def files(*suffixes: str, beside_json: bool = True) -> list[Any]:
    found = sorted(path for path in FOLDER.rglob("*") if path.suffix.lower() in suffixes) if CORPUS else []
    if not beside_json:  # a Facturae is compared with its JSON
        found = [path for path in found if not path.with_suffix(".json").exists()]
    if not found:
        return [pytest.param(None, marks=pytest.mark.skip(reason=NONE_HERE))]
    return [pytest.param(path, id=str(path.relative_to(FOLDER))) for path in found]


def minor(text: str | None, currency: str, *, exact: bool = True) -> int | None:
    if not text or not text.strip():
        return None
    digits = {"JPY": 0, "KWD": 3}.get(currency, 2)
    value = Decimal(text.strip()).scaleb(digits)
    rounded = value.to_integral_value(ROUND_HALF_UP)
    assert value == rounded or not exact, text
    return int(rounded)


class Source:
    """One file's own words by XPath."""

    def __init__(self, root: Any, namespaces: dict[str, str]) -> None:
        self.root, self.namespaces = root, namespaces

    def all(self, path: str) -> list[str]:
        found = self.root.xpath(path, namespaces=self.namespaces)
        return [(item if isinstance(item, str) else "".join(item.itertext())).strip() for item in found]

    def one(self, path: str) -> str:
        return next(iter(self.all(path)), "")


def day(text: str) -> date:
    plain = text.strip()[:10]
    return datetime.strptime(plain, "%Y-%m-%d" if "-" in plain else "%Y%m%d").date()  # noqa: DTZ007 -- days have no zone


def squeezed(text: str) -> str:
    return " ".join(text.split())


def facts_of(invoice: ReadInvoice) -> dict[str, Any]:
    totals = invoice.totals
    return {
        "number": invoice.number,
        "type": invoice.type_code,
        "issued": invoice.issued_on,
        "due on": invoice.due_on,
        "currency": invoice.currency,
        "seller": invoice.seller.name,
        "buyer": invoice.buyer.name,
        "lines": [(line.name, line.quantity, line.unit, line.price, line.net) for line in invoice.lines],
        "vat": [(row.category, row.rate, row.base, row.amount) for row in invoice.vat],
        "allowances": [(item.is_charge, item.amount) for item in invoice.allowances],
        "totals": (totals.lines, totals.allowances, totals.charges, totals.net, totals.gross, totals.paid, totals.due),
        "vat total": totals.vat,
        "rounding": totals.rounding,
        "ibans": [payment.iban for payment in invoice.payments if payment.iban],
        "notes": [squeezed(note) for note in invoice.notes],
    }


def ubl_facts(root: Any) -> dict[str, Any]:
    source = Source(root, UBL)
    currency = source.one("/*/cbc:DocumentCurrencyCode")
    sums = "/*/cac:LegalMonetaryTotal/cbc:"
    due_days = source.all("/*/cbc:DueDate | /*/cac:PaymentMeans/cbc:PaymentDueDate")

    def party(kind: str) -> str:
        base = f"/*/cac:{kind}/cac:Party/"
        return squeezed(
            source.one(base + "cac:PartyLegalEntity/cbc:RegistrationName")
            or source.one(base + "cac:PartyName/cbc:Name")
        )

    lines = []
    for node in root.xpath(LINE):
        line = Source(node, UBL)
        quantity = "cbc:InvoicedQuantity | cbc:CreditedQuantity"
        lines.append(
            (
                squeezed(line.one("cac:Item/cbc:Name")),
                line.one(quantity),
                line.one("cbc:InvoicedQuantity/@unitCode | cbc:CreditedQuantity/@unitCode"),
                line.one("cac:Price/cbc:PriceAmount"),
                minor(line.one("cbc:LineExtensionAmount"), currency, exact=False),
            )
        )
    rows = [
        Source(node, UBL)
        for node in root.xpath(
            f"/*/cac:TaxTotal/cac:TaxSubtotal[cbc:TaxAmount/@currencyID='{currency}']", namespaces=UBL
        )
    ]
    return {
        "number": squeezed(source.one("/*/cbc:ID")),
        "type": source.one("/*/cbc:InvoiceTypeCode | /*/cbc:CreditNoteTypeCode"),
        "issued": day(source.one("/*/cbc:IssueDate")),
        "due on": day(due_days[0]) if due_days else None,
        "currency": currency,
        "seller": party("AccountingSupplierParty"),
        "buyer": party("AccountingCustomerParty"),
        "lines": lines,
        "vat": [
            (
                row.one("cac:TaxCategory/cbc:ID"),
                row.one("cac:TaxCategory/cbc:Percent"),
                minor(row.one("cbc:TaxableAmount"), currency),
                minor(row.one("cbc:TaxAmount"), currency),
            )
            for row in rows
        ],
        "allowances": [
            (
                node.findtext("cbc:ChargeIndicator", namespaces=UBL) == "true",
                minor(node.findtext("cbc:Amount", namespaces=UBL), currency),
            )
            for node in root.xpath("/*/cac:AllowanceCharge", namespaces=UBL)
        ],
        "totals": (
            minor(source.one(sums + "LineExtensionAmount"), currency),
            minor(source.one(sums + "AllowanceTotalAmount"), currency),
            minor(source.one(sums + "ChargeTotalAmount"), currency),
            minor(source.one(sums + "TaxExclusiveAmount"), currency),
            minor(source.one(sums + "TaxInclusiveAmount"), currency),
            minor(source.one(sums + "PrepaidAmount"), currency) or 0,
            minor(source.one(sums + "PayableAmount"), currency),
        ),
        "vat total": minor(source.one(f"/*/cac:TaxTotal/cbc:TaxAmount[@currencyID='{currency}']"), currency),
        "rounding": minor(source.one(sums + "PayableRoundingAmount"), currency) or 0,
        "ibans": source.all("/*/cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID"),
        "notes": [squeezed(note) for note in source.all("/*/cbc:Note") if note],
    }


def named(*names: str) -> str:
    return "*[" + " or ".join(f"local-name()='{name}'" for name in names) + "]"


def cii_facts(root: Any) -> dict[str, Any]:
    source = Source(root, {})
    header = f"/*/{named('ExchangedDocument', 'HeaderExchangedDocument')}/"
    trade = f"/*/{named('SupplyChainTradeTransaction', 'SpecifiedSupplyChainTradeTransaction')}/"
    settlement = trade + named("ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement") + "/"
    agreement = trade + named("ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement") + "/"
    sums = settlement + named(
        "SpecifiedTradeSettlementHeaderMonetarySummation", "SpecifiedTradeSettlementMonetarySummation"
    )
    currency = source.one(settlement + named("InvoiceCurrencyCode"))

    def total(name: str) -> int | None:
        return minor(source.one(f"{sums}/{named(name)}"), currency)

    def amounts(path: str, *names: str) -> list[tuple[str, ...]]:
        return [
            tuple(Source(node, {}).one(f"./{named(*name.split('|'))}") for name in names) for node in root.xpath(path)
        ]

    lines = []
    for node in root.xpath(trade + named("IncludedSupplyChainTradeLineItem")):
        line = Source(node, {})
        price = line.one(f".//{named('NetPriceProductTradePrice')}/{named('ChargeAmount')}")
        total_path = named("SpecifiedTradeSettlementLineMonetarySummation", "SpecifiedTradeSettlementMonetarySummation")
        lines.append(
            (
                squeezed(line.one(f"./{named('SpecifiedTradeProduct')}/{named('Name')}")),
                line.one(f".//{named('BilledQuantity')}"),
                line.one(f".//{named('BilledQuantity')}/@unitCode"),
                price,
                minor(line.one(f".//{total_path}/{named('LineTotalAmount')}"), currency, exact=False),
            )
        )
    rows = amounts(
        settlement + named("ApplicableTradeTax"),
        "CategoryCode",
        "RateApplicablePercent|ApplicablePercent",
        "BasisAmount",
        "CalculatedAmount",
    )
    vat = [(row[0], row[1], minor(row[2], currency), minor(row[3], currency)) for row in rows]
    in_currency = source.one(f"{sums}/{named('TaxTotalAmount')}[not(@currencyID) or @currencyID='{currency}']")
    stated_vat = minor(in_currency, currency)
    due_days = source.all(DUE_DAY)
    return {
        "number": squeezed(source.one(header + named("ID"))),
        "type": source.one(header + named("TypeCode")),
        "issued": day(source.one(header + named("IssueDateTime") + "/*")),
        "due on": max(map(day, due_days)) if due_days else None,
        "currency": currency,
        "seller": squeezed(source.one(agreement + named("SellerTradeParty") + "/" + named("Name"))),
        "buyer": squeezed(source.one(agreement + named("BuyerTradeParty") + "/" + named("Name"))),
        "lines": lines,
        "vat": vat,
        "allowances": [
            (row[0].strip() == "true", minor(row[1], currency))
            for row in amounts(settlement + named("SpecifiedTradeAllowanceCharge"), "ChargeIndicator", "ActualAmount")
        ]
        + [
            (True, minor(row[0], currency))
            for row in amounts(settlement + named("SpecifiedLogisticsServiceCharge"), "AppliedAmount")
        ],
        "totals": (
            total("LineTotalAmount"),
            total("AllowanceTotalAmount"),
            total("ChargeTotalAmount"),
            total("TaxBasisTotalAmount"),
            total("GrandTotalAmount"),
            total("TotalPrepaidAmount") or 0,
            total("DuePayableAmount"),
        ),
        "vat total": sum(row[3] or 0 for row in vat) if stated_vat is None else stated_vat,
        "rounding": total("RoundingAmount") or 0,
        "ibans": [
            iban
            for node in root.xpath(settlement + named("SpecifiedTradeSettlementPaymentMeans"))
            if (
                iban := Source(node, {}).one(
                    f"./{named('PayeePartyCreditorFinancialAccount')}/{named('IBANID', 'ProprietaryID')}"
                )
            )
        ],
        "notes": [
            squeezed(note) for note in source.all(header + named("IncludedNote") + "/" + named("Content")) if note
        ],
    }


def expected_facts(data: bytes) -> dict[str, Any]:
    root = etree.fromstring(data)
    return ubl_facts(root) if "urn:oasis" in (etree.QName(root).namespace or "") else cii_facts(root)


@pytest.mark.parametrize("path", files(".xml", beside_json=False))
def test_every_figure_of_an_xml_invoice_is_the_files_own(path: Path) -> None:
    data = path.read_bytes()
    assert facts_of(read_invoice(data, name=path.name)) == expected_facts(data)


@pytest.mark.parametrize("path", files(".pdf"))
def test_every_figure_of_a_pdf_invoice_is_its_xmls_own(path: Path) -> None:
    data = path.read_bytes()
    embedded = {
        name: content[0]
        for name, content in PdfReader(io.BytesIO(data)).attachments.items()
        if name.lower().endswith(".xml")
    }
    if not embedded:
        with pytest.raises(ReadingError) as caught:
            read_invoice(data, name=path.name)
        assert caught.value.code == "pdf-without-invoice"
        return
    [(name, xml)] = embedded.items()
    invoice = read_invoice(data, name=path.name)
    assert (invoice.embedded_xml_name, invoice.embedded_xml) == (name, xml)
    assert facts_of(invoice) == expected_facts(xml)


@pytest.mark.parametrize("path", files(".json"))
def test_every_total_of_a_facturae_is_the_jsons(path: Path) -> None:
    document = json.loads(path.read_text())["doc"]
    invoice = read_invoice(path.with_suffix(".xml").read_bytes(), name=path.name)
    totals = document["totals"]
    sign = -1 if document["type"] == "credit-note" else 1  # the JSON credits with positive figures

    def figure(name: str) -> int | None:
        value = minor(totals.get(name), "EUR")
        return None if value is None else sign * value

    taxes = {category["code"]: category for category in totals["taxes"]["categories"]}
    read = invoice.totals
    assert {
        "code": (invoice.series, invoice.number.removeprefix(invoice.series).lstrip("-")),
        "issued": invoice.issued_on,
        "currency": invoice.currency,
        "class": invoice.native_type,
        "tax ids": (invoice.seller.tax_id, invoice.buyer.tax_id),
        "buyer": invoice.buyer.name,
        "lines": [(line.name, Decimal(line.quantity) * sign) for line in invoice.lines],
        "vat": [(row.base, row.amount) for row in invoice.vat],
        "net": read.net,
        "tax": read.vat,
        "gross": read.gross,
        "withheld": read.withheld,
        "paid": read.paid,
        "due": read.due,
    } == {
        "code": (document.get("series", ""), document["code"]),
        "issued": date.fromisoformat(document["issue_date"]),
        "currency": document["currency"],
        "class": "-".join(document["tax"]["ext"][key] for key in ("es-facturae-doc-type", "es-facturae-invoice-class")),
        "tax ids": (document["supplier"]["tax_id"]["code"], document["customer"]["tax_id"]["code"]),
        "buyer": document["customer"]["name"],
        "lines": [(line["item"]["name"], Decimal(line["quantity"])) for line in document["lines"]],
        "vat": [
            (sign * (minor(rate["base"], "EUR") or 0), sign * (minor(rate["amount"], "EUR") or 0))
            for rate in taxes["VAT"]["rates"]
        ],
        "net": figure("total"),
        "tax": figure("tax"),
        "gross": figure("total_with_tax"),
        "withheld": figure("retained_tax") or 0,
        "paid": figure("advance") or 0,
        "due": figure("due") if "due" in totals else figure("payable"),
    }


@pytest.mark.parametrize("path", files(".xml", ".pdf"))
def test_no_sum_of_a_valid_invoice_is_called_wrong(path: Path) -> None:
    try:
        invoice = read_invoice(path.read_bytes(), name=path.name)
    except ReadingError as error:
        assert error.code == "pdf-without-invoice"  # noqa: PT017 -- the one lawful refusal in the folder
        return
    assert check_sums(invoice) == []


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.name) for path in sorted((Path(CORPUS) / "signed-pdf").glob("*.pdf")) if CORPUS]
    or [pytest.param(None, marks=pytest.mark.skip(reason=NONE_HERE))],
)
def test_odd_pdfs_without_an_invoice_are_refused_as_such(path: Path) -> None:
    with pytest.raises(ReadingError) as caught:
        read_invoice(path.read_bytes(), name=path.name)
    assert caught.value.code in {"pdf-without-invoice", "broken-pdf"}
