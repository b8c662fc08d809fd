"""Parties, lines, taxes and payment of Facturae."""

from babel.core import get_global
from lxml.etree import _Element

from plugins.invoices.reading.dates import read_date, read_date_or_none
from plugins.invoices.reading.figures import Figures, decimal_text, rate_text
from plugins.invoices.reading.invoice import (
    AllowanceCharge,
    Identifier,
    Installment,
    Line,
    Party,
    Payment,
    VatRow,
    Withholding,
)
from plugins.invoices.reading.nodes import child, children, prose, proses, text

TAXES: dict[str, str] = {
    "01": "VAT", "02": "IPSI", "03": "IGIC", "04": "IRPF", "05": "Other", "06": "ITPAJD", "07": "IE", "08": "RA",
    "09": "IGTECM", "10": "IECDPCAC", "11": "IIIMAB", "12": "ICIO", "13": "IMVDN", "14": "IMSN", "15": "IMGSN",
    "16": "IMPN", "17": "REIVA", "18": "REIGIC", "19": "REIPSI", "20": "IPS", "21": "RLEA", "22": "IVPEE",
    "23": "IPCNG", "24": "IACNG", "25": "IDEC", "26": "ILTCAC", "27": "IGFEI", "28": "IRNR", "29": "Corporate tax",
}  # fmt: skip
"""Facturae's TaxTypeCode as the name under which the tax is known."""

_CATEGORIES = {"02": "M", "03": "L"}
_EVENT_CATEGORIES = {"01": "E", "02": "O"}

_UNITS: dict[str, str] = {
    "01": "C62", "02": "HUR", "03": "KGM", "04": "LTR", "05": "ZZ", "06": "XBX", "07": "XDR", "08": "XCR", "09": "XCS",
    "10": "XBO", "11": "XCX", "12": "XCT", "13": "CLT", "14": "CMT", "15": "XBI", "16": "DZN", "17": "XCS", "18": "XDJ",
    "19": "GRM", "20": "KMT", "21": "XCA", "22": "MTR", "23": "MMT", "24": "XPK", "25": "XPA", "26": "XRO", "27": "XTU",
    "28": "XPK", "29": "XPU", "30": "XCU", "31": "XBG", "32": "XJC", "33": "MTQ", "34": "SEC", "35": "WTT", "36": "KWH",
}  # fmt: skip

_MEANS: dict[str, tuple[str, str]] = {
    "01": ("10", "Al contado"),
    "02": ("49", "Recibo domiciliado"),
    "03": ("ZZZ", "Recibo"),
    "04": ("30", "Transferencia"),
    "05": ("70", "Letra aceptada"),
    "06": ("ZZZ", "Crédito documentario"),
    "07": ("ZZZ", "Contrato de adjudicación"),
    "08": ("70", "Letra de cambio"),
    "09": ("60", "Pagaré a la orden"),
    "10": ("60", "Pagaré no a la orden"),
    "11": ("20", "Cheque"),
    "12": ("ZZZ", "Reposición"),
    "13": ("ZZZ", "Especiales"),
    "14": ("97", "Compensación"),
    "15": ("50", "Giro postal"),
    "16": ("25", "Cheque conformado"),
    "17": ("23", "Cheque bancario"),
    "18": ("ZZZ", "Pago contra reembolso"),
    "19": ("48", "Pago mediante tarjeta"),
}


_WITHOUT_CODE = frozenset({"ZZZ", ""})
"""UNTDID 4461 has no code of its own for some ways of Spain: these keep their name."""


def optional_party(node: _Element | None) -> Party | None:
    """A party that may be absent."""
    return party(node) if node is not None else None


def party(node: _Element | None) -> Party:
    """Seller, buyer or factor: a legal entity or an individual, in Spain or overseas."""
    entity = child(node, "LegalEntity", "Individual")
    tax_id = text(node, "TaxIdentification/TaxIdentificationNumber")
    person = " ".join(filter(None, (text(entity, path) for path in ("Name", "FirstSurname", "SecondSurname"))))
    home = child(entity, "AddressInSpain")
    abroad = child(entity, "OverseasAddress")
    address = home if home is not None else abroad
    postal_code, _, town = text(abroad, "PostCodeAndTown").partition(" ")
    if not any(sign.isdigit() for sign in postal_code):
        postal_code, town = "", text(abroad, "PostCodeAndTown")
    contact = child(entity, "ContactDetails")
    centres = tuple(
        Identifier(value=code, scheme=f"DIR3-{text(centre, 'RoleTypeCode')}")
        for centre in children(node, "AdministrativeCentres/AdministrativeCentre")
        if (code := text(centre, "CentreCode"))
    )
    return Party(
        name=text(entity, "CorporateName") or person,
        trade_name=text(entity, "TradeName"),
        tax_id=tax_id,
        registrations=centres,
        address_lines=tuple(filter(None, (text(address, "Address"),))),
        city=text(home, "Town") or town,
        postal_code=text(home, "PostCode") or postal_code,
        region=text(address, "Province"),
        country=_alpha2(text(address, "CountryCode")),
        contact_name=text(contact, "ContactPersons"),
        email=text(contact, "ElectronicMail"),
        phone=text(contact, "Telephone"),
    )


def _alpha2(alpha3: str) -> str:
    code = alpha3.upper()
    return next(iter(get_global("territory_aliases").get(code, ())), code)


def _amount(figures: Figures, node: _Element | None, path: str, *, field: str) -> int:
    return figures.part_or_zero(node, f"{path}/TotalAmount", field=field)


def vat_rows(node: _Element, figures: Figures) -> tuple[VatRow, ...]:
    """The taxes charged (TaxesOutputs) with the equivalence surcharge of retailers beside their VAT."""
    event = child(node, "TaxesOutputs")
    rows = []
    for tax in children(event, "Tax"):
        rate = rate_text(text(tax, "TaxRate"), field="tax rate")
        code = text(tax, "TaxTypeCode")
        rows.append(
            VatRow(
                category=_category(code, rate, text(tax, "SpecialTaxableEvent/SpecialTaxableEventCode")),
                rate=rate,
                base=figures.part(tax, "TaxableBase/TotalAmount", field="tax base"),
                amount=_amount(figures, tax, "TaxAmount", field="tax amount"),
                reason=prose(tax, "SpecialTaxableEvent/SpecialTaxableEventReason"),
                tax=TAXES.get(code, code),
                surcharge_rate=rate_text(text(tax, "EquivalenceSurcharge"), field="tax rate"),
                surcharge=_amount(figures, tax, "EquivalenceSurchargeAmount", field="equivalence surcharge"),
            )
        )
    return tuple(rows)


def _category(code: str, rate: str, event: str) -> str:
    if event in _EVENT_CATEGORIES:
        return _EVENT_CATEGORIES[event]
    if code in _CATEGORIES:
        return _CATEGORIES[code]
    return "S" if rate.strip("0.+-") else "Z"


def withholdings(node: _Element, figures: Figures) -> tuple[Withholding, ...]:
    """Taxes kept back by the buyer, IRPF above all."""
    return tuple(
        Withholding(
            tax=TAXES.get(code := text(tax, "TaxTypeCode"), code),
            rate=rate_text(text(tax, "TaxRate"), field="tax rate"),
            base=figures.part(tax, "TaxableBase/TotalAmount", field="tax base"),
            amount=_amount(figures, tax, "TaxAmount", field="withheld tax"),
        )
        for tax in children(node, "TaxesWithheld/Tax")
    )


def allowances(node: _Element | None, figures: Figures, *, general: bool) -> tuple[AllowanceCharge, ...]:
    """Discounts and charges of a line, or those of the whole invoice."""
    off, on = ("GeneralDiscounts", "GeneralSurcharges") if general else ("DiscountsAndRebates", "Charges")
    return tuple(
        AllowanceCharge(
            is_charge=is_charge,
            amount=figures.part_or_zero(item, f"{kind}Amount", field="allowance or charge"),
            percent=rate_text(text(item, f"{kind}Rate"), field="percentage"),
            reason=prose(item, f"{kind}Reason"),
        )
        for path, kind, is_charge in ((f"{off}/Discount", "Discount", False), (f"{on}/Charge", "Charge", True))
        for item in children(node, path)
    )


def lines(node: _Element, figures: Figures) -> tuple[Line, ...]:
    """All lines; several taxes on one line show by the first, the breakdown has them all."""
    return tuple(_line(item, figures, index) for index, item in enumerate(children(node, "Items/InvoiceLine"), start=1))


def _line(node: _Element, figures: Figures, index: int) -> Line:
    tax = child(node, "TaxesOutputs/Tax")
    rate = rate_text(text(tax, "TaxRate"), field="tax rate")
    event = text(node, "SpecialTaxableEvent/SpecialTaxableEventCode")
    unit = text(node, "UnitOfMeasure")
    period = child(node, "LineItemPeriod")
    return Line(
        position=text(node, "SequenceNumber") or str(index),
        name=prose(node, "ItemDescription"),
        note="\n".join(proses(node, "AdditionalLineItemInformation")),
        quantity=decimal_text(text(node, "Quantity"), field="quantity"),
        unit=_UNITS.get(unit, unit),
        price=decimal_text(text(node, "UnitPriceWithoutTax"), field="unit price"),
        net=figures.part(node, "GrossAmount", field="line amount"),
        net_text=text(node, "GrossAmount"),
        vat_category=_category(text(tax, "TaxTypeCode"), rate, event) if tax is not None else "",
        vat_rate=rate,
        allowances=allowances(node, figures, general=False),
        period_start=read_date_or_none(text(period, "StartDate") or text(node, "TransactionDate")),
        period_end=read_date_or_none(text(period, "EndDate") or text(node, "TransactionDate")),
        item_id=text(node, "ArticleCode"),
        order_line=text(node, "SequenceNumber") if text(node, "ReceiverTransactionReference") else "",
    )


def installments(node: _Element, figures: Figures) -> tuple[Installment, ...]:
    """The days on which something falls due."""
    return tuple(
        Installment(
            due_on=read_date(stated, field="due date") if (stated := text(item, "InstallmentDueDate")) else None,
            amount=figures.part(item, "InstallmentAmount", field="part payment"),
        )
        for item in children(node, "PaymentDetails/Installment")
    )


def payments(node: _Element) -> tuple[Payment, ...]:
    """The ways to pay, one for all instalments that are paid the same way."""
    found = []
    for item in children(node, "PaymentDetails/Installment"):
        code, label = _MEANS.get(text(item, "PaymentMeans"), ("", ""))
        account = child(item, "AccountToBeCredited")
        found.append(
            Payment(
                means_code=code,
                means_text=label if code in _WITHOUT_CODE else "",
                iban=text(account, "IBAN", "AccountNumber"),
                bic=text(account, "BIC"),
                remittance=text(item, "PaymentReconciliationReference"),
                mandate=text(item, "DebitReconciliationReference"),
                debited_iban=text(item, "AccountToBeDebited/IBAN", "AccountToBeDebited/AccountNumber"),
            )
        )
    return tuple(dict.fromkeys(found))
