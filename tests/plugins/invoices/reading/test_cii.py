from datetime import date

import pytest

from plugins.invoices.reading import (
    AllowanceCharge,
    Identifier,
    Installment,
    Line,
    Party,
    Payment,
    Preceding,
    ReadInvoice,
    Totals,
    VatRow,
    check_sums,
    read_invoice,
)
from plugins.invoices.reading.errors import UnsupportedVersionError
from tests.plugins.invoices.reading.builders import cii, cii_day, cii_line, element, zugferd1


def read(data: bytes) -> ReadInvoice:
    return read_invoice(data, name="a.xml")


SELLER = Party(
    name="Muster GmbH",
    tax_id="DE123456789",
    registrations=(Identifier(value="DE123456789", scheme="VA"),),
    country="DE",
)
BUYER = Party(name="Kunde AG", country="DE")
LINE = Line(
    position="1",
    name="Ware",
    quantity="1",
    unit="H87",
    price="100.00",
    net=10000,
    net_text="100.00",
    vat_category="S",
    vat_rate="19",
)
TOTALS = Totals(
    lines=10000, allowances=None, charges=None, net=10000, vat=1900, gross=11900, paid=0, rounding=0, due=11900
)


def test_a_plain_invoice_is_read_whole() -> None:
    assert read(cii()) == ReadInvoice(
        document_type="invoice",
        type_code="380",
        number="R-7",
        issued_on=date(2026, 3, 31),
        currency="EUR",
        seller=SELLER,
        buyer=BUYER,
        lines=(LINE,),
        vat=(VatRow(category="S", rate="19", base=10000, amount=1900),),
        totals=TOTALS,
        source_format="cii",
        syntax="cii",
        profile="urn:cen.eu:en16931:2017",
    )


def test_zugferd_1_under_its_older_names() -> None:
    assert read(zugferd1()) == ReadInvoice(
        document_type="invoice",
        type_code="380",
        number="Z1-9",
        issued_on=date(2014, 7, 11),
        currency="EUR",
        seller=Party(
            name="Kraxi GmbH",
            tax_id="DE123456789",
            registrations=(Identifier(value="DE123456789", scheme="VA"),),
            country="DE",
        ),
        buyer=Party(name="Papierflieger GmbH", country="DE"),
        lines=(
            Line(
                position="1",
                name="Ware",
                quantity="4.0000",
                unit="C62",
                price="25.0000",
                price_base_quantity="1.0000",
                net=10000,
                net_text="100.00",
                vat_category="S",
                vat_rate="19.00",
            ),
        ),
        vat=(VatRow(category="", rate="19.00", base=10000, amount=1900),),
        totals=Totals(
            lines=10000, allowances=0, charges=0, net=10000, vat=1900, gross=11900, paid=0, rounding=0, due=11900
        ),
        order_reference="B1",
        payments=(Payment(remittance="Z1-9"),),
        source_format="cii",
        syntax="zugferd1",
        profile="urn:ferd:CrossIndustryDocument:invoice:1p0:comfort",
    )


def test_zugferds_release_candidate_of_2013() -> None:
    draft = (
        zugferd1()
        .replace(b"rsm:CrossIndustryDocument", b"rsm:Invoice")
        .replace(b'urn:ferd:CrossIndustryDocument:invoice:1p0"', b'urn:un:unece:uncefact:data:standard:CBFBUY:5"')
        .replace(b"ram:", b"")
        .replace(b'<IssueDateTime><udt:DateTimeString format="102">', b'<IssueDateTime format="102">')
        .replace(b"</udt:DateTimeString></IssueDateTime>", b"</IssueDateTime>")
        .replace(b'<BasisAmount currencyID="EUR">100.00</BasisAmount>', b"")
    )
    assert b'xmlns:rsm="urn:un:unece:uncefact:data:standard:CBFBUY:5' in draft
    final = read(zugferd1())
    invoice = read(draft)
    assert (invoice.number, invoice.issued_on, invoice.totals, invoice.lines, invoice.syntax) == (
        final.number,
        final.issued_on,
        final.totals,
        final.lines,
        "zugferd1",
    )
    assert invoice.vat == (VatRow(category="", rate="19.00", base=None, amount=1900),)
    assert check_sums(invoice) == []


def test_text_lines_of_zugferd_1_have_no_amounts_and_disturb_no_sum() -> None:
    note = element(
        "ram:IncludedSupplyChainTradeLineItem",
        element(
            "ram:AssociatedDocumentLineDocument",
            element("ram:IncludedNote", element("ram:Content", "Wir danken.")),
        )
        + element("ram:SpecifiedSupplyChainTradeSettlement"),
    )
    data = zugferd1().replace(
        b"<ram:IncludedSupplyChainTradeLineItem>", note.encode() + b"<ram:IncludedSupplyChainTradeLineItem>", 1
    )
    invoice = read(data)
    assert invoice.lines[0] == Line(position="", name="", note="Wir danken.")
    assert (len(invoice.lines), check_sums(invoice)) == (2, [])


def test_lines_without_amounts_of_the_zugferd_1_basic_profile_are_not_summed() -> None:
    line = element(
        "ram:IncludedSupplyChainTradeLineItem",
        element("ram:SpecifiedSupplyChainTradeDelivery", element("ram:BilledQuantity", "2", unitCode="C62"))
        + element("ram:SpecifiedTradeProduct", element("ram:Name", "Ware")),
    )
    invoice = read(zugferd1(lines=line))
    assert invoice.lines == (Line(position="", name="Ware", quantity="2", unit="C62"),)
    assert check_sums(invoice) == []


def test_minimum_profile_has_totals_alone() -> None:
    sums = (
        element("ram:TaxBasisTotalAmount", "100.00")
        + element("ram:TaxTotalAmount", "19.00", currencyID="EUR")
        + element("ram:GrandTotalAmount", "119.00")
        + element("ram:DuePayableAmount", "19.00")
    )
    invoice = read(cii(profile="urn:factur-x.eu:1p0:minimum", lines="", vat="", totals=sums))
    assert (invoice.lines, invoice.vat, invoice.totals) == (
        (),
        (),
        Totals(
            lines=None, allowances=None, charges=None, net=10000, vat=1900, gross=11900, paid=0, rounding=0, due=1900
        ),
    )
    assert check_sums(invoice) == []


def test_foreign_currency_with_vat_in_the_accounting_currency() -> None:
    sums = (
        element("ram:LineTotalAmount", "100.00")
        + element("ram:TaxBasisTotalAmount", "100.00")
        + element("ram:TaxTotalAmount", "21.33", currencyID="EUR")
        + element("ram:TaxTotalAmount", "19.00", currencyID="GBP")
        + element("ram:RoundingAmount", "0.01")
        + element("ram:GrandTotalAmount", "119.00")
        + element("ram:TotalPrepaidAmount", "19.01")
        + element("ram:DuePayableAmount", "100.00")
    )
    invoice = read(cii(currency="GBP", settlement=element("ram:TaxCurrencyCode", "EUR"), totals=sums))
    assert (invoice.currency, invoice.tax_currency, invoice.totals) == (
        "GBP",
        "EUR",
        Totals(
            lines=10000,
            allowances=None,
            charges=None,
            net=10000,
            vat=1900,
            gross=11900,
            paid=1901,
            rounding=1,
            due=10000,
            vat_in_tax_currency=2133,
        ),
    )
    assert check_sums(invoice) == []


def test_without_a_vat_total_the_breakdown_says_it() -> None:
    sums = element("ram:TaxBasisTotalAmount", "100.00") + element("ram:GrandTotalAmount", "119.00")
    assert read(cii(totals=sums)).totals.vat == 1900


def test_groups_and_information_lines_are_kept_and_not_counted() -> None:
    lines = (
        cii_line("60.00", position="0101", status="DETAIL")
        + cii_line("40.00", position="0102", status="DETAIL")
        + cii_line("100.00", position="01", status="GROUP")
        + cii_line("5.00", position="02", status="INFORMATION")
    )
    invoice = read(cii(lines=lines))
    assert [line.counted for line in invoice.lines] == [True, True, False, False]
    assert check_sums(invoice) == []


def test_charges_of_logistics_and_line_allowances() -> None:
    off = element(
        "ram:SpecifiedTradeAllowanceCharge",
        element("ram:ChargeIndicator", element("udt:Indicator", "false"))
        + element("ram:CalculationPercent", "10")
        + element("ram:BasisAmount", "110")
        + element("ram:ActualAmount", "11.00")
        + element("ram:Reason", "Rabatt"),
    )
    service = element(
        "ram:SpecifiedLogisticsServiceCharge",
        element("ram:Description", "Transport") + element("ram:AppliedAmount", "3.00"),
    )
    invoice = read(cii(lines=cii_line("100.00", more=off), before_totals=service))
    assert invoice.lines[0].allowances == (
        AllowanceCharge(is_charge=False, amount=1100, percent="10", base=11000, reason="Rabatt"),
    )
    assert invoice.allowances == (AllowanceCharge(is_charge=True, amount=300, reason="Transport"),)


def test_cii_of_another_version_is_named() -> None:
    data = b'<CrossIndustryInvoice xmlns="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:2"/>'
    with pytest.raises(UnsupportedVersionError) as caught:
        read(data)
    assert caught.value.params == {
        "format": "CrossIndustryInvoice",
        "version": "2",
        "supported": "CII D16B (100), ZUGFeRD 1.0",
    }


def test_everything_is_due_on_the_last_of_several_days() -> None:
    terms = "".join(
        element("ram:SpecifiedTradePaymentTerms", element("ram:Description", text) + cii_day("DueDateDateTime", day))
        for text, day in (("2 % Skonto", "20260414"), ("netto", "20260430"))
    )
    invoice = read(cii(before_totals=terms))
    assert (invoice.due_on, invoice.payment_terms, invoice.installments) == (
        date(2026, 4, 30),
        "2 % Skonto\nnetto",
        (),
    )


def test_part_payments() -> None:
    terms = "".join(
        element(
            "ram:SpecifiedTradePaymentTerms",
            cii_day("DueDateDateTime", day) + element("ram:PartialPaymentAmount", amount),
        )
        for day, amount in (("20260415", "59.50"), ("20260515", "59.50"))
    )
    assert read(cii(before_totals=terms)).installments == (
        Installment(due_on=date(2026, 4, 15), amount=5950),
        Installment(due_on=date(2026, 5, 15), amount=5950),
    )


def test_credit_note_refers_to_what_it_corrects() -> None:
    reference = element(
        "ram:InvoiceReferencedDocument",
        element("ram:IssuerAssignedID", "R-6")
        + element("ram:FormattedIssueDateTime", element("qdt:DateTimeString", "20260228", format="102")),
    )
    note = read(cii(type_code="381", before_totals=reference))
    assert (note.document_type, note.preceding) == (
        "credit_note",
        (Preceding(number="R-6", issued_on=date(2026, 2, 28)),),
    )


def test_payment_by_direct_debit() -> None:
    settlement = element("ram:CreditorReferenceID", "DE98ZZZ") + element("ram:PaymentReference", "R-7")
    means = element(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        element("ram:TypeCode", "59")
        + element("ram:Information", "SEPA")
        + element("ram:PayerPartyDebtorFinancialAccount", element("ram:IBANID", "DE11"))
        + element(
            "ram:PayeePartyCreditorFinancialAccount",
            element("ram:IBANID", "DE22") + element("ram:AccountName", "Muster"),
        )
        + element("ram:PayeeSpecifiedCreditorFinancialInstitution", element("ram:BICID", "COBADEFF")),
    )
    terms = element("ram:SpecifiedTradePaymentTerms", element("ram:DirectDebitMandateID", "M-1"))
    assert read(cii(settlement=settlement, before_totals=means + terms)).payments == (
        Payment(
            means_code="59",
            means_text="SEPA",
            iban="DE22",
            account_name="Muster",
            bic="COBADEFF",
            remittance="R-7",
            mandate="M-1",
            debited_iban="DE11",
            creditor_id="DE98ZZZ",
        ),
    )


@pytest.mark.parametrize(
    ("day", "code"), [("20260331", "102"), ("202603311530", "203"), ("20260331153000", "204"), ("2026-03-31", "102")]
)
def test_formats_of_days(day: str, code: str) -> None:
    stated = cii_day("IssueDateTime", day, code=code)
    data = cii().replace(cii_day("IssueDateTime", "20260331").encode(), stated.encode())
    assert read(data).issued_on == date(2026, 3, 31)
