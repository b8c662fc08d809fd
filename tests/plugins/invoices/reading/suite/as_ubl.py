"""A paper in UBL 2.1, as invoice or credit note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.plugins.invoices.reading.suite.xml import Dress, Node, dresses

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from tests.plugins.invoices.reading.suite.paper import Entry, Extra, Paper, Rate, Who

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
DRESSES = dresses("doc", "cac", "cbc")
EXTENSION = (
    "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
    "#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
)


def cac(name: str, *inside: Node | None) -> Node:
    return Node("cac", name, tuple(node for node in inside if node is not None))


def cbc(name: str, text: object, **attributes: str) -> Node | None:
    return Node("cbc", name, (str(text),), tuple(attributes.items())) if text not in {"", None} else None


def ubl(paper: Paper, dress: Dress = DRESSES["usual"], *, mended: tuple[tuple[str, str], ...] = ()) -> bytes:
    """The document; `mended` replaces text in what was written, for writers with ways of their own."""
    kind = "CreditNote" if paper.credit else "Invoice"
    spaces = {
        "doc": f"{_UBL}{kind}-2",
        "cac": f"{_UBL}CommonAggregateComponents-2",
        "cbc": f"{_UBL}CommonBasicComponents-2",
    }
    root = Node("doc", kind, tuple(node for node in _body(paper, kind) if node is not None))
    for old, new in mended:
        root = _renamed(root, old, new)
    return dress.bytes_of(root, spaces)


def _renamed(node: Node, old: str, new: str) -> Node:
    """The tree with one element called otherwise, or without it where the new name is empty."""
    inside = tuple(
        _renamed(part, old, new) if isinstance(part, Node) else part
        for part in node.inside
        if not (isinstance(part, Node) and part.name == old and not new)
    )
    return Node(node.space, new if node.name == old else node.name, inside, node.attributes)


def _body(paper: Paper, kind: str) -> Iterator[Node | None]:
    credit = kind == "CreditNote"
    yield cbc("CustomizationID", paper.profile)
    yield cbc("ProfileID", "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
    yield cbc("ID", paper.number)
    yield cbc("IssueDate", paper.issued.isoformat())
    if paper.due and not credit:
        yield cbc("DueDate", paper.due.isoformat())
    yield cbc(f"{kind}TypeCode", paper.type_code)
    for note in paper.notes:
        yield cbc("Note", note)
    yield cbc("DocumentCurrencyCode", paper.currency)
    yield cbc("TaxCurrencyCode", paper.tax_currency)
    yield cbc("BuyerReference", paper.reference)
    if paper.order:
        yield cac("OrderReference", cbc("ID", paper.order))
    for number in paper.preceding:
        yield cac(
            "BillingReference", cac("InvoiceDocumentReference", cbc("ID", number), cbc("IssueDate", "2026-01-02"))
        )
    yield cac("AccountingSupplierParty", _party(paper.seller))
    yield cac("AccountingCustomerParty", _party(paper.buyer))
    for iban in paper.ibans or ("",):
        day = paper.due.isoformat() if paper.due and credit else ""
        account = cac("PayeeFinancialAccount", cbc("ID", iban)) if iban else None
        if account or day:
            yield cac("PaymentMeans", cbc("PaymentMeansCode", "58"), cbc("PaymentDueDate", day), account)
    for position, claim in enumerate(paper.claims):
        paid = cbc("PaidAmount", claim, currencyID=paper.currency)
        yield cac("PrepaidPayment", cbc("ID", f"C{position}"), paid, cbc("InstructionID", "for another"))
    for extra in paper.extras:
        yield _extra(extra, paper, category=True)
    yield cac("TaxTotal", _money("TaxAmount", paper.vat, paper.currency), *(_rate(row, paper) for row in paper.rates))
    if paper.tax_currency:
        yield cac("TaxTotal", _money("TaxAmount", paper.vat_elsewhere, paper.tax_currency))
    yield cac("LegalMonetaryTotal", *_totals(paper))
    for position, entry in enumerate(paper.entries, start=1):
        yield _line(entry, paper, str(position), f"{kind}Line")


def _totals(paper: Paper) -> Iterator[Node | None]:
    yield _money("LineExtensionAmount", paper.lines, paper.currency)
    yield _money("TaxExclusiveAmount", paper.net, paper.currency)
    yield _money("TaxInclusiveAmount", paper.gross, paper.currency)
    if any(not extra.charge for extra in paper.extras):
        yield _money("AllowanceTotalAmount", paper.allowances, paper.currency)
    if any(extra.charge for extra in paper.extras):
        yield _money("ChargeTotalAmount", paper.charges, paper.currency)
    if paper.paid != "0":
        yield cbc("PrepaidAmount", paper.paid, currencyID=paper.currency)
    if paper.rounding != "0":
        yield cbc("PayableRoundingAmount", paper.rounding, currencyID=paper.currency)
    yield _money("PayableAmount", paper.asked, paper.currency)


def _money(name: str, value: Decimal, currency: str) -> Node | None:
    return cbc(name, f"{value:f}", currencyID=currency)


def _party(who: Who) -> Node:
    return cac(
        "Party",
        cbc("EndpointID", "9920:1", schemeID="0192"),
        cac("PartyIdentification", cbc("ID", who.siret, schemeID="0009")) if who.siret else None,
        cac("PostalAddress", cbc("CityName", "Madrid"), cac("Country", cbc("IdentificationCode", who.country))),
        cac("PartyTaxScheme", cbc("CompanyID", who.tax_id), cac("TaxScheme", cbc("ID", "VAT"))) if who.tax_id else None,
        cac("PartyLegalEntity", cbc("RegistrationName", who.name)),
    )


def _scheme(category: str, rate: str, reason: str = "") -> tuple[Node | None, ...]:
    return (
        cbc("ID", category),
        cbc("Percent", rate),
        cbc("TaxExemptionReason", reason),
        cac("TaxScheme", cbc("ID", "VAT")),
    )


def _rate(row: Rate, paper: Paper) -> Node:
    return cac(
        "TaxSubtotal",
        _money("TaxableAmount", row.base, paper.currency),
        _money("TaxAmount", row.tax, paper.currency),
        cac("TaxCategory", *_scheme(row.category, row.rate, paper.reasons.get(row.category, ""))),
    )


def _extra(extra: Extra, paper: Paper, *, category: bool) -> Node:
    return cac(
        "AllowanceCharge",
        cbc("ChargeIndicator", str(extra.charge).lower()),
        cbc("AllowanceChargeReason", extra.reason),
        cbc("MultiplierFactorNumeric", extra.percent),
        cbc("Amount", extra.value, currencyID=paper.currency),
        cbc("BaseAmount", extra.base, currencyID=paper.currency),
        cac("TaxCategory", *_scheme(extra.category, extra.rate)) if category else None,
    )


def _line(entry: Entry, paper: Paper, position: str, kind: str) -> Node:
    quantity = "CreditedQuantity" if "Credit" in kind else "InvoicedQuantity"
    sub = "SubCreditNoteLine" if "Credit" in kind else "SubInvoiceLine"
    return cac(
        kind,
        cbc("ID", position),
        cbc(quantity, entry.quantity, unitCode=entry.unit),
        _money("LineExtensionAmount", entry.net(paper.currency), paper.currency),
        *(_extra(extra, paper, category=False) for extra in entry.extras),
        cac("Item", cbc("Name", entry.name), cac("ClassifiedTaxCategory", *_scheme(entry.category, entry.rate))),
        cac(
            "Price",
            cbc("PriceAmount", entry.price, currencyID=paper.currency),
            cbc("BaseQuantity", entry.base, unitCode=entry.unit),
        ),
        *(_line(each, paper, f"{position}.{n}", sub) for n, each in enumerate(entry.subs, start=1)),
    )
