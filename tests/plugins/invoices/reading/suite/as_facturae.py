"""A paper in Facturae 3.2, 3.2.1, 3.2.2: signed, corrective, in batches, with what Spain adds to an invoice."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.plugins.invoices.reading.suite.paper import amount
from tests.plugins.invoices.reading.suite.xml import Dress, Node, dresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.invoices.reading.suite.paper import Entry, Extra, Paper, Who

DRESSES = dresses("fe", "ds", "xades")
NAMESPACES = {
    "3.2": "http://www.facturae.es/Facturae/2009/v3.2/Facturae",
    "3.2.1": "http://www.facturae.es/Facturae/2014/v3.2.1/Facturae",
    "3.2.2": "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml",
}
_DS = "http://www.w3.org/2000/09/xmldsig#"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
_B2B = "http://www.facturae.es/Facturae/Extensions/FaceB2BExtensionv1_1"
VAT, IRPF, IGIC = "01", "04", "03"


@dataclass(frozen=True, kw_only=True)
class Spanish:
    """What a paper has in Spain beside its figures; amounts are decimal texts."""

    series: str = ""
    invoice_class: str = "OO"
    document: str = "FC"
    withheld: tuple[tuple[str, str], ...] = ()
    expenses: str = ""
    retained: str = ""
    subsidy: str = ""
    financial: str = ""
    in_kind: str = ""
    surcharge: str = ""
    decimals: int = 2
    tax: str = VAT
    person: bool = False
    abroad: bool = False
    centres: tuple[str, ...] = ()
    issuer: str = "EM"
    extension: bool = False
    attachment: bool = False
    corrective: tuple[tuple[str, str], ...] = ()
    instalments: tuple[tuple[str, str], ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)

    def kept(self, paper: Paper) -> list[tuple[str, str, Decimal]]:
        return [(tax, rate, amount(paper.net * Decimal(rate) / 100)) for tax, rate in self.withheld]

    def recargo(self, paper: Paper) -> Decimal:
        return amount(paper.net * Decimal(self.surcharge) / 100) if self.surcharge else Decimal(0)

    def gross(self, paper: Paper) -> Decimal:
        return paper.net + paper.vat + self.recargo(paper) - sum((each for *_, each in self.kept(paper)), Decimal(0))

    def outstanding(self, paper: Paper) -> Decimal:
        return self.gross(paper) - Decimal(paper.paid) - Decimal(self.subsidy or 0)

    def executable(self, paper: Paper) -> Decimal:
        added = Decimal(self.expenses or 0) + Decimal(self.financial or 0)
        return self.outstanding(paper) - Decimal(self.retained or 0) - Decimal(self.in_kind or 0) + added


def tag(name: str, *inside: Node | str | None, space: str = "") -> Node | None:
    kept = tuple(part for part in inside if part not in {None, ""})
    return Node(space, name, kept) if kept else None  # type: ignore[arg-type]  # filtered


def facturae(
    *papers: tuple[Paper, Spanish], version: str = "3.2.2", dress: Dress = DRESSES["usual"], signed: bool = True
) -> bytes:
    """The file: several papers make a batch."""
    paper, spanish = papers[0]
    total = sum((each.gross(one) for one, each in papers), Decimal(0))
    header = tag(
        "FileHeader",
        tag("SchemaVersion", version),
        tag("Modality", "L" if len(papers) > 1 else "I"),
        tag("InvoiceIssuerType", spanish.issuer),
        tag(
            "Batch",
            tag("BatchIdentifier", f"{paper.seller.tax_id}{paper.number}"),
            tag("InvoicesCount", str(len(papers))),
            tag("TotalInvoicesAmount", tag("TotalAmount", f"{total:f}")),
            tag("InvoiceCurrencyCode", paper.currency),
        ),
    )
    parties = tag(
        "Parties",
        tag("SellerParty", *_party(paper.seller, spanish, person=False)),
        tag("BuyerParty", *_party(paper.buyer, spanish, person=spanish.person)),
    )
    invoices = tag("Invoices", *(_invoice(one, each) for one, each in papers))
    parts = [header, parties, invoices, _signature() if signed else None]
    root = Node("fe", "Facturae", tuple(part for part in parts if part is not None))
    return dress.bytes_of(root, {"fe": NAMESPACES[version], "ds": _DS, "xades": _XADES, "": ""})


def _signature() -> Node | None:
    signed = tag("SigningTime", "2026-03-31T10:00:00Z", space="xades")
    return tag(
        "Signature",
        tag("SignedInfo", tag("Reference", tag("DigestValue", "c2hh", space="ds"), space="ds"), space="ds"),
        tag("SignatureValue", "c2lnbmF0dXJl", space="ds"),
        tag("Object", tag("QualifyingProperties", signed, space="xades"), space="ds"),
        space="ds",
    )


def _party(who: Who, spanish: Spanish, *, person: bool) -> Iterator[Node | None]:
    yield tag(
        "TaxIdentification",
        tag("PersonTypeCode", "F" if person else "J"),
        tag("ResidenceTypeCode", "R"),
        tag("TaxIdentificationNumber", who.tax_id),
    )
    yield tag(
        "AdministrativeCentres",
        *(
            tag("AdministrativeCentre", tag("CentreCode", code), tag("RoleTypeCode", f"0{n}"))
            for n, code in enumerate(spanish.centres, start=1)
        ),
    )
    home = tag(
        "AddressInSpain",
        tag("Address", "Calle de la Cruz, 1"),
        tag("PostCode", "28013"),
        tag("Town", "Madrid"),
        tag("Province", "Madrid"),
        tag("CountryCode", "ESP"),
    )
    abroad = tag(
        "OverseasAddress",
        tag("Address", "Rue X 1"),
        tag("PostCodeAndTown", "75001 Paris"),
        tag("Province", "Île"),
        tag("CountryCode", "FRA"),
    )
    names = who.name.split(" ") if person else []
    yield (
        tag("Individual", tag("Name", names[0]), tag("FirstSurname", names[1]), abroad if spanish.abroad else home)
        if person
        else tag("LegalEntity", tag("CorporateName", who.name), home)
    )


def _tax(kind: str, rate: str, base: Decimal, tax: Decimal, *more: Node | None) -> Node | None:
    return tag(
        "Tax",
        tag("TaxTypeCode", kind),
        tag("TaxRate", f"{Decimal(rate):.2f}"),
        tag("TaxableBase", tag("TotalAmount", f"{base:f}"), tag("EquivalentInEuros", f"{base:f}")),
        tag("TaxAmount", tag("TotalAmount", f"{tax:f}")),
        *more,
    )


def _invoice(paper: Paper, spanish: Spanish) -> Node | None:
    kept = spanish.kept(paper)
    return tag(
        "Invoice",
        tag(
            "InvoiceHeader",
            tag("InvoiceNumber", paper.number),
            tag("InvoiceSeriesCode", spanish.series),
            tag("InvoiceDocumentType", spanish.document),
            tag("InvoiceClass", spanish.invoice_class),
            *(
                tag(
                    "Corrective",
                    tag("InvoiceNumber", number),
                    tag("ReasonCode", reason),
                    tag("CorrectionMethod", "02"),
                )
                for number, reason in spanish.corrective
            ),
        ),
        tag(
            "InvoiceIssueData",
            tag("IssueDate", paper.issued.isoformat()),
            tag("InvoicingPeriod", tag("StartDate", "2026-03-01"), tag("EndDate", "2026-03-31")),
            tag("InvoiceCurrencyCode", paper.currency),
            tag("ExchangeRateDetails", tag("ExchangeRate", "0.9")) if paper.currency != "EUR" else None,
            tag("TaxCurrencyCode", "EUR"),
            tag("LanguageName", "es"),
        ),
        tag(
            "TaxesOutputs",
            *(
                _tax(
                    spanish.tax,
                    row.rate,
                    row.base,
                    row.tax,
                    tag("EquivalenceSurcharge", spanish.surcharge),
                    tag("EquivalenceSurchargeAmount", tag("TotalAmount", f"{spanish.recargo(paper):f}"))
                    if spanish.surcharge
                    else None,
                )
                for row in paper.rates
            ),
        ),
        tag("TaxesWithheld", *(_tax(tax, rate, paper.net, value) for tax, rate, value in kept)),
        tag("InvoiceTotals", *_totals(paper, spanish, kept)),
        tag("Items", *(_item(entry, paper, spanish, n) for n, entry in enumerate(paper.entries, start=1))),
        tag("PaymentDetails", *_payments(paper, spanish)),
        tag("LegalLiterals", *(tag("LegalReference", note) for note in paper.notes)),
        tag("AdditionalData", *_additional(spanish)),
    )


def _totals(paper: Paper, spanish: Spanish, kept: list[tuple[str, str, Decimal]]) -> Iterator[Node | None]:
    def money(name: str, value: Decimal | str) -> Node | None:
        return tag(name, f"{Decimal(value):.{spanish.decimals}f}") if value != "" else None

    off = [extra for extra in paper.extras if not extra.charge]
    on = [extra for extra in paper.extras if extra.charge]
    yield money("TotalGrossAmount", paper.lines)
    yield tag("GeneralDiscounts", *(_general(extra, "Discount") for extra in off))
    yield tag("GeneralSurcharges", *(_general(extra, "Charge") for extra in on))
    yield money("TotalGeneralDiscounts", paper.allowances) if off else None
    yield money("TotalGeneralSurcharges", paper.charges) if on else None
    yield money("TotalGrossAmountBeforeTaxes", paper.net)
    yield money("TotalTaxOutputs", paper.vat + spanish.recargo(paper))
    yield money("TotalTaxesWithheld", sum((value for *_, value in kept), Decimal(0)))
    yield money("InvoiceTotal", spanish.gross(paper))
    if spanish.subsidy:
        yield tag("Subsidies", tag("Subsidy", tag("SubsidyDescription", "Plan"), tag("SubsidyAmount", spanish.subsidy)))
    if paper.paid != "0":
        on_account = tag("PaymentOnAccountDate", "2026-03-01"), tag("PaymentOnAccountAmount", paper.paid)
        yield tag("PaymentsOnAccount", tag("PaymentOnAccount", *on_account))
    if spanish.expenses:
        expense = tag("ReimbursableExpensesAmount", spanish.expenses)
        yield tag("ReimbursableExpenses", tag("ReimbursableExpenses", tag("InvoiceNumber", "T-1"), expense))
    yield money("TotalFinancialExpenses", spanish.financial)
    yield money("TotalOutstandingAmount", spanish.outstanding(paper))
    yield money("TotalPaymentsOnAccount", paper.paid) if paper.paid != "0" else None
    if spanish.retained:
        yield tag("AmountsWithheld", tag("WithholdingReason", "Garantía"), tag("WithholdingAmount", spanish.retained))
    if spanish.in_kind:
        yield tag("PaymentInKind", tag("PaymentInKindReason", "Goods"), tag("PaymentInKindAmount", spanish.in_kind))
    yield money("TotalExecutableAmount", spanish.executable(paper))
    yield money("TotalReimbursableExpenses", spanish.expenses)


def _general(extra: Extra, kind: str) -> Node | None:
    return tag(
        kind,
        tag(f"{kind}Reason", extra.reason),
        tag(f"{kind}Rate", extra.percent),
        tag(f"{kind}Amount", extra.value),
    )


def _item(entry: Entry, paper: Paper, spanish: Spanish, position: int) -> Node | None:
    net = entry.net(paper.currency)
    whole = Decimal(entry.quantity) * Decimal(entry.price)
    return tag(
        "InvoiceLine",
        tag("SequenceNumber", str(position)),
        tag("ItemDescription", entry.name),
        tag("Quantity", entry.quantity),
        tag("UnitOfMeasure", "02"),
        tag("UnitPriceWithoutTax", entry.price),
        tag("TotalCost", f"{whole:.{spanish.decimals}f}"),
        tag("DiscountsAndRebates", *(_general(extra, "Discount") for extra in entry.extras if not extra.charge)),
        tag("Charges", *(_general(extra, "Charge") for extra in entry.extras if extra.charge)),
        tag("GrossAmount", f"{net:.{spanish.decimals}f}"),
        tag("TaxesOutputs", _tax(spanish.tax, entry.rate, net, net * Decimal(entry.rate) / 100)),
        tag("SpecialTaxableEvent", tag("SpecialTaxableEventCode", "02"), tag("SpecialTaxableEventReason", "Art. 84"))
        if spanish.reasons
        else None,
    )


def _payments(paper: Paper, spanish: Spanish) -> Iterator[Node | None]:
    parts = spanish.instalments or ((paper.due.isoformat() if paper.due else "", f"{spanish.executable(paper):f}"),)
    for day, value in parts:
        if day:
            yield tag(
                "Installment",
                tag("InstallmentDueDate", day),
                tag("InstallmentAmount", value),
                tag("PaymentMeans", "04"),
                tag("AccountToBeCredited", tag("IBAN", paper.ibans[0])) if paper.ibans else None,
            )


def _additional(spanish: Spanish) -> Iterator[Node | None]:
    if spanish.attachment:
        yield tag(
            "RelatedDocuments",
            tag(
                "Attachment",
                tag("AttachmentCompressionAlgorithm", "NONE"),
                tag("AttachmentFormat", "pdf"),
                tag("AttachmentEncoding", "BASE64"),
                tag("AttachmentDescription", "Albarán"),
                tag("AttachmentData", "JVBERi0="),
            ),
        )
    if spanish.extension:
        invoice = tag("InvoiceNumber", "not this one"), tag("InvoiceTotal", "1.00"), tag("ReceivingUnit", "ES-1")
        yield tag("Extensions", tag("FaceB2BExtension", *invoice))
