"""Sums of UBL invoices: signs, allowances, currencies, withheld tax, what follows from the others."""

from dataclasses import replace

import pytest

from plugins.invoices.reading import (
    AllowanceCharge,
    ReadInvoice,
    Totals,
    Withholding,
    check_sums,
    read_invoice,
)
from tests.plugins.invoices.reading.builders import element, ubl, ubl_line, ubl_vat


def read(data: bytes) -> ReadInvoice:
    return read_invoice(data, name="a.xml")


def test_negative_invoice_keeps_its_signs() -> None:
    data = ubl(
        type_code="384",
        vat_total="-21.00",
        vat_rows=ubl_vat("-100.00", "-21.00"),
        totals={
            "LineExtensionAmount": "-100.00",
            "TaxExclusiveAmount": "-100.00",
            "TaxInclusiveAmount": "-121.00",
            "PayableAmount": "-121.00",
        },
        lines=ubl_line("-100.00", quantity="-1"),
    )
    invoice = read(data)
    assert (invoice.totals.gross, invoice.totals.due, invoice.lines[0].net, invoice.lines[0].quantity) == (
        -12100,
        -12100,
        -10000,
        "-1",
    )
    assert check_sums(invoice) == []


def test_allowances_charges_prepaid_and_rounding() -> None:
    def allowance(*, charge: str, amount: str) -> str:
        return element(
            "cac:AllowanceCharge",
            element("cbc:ChargeIndicator", charge)
            + element("cbc:AllowanceChargeReasonCode", "95")
            + element("cbc:AllowanceChargeReason", "Reason")
            + element("cbc:MultiplierFactorNumeric", "10")
            + element("cbc:Amount", amount)
            + element("cbc:BaseAmount", "100")
            + element("cac:TaxCategory", element("cbc:ID", "S") + element("cbc:Percent", "21")),
        )

    data = ubl(
        after_parties=allowance(charge="false", amount="10.00") + allowance(charge="true", amount="5"),
        vat_total="19.95",
        vat_rows=ubl_vat("95.00", "19.95"),
        totals={
            "LineExtensionAmount": "100",
            "TaxExclusiveAmount": "95.0",
            "TaxInclusiveAmount": "114.95",
            "AllowanceTotalAmount": "10.00",
            "ChargeTotalAmount": "5.00",
            "PrepaidAmount": "50.00",
            "PayableRoundingAmount": "0.05",
            "PayableAmount": "65.00",
        },
    )
    invoice = read(data)
    taken_off = AllowanceCharge(
        is_charge=False,
        amount=1000,
        percent="10",
        base=10000,
        reason="Reason",
        reason_code="95",
        vat_category="S",
        vat_rate="21",
    )
    assert invoice.allowances == (taken_off, replace(taken_off, is_charge=True, amount=500))
    assert invoice.totals == Totals(
        lines=10000, allowances=1000, charges=500, net=9500, vat=1995, gross=11495, paid=5000, rounding=5, due=6500
    )
    assert check_sums(invoice) == []


def test_vat_in_the_accounting_currency_is_told_apart() -> None:
    totals = element("cac:TaxTotal", element("cbc:TaxAmount", "2100", currencyID="HUF")) + element(
        "cac:TaxTotal", element("cbc:TaxAmount", "21.00", currencyID="EUR") + ubl_vat("100.00", "21.00")
    )
    invoice = read(ubl(header=element("cbc:TaxCurrencyCode", "HUF"), tax_totals=totals))
    assert (invoice.totals.vat, invoice.totals.vat_in_tax_currency, invoice.tax_currency, len(invoice.vat)) == (
        2100,
        210000,
        "HUF",
        1,
    )


@pytest.mark.parametrize(("currency", "amount", "minor"), [("JPY", "1210", 1210), ("KWD", "1.234", 1234)])
def test_minor_units_follow_the_currency(currency: str, amount: str, minor: int) -> None:
    data = ubl(
        currency=currency,
        vat_total="0",
        vat_rows="",
        totals={"TaxExclusiveAmount": amount, "TaxInclusiveAmount": amount, "PayableAmount": amount},
        lines="",
    )
    assert read(data).totals.due == minor


def test_third_party_payments_of_the_xrechnung_extension_are_added() -> None:
    claim = element("cac:PrepaidPayment", element("cbc:PaidAmount", "9.00"))
    sums = {
        "LineExtensionAmount": "100.00",
        "TaxExclusiveAmount": "100.00",
        "TaxInclusiveAmount": "121.00",
        "PayableAmount": "139.00",
    }
    profile = "urn:cen.eu:en16931:2017#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
    invoice = read(ubl(profile=profile, after_parties=claim * 2, totals=sums))
    assert (invoice.totals.added, invoice.totals.due, check_sums(invoice)) == (1800, 13900, [])


def test_withheld_tax_of_cius_pt() -> None:
    withheld = element(
        "cac:WithholdingTaxTotal",
        element("cbc:TaxAmount", "25.00")
        + element(
            "cac:TaxSubtotal",
            element("cbc:TaxableAmount", "100.00")
            + element("cbc:TaxAmount", "25.00")
            + element(
                "cac:TaxCategory",
                element("cbc:Percent", "25") + element("cac:TaxScheme", element("cbc:ID", "IRS")),
            ),
        ),
    )
    invoice = read(ubl(after_parties=withheld))
    assert invoice.withholdings == (Withholding(tax="IRS", rate="25", base=10000, amount=2500),)
    assert (invoice.totals.withheld, check_sums(invoice)) == (2500, [])


def test_prices_and_quantities_stay_text() -> None:
    line = ubl_line("0.33", quantity="333.3330000").replace("<cbc:PriceAmount>0.33", "<cbc:PriceAmount>0.00101")
    read_line = read(ubl(lines=line)).lines[0]
    assert (read_line.quantity, read_line.price, read_line.net) == ("333.3330000", "0.00101", 33)


def test_line_amounts_with_more_decimals_are_rounded_and_kept() -> None:
    invoice = read(ubl(lines=ubl_line("33.335", position="1") + ubl_line("66.665", position="2")))
    assert [(line.net, line.net_text) for line in invoice.lines] == [(3334, "33.335"), (6667, "66.665")]
    assert check_sums(invoice) == []


def test_totals_that_are_left_out_follow_from_the_others() -> None:
    invoice = read(ubl(totals={"TaxInclusiveAmount": "121.00"}))
    assert invoice.totals == Totals(
        lines=None, allowances=None, charges=None, net=10000, vat=2100, gross=12100, paid=0, rounding=0, due=12100
    )
