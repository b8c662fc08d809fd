"""Parties, lines, dates, allowances and charges of CII."""

from collections.abc import Iterator
from datetime import date

from lxml.etree import _Element

from plugins.invoices.reading.dates import read_date_or_none
from plugins.invoices.reading.figures import Figures, decimal_text, rate_text
from plugins.invoices.reading.invoice import AllowanceCharge, Identifier, Line, Party
from plugins.invoices.reading.nodes import child, children, own_text, prose, proses, text

_NOT_SUMMED = frozenset({"GROUP", "INFORMATION"})


def first_date(node: _Element | None, *paths: str) -> date | None:
    """The day inside a DateTimeString, DateString or DateTime, whichever the version has."""
    found = child(node, *paths)
    if found is None:
        return None
    return next((day for item in found.iter() if (day := read_date_or_none(own_text(item)))), None)


def optional_party(node: _Element | None) -> Party | None:
    """A party that may be absent."""
    return party(node) if node is not None else None


def party(node: _Element | None) -> Party:
    """Seller, buyer, payee, tax representative (BG-4, BG-7, BG-10, BG-11)."""
    registrations = tuple(_registrations(node))
    by_scheme = {item.scheme: item.value for item in reversed(registrations)}
    address = child(node, "PostalTradeAddress")
    contact = child(node, "DefinedTradeContact")
    return Party(
        name=text(node, "Name") or text(node, "SpecifiedLegalOrganization/TradingBusinessName"),
        trade_name=text(node, "SpecifiedLegalOrganization/TradingBusinessName"),
        tax_id=by_scheme.get("VA") or by_scheme.get("FC") or text(node, "SpecifiedTaxRegistration/ID"),
        registrations=registrations,
        address_lines=tuple(
            line for path in ("LineOne", "StreetName", "LineTwo", "LineThree") if (line := text(address, path))
        ),
        city=text(address, "CityName"),
        postal_code=text(address, "PostcodeCode"),
        region=text(address, "CountrySubDivisionName"),
        country=text(address, "CountryID").upper(),
        contact_name=text(contact, "PersonName", "DepartmentName"),
        email=text(contact, "EmailURIUniversalCommunication/URIID", "EmailURIUniversalCommunication/CompleteNumber")
        or _mail_endpoint(node),
        phone=text(contact, "TelephoneUniversalCommunication/CompleteNumber"),
    )


def _registrations(node: _Element | None) -> Iterator[Identifier]:
    paths = ("ID", "GlobalID", "SpecifiedLegalOrganization/ID", "SpecifiedTaxRegistration/ID")
    for number in children(node, *paths):
        if value := own_text(number):
            yield Identifier(value=value, scheme=(number.get("schemeID") or "").strip())


def _mail_endpoint(node: _Element | None) -> str:
    endpoint = child(node, "URIUniversalCommunication/URIID")
    if endpoint is not None and (endpoint.get("schemeID") or "").strip().upper() == "EM":
        return own_text(endpoint)
    return ""


def allowances(node: _Element | None, figures: Figures) -> tuple[AllowanceCharge, ...]:
    """Allowances and charges of the document or of a line; logistics charges (BG-X-42) are charges."""
    stated = tuple(
        AllowanceCharge(
            is_charge=text(item, "ChargeIndicator/Indicator", "ChargeIndicator").lower() in {"true", "1"},
            amount=figures.part_or_zero(item, "ActualAmount", field="allowance or charge"),
            percent=rate_text(text(item, "CalculationPercent"), field="percentage"),
            base=figures.part(item, "BasisAmount", field="base of an allowance or charge"),
            reason=" ".join(proses(item, "Reason")),
            reason_code=text(item, "ReasonCode"),
            vat_category=text(item, "CategoryTradeTax/CategoryCode"),
            vat_rate=rate_text(
                text(item, "CategoryTradeTax/RateApplicablePercent", "CategoryTradeTax/ApplicablePercent"),
                field="VAT rate",
            ),
        )
        for item in children(node, "SpecifiedTradeAllowanceCharge")
    )
    logistics = tuple(
        AllowanceCharge(
            is_charge=True,
            amount=figures.part_or_zero(item, "AppliedAmount", field="logistics charge"),
            reason=" ".join(proses(item, "Description")),
            vat_category=text(item, "AppliedTradeTax/CategoryCode"),
            vat_rate=rate_text(
                text(item, "AppliedTradeTax/RateApplicablePercent", "AppliedTradeTax/ApplicablePercent"),
                field="VAT rate",
            ),
        )
        for item in children(node, "SpecifiedLogisticsServiceCharge")
    )
    return stated + logistics


def lines(trade: _Element | None, figures: Figures) -> tuple[Line, ...]:
    """All lines; groups and information lines of the EXTENDED profile are kept, not counted."""
    return tuple(_line(node, figures) for node in children(trade, "IncludedSupplyChainTradeLineItem"))


def _line(node: _Element, figures: Figures) -> Line:
    document = child(node, "AssociatedDocumentLineDocument")
    product = child(node, "SpecifiedTradeProduct")
    agreement = child(node, "SpecifiedLineTradeAgreement", "SpecifiedSupplyChainTradeAgreement")
    delivery = child(node, "SpecifiedLineTradeDelivery", "SpecifiedSupplyChainTradeDelivery")
    settlement = child(node, "SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement")
    sums = child(
        settlement, "SpecifiedTradeSettlementLineMonetarySummation", "SpecifiedTradeSettlementMonetarySummation"
    )
    quantity = child(delivery, "BilledQuantity")
    price = child(agreement, "NetPriceProductTradePrice", "GrossPriceProductTradePrice")
    tax = child(settlement, "ApplicableTradeTax")
    note = "\n".join(proses(document, "IncludedNote/Content"))
    period = child(settlement, "BillingSpecifiedPeriod")
    return Line(
        position=text(document, "LineID"),
        name=text(product, "Name") or text(product, "Description"),
        description=prose(product, "Description") if text(product, "Name") else "",
        note=note,
        quantity=decimal_text(own_text(quantity), field="quantity"),
        unit=(quantity.get("unitCode") or "").strip() if quantity is not None else "",
        price=decimal_text(text(price, "ChargeAmount"), field="unit price"),
        price_base_quantity=decimal_text(text(price, "BasisQuantity"), field="price base quantity"),
        net=figures.part(sums, "LineTotalAmount", field="line amount"),
        net_text=text(sums, "LineTotalAmount"),
        vat_category=text(tax, "CategoryCode"),
        vat_rate=rate_text(text(tax, "RateApplicablePercent", "ApplicablePercent"), field="VAT rate"),
        allowances=allowances(settlement, figures),
        period_start=first_date(period, "StartDateTime"),
        period_end=first_date(period, "EndDateTime"),
        item_id=text(product, "SellerAssignedID", "GlobalID"),
        order_line=text(agreement, "BuyerOrderReferencedDocument/LineID"),
        parent=text(document, "ParentLineID"),
        counted=text(document, "LineStatusReasonCode").upper() not in _NOT_SUMMED,
    )
