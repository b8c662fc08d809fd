from dataclasses import replace
from typing import Any

import pytest

from plugins.invoices.reading import MISMATCHES, Mismatch, ReadInvoice, check_sums, read_invoice
from tests.plugins.invoices.reading.builders import cii, ubl, ubl_line, ubl_vat
from tests.plugins.invoices.reading.facturae_builders import facturae

PLAIN = read_invoice(ubl(), name="a.xml")
EXTENDED = replace(PLAIN, syntax="cii", profile="urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended")


def with_totals(invoice: ReadInvoice = PLAIN, **figures: Any) -> ReadInvoice:
    return replace(invoice, totals=replace(invoice.totals, **figures))


@pytest.mark.parametrize(
    ("invoice", "found"),
    [
        (PLAIN, []),
        (
            with_totals(lines=10001, net=10001, gross=12101, due=12101),
            [Mismatch(code="lines", rule="BR-CO-10", expected=10000, found=10001)],
        ),
        (
            with_totals(allowances=100, net=9900, gross=12000, due=12000),
            [
                Mismatch(code="allowances", rule="BR-CO-11", expected=0, found=100),
                Mismatch(code="vat-base", rule="BR-S-08", expected=9900, found=10000),
            ],
        ),
        (
            with_totals(charges=1, net=10001, gross=12101, due=12101),
            [Mismatch(code="charges", rule="BR-CO-12", expected=0, found=1)],
        ),
        (
            with_totals(net=10001, gross=12101, due=12101),
            [Mismatch(code="net", rule="BR-CO-13", expected=10000, found=10001)],
        ),
        (
            with_totals(vat=2101, gross=12101, due=12101),
            [Mismatch(code="vat", rule="BR-CO-14", expected=2100, found=2101)],
        ),
        (
            with_totals(gross=12101, due=12101),
            [Mismatch(code="gross", rule="BR-CO-15", expected=12100, found=12101)],
        ),
        (with_totals(due=12099), [Mismatch(code="due", rule="BR-CO-16", expected=12100, found=12099)]),
        (with_totals(paid=100), [Mismatch(code="due", rule="BR-CO-16", expected=12000, found=12100)]),
        (with_totals(rounding=-3, due=12097), []),
        (with_totals(rounding=30, gross=12130, due=12130), []),
        (
            replace(with_totals(vat=2300, gross=12300, due=12300), vat=(replace(PLAIN.vat[0], amount=2300),)),
            [Mismatch(code="vat-row", rule="BR-CO-17", expected=2100, found=2300, rate="21", base=10000)],
        ),
        (replace(with_totals(vat=2199, gross=12199, due=12199), vat=(replace(PLAIN.vat[0], amount=2199),)), []),
        (
            replace(PLAIN, vat=(replace(PLAIN.vat[0], base=9900, amount=2100),)),
            [Mismatch(code="vat-base", rule="BR-S-08", expected=10000, found=9900)],
        ),
        (with_totals(EXTENDED, lines=10001, net=10001, gross=12101, due=12101), []),
    ],
)
def test_each_rule_fires_for_its_own_breach_alone(invoice: ReadInvoice, found: list[Mismatch]) -> None:
    assert check_sums(invoice) == found


def test_lines_with_finer_amounts_are_added_before_rounding() -> None:
    lines = "".join(ubl_line("33.3333", position=str(n)) for n in (1, 2, 3))
    assert check_sums(read_invoice(ubl(lines=lines), name="a.xml")) == []


@pytest.mark.parametrize("stated", [5000, 10000, 15000])
def test_sub_lines_are_summed_as_the_document_does(stated: int) -> None:
    parent = replace(PLAIN.lines[0], net=10000, net_text="100.00", counted=False)
    sub_line = replace(PLAIN.lines[0], net=5000, net_text="50.00", parent="1", position="1.1")
    figures = {"lines": stated, "net": stated, "vat": 0, "gross": stated, "due": stated}
    invoice = replace(with_totals(**figures), lines=(parent, sub_line), vat=())
    assert check_sums(invoice) == []
    assert check_sums(with_totals(invoice, lines=stated + 1)) != []


def test_lines_that_cancel_out_leave_nothing() -> None:
    lines = "".join(ubl_line(net, position=net) for net in ("720.81", "0.01", "-720.81", "-0.01"))
    sums = dict.fromkeys(("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount"), "0")
    data = ubl(lines=lines, vat_total="0", vat_rows=ubl_vat("0.00", "0.00"), totals=sums)
    assert check_sums(read_invoice(data, name="a.xml")) == []


@pytest.mark.parametrize("data", [ubl(), cii(), facturae()])
def test_sound_invoices_pass(data: bytes) -> None:
    assert check_sums(read_invoice(data, name="a.xml")) == []


def test_facturae_allows_a_minor_unit_and_no_more() -> None:
    invoice = read_invoice(facturae(), name="a.xml")
    assert check_sums(with_totals(invoice, due=12099)) == []
    assert check_sums(with_totals(invoice, due=12098)) == [
        Mismatch(code="due", rule="BR-CO-16", expected=12100, found=12098)
    ]


def test_every_code_has_a_sentence() -> None:
    codes = {"allowances", "charges", "due", "gross", "lines", "net", "vat", "vat-base", "vat-row", "withheld"}
    assert set(MISMATCHES) == codes
