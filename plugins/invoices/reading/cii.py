"""Cross Industry Invoice D16B and its forerunner in ZUGFeRD 1.0, of every profile of Factur-X, ZUGFeRD, XRechnung.

ZUGFeRD 1.0 tells the same facts under older element names; each path names both.
"""

from datetime import date

from lxml.etree import QName, _Element

from plugins.invoices.reading.amounts import currency_code, exact_minor, rounded_minor
from plugins.invoices.reading.cii_parts import allowances, first_date, lines, optional_party, party
from plugins.invoices.reading.dates import read_date
from plugins.invoices.reading.document_types import document_type, is_self_billed
from plugins.invoices.reading.errors import MissingDateError, UnsupportedVersionError
from plugins.invoices.reading.figures import Figures, invoice_number, rate_text
from plugins.invoices.reading.invoice import Attachment, Installment, Payment, Preceding, ReadInvoice, Totals, VatRow
from plugins.invoices.reading.nodes import child, children, local_name, own_text, prose, proses, text

ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument")
DRAFT_NAMESPACE = "urn:un:unece:uncefact:data:standard:CBFBUY:"
"""ZUGFeRD's release candidate of 2013, whose root is called `Invoice` and whose other elements have no namespace."""
SUPPORTED = "CII D16B (100), ZUGFeRD 1.0"
_SUPPORTING_DOCUMENT = "916"


def read_cii(root: _Element) -> ReadInvoice:
    """The invoice or credit note of a CII document. Raises IncompleteInvoiceError."""
    header = child(root, "ExchangedDocument", "HeaderExchangedDocument")
    trade = child(root, "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
    agreement = child(trade, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
    delivery = child(trade, "ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery")
    settlement = child(trade, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    if header is None or settlement is None:  # the same root with other contents: CII before D16B
        version = (QName(root).namespace or "").rpartition(":")[2]
        raise UnsupportedVersionError(format="CrossIndustryInvoice", version=version[:20], supported=SUPPORTED)
    type_code = text(header, "TypeCode") or "380"
    number = invoice_number(text(header, "ID"))
    figures = Figures(currency_code(text(settlement, "InvoiceCurrencyCode")))
    vat = _vat_rows(settlement, figures)
    terms = tuple(children(settlement, "SpecifiedTradePaymentTerms"))
    period = child(settlement, "BillingSpecifiedPeriod")
    return ReadInvoice(
        document_type=document_type(type_code),
        type_code=type_code,
        self_billed=is_self_billed(type_code),
        number=number,
        issued_on=_issued_on(header),
        due_on=_due_on(terms),
        tax_point=first_date(settlement, "ApplicableTradeTax/TaxPointDate"),
        delivered_on=first_date(delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime"),
        period_start=first_date(period, "StartDateTime"),
        period_end=first_date(period, "EndDateTime"),
        currency=figures.currency,
        tax_currency=text(settlement, "TaxCurrencyCode").upper(),
        seller=party(child(agreement, "SellerTradeParty")),
        buyer=party(child(agreement, "BuyerTradeParty")),
        payee=optional_party(child(settlement, "PayeeTradeParty")),
        tax_representative=optional_party(child(agreement, "SellerTaxRepresentativeTradeParty")),
        lines=lines(trade, figures),
        allowances=allowances(settlement, figures),
        vat=vat,
        totals=_totals(settlement, figures, vat),
        buyer_reference=text(agreement, "BuyerReference"),
        order_reference=_reference(agreement, "BuyerOrderReferencedDocument"),
        contract_reference=_reference(agreement, "ContractReferencedDocument"),
        project_reference=text(agreement, "SpecifiedProcuringProject/ID"),
        preceding=_preceding(settlement),
        payments=_payments(settlement, terms),
        payment_terms="\n".join(filter(None, (prose(item, "Description") for item in terms))),
        installments=_installments(terms, figures),
        notes=proses(header, "IncludedNote/Content"),
        attachments=_attachments(agreement),
        source_format="cii",
        syntax="cii" if local_name(root) == "CrossIndustryInvoice" else "zugferd1",
        profile=text(
            root,
            "ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",
            "SpecifiedExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",
        ),
    )


def _issued_on(header: _Element | None) -> date:
    node = child(header, "IssueDateTime")
    if node is None or not (stated := next((value for item in node.iter() if (value := own_text(item))), "")):
        raise MissingDateError
    return read_date(stated, field="date of issue")


def _due_on(terms: tuple[_Element, ...]) -> date | None:
    # Terms with a discount for early payment name the discount's day too; everything is due on the last one.
    days = [
        read_date(stated, field="due date")
        for item in terms
        for node in children(item, "DueDateDateTime")
        if (stated := next((value for part in node.iter() if (value := own_text(part))), ""))
    ]
    return max(days, default=None)


def _installments(terms: tuple[_Element, ...], figures: Figures) -> tuple[Installment, ...]:
    return tuple(
        Installment(
            due_on=first_date(item, "DueDateDateTime"),
            amount=figures.part(item, "PartialPaymentAmount", field="part payment"),
        )
        for item in terms
        if text(item, "PartialPaymentAmount")
    )


def _totals(settlement: _Element | None, figures: Figures, vat: tuple[VatRow, ...]) -> Totals:
    sums = child(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    gross = figures.demanded(sums, "GrandTotalAmount", field="total with VAT")
    vat_total, in_tax_currency = _tax_totals(sums, figures.currency)
    net = figures.total(sums, "TaxBasisTotalAmount", field="total without VAT")
    if vat_total is None:
        vat_total = sum(row.amount for row in vat) if vat or net is None else gross - net
    paid = figures.total(sums, "TotalPrepaidAmount", field="paid amount") or 0
    rounding = figures.total(sums, "RoundingAmount", field="rounding amount") or 0
    due = figures.total(sums, "DuePayableAmount", field="amount due")
    return Totals(
        lines=figures.total(sums, "LineTotalAmount", field="sum of the lines"),
        allowances=figures.total(sums, "AllowanceTotalAmount", field="sum of the allowances"),
        charges=figures.total(sums, "ChargeTotalAmount", field="sum of the charges"),
        net=gross - vat_total if net is None else net,
        vat=vat_total,
        gross=gross,
        paid=paid,
        rounding=rounding,
        due=gross - paid + rounding if due is None else due,
        vat_in_tax_currency=in_tax_currency,
    )


def _tax_totals(sums: _Element | None, currency: str) -> tuple[int | None, int | None]:
    own: int | None = None
    other: int | None = None
    for amount in children(sums, "TaxTotalAmount"):
        if not (stated := own_text(amount)):
            continue
        its_currency = (amount.get("currencyID") or currency).strip().upper()
        if its_currency == currency:
            own = exact_minor(stated, field="VAT total", currency=currency) if own is None else own
        else:
            other = rounded_minor(stated, field="VAT total", currency=its_currency)
    return own, other


def _vat_rows(settlement: _Element | None, figures: Figures) -> tuple[VatRow, ...]:
    return tuple(
        VatRow(
            category=text(row, "CategoryCode"),
            rate=rate_text(text(row, "RateApplicablePercent", "ApplicablePercent"), field="VAT rate"),
            base=figures.part(row, "BasisAmount", field="VAT base"),
            amount=figures.part_or_zero(row, "CalculatedAmount", field="VAT amount"),
            reason=" ".join(proses(row, "ExemptionReason")),
            reason_code=text(row, "ExemptionReasonCode"),
            tax=text(row, "TypeCode") or "VAT",
        )
        for row in children(settlement, "ApplicableTradeTax")
        if _stated_currency(row, figures.currency) == figures.currency  # not the same tax in the accounting currency
    )


def _stated_currency(row: _Element, otherwise: str) -> str:
    amount = child(row, "CalculatedAmount")
    return ((amount.get("currencyID") if amount is not None else "") or otherwise).strip().upper()


def _reference(agreement: _Element | None, kind: str) -> str:
    return text(agreement, f"{kind}/IssuerAssignedID", f"{kind}/ID")


def _preceding(settlement: _Element | None) -> tuple[Preceding, ...]:
    return tuple(
        Preceding(number=number, issued_on=first_date(reference, "FormattedIssueDateTime", "IssueDateTime"))
        for reference in children(settlement, "InvoiceReferencedDocument")
        if (number := text(reference, "IssuerAssignedID", "ID"))
    )


def _payments(settlement: _Element | None, terms: tuple[_Element, ...]) -> tuple[Payment, ...]:
    remittance = text(settlement, "PaymentReference")
    creditor = text(settlement, "CreditorReferenceID")
    mandate = next((value for item in terms if (value := text(item, "DirectDebitMandateID"))), "")
    payments = tuple(
        Payment(
            means_code=text(means, "TypeCode"),
            means_text=prose(means, "Information"),
            iban=text(
                means,
                "PayeePartyCreditorFinancialAccount/IBANID",
                "PayeePartyCreditorFinancialAccount/ProprietaryID",
                "ApplicableTradeSettlementFinancialCard/ID",
            ),
            account_name=text(
                means,
                "PayeePartyCreditorFinancialAccount/AccountName",
                "ApplicableTradeSettlementFinancialCard/CardholderName",
            ),
            bic=text(means, "PayeeSpecifiedCreditorFinancialInstitution/BICID"),
            remittance=remittance,
            mandate=mandate,
            debited_iban=text(means, "PayerPartyDebtorFinancialAccount/IBANID"),
            creditor_id=creditor,
        )
        for means in children(settlement, "SpecifiedTradeSettlementPaymentMeans")
    )
    if payments or not (remittance or mandate or creditor):
        return payments
    return (Payment(remittance=remittance, mandate=mandate, creditor_id=creditor),)


def _attachments(agreement: _Element | None) -> tuple[Attachment, ...]:
    found = []
    for reference in children(agreement, "AdditionalReferencedDocument"):
        embedded = child(reference, "AttachmentBinaryObject")
        if embedded is None and text(reference, "TypeCode") != _SUPPORTING_DOCUMENT:
            continue
        found.append(
            Attachment(
                name=((embedded.get("filename") or "").strip() if embedded is not None else "")
                or text(reference, "IssuerAssignedID", "ID"),
                description=text(reference, "Name"),
                mime_type=(embedded.get("mimeCode") or "").strip() if embedded is not None else "",
                url=text(reference, "URIID"),
            )
        )
    return tuple(found)
