from datetime import date

import pytest

from plugins.invoices.reading import (
    AllowanceCharge,
    Attachment,
    Identifier,
    Installment,
    Line,
    Party,
    Payment,
    Preceding,
    ReadInvoice,
    Totals,
    VatRow,
    Withholding,
    check_sums,
    read_invoice,
    read_invoices,
)
from plugins.invoices.reading.errors import SeveralInvoicesError, UnsupportedVersionError
from tests.plugins.invoices.reading.builders import element
from tests.plugins.invoices.reading.facturae_builders import facturae, facturae_invoice, facturae_tax


def read(data: bytes) -> ReadInvoice:
    return read_invoice(data, name="a.xsig")


@pytest.mark.parametrize("version", ["3.2", "3.2.1", "3.2.2"])
def test_a_plain_signed_invoice_is_read_whole(version: str) -> None:
    assert read(facturae(version=version)) == ReadInvoice(
        document_type="invoice",
        type_code="380",
        native_type="FC-OO",
        number="7",
        issued_on=date(2026, 3, 31),
        currency="EUR",
        tax_currency="EUR",
        seller=Party(name="Obrador SL", tax_id="B12345678"),
        buyer=Party(name="Cliente SA", tax_id="A11111111"),
        lines=(
            Line(
                position="1",
                name="Horas",
                quantity="4.0",
                unit="HUR",
                price="25.000000",
                net=10000,
                net_text="100.00",
                vat_category="S",
                vat_rate="21.00",
            ),
        ),
        vat=(VatRow(category="S", rate="21.00", base=10000, amount=2100),),
        totals=Totals(
            lines=10000, allowances=None, charges=None, net=10000, vat=2100, gross=12100, paid=0, rounding=0, due=12100
        ),
        source_format="facturae",
        syntax="facturae",
        profile=version,
    )


def test_other_versions_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedVersionError) as caught:
        read(facturae(version="3.1"))
    assert caught.value.params == {"format": "Facturae", "version": "3.1", "supported": "3.2, 3.2.1, 3.2.2"}


def test_a_batch_gives_every_invoice_or_says_how_many_there_are() -> None:
    data = facturae(facturae_invoice(number="1"), facturae_invoice(number="2"))
    assert [invoice.number for invoice in read_invoices(data, name="lote.xsig")] == ["1", "2"]
    with pytest.raises(SeveralInvoicesError) as caught:
        read(data)
    assert caught.value.params == {"count": 2}


@pytest.mark.parametrize(
    ("series", "number", "shown"),
    [
        ("", "7", "7"),
        ("A", "7", "A-7"),
        ("2026/", "7", "2026/7"),
        ("F26", "F26-7", "F26-7"),
        ("2", "20", "2-20"),
        ("2026", "20267", "20267"),
    ],
)
def test_series_and_number_name_an_invoice_together(series: str, number: str, shown: str) -> None:
    invoice = read(facturae(facturae_invoice(series=series, number=number)))
    assert (invoice.number, invoice.series) == (shown, series)


CORRECTIVE = element(
    "Corrective",
    element("InvoiceNumber", "6")
    + element("InvoiceSeriesCode", "A")
    + element("ReasonCode", "01")
    + element("InvoiceIssueDate", "2026-02-28"),
)


def test_negative_corrective_invoice_is_a_credit_note() -> None:
    totals = {
        "TotalGrossAmount": "-100.00",
        "TotalGrossAmountBeforeTaxes": "-100.00",
        "TotalTaxOutputs": "-21.00",
        "InvoiceTotal": "-121.00",
        "TotalOutstandingAmount": "-121.00",
        "TotalExecutableAmount": "-121.00",
    }
    note = read(
        facturae(
            facturae_invoice(
                invoice_class="OR",
                corrective=CORRECTIVE,
                totals=totals,
                outputs=facturae_tax("21.00", "-100.00", "-21.00"),
            )
        )
    )
    assert (note.document_type, note.type_code, note.native_type, note.preceding, note.totals.due) == (
        "credit_note",
        "381",
        "FC-OR",
        (Preceding(number="A-6", issued_on=date(2026, 2, 28)),),
        -12100,
    )


def test_positive_corrective_invoice_replaces() -> None:
    invoice = read(facturae(facturae_invoice(invoice_class="OR", corrective=CORRECTIVE)))
    assert (invoice.document_type, invoice.type_code) == ("corrected_invoice", "384")


@pytest.mark.parametrize(("total", "name"), [("106.00", "after withholding"), ("121.00", "before withholding")])
def test_withheld_irpf_in_both_conventions(total: str, name: str) -> None:
    invoice = read(
        facturae(
            facturae_invoice(
                withheld=facturae_tax("15.00", "100.00", "15.00", code="04"),
                totals={
                    "TotalTaxesWithheld": "15.00",
                    "InvoiceTotal": total,
                    "TotalOutstandingAmount": "106.00",
                    "TotalExecutableAmount": "106.00",
                },
            )
        )
    )
    assert invoice.withholdings == (Withholding(tax="IRPF", rate="15.00", base=10000, amount=1500),), name
    assert (invoice.totals.gross, invoice.totals.withheld, invoice.totals.due) == (
        int(total.replace(".", "")),
        1500,
        10600,
    )
    assert check_sums(invoice) == []


def test_equivalence_surcharge_belongs_to_the_tax() -> None:
    surcharge = element("EquivalenceSurcharge", "5.20") + element(
        "EquivalenceSurchargeAmount", element("TotalAmount", "5.20")
    )
    invoice = read(
        facturae(
            facturae_invoice(
                outputs=facturae_tax("21.00", "100.00", "21.00", more=surcharge),
                totals={
                    "TotalTaxOutputs": "26.20",
                    "InvoiceTotal": "126.20",
                    "TotalOutstandingAmount": "126.20",
                    "TotalExecutableAmount": "126.20",
                },
            )
        )
    )
    assert invoice.vat == (
        VatRow(category="S", rate="21.00", base=10000, amount=2100, surcharge_rate="5.20", surcharge=520),
    )
    assert check_sums(invoice) == []


def test_taxes_of_the_islands_and_exemption() -> None:
    event = element(
        "SpecialTaxableEvent",
        element("SpecialTaxableEventCode", "01") + element("SpecialTaxableEventReason", "Art. 20"),
    )
    rows = (
        facturae_tax("7.00", "50.00", "3.50", code="03")
        + facturae_tax("4.00", "25.00", "1.00", code="02")
        + facturae_tax("0.00", "25.00", "0.00", more=event)
    )
    assert read(facturae(facturae_invoice(outputs=rows))).vat == (
        VatRow(category="L", rate="7.00", base=5000, amount=350, tax="IGIC"),
        VatRow(category="M", rate="4.00", base=2500, amount=100, tax="IPSI"),
        VatRow(category="E", rate="0.00", base=2500, amount=0, reason="Art. 20"),
    )


def test_discounts_advances_subsidies_and_expenses() -> None:
    inside = (
        element(
            "GeneralDiscounts",
            element(
                "Discount",
                element("DiscountReason", "Dto")
                + element("DiscountRate", "10.00")
                + element("DiscountAmount", "10.00"),
            ),
        )
        + element("TotalGeneralDiscounts", "10.00")
        + element("Subsidies", element("Subsidy", element("SubsidyAmount", "8.90")))
        + element("TotalPaymentsOnAccount", "50.00")
        + element("AmountsWithheld", element("WithholdingAmount", "5.00"))
        + element("TotalReimbursableExpenses", "3.00")
        + element("TotalFinancialExpenses", "1.00")
    )
    invoice = read(
        facturae(
            facturae_invoice(
                outputs=facturae_tax("21.00", "90.00", "18.90"),
                inside_totals=inside,
                totals={
                    "TotalGrossAmountBeforeTaxes": "90.00",
                    "TotalTaxOutputs": "18.90",
                    "InvoiceTotal": "108.90",
                    "TotalOutstandingAmount": "50.00",
                    "TotalExecutableAmount": "49.00",
                },
            )
        )
    )
    assert invoice.allowances == (AllowanceCharge(is_charge=False, amount=1000, percent="10.00", reason="Dto"),)
    assert invoice.totals == Totals(
        lines=10000,
        allowances=1000,
        charges=None,
        net=9000,
        vat=1890,
        gross=10890,
        paid=5890,
        rounding=0,
        due=4900,
        retained=500,
        added=400,
    )
    assert check_sums(invoice) == []


def test_instalments_accounts_notes_and_attachments() -> None:
    def instalment(day: str, amount: str) -> str:
        return element(
            "Installment",
            element("InstallmentDueDate", day)
            + element("InstallmentAmount", amount)
            + element("PaymentMeans", "04")
            + element("AccountToBeCredited", element("IBAN", "ES9121000418450200051332"))
            + element("CollectionAdditionalInformation", "Indique el número"),
        )

    attachment = element(
        "RelatedDocuments",
        element(
            "Attachment",
            element("AttachmentFormat", "pdf")
            + element("AttachmentDescription", "Partes")
            + element("AttachmentData", "AAAA"),
        ),
    )
    invoice = read(
        facturae(
            facturae_invoice(
                payment=element(
                    "PaymentDetails", instalment("2026-04-30", "60.50") + instalment("2026-05-31", "60.50")
                ),
                more=element("LegalLiterals", element("LegalReference", "Inversión"))
                + element("AdditionalData", attachment + element("InvoiceAdditionalInformation", "Gracias")),
            )
        )
    )
    assert (
        invoice.due_on,
        invoice.installments,
        invoice.payments,
        invoice.payment_terms,
        invoice.notes,
        invoice.attachments,
    ) == (
        date(2026, 5, 31),
        (
            Installment(due_on=date(2026, 4, 30), amount=6050),
            Installment(due_on=date(2026, 5, 31), amount=6050),
        ),
        (Payment(means_code="30", iban="ES9121000418450200051332"),),
        "Indique el número",
        ("Inversión", "Gracias"),
        (Attachment(name="Partes", description="Partes", mime_type="pdf"),),
    )


def test_individuals_overseas_and_public_bodies() -> None:
    buyer = element(
        "BuyerParty",
        element("TaxIdentification", element("TaxIdentificationNumber", "FR999"))
        + element(
            "AdministrativeCentres",
            element("AdministrativeCentre", element("CentreCode", "L01280796") + element("RoleTypeCode", "01")),
        )
        + element(
            "Individual",
            element("Name", "Jean")
            + element("FirstSurname", "Dubois")
            + element("SecondSurname", "Martin")
            + element(
                "OverseasAddress",
                element("Address", "Rue 1")
                + element("PostCodeAndTown", "75002 Paris")
                + element("Province", "IDF")
                + element("CountryCode", "FRA"),
            )
            + element("ContactDetails", element("ElectronicMail", "j@example.org")),
        ),
    )
    assert read(facturae(buyer=buyer)).buyer == Party(
        name="Jean Dubois Martin",
        tax_id="FR999",
        registrations=(Identifier(value="L01280796", scheme="DIR3-01"),),
        address_lines=("Rue 1",),
        city="Paris",
        postal_code="75002",
        region="IDF",
        country="FR",
        email="j@example.org",
    )


def test_invoices_issued_by_the_receiver_are_self_billed() -> None:
    assert read(facturae(issuer="RE")).self_billed
