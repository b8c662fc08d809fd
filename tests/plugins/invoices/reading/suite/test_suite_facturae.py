"""Papers of Spain in Facturae: read with the figures that were put in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from plugins.invoices.reading import Identifier, ReadInvoice, check_sums, read_invoice, read_invoices
from tests.plugins.invoices.reading.suite.as_facturae import DRESSES, IGIC, IRPF, NAMESPACES, Spanish, facturae
from tests.plugins.invoices.reading.suite.paper import Entry, Extra, Paper, Who, minor

PAPERS: dict[str, tuple[Paper, Spanish]] = {
    "plain": (Paper(), Spanish()),
    "series": (Paper(number="15"), Spanish(series="A")),
    "rates": (Paper(entries=(Entry(price="33.33"), Entry(rate="10", price="7.77"), Entry(rate="4"))), Spanish()),
    "withheld": (Paper(entries=(Entry(quantity="8", price="61.25"),)), Spanish(withheld=((IRPF, "15"),))),
    "withheld at seven": (Paper(), Spanish(withheld=((IRPF, "7.00"),))),
    "expenses": (Paper(), Spanish(expenses="86.40")),
    "everything": (
        Paper(paid="20.00", extras=(Extra(value="5.00"), Extra(value="2.50", charge=True))),
        Spanish(withheld=((IRPF, "19"),), expenses="12.10", retained="3.00", subsidy="1.00", financial="0.55"),
    ),
    "in kind": (Paper(), Spanish(in_kind="21.00")),
    "guarantee": (Paper(), Spanish(retained="6.05")),
    "surcharge": (Paper(), Spanish(surcharge="5.20")),
    "Canary Islands": (Paper(entries=(Entry(rate="7"),)), Spanish(tax=IGIC)),
    "line discounts": (
        Paper(entries=(Entry(quantity="3", extras=(Extra(value="30.00"), Extra(value="1.01", charge=True))),)),
        Spanish(),
    ),
    "six decimals": (Paper(entries=(Entry(quantity="3.3333", price="12.345678"),)), Spanish(decimals=6)),
    "eight decimals": (Paper(entries=(Entry(price="0.07"),)), Spanish(decimals=8)),
    "dollars": (Paper(currency="USD"), Spanish()),
    "exempt": (Paper(entries=(Entry(rate="0"),)), Spanish(reasons={"02": "Art. 84"})),
    "person abroad": (
        Paper(buyer=Who(name="Jeanne Dupont", tax_id="FR40303265045")),
        Spanish(person=True, abroad=True),
    ),
    "public body": (Paper(), Spanish(centres=("L01280796", "L01280797", "L01280798"))),
    "extension": (Paper(), Spanish(extension=True, attachment=True)),
    "self-billed": (Paper(), Spanish(issuer="RE")),
    "summary": (Paper(), Spanish(invoice_class="OC", document="FA")),
    "nothing": (Paper(entries=(Entry(price="0"),)), Spanish()),
}


def sums_of(paper: Paper, spanish: Spanish) -> dict[str, int]:
    money = paper.currency
    return {
        "lines": minor(paper.lines, money),
        "net": minor(paper.net, money),
        "vat": minor(paper.vat + spanish.recargo(paper), money),
        "gross": minor(spanish.gross(paper), money),
        "withheld": sum(minor(value, money) for *_, value in spanish.kept(paper)),
        "paid": minor(Decimal(paper.paid) + Decimal(spanish.subsidy or 0) + Decimal(spanish.in_kind or 0), money),
        "retained": minor(Decimal(spanish.retained or 0), money),
        "added": minor(Decimal(spanish.expenses or 0) + Decimal(spanish.financial or 0), money),
        "due": minor(spanish.executable(paper), money),
    }


def read(data: bytes) -> ReadInvoice:
    return read_invoice(data, name="factura.xsig")


def holds(invoice: ReadInvoice, paper: Paper, spanish: Spanish) -> None:
    assert {key: getattr(invoice.totals, key) for key in sums_of(paper, spanish)} == sums_of(paper, spanish)
    assert check_sums(invoice) == []
    assert (invoice.number, invoice.issued_on, invoice.due_on, invoice.currency) == (
        f"{spanish.series}-{paper.number}" if spanish.series else paper.number,
        paper.issued,
        paper.due,
        paper.currency,
    )
    assert (invoice.seller.name, invoice.seller.tax_id) == (paper.seller.name, paper.seller.tax_id)
    assert (invoice.buyer.name, invoice.buyer.tax_id) == (paper.buyer.name, paper.buyer.tax_id)
    assert [(line.name, line.quantity, line.price, line.net) for line in invoice.lines] == [
        (entry.name, entry.quantity, entry.price, minor(entry.net(paper.currency), paper.currency))
        for entry in paper.entries
    ]
    assert [(Decimal(row.rate), row.base, row.amount) for row in invoice.vat] == [
        (Decimal(row.rate), minor(row.base), minor(row.tax)) for row in paper.rates
    ]
    assert [payment.iban for payment in invoice.payments] == list(paper.ibans)


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("version", NAMESPACES)
def test_every_version(name: str, version: str) -> None:
    paper, spanish = PAPERS[name]
    holds(read(facturae((paper, spanish), version=version)), paper, spanish)


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("signed", [True, False])
def test_every_dress(dress: str, signed: bool) -> None:
    paper, spanish = PAPERS["everything"]
    plain = replace(
        paper, seller=Who(name="Ñandú", tax_id="ESB12345674"), buyer=Who(name="Épsilon", tax_id="A58818501")
    )
    holds(read(facturae((plain, spanish), dress=DRESSES[dress], signed=signed)), plain, spanish)


def test_what_the_field_writes_beside_the_figures() -> None:
    invoice = read(facturae(PAPERS["public body"]))
    assert invoice.buyer.registrations == tuple(
        Identifier(value=code, scheme=f"DIR3-0{n}")
        for n, code in enumerate(("L01280796", "L01280797", "L01280798"), start=1)
    )
    assert read(facturae(PAPERS["person abroad"])).buyer.country == "FR"
    assert read(facturae(PAPERS["self-billed"])).self_billed
    assert [item.name for item in read(facturae(PAPERS["extension"])).attachments] == ["Albarán"]
    assert read(facturae(PAPERS["summary"])).native_type == "FA-OC"
    assert [(item.tax, item.rate, item.amount) for item in read(facturae(PAPERS["withheld"])).withholdings] == [
        ("IRPF", "15.00", 7350)
    ]


@pytest.mark.parametrize("invoice_class", ["OR", "CR"])
@pytest.mark.parametrize(("quantity", "kind"), [("-1", "credit_note"), ("1", "corrected_invoice")])
def test_corrective_invoices(invoice_class: str, quantity: str, kind: str) -> None:
    spanish = Spanish(invoice_class=invoice_class, series="R", corrective=(("14", "01"), ("15", "83")))
    paper = Paper(number="3", entries=(Entry(quantity=quantity),))
    invoice = read(facturae((paper, spanish)))
    holds(invoice, paper, spanish)
    assert (invoice.document_type, [each.number for each in invoice.preceding]) == (kind, ["14", "15"])


def test_a_batch() -> None:
    papers = [(Paper(number=f"L-{n}", entries=(Entry(quantity=str(n)),)), Spanish()) for n in range(1, 8)]
    found = read_invoices(facturae(*papers), name="lote.xsig")
    assert len(found) == len(papers)
    for invoice, (paper, spanish) in zip(found, papers, strict=True):
        holds(invoice, paper, spanish)


def test_instalments_fall_due_on_the_last_day() -> None:
    spanish = Spanish(instalments=(("2026-04-30", "60.50"), ("2026-05-31", "60.50")))
    invoice = read(facturae((Paper(), spanish)))
    assert invoice.due_on == date(2026, 5, 31)
    assert [(part.due_on, part.amount) for part in invoice.installments] == [
        (date(2026, 4, 30), 6050),
        (date(2026, 5, 31), 6050),
    ]


def test_expenses_that_are_told_and_not_asked_for() -> None:
    data = facturae((Paper(), Spanish(expenses="50.00")))
    told = data.replace(b"<TotalExecutableAmount>171.00", b"<TotalExecutableAmount>121.00")
    assert told != data
    invoice = read(told)
    assert (invoice.totals.added, invoice.totals.due, check_sums(invoice)) == (0, 12100, [])


def test_a_wrong_total_is_still_found() -> None:
    data = facturae(PAPERS["withheld"]).replace(b"<TotalExecutableAmount>519.40", b"<TotalExecutableAmount>592.90")
    assert [mismatch.code for mismatch in check_sums(read(data))] == ["due"]
