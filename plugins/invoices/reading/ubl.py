"""UBL 2.x Invoice and CreditNote: EN 16931, Peppol BIS 3, XRechnung with its extension, CIUS-PT."""

from datetime import date

from lxml.etree import _Element

from plugins.invoices.reading.amounts import currency_code
from plugins.invoices.reading.dates import read_date, read_date_or_none
from plugins.invoices.reading.document_types import document_type, is_self_billed
from plugins.invoices.reading.errors import MissingDateError
from plugins.invoices.reading.figures import Figures, invoice_number, rate_text
from plugins.invoices.reading.invoice import (
    Attachment,
    Installment,
    Payment,
    Preceding,
    ReadInvoice,
    Totals,
    VatRow,
    Withholding,
)
from plugins.invoices.reading.nodes import child, children, local_name, own_text, proses, text, texts
from plugins.invoices.reading.ubl_parts import allowances, lines, optional_party, party

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
ROOTS = ("Invoice", "CreditNote")
_XRECHNUNG_EXTENSION = "extension:xrechnung"
_PROJECT = "50"
_DOCUMENT_TYPE_INVOICED_OBJECT = "130"


def read_ubl(root: _Element) -> ReadInvoice:
    """The invoice or credit note of a UBL document. Raises IncompleteInvoiceError."""
    is_credit_note = local_name(root) == "CreditNote"
    type_code = text(root, "InvoiceTypeCode", "CreditNoteTypeCode") or ("381" if is_credit_note else "380")
    kind = document_type(type_code)
    number = invoice_number(text(root, "ID"))
    if not (issued := text(root, "IssueDate")):
        raise MissingDateError
    figures = Figures(currency_code(text(root, "DocumentCurrencyCode") or _currency_of_totals(root)))
    tax_currency = text(root, "TaxCurrencyCode").upper()
    profile = text(root, "CustomizationID")
    vat = _vat_rows(root, figures)
    withholdings = _withholdings(root, figures)
    due_dates, installments = _due(root, figures)
    return ReadInvoice(
        document_type="credit_note" if is_credit_note else kind,
        type_code=type_code,
        self_billed=is_self_billed(type_code),
        number=number,
        issued_on=read_date(issued, field="date of issue"),
        due_on=max(due_dates, default=None),
        tax_point=read_date_or_none(text(root, "TaxPointDate")),
        delivered_on=read_date_or_none(text(root, "Delivery/ActualDeliveryDate")),
        period_start=read_date_or_none(text(root, "InvoicePeriod/StartDate")),
        period_end=read_date_or_none(text(root, "InvoicePeriod/EndDate")),
        currency=figures.currency,
        tax_currency=tax_currency,
        seller=party(child(root, "AccountingSupplierParty/Party")),
        buyer=party(child(root, "AccountingCustomerParty/Party")),
        payee=optional_party(child(root, "PayeeParty")),
        tax_representative=optional_party(child(root, "TaxRepresentativeParty")),
        lines=lines(root, figures),
        allowances=allowances(root, figures),
        vat=vat,
        withholdings=withholdings,
        totals=_totals(root, figures, vat, withholdings, tax_currency, extended=_XRECHNUNG_EXTENSION in profile),
        buyer_reference=text(root, "BuyerReference"),
        order_reference=text(root, "OrderReference/ID"),
        contract_reference=text(root, "ContractDocumentReference/ID"),
        project_reference=text(root, "ProjectReference/ID") or _project_of_credit_note(root),
        preceding=_preceding(root),
        payments=_payments(root),
        payment_terms="\n".join(proses(root, "PaymentTerms/Note")),
        installments=installments,
        notes=proses(root, "Note"),
        attachments=_attachments(root),
        source_format="ubl",
        syntax="ubl",
        profile=profile,
    )


def _currency_of_totals(root: _Element) -> str:
    # UBL itself does without a document currency: each amount names its own.
    sums = child(root, "LegalMonetaryTotal", "RequestedMonetaryTotal")
    amount = child(sums, "TaxInclusiveAmount", "PayableAmount")
    return (amount.get("currencyID") or "").strip() if amount is not None else ""


def _totals(
    root: _Element,
    figures: Figures,
    vat: tuple[VatRow, ...],
    withholdings: tuple[Withholding, ...],
    tax_currency: str,
    *,
    extended: bool,
) -> Totals:
    sums = child(root, "LegalMonetaryTotal", "RequestedMonetaryTotal")
    vat_total, vat_in_tax_currency = _tax_totals(root, figures, tax_currency)
    net = figures.total(sums, "TaxExclusiveAmount", field="total without VAT")
    if text(root, "CustomizationID").startswith("OIOUBL"):
        net = None  # the Danish profile writes the tax there
    gross = figures.total(sums, "TaxInclusiveAmount", field="total with VAT")
    if gross is None and net is not None and vat_total is not None:
        gross = net + vat_total  # UBL before EN 16931 may leave it out
    if gross is None:
        gross = figures.demanded(sums, "PayableAmount", field="total with VAT")
    if vat_total is None:
        vat_total = sum(row.amount for row in vat) if vat or net is None else gross - net
    paid = figures.total(sums, "PrepaidAmount", field="paid amount") or 0
    rounding = figures.total(sums, "PayableRoundingAmount", field="rounding amount") or 0
    # XRechnung extension BR-DEX-09: claims of third parties are collected with the invoice (BT-DEX-002).
    claims = children(root, "PrepaidPayment") if extended else ()
    added = sum(figures.part_or_zero(claim, "PaidAmount", field="third-party payment") for claim in claims)
    due = figures.total(sums, "PayableAmount", field="amount due")
    return Totals(
        lines=figures.total(sums, "LineExtensionAmount", field="sum of the lines"),
        allowances=figures.total(sums, "AllowanceTotalAmount", field="sum of the allowances"),
        charges=figures.total(sums, "ChargeTotalAmount", field="sum of the charges"),
        net=gross - vat_total if net is None else net,
        vat=vat_total,
        gross=gross,
        paid=paid,
        rounding=rounding,
        due=gross - paid + rounding + added if due is None else due,
        withheld=sum(item.amount for item in withholdings),
        added=added,
        vat_in_tax_currency=vat_in_tax_currency,
    )


def _tax_totals(root: _Element, figures: Figures, tax_currency: str) -> tuple[int | None, int | None]:
    own: list[tuple[bool, int]] = []
    other: int | None = None
    for amount in children(root, "TaxTotal/TaxAmount"):
        if not own_text(amount):
            continue
        stated = (amount.get("currencyID") or figures.currency).strip().upper()
        node = amount.getparent()
        if stated == figures.currency:
            broken_down = child(node, "TaxSubtotal") is not None
            own.append((broken_down, figures.total(node, "TaxAmount", field="VAT total") or 0))
        elif stated == tax_currency or not tax_currency:
            other = (other or 0) + Figures(stated).part_or_zero(node, "TaxAmount", field="VAT total")
    if tax_currency == figures.currency and len({broken_down for broken_down, _ in own}) > 1:
        # The accounting currency is the document's: what stands again without a breakdown is the same tax.
        own = [each for each in own if each[0]]
    return (sum(value for _, value in own) if own else None), other


def _vat_rows(root: _Element, figures: Figures) -> tuple[VatRow, ...]:
    rows = []
    for row in children(root, "TaxTotal/TaxSubtotal"):
        amount = child(row, "TaxAmount")
        stated = amount.get("currencyID") if amount is not None else None
        if stated and stated.strip().upper() != figures.currency:
            continue  # the same tax again in the accounting currency
        rows.append(
            VatRow(
                category=text(row, "TaxCategory/ID"),
                rate=rate_text(text(row, "TaxCategory/Percent", "Percent"), field="VAT rate"),
                base=figures.part(row, "TaxableAmount", field="VAT base"),
                amount=figures.part_or_zero(row, "TaxAmount", field="VAT amount"),
                reason=" ".join(texts(row, "TaxCategory/TaxExemptionReason")),
                reason_code=text(row, "TaxCategory/TaxExemptionReasonCode"),
                tax=text(row, "TaxCategory/TaxScheme/ID") or "VAT",
            )
        )
    return tuple(rows)


def _withholdings(root: _Element, figures: Figures) -> tuple[Withholding, ...]:
    return tuple(
        Withholding(
            tax=text(row, "TaxCategory/TaxScheme/Name", "TaxCategory/TaxScheme/ID", "TaxCategory/ID"),
            rate=rate_text(text(row, "TaxCategory/Percent", "Percent"), field="tax rate"),
            base=figures.part(row, "TaxableAmount", field="withholding base"),
            amount=figures.part_or_zero(row, "TaxAmount", field="withheld amount"),
        )
        for row in children(root, "WithholdingTaxTotal/TaxSubtotal")
    )


def _due(root: _Element, figures: Figures) -> tuple[list[date], tuple[Installment, ...]]:
    stated = texts(root, "DueDate") or texts(root, "PaymentMeans/PaymentDueDate")
    parts = tuple(
        Installment(
            due_on=read_date_or_none(text(terms, "InstallmentDueDate", "PaymentDueDate")),
            amount=figures.part(terms, "Amount", field="part payment"),
        )
        for terms in children(root, "PaymentTerms")
        if text(terms, "InstallmentDueDate", "PaymentDueDate")
    )
    if stated:
        return [read_date(value, field="due date") for value in stated], parts
    return [part.due_on for part in parts if part.due_on], parts


def _preceding(root: _Element) -> tuple[Preceding, ...]:
    return tuple(
        Preceding(number=number, issued_on=read_date_or_none(text(reference, "IssueDate")))
        for reference in children(
            root,
            "BillingReference/InvoiceDocumentReference",
            "BillingReference/CreditNoteDocumentReference",
            "BillingReference/SelfBilledInvoiceDocumentReference",
        )
        if (number := text(reference, "ID"))
    )


def _project_of_credit_note(root: _Element) -> str:
    # A UBL credit note has no ProjectReference; EN 16931 puts BT-11 into an additional document of type 50.
    return next(
        (
            text(reference, "ID")
            for reference in children(root, "AdditionalDocumentReference")
            if text(reference, "DocumentTypeCode") == _PROJECT
        ),
        "",
    )


def _payments(root: _Element) -> tuple[Payment, ...]:
    payments = []
    for means in children(root, "PaymentMeans"):
        code = child(means, "PaymentMeansCode")
        account = child(means, "PayeeFinancialAccount")
        mandate = child(means, "PaymentMandate")
        payments.append(
            Payment(
                means_code=own_text(code),
                means_text=(code.get("name") or "").strip() if code is not None else "",
                iban=text(account, "ID") or text(means, "CardAccount/PrimaryAccountNumberID"),
                account_name=text(account, "Name") or text(means, "CardAccount/HolderName"),
                bic=text(
                    account, "FinancialInstitutionBranch/ID", "FinancialInstitutionBranch/FinancialInstitution/ID"
                ),
                remittance=text(means, "PaymentID", "InstructionID"),
                mandate=text(mandate, "ID"),
                debited_iban=text(mandate, "PayerFinancialAccount/ID"),
                creditor_id=_sepa_creditor(root),
            )
        )
    return tuple(payments)


def _sepa_creditor(root: _Element) -> str:
    for number in children(
        root, "PayeeParty/PartyIdentification/ID", "AccountingSupplierParty/Party/PartyIdentification/ID"
    ):
        if (number.get("schemeID") or "").strip().upper() == "SEPA":
            return own_text(number)
    return ""


def _attachments(root: _Element) -> tuple[Attachment, ...]:
    found = []
    for reference in children(root, "AdditionalDocumentReference"):
        if text(reference, "DocumentTypeCode") in {_PROJECT, _DOCUMENT_TYPE_INVOICED_OBJECT}:
            continue
        embedded = child(reference, "Attachment/EmbeddedDocumentBinaryObject")
        found.append(
            Attachment(
                name=((embedded.get("filename") or "").strip() if embedded is not None else "")
                or text(reference, "ID"),
                description=text(reference, "DocumentDescription", "DocumentType"),
                mime_type=(embedded.get("mimeCode") or "").strip() if embedded is not None else "",
                url=text(reference, "Attachment/ExternalReference/URI"),
            )
        )
    return tuple(found)
