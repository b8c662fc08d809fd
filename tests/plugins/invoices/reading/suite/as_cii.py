"""A paper in CII D16B of each profile, and in the CrossIndustryDocument of ZUGFeRD 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.plugins.invoices.reading.suite.xml import Dress, Node, dresses

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tests.plugins.invoices.reading.suite.paper import Entry, Extra, Paper, Rate, Who

DRESSES = dresses("rsm", "ram", "udt", "qdt")
PROFILES = {
    "minimum": "urn:factur-x.eu:1p0:minimum",
    "basicwl": "urn:factur-x.eu:1p0:basicwl",
    "basic": "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic",
    "en16931": "urn:cen.eu:en16931:2017",
    "extended": "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
    "xrechnung": "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
}
WITHOUT_LINES = ("minimum", "basicwl")
_UN = "urn:un:unece:uncefact:data:standard:"
_SPACES = {
    "rsm": f"{_UN}CrossIndustryInvoice:100",
    "ram": f"{_UN}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_UN}UnqualifiedDataType:100",
    "qdt": f"{_UN}QualifiedDataType:100",
}
_FERD = {
    "rsm": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "ram": f"{_UN}ReusableAggregateBusinessInformationEntity:12",
    "udt": f"{_UN}UnqualifiedDataType:15",
    "qdt": f"{_UN}QualifiedDataType:12",
}
_FORMER = {
    "CrossIndustryInvoice": "CrossIndustryDocument",
    "ExchangedDocumentContext": "SpecifiedExchangedDocumentContext",
    "ExchangedDocument": "HeaderExchangedDocument",
    "SupplyChainTradeTransaction": "SpecifiedSupplyChainTradeTransaction",
    "ApplicableHeaderTradeAgreement": "ApplicableSupplyChainTradeAgreement",
    "ApplicableHeaderTradeDelivery": "ApplicableSupplyChainTradeDelivery",
    "ApplicableHeaderTradeSettlement": "ApplicableSupplyChainTradeSettlement",
    "SpecifiedTradeSettlementHeaderMonetarySummation": "SpecifiedTradeSettlementMonetarySummation",
    "SpecifiedLineTradeAgreement": "SpecifiedSupplyChainTradeAgreement",
    "SpecifiedLineTradeDelivery": "SpecifiedSupplyChainTradeDelivery",
    "SpecifiedLineTradeSettlement": "SpecifiedSupplyChainTradeSettlement",
    "SpecifiedTradeSettlementLineMonetarySummation": "SpecifiedTradeSettlementMonetarySummation",
    "RateApplicablePercent": "ApplicablePercent",
    "IssuerAssignedID": "ID",
}


def ram(name: str, *inside: Node | str | None, **attributes: str) -> Node | None:
    kept = tuple(part for part in inside if part not in {None, ""})
    return Node("ram", name, kept, tuple(attributes.items())) if kept else None  # type: ignore[arg-type]  # filtered


def cii(paper: Paper, dress: Dress = DRESSES["usual"], *, profile: str = "en16931", turned: bool = False) -> bytes:
    """The document in a profile; `turned` writes the parts of the transaction the other way round."""
    return dress.bytes_of(_root(paper, profile, PROFILES[profile], turned=turned), _SPACES)


def zugferd1(paper: Paper, dress: Dress = DRESSES["usual"], *, profile: str = "comfort") -> bytes:
    """The document of 2014: older names, lines behind the settlement, currencies everywhere."""
    root = _former(_root(paper, profile, f"urn:ferd:CrossIndustryDocument:invoice:1p0:{profile}", turned=True), paper)
    return dress.bytes_of(root, _FERD)


def _former(node: Node, paper: Paper) -> Node:
    inside = tuple(_former(part, paper) if isinstance(part, Node) else part for part in node.inside)
    money = (("currencyID", paper.currency),) if node.name.endswith("Amount") and not node.attributes else ()
    return Node(node.space, _FORMER.get(node.name, node.name), inside, node.attributes + money)


def _root(paper: Paper, profile: str, identifier: str, *, turned: bool) -> Node:
    agreement = ram(
        "ApplicableHeaderTradeAgreement",
        ram("BuyerReference", paper.reference),
        _party("SellerTradeParty", paper.seller),
        _party("BuyerTradeParty", paper.buyer),
        ram("BuyerOrderReferencedDocument", ram("IssuerAssignedID", paper.order)),
    )
    delivery = Node("ram", "ApplicableHeaderTradeDelivery", ())
    settlement = ram("ApplicableHeaderTradeSettlement", *_settlement(paper, profile))
    lines = [] if profile in WITHOUT_LINES else list(_lines(paper, profile))
    parts = [*lines, agreement, delivery, settlement]
    transaction = tuple(part for part in (reversed(parts) if turned else parts) if part is not None)
    header = (
        ram("ID", paper.number),
        ram("TypeCode", paper.type_code),
        _day("IssueDateTime", paper.issued),
        *(ram("IncludedNote", ram("Content", note)) for note in paper.notes if profile != "minimum"),
    )
    return Node(
        "rsm",
        "CrossIndustryInvoice",
        (
            Node(
                "rsm",
                "ExchangedDocumentContext",
                (ram("GuidelineSpecifiedDocumentContextParameter", ram("ID", identifier)),),  # type: ignore[arg-type]  # never empty
            ),
            Node("rsm", "ExchangedDocument", tuple(part for part in header if part is not None)),
            Node("rsm", "SupplyChainTradeTransaction", transaction),
        ),
    )


def _day(name: str, day: date, *, space: str = "udt") -> Node | None:
    return ram(name, Node(space, "DateTimeString", (f"{day:%Y%m%d}",), (("format", "102"),)))


def _party(name: str, who: Who) -> Node | None:
    return ram(
        name,
        ram("GlobalID", who.siret, schemeID="0009"),
        ram("Name", who.name),
        ram("PostalTradeAddress", ram("CityName", "Madrid"), ram("CountryID", who.country)),
        ram("SpecifiedTaxRegistration", ram("ID", "30/123/45678", schemeID="FC")),
        ram("SpecifiedTaxRegistration", ram("ID", who.tax_id, schemeID="VA")) if who.tax_id else None,
    )


def _settlement(paper: Paper, profile: str) -> Iterator[Node | None]:
    yield ram("PaymentReference", paper.number)
    yield ram("TaxCurrencyCode", paper.tax_currency)
    yield ram("InvoiceCurrencyCode", paper.currency)
    if profile != "minimum":
        for iban in paper.ibans:
            account = ram("PayeePartyCreditorFinancialAccount", ram("IBANID", iban))
            yield ram("SpecifiedTradeSettlementPaymentMeans", ram("TypeCode", "58"), account)
        for row in paper.rates:
            yield _tax(row, paper)
        for extra in paper.extras if profile != "basic of 2014" else ():
            yield _extra(extra)
        if paper.due:
            yield ram("SpecifiedTradePaymentTerms", _day("DueDateDateTime", paper.due))
    yield ram("SpecifiedTradeSettlementHeaderMonetarySummation", *_totals(paper, profile))
    for number in paper.preceding:
        yield ram("InvoiceReferencedDocument", ram("IssuerAssignedID", number))


def _totals(paper: Paper, profile: str) -> Iterator[Node | None]:
    small = profile == "minimum"
    if not small:
        yield ram("LineTotalAmount", f"{paper.lines:f}")
        if any(extra.charge for extra in paper.extras):
            yield ram("ChargeTotalAmount", f"{paper.charges:f}")
        if any(not extra.charge for extra in paper.extras):
            yield ram("AllowanceTotalAmount", f"{paper.allowances:f}")
    yield ram("TaxBasisTotalAmount", f"{paper.net:f}")
    yield ram("TaxTotalAmount", f"{paper.vat:f}", currencyID=paper.currency)
    if paper.tax_currency:
        yield ram("TaxTotalAmount", f"{paper.vat_elsewhere:f}", currencyID=paper.tax_currency)
    if paper.rounding != "0" and not small:
        yield ram("RoundingAmount", paper.rounding)
    yield ram("GrandTotalAmount", f"{paper.gross:f}")
    if paper.paid != "0" and not small:
        yield ram("TotalPrepaidAmount", paper.paid)
    yield ram("DuePayableAmount", f"{paper.asked:f}")


def _tax(row: Rate, paper: Paper) -> Node | None:
    return ram(
        "ApplicableTradeTax",
        ram("CalculatedAmount", f"{row.tax:f}"),
        ram("TypeCode", "VAT"),
        ram("ExemptionReason", paper.reasons.get(row.category, "")),
        ram("BasisAmount", f"{row.base:f}"),
        ram("CategoryCode", row.category),
        ram("RateApplicablePercent", row.rate),
    )


def _extra(extra: Extra, *, of_line: bool = False) -> Node | None:
    tax = ram(
        "CategoryTradeTax",
        ram("TypeCode", "VAT"),
        ram("CategoryCode", extra.category),
        ram("RateApplicablePercent", extra.rate),
    )
    return ram(
        "SpecifiedTradeAllowanceCharge",
        ram("ChargeIndicator", Node("udt", "Indicator", (str(extra.charge).lower(),))),
        ram("CalculationPercent", extra.percent),
        ram("BasisAmount", extra.base),
        ram("ActualAmount", extra.value),
        ram("Reason", extra.reason),
        None if of_line else tax,
    )


def _lines(paper: Paper, profile: str) -> Iterator[Node | None]:
    for position, entry in enumerate(paper.entries, start=1):
        yield _line(entry, paper, profile, str(position), "", "GROUP" if entry.subs else "")
        for n, sub in enumerate(entry.subs, start=1):
            yield _line(sub, paper, profile, f"{position}.{n}", str(position), "DETAIL")


def _line(  # noqa: PLR0917 -- what stands on a line, in its order
    entry: Entry, paper: Paper, profile: str, position: str, parent: str, status: str
) -> Node | None:
    net = f"{entry.net(paper.currency):f}"
    return ram(
        "IncludedSupplyChainTradeLineItem",
        ram(
            "AssociatedDocumentLineDocument",
            ram("LineID", position),
            ram("ParentLineID", parent),
            ram("LineStatusReasonCode", status),
        ),
        ram("SpecifiedTradeProduct", ram("Name", entry.name)),
        ram(
            "SpecifiedLineTradeAgreement",
            ram(
                "NetPriceProductTradePrice",
                ram("ChargeAmount", entry.price),
                ram("BasisQuantity", entry.base, unitCode=entry.unit) if entry.base else None,
            ),
        ),
        ram("SpecifiedLineTradeDelivery", ram("BilledQuantity", entry.quantity, unitCode=entry.unit)),
        ram(
            "SpecifiedLineTradeSettlement",
            ram(
                "ApplicableTradeTax",
                ram("TypeCode", "VAT"),
                ram("CategoryCode", entry.category),
                ram("RateApplicablePercent", entry.rate),
            ),
            *(_extra(extra, of_line=True) for extra in entry.extras),
            ram("SpecifiedTradeSettlementLineMonetarySummation", ram("LineTotalAmount", net))
            if profile != "basic of 2014"
            else None,
        ),
    )
