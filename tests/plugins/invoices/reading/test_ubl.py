from datetime import date

import pytest

from plugins.invoices.reading import (
    Attachment,
    Identifier,
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
from plugins.invoices.reading.errors import (
    AmountHasTooManyDecimalsError,
    BadAmountError,
    BadCurrencyError,
    BadDateError,
    MissingAmountError,
    MissingCurrencyError,
    MissingDateError,
    MissingNumberError,
    MissingSellerError,
    MixedCurrenciesError,
    ReadingError,
    UnknownDocumentTypeError,
    ValueTooLongError,
)
from tests.plugins.invoices.reading.builders import UBL, element, ubl, ubl_line, ubl_party, ubl_vat


def read(data: bytes) -> ReadInvoice:
    return read_invoice(data, name="a.xml")


def test_a_plain_invoice_is_read_whole() -> None:
    assert read(ubl()) == ReadInvoice(
        document_type="invoice",
        type_code="380",
        number="A-1",
        issued_on=date(2026, 3, 31),
        currency="EUR",
        seller=Party(
            name="Obrador SL",
            tax_id="ESB12345678",
            registrations=(Identifier(value="ESB12345678", scheme="VAT"),),
            country="ES",
        ),
        buyer=Party(
            name="Cliente SA",
            tax_id="ESA11111111",
            registrations=(Identifier(value="ESA11111111", scheme="VAT"),),
            country="ES",
        ),
        lines=(
            Line(
                position="1",
                name="Work",
                quantity="1",
                unit="HUR",
                price="100.00",
                net=10000,
                net_text="100.00",
                vat_category="S",
                vat_rate="21",
            ),
        ),
        vat=(VatRow(category="S", rate="21", base=10000, amount=2100),),
        totals=Totals(
            lines=10000, allowances=None, charges=None, net=10000, vat=2100, gross=12100, paid=0, rounding=0, due=12100
        ),
        source_format="ubl",
        syntax="ubl",
        profile="urn:cen.eu:en16931:2017",
    )


def test_references_payment_and_attachments() -> None:
    header = (
        element("cbc:DueDate", "2026-04-30")
        + element("cbc:Note", "First\n   Second")
        + element("cbc:TaxPointDate", "2026-03-30Z")
        + element("cbc:BuyerReference", "04011000-1-2")
        + element(
            "cac:InvoicePeriod", element("cbc:StartDate", "2026-03-01+01:00") + element("cbc:EndDate", "2026-03-31")
        )
        + element("cac:OrderReference", element("cbc:ID", "PO 1"))
        + element(
            "cac:BillingReference",
            element("cac:InvoiceDocumentReference", element("cbc:ID", "A-0") + element("cbc:IssueDate", "2026-02-28")),
        )
        + element("cac:ContractDocumentReference", element("cbc:ID", "C9"))
        + element("cac:AdditionalDocumentReference", element("cbc:ID", "X") + element("cbc:DocumentTypeCode", "130"))
        + element(
            "cac:AdditionalDocumentReference",
            element("cbc:ID", "D1")
            + element("cbc:DocumentDescription", "Timesheet")
            + element(
                "cac:Attachment",
                element("cbc:EmbeddedDocumentBinaryObject", "AAAA", mimeCode="text/csv", filename="hours.csv"),
            ),
        )
        + element("cac:ProjectReference", element("cbc:ID", "P-77"))
    )
    after = (
        element("cac:PayeeParty", element("cac:PartyName", element("cbc:Name", "Factor SA")))
        + element("cac:Delivery", element("cbc:ActualDeliveryDate", "2026-03-15"))
        + element(
            "cac:PaymentMeans",
            element("cbc:PaymentMeansCode", "59", name="SEPA direct debit")
            + element("cbc:PaymentID", "RF18")
            + element(
                "cac:PayeeFinancialAccount",
                element("cbc:ID", "ES91 2100")
                + element("cbc:Name", "Obrador")
                + element("cac:FinancialInstitutionBranch", element("cbc:ID", "CAIXESBB")),
            )
            + element(
                "cac:PaymentMandate",
                element("cbc:ID", "M1") + element("cac:PayerFinancialAccount", element("cbc:ID", "ES00")),
            ),
        )
        + element("cac:PaymentTerms", element("cbc:Note", "30 days"))
    )
    invoice = read(ubl(header=header, after_parties=after))
    assert (
        invoice.due_on,
        invoice.tax_point,
        invoice.delivered_on,
        invoice.period_start,
        invoice.period_end,
        invoice.notes,
        invoice.buyer_reference,
        invoice.order_reference,
        invoice.contract_reference,
        invoice.project_reference,
        invoice.preceding,
        invoice.payee,
        invoice.payments,
        invoice.payment_terms,
        invoice.attachments,
    ) == (
        date(2026, 4, 30),
        date(2026, 3, 30),
        date(2026, 3, 15),
        date(2026, 3, 1),
        date(2026, 3, 31),
        ("First\nSecond",),
        "04011000-1-2",
        "PO 1",
        "C9",
        "P-77",
        (Preceding(number="A-0", issued_on=date(2026, 2, 28)),),
        Party(name="Factor SA"),
        (
            Payment(
                means_code="59",
                means_text="SEPA direct debit",
                iban="ES91 2100",
                account_name="Obrador",
                bic="CAIXESBB",
                remittance="RF18",
                mandate="M1",
                debited_iban="ES00",
            ),
        ),
        "30 days",
        (Attachment(name="hours.csv", description="Timesheet", mime_type="text/csv"),),
    )


def test_a_party_in_full() -> None:
    party = element(
        "cac:Party",
        element("cbc:EndpointID", "0088:1", schemeID="0088")
        + element("cac:PartyIdentification", element("cbc:ID", "4333741000005", schemeID="0088"))
        + element("cac:PartyName", element("cbc:Name", "Obrador"))
        + element(
            "cac:PostalAddress",
            element("cbc:StreetName", "Calle Mayor")
            + element("cbc:AdditionalStreetName", "2º")
            + element("cbc:BuildingNumber", "7")
            + element("cbc:CityName", "Madrid")
            + element("cbc:PostalZone", "28001")
            + element("cbc:CountrySubentity", "Madrid")
            + element("cac:AddressLine", element("cbc:Line", "Puerta B"))
            + element("cac:Country", element("cbc:IdentificationCode", "es")),
        )
        + element(
            "cac:PartyTaxScheme",
            element("cbc:CompanyID", "LOCAL-1") + element("cac:TaxScheme", element("cbc:ID", "TAX")),
        )
        + element(
            "cac:PartyTaxScheme",
            element("cbc:CompanyID", "ESB1") + element("cac:TaxScheme", element("cbc:ID", "VAT")),
        )
        + element(
            "cac:PartyLegalEntity",
            element("cbc:RegistrationName", "Obrador\n SL") + element("cbc:CompanyID", "R-1", schemeID="0002"),
        )
        + element(
            "cac:Contact",
            element("cbc:Name", "Ana")
            + element("cbc:Telephone", "+34 1")
            + element("cbc:ElectronicMail", "ana@example.org"),
        ),
    )
    data = ubl().replace(ubl_party("Obrador SL", "ESB12345678").encode(), party.encode())
    assert read(data).seller == Party(
        name="Obrador SL",
        trade_name="Obrador",
        tax_id="ESB1",
        registrations=(
            Identifier(value="4333741000005", scheme="0088"),
            Identifier(value="R-1", scheme="0002"),
            Identifier(value="LOCAL-1", scheme="TAX"),
            Identifier(value="ESB1", scheme="VAT"),
        ),
        address_lines=("Calle Mayor 7", "2º", "Puerta B"),
        city="Madrid",
        postal_code="28001",
        region="Madrid",
        country="ES",
        contact_name="Ana",
        email="ana@example.org",
        phone="+34 1",
    )


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("Invoice", "380", ("invoice", False)),
        ("Invoice", "326", ("partial_invoice", False)),
        ("Invoice", "384", ("corrected_invoice", False)),
        ("Invoice", "386", ("prepayment_invoice", False)),
        ("Invoice", "389", ("invoice", True)),
        ("Invoice", "381", ("credit_note", False)),
        ("Invoice", "383", ("debit_note", False)),
        ("Invoice", "325", ("proforma_invoice", False)),
        ("Invoice", "875", ("partial_invoice", False)),
        ("CreditNote", "381", ("credit_note", False)),
        ("CreditNote", "396", ("credit_note", False)),
        ("CreditNote", "261", ("credit_note", True)),
        ("CreditNote", "", ("credit_note", False)),
    ],
)
def test_document_types(kind: str, code: str, expected: tuple[str, bool]) -> None:
    invoice = read(ubl(kind=kind, type_code=code))
    assert (invoice.document_type, invoice.self_billed) == expected
    assert invoice.type_code == (code or "381")
    assert invoice.lines[0].quantity == "1"


def test_credit_note_takes_due_date_and_project_from_where_ubl_puts_them() -> None:
    header = element(
        "cac:AdditionalDocumentReference", element("cbc:ID", "P-9") + element("cbc:DocumentTypeCode", "50")
    )
    after = element(
        "cac:PaymentMeans", element("cbc:PaymentMeansCode", "30") + element("cbc:PaymentDueDate", "2026-05-01")
    )
    note = read(ubl(kind="CreditNote", type_code="381", header=header, after_parties=after))
    assert (note.project_reference, note.due_on, note.attachments) == ("P-9", date(2026, 5, 1), ())


def test_sub_lines_follow_their_parent_and_are_not_counted() -> None:
    sub = ubl_line("60.00", position="1.1").replace("InvoiceLine", "SubInvoiceLine") + ubl_line(
        "40.00", position="1.2"
    ).replace("InvoiceLine", "SubInvoiceLine")
    invoice = read(ubl(lines=ubl_line("100.00", more=sub)))
    assert [(line.position, line.parent, line.counted) for line in invoice.lines] == [
        ("1", "", True),
        ("1.1", "1", False),
        ("1.2", "1", False),
    ]
    assert check_sums(invoice) == []


def test_an_invoice_in_a_business_envelope_is_found() -> None:
    inner = ubl(declaration="")
    wrapped = (
        b'<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">'
        b"<StandardBusinessDocumentHeader/>" + inner + b"</StandardBusinessDocument>"
    )
    assert read(wrapped) == read(inner)


def test_an_envelope_with_two_invoices_says_so() -> None:
    two = b"<StandardBusinessDocument>" + ubl(declaration="") + ubl(number="A-2", declaration="")
    with pytest.raises(ReadingError) as caught:
        read(two + b"</StandardBusinessDocument>")
    assert (caught.value.code, caught.value.params) == ("several-invoices", {"count": 2})


@pytest.mark.parametrize(("stated", "rate"), [("21 %", "21"), ("21.0", "21.0"), ("", "")])
def test_the_rate_of_a_line_is_a_number(stated: str, rate: str) -> None:
    assert read(ubl().replace(RATE, b"<cbc:Percent>%s</cbc:Percent>" % stated.encode())).lines[0].vat_rate == rate


def test_a_rate_of_a_line_that_is_none_is_named() -> None:
    with pytest.raises(ReadingError) as caught:
        read(ubl().replace(RATE, b"<cbc:Percent>reduced</cbc:Percent>"))
    assert caught.value.message == "VAT rate is “reduced”, which is not an amount."


RATE = b"<cbc:Percent>21</cbc:Percent>"


def test_prefixes_make_no_difference() -> None:
    data = ubl().replace(b"cbc:", b"x:").replace(b"xmlns:cbc", b"xmlns:x").replace(b"cac:", b"ns4:")
    assert read(data.replace(b"xmlns:cac", b"xmlns:ns4")) == read(ubl())


@pytest.mark.parametrize(
    ("data", "error", "facts"),
    [
        (ubl(number=" "), MissingNumberError, {}),
        (ubl(number="9" * 201), ValueTooLongError, {"field": "invoice number", "limit": 200}),
        (ubl(issued=""), MissingDateError, {}),
        (ubl(issued="2026-02-30"), BadDateError, {"field": "date of issue", "value": "2026-02-30"}),
        (ubl(issued="31.03.2026"), BadDateError, {"field": "date of issue", "value": "31.03.2026"}),
        (
            ubl(header=element("cbc:DueDate", "soon")),
            BadDateError,
            {"field": "due date", "value": "soon"},
        ),
        (ubl(currency=""), MissingCurrencyError, {}),
        (ubl(currency="Euro"), BadCurrencyError, {"value": "Euro"}),
        (ubl(totals={"LineExtensionAmount": "1"}), MissingAmountError, {"field": "total with VAT"}),
        (ubl(totals={"TaxInclusiveAmount": "1,00"}), BadAmountError, {"field": "total with VAT", "value": "1,00"}),
        (ubl(totals={"TaxInclusiveAmount": "1e3"}), BadAmountError, {"field": "total with VAT", "value": "1e3"}),
        (ubl(totals={"TaxInclusiveAmount": "NaN"}), BadAmountError, {"field": "total with VAT", "value": "NaN"}),
        (
            ubl(totals={"TaxInclusiveAmount": "9" * 30}),
            BadAmountError,
            {"field": "total with VAT", "value": "9" * 30},
        ),
        (
            ubl(totals={"TaxInclusiveAmount": "121.005"}),
            AmountHasTooManyDecimalsError,
            {"field": "total with VAT", "value": "121.005", "currency": "EUR", "decimals": 2},
        ),
        (
            ubl(vat_rows=ubl_vat("100", "21", rate="21,0")),
            BadAmountError,
            {"field": "VAT rate", "value": "21,0"},
        ),
        (
            ubl(lines=ubl_line("100.00", quantity="two")),
            BadAmountError,
            {"field": "quantity", "value": "two"},
        ),
        (
            ubl().replace(b'<cbc:PayableAmount currencyID="EUR">', b'<cbc:PayableAmount currencyID="USD">'),
            MixedCurrenciesError,
            {"field": "amount due", "value": "USD", "currency": "EUR"},
        ),
        (
            ubl().replace(b"Obrador SL", b"").replace(b"ESB12345678", b""),
            MissingSellerError,
            {},
        ),
        (
            f'<Order xmlns="{UBL}Order-2"/>'.encode(),
            UnknownDocumentTypeError,
            {"root": "Order"},
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(data: bytes, error: type[ReadingError], facts: dict[str, object]) -> None:
    with pytest.raises(error) as caught:
        read(data)
    assert caught.value.params == facts
