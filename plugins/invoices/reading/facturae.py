"""Facturae 3.2, 3.2.1, 3.2.2 (Spain), signed or not, with one invoice or a batch."""

from lxml.etree import _Element, tostring

from plugins.invoices.reading.amounts import currency_code
from plugins.invoices.reading.dates import read_date, read_date_or_none
from plugins.invoices.reading.errors import MissingDateError, MissingNumberError, UnsupportedVersionError
from plugins.invoices.reading.facturae_parts import (
    allowances,
    installments,
    lines,
    optional_party,
    party,
    payments,
    vat_rows,
    withholdings,
)
from plugins.invoices.reading.figures import Figures, invoice_number
from plugins.invoices.reading.invoice import Attachment, DocumentType, Preceding, ReadInvoice, Totals, Withholding
from plugins.invoices.reading.nodes import child, children, local_name, prose, proses, text, texts

ROOT = "Facturae"
_SUPPORTED = "3.2, 3.2.1, 3.2.2"
_BY_CHANCE = 3
_CORRECTIVE_CLASSES = frozenset({"OR", "CR"})


def read_facturae(root: _Element) -> tuple[ReadInvoice, ...]:
    """Every invoice of the file. Raises IncompleteInvoiceError, UnsupportedVersionError."""
    version = text(root, "FileHeader/SchemaVersion")
    if not version.startswith("3.2"):
        raise UnsupportedVersionError(format="Facturae", version=version[:20] or "?", supported=_SUPPORTED)
    found = tuple(_read(root, node, version) for node in children(root, "Invoices/Invoice"))
    if not found:
        raise MissingNumberError
    return found


def _read(root: _Element, node: _Element, version: str) -> ReadInvoice:
    header = child(node, "InvoiceHeader")
    data = child(node, "InvoiceIssueData")
    figures = Figures(currency_code(text(data, "InvoiceCurrencyCode")))
    if not (issued := text(data, "IssueDate")):
        raise MissingDateError
    series = text(header, "InvoiceSeriesCode")
    invoice_class = text(header, "InvoiceClass").upper()
    withheld = withholdings(node, figures)
    totals = _totals(node, figures, withheld)
    kind, type_code = _document_type(invoice_class, totals.gross)
    parts = installments(node, figures)
    return ReadInvoice(
        document_type=kind,
        type_code=type_code,
        native_type="-".join(filter(None, (text(header, "InvoiceDocumentType").upper(), invoice_class))),
        self_billed=text(root, "FileHeader/InvoiceIssuerType").upper() == "RE",
        number=invoice_number(_with_series(series, text(header, "InvoiceNumber"))),
        series=series,
        issued_on=read_date(issued, field="date of issue"),
        due_on=max((part.due_on for part in parts if part.due_on), default=None),
        delivered_on=read_date_or_none(text(data, "OperationDate")),
        period_start=read_date_or_none(text(data, "InvoicingPeriod/StartDate")),
        period_end=read_date_or_none(text(data, "InvoicingPeriod/EndDate")),
        currency=figures.currency,
        tax_currency=text(data, "TaxCurrencyCode").upper(),
        seller=party(child(root, "Parties/SellerParty")),
        buyer=party(child(root, "Parties/BuyerParty")),
        payee=optional_party(child(root, "FileHeader/FactoringAssignmentData/Assignee")),
        lines=lines(node, figures),
        allowances=allowances(child(node, "InvoiceTotals"), figures, general=True),
        vat=vat_rows(node, figures),
        withholdings=withheld,
        totals=totals,
        order_reference=text(node, "Items/InvoiceLine/ReceiverTransactionReference"),
        contract_reference=text(node, "Items/InvoiceLine/ReceiverContractReference"),
        project_reference=text(node, "Items/InvoiceLine/FileReference"),
        preceding=_preceding(header),
        payments=payments(node),
        payment_terms="\n".join(
            dict.fromkeys(proses(node, "PaymentDetails/Installment/CollectionAdditionalInformation"))
        ),
        installments=parts,
        notes=(
            *proses(node, "LegalLiterals/LegalReference"),
            *proses(node, "AdditionalData/InvoiceAdditionalInformation"),
        ),
        attachments=tuple(
            Attachment(
                name=f"{prose(item, 'AttachmentDescription') or 'attachment'}",
                description=prose(item, "AttachmentDescription"),
                mime_type=text(item, "AttachmentFormat"),
            )
            for item in children(node, "AdditionalData/RelatedDocuments/Attachment")
        ),
        source_format="facturae",
        syntax="facturae",
        profile=version,
    )


def _with_series(series: str, number: str) -> str:
    # Series and number identify an invoice together (RD 1619/2012 art. 6.1 a); some writers repeat the series. A short
    # series of digits alone repeats by chance: number 20 of series 2 is not number 0.
    repeated = number.startswith(series) and (len(series) > _BY_CHANCE or not series.isdigit())
    if not series or not number or repeated:
        return number
    return f"{series}{number}" if not series[-1].isalnum() else f"{series}-{number}"


def _document_type(invoice_class: str, gross: int) -> tuple[DocumentType, str]:
    if invoice_class in _CORRECTIVE_CLASSES:
        return ("credit_note", "381") if gross < 0 else ("corrected_invoice", "384")
    return "invoice", "380"


def _totals(node: _Element, figures: Figures, withholdings_found: tuple[Withholding, ...]) -> Totals:
    sums = child(node, "InvoiceTotals")
    gross = figures.demanded(sums, "InvoiceTotal", field="total with VAT")
    paid = _stated_or_sum(
        sums, figures, "TotalPaymentsOnAccount", "PaymentsOnAccount/PaymentOnAccount/PaymentOnAccountAmount"
    ) + sum(
        figures.part_or_zero(item, "SubsidyAmount", field="subsidy") for item in children(sums, "Subsidies/Subsidy")
    )
    outstanding = figures.total(sums, "TotalOutstandingAmount", field="outstanding amount")
    added = _stated_or_sum(
        sums,
        figures,
        "TotalReimbursableExpenses",
        "ReimbursableExpenses/ReimbursableExpenses/ReimbursableExpensesAmount",
    ) + (figures.total(sums, "TotalFinancialExpenses", field="expenses") or 0)
    retained = figures.part_or_zero(sums, "AmountsWithheld/WithholdingAmount", field="retained guarantee")
    in_kind = figures.part_or_zero(sums, "PaymentInKind/PaymentInKindAmount", field="payment in kind")
    due = figures.total(sums, "TotalExecutableAmount", field="amount due")
    if due is None:
        due = (gross - paid if outstanding is None else outstanding) - retained + added - in_kind
    # Writers differ whether expenses are told or asked for, and whether goods given in payment are taken off.
    for expenses, goods in ((added, in_kind), (added, 0), (0, in_kind), (0, 0)):
        if gross - paid - retained + expenses - goods == due:
            added, paid = expenses, paid + goods
            break
    withheld = figures.total(sums, "TotalTaxesWithheld", field="withheld taxes")
    return Totals(
        lines=figures.part(sums, "TotalGrossAmount", field="sum of the lines"),
        allowances=figures.part(sums, "TotalGeneralDiscounts", field="sum of the allowances"),
        charges=figures.part(sums, "TotalGeneralSurcharges", field="sum of the charges"),
        net=figures.rounded_total(sums, "TotalGrossAmountBeforeTaxes", field="total without VAT"),
        vat=figures.rounded_total(sums, "TotalTaxOutputs", field="VAT total"),
        gross=gross,
        paid=paid,
        rounding=0,
        due=due,
        withheld=sum(item.amount for item in withholdings_found) if withheld is None else withheld,
        retained=retained,
        added=added,
    )


def _stated_or_sum(sums: _Element | None, figures: Figures, total: str, items: str) -> int:
    stated = figures.part(sums, total, field="payments on account" if "Account" in total else "expenses")
    if stated is not None:
        return stated
    return sum(
        figures.part_or_zero(item.getparent(), local_name(item), field="expenses") for item in children(sums, items)
    )


def _preceding(header: _Element | None) -> tuple[Preceding, ...]:
    return tuple(
        Preceding(
            number=_with_series(text(item, "InvoiceSeriesCode"), number),
            issued_on=read_date_or_none(text(item, "InvoiceIssueDate")),
        )
        for item in children(header, "Corrective")
        for number in texts(item, "InvoiceNumber")[:1]
    )


def part_of_batch(root: _Element, part: int) -> bytes:
    """
    One invoice of a batch as XML of its own: who sells and buys, and that invoice, with nothing of the others.

    The sums of the batch, the signature over all of it and the file's extensions are left out.
    """
    for invoices in children(root, "Invoices"):
        for position, node in enumerate(list(children(invoices, "Invoice"))):
            if position != part:
                invoices.remove(node)
    for node in list(root):
        if local_name(node) not in {"FileHeader", "Parties", "Invoices"}:
            root.remove(node)
    for header in children(root, "FileHeader"):
        for node in list(header):
            if local_name(node) not in {"SchemaVersion", "InvoiceIssuerType"}:
                header.remove(node)
    return tostring(root, xml_declaration=True, encoding="UTF-8")
