"""Parties, lines, allowances and charges of UBL."""

from collections.abc import Iterator

from lxml.etree import _Element

from plugins.invoices.reading.dates import read_date_or_none
from plugins.invoices.reading.figures import Figures, decimal_text, rate_text
from plugins.invoices.reading.invoice import AllowanceCharge, Identifier, Line, Party
from plugins.invoices.reading.nodes import child, children, own_text, prose, proses, text


def optional_party(node: _Element | None) -> Party | None:
    """A party that may be absent."""
    return party(node) if node is not None else None


def party(node: _Element | None) -> Party:
    """Seller, buyer, payee, tax representative (BG-4, BG-7, BG-10, BG-11)."""
    legal_name = text(node, "PartyLegalEntity/RegistrationName")
    trade_name = text(node, "PartyName/Name")
    person = " ".join(filter(None, (text(node, "Person/FirstName"), text(node, "Person/FamilyName"))))
    address = child(node, "PostalAddress", "PartyLegalEntity/RegistrationAddress")
    country = text(address, "Country/IdentificationCode").upper()
    return Party(
        name=legal_name or trade_name or person,
        trade_name=trade_name if legal_name else "",
        tax_id=_tax_id(node),
        registrations=tuple(_registrations(node)),
        address_lines=_address_lines(address),
        city=text(address, "CityName"),
        postal_code=text(address, "PostalZone"),
        region=text(address, "CountrySubentity"),
        country=country,
        contact_name=text(node, "Contact/Name"),
        email=text(node, "Contact/ElectronicMail") or _mail_endpoint(node),
        phone=text(node, "Contact/Telephone"),
    )


def _tax_id(node: _Element | None) -> str:
    found = [(text(scheme, "TaxScheme/ID").upper(), text(scheme, "CompanyID")) for scheme in _tax_schemes(node)]
    by_vat = next((number for scheme, number in found if scheme == "VAT" and number), "")
    return by_vat or next((number for _, number in found if number), "")


def _tax_schemes(node: _Element | None) -> Iterator[_Element]:
    return children(node, "PartyTaxScheme")


def _registrations(node: _Element | None) -> Iterator[Identifier]:
    for number in children(node, "PartyIdentification/ID", "PartyLegalEntity/CompanyID"):
        if value := own_text(number):
            yield Identifier(value=value, scheme=(number.get("schemeID") or "").strip())
    for scheme in _tax_schemes(node):
        if value := text(scheme, "CompanyID"):
            yield Identifier(value=value, scheme=text(scheme, "TaxScheme/ID") or "VAT")


def _address_lines(address: _Element | None) -> tuple[str, ...]:
    street = " ".join(filter(None, (text(address, "StreetName"), text(address, "BuildingNumber"))))
    rest = (text(address, "AdditionalStreetName"), *(text(line, "Line") for line in children(address, "AddressLine")))
    box = text(address, "Postbox")
    return tuple(line for line in (street, *rest, box) if line)


def _mail_endpoint(node: _Element | None) -> str:
    endpoint = child(node, "EndpointID")
    if endpoint is not None and (endpoint.get("schemeID") or "").strip().upper() == "EM":
        return own_text(endpoint)
    return ""


def allowances(node: _Element, figures: Figures) -> tuple[AllowanceCharge, ...]:
    """Allowances and charges that are children of the document or of a line."""
    return tuple(
        AllowanceCharge(
            is_charge=text(item, "ChargeIndicator").lower() in {"true", "1"},
            amount=figures.part_or_zero(item, "Amount", field="allowance or charge"),
            percent=rate_text(text(item, "MultiplierFactorNumeric"), field="percentage"),
            base=figures.part(item, "BaseAmount", field="base of an allowance or charge"),
            reason=" ".join(proses(item, "AllowanceChargeReason")),
            reason_code=text(item, "AllowanceChargeReasonCode"),
            vat_category=text(item, "TaxCategory/ID"),
            vat_rate=rate_text(text(item, "TaxCategory/Percent"), field="VAT rate"),
        )
        for item in children(node, "AllowanceCharge")
    )


def lines(root: _Element, figures: Figures) -> tuple[Line, ...]:
    """All lines, sub-lines of the XRechnung extension behind their parent and not counted again."""
    return tuple(
        line for node in children(root, "InvoiceLine", "CreditNoteLine") for line in _line(node, figures, parent="")
    )


def _line(node: _Element, figures: Figures, *, parent: str) -> Iterator[Line]:
    quantity = child(node, "InvoicedQuantity", "CreditedQuantity")
    item = child(node, "Item")
    position = text(node, "ID")
    net_text = decimal_text(text(node, "LineExtensionAmount"), field="line amount")
    category = child(item, "ClassifiedTaxCategory")
    yield Line(
        position=position,
        name=text(item, "Name") or text(item, "Description"),
        description=prose(item, "Description") if text(item, "Name") else "",
        note="\n".join(proses(node, "Note")),
        quantity=decimal_text(own_text(quantity), field="quantity"),
        unit=(quantity.get("unitCode") or "").strip() if quantity is not None else "",
        price=decimal_text(text(node, "Price/PriceAmount"), field="unit price"),
        price_base_quantity=decimal_text(text(node, "Price/BaseQuantity"), field="price base quantity"),
        net=figures.part(node, "LineExtensionAmount", field="line amount"),
        net_text=net_text,
        vat_category=text(category, "ID"),
        vat_rate=rate_text(text(category, "Percent"), field="VAT rate"),
        allowances=allowances(node, figures),
        period_start=read_date_or_none(text(node, "InvoicePeriod/StartDate")),
        period_end=read_date_or_none(text(node, "InvoicePeriod/EndDate")),
        item_id=text(item, "SellersItemIdentification/ID", "StandardItemIdentification/ID"),
        order_line=text(node, "OrderLineReference/LineID"),
        parent=parent,
        counted=not parent,
    )
    for sub_line in children(node, "SubInvoiceLine", "SubCreditNoteLine"):
        yield from _line(sub_line, figures, parent=position or "?")
