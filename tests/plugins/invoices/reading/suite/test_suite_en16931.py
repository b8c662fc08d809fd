"""Papers of every kind, written in UBL and CII as different writers do: read with the figures that were put in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from plugins.invoices.reading import ReadInvoice, check_sums, read_invoice
from tests.plugins.invoices.reading.builders import pdf
from tests.plugins.invoices.reading.suite import as_cii, as_ubl
from tests.plugins.invoices.reading.suite.as_cii import PROFILES, WITHOUT_LINES, cii, zugferd1
from tests.plugins.invoices.reading.suite.as_ubl import EXTENSION, ubl
from tests.plugins.invoices.reading.suite.paper import Entry, Extra, Paper, Who, minor

MANY_RATES = (
    Entry(name="Standard", price="1234.56", rate="21"),
    Entry(name="Lower", quantity="3", price="19.99", category="AA", rate="10.00"),
    Entry(name="Zero", price="5", category="Z", rate="0"),
    Entry(name="Exempt", price="70.01", category="E", rate="0.00"),
    Entry(name="Standard too", quantity="0.333", price="12.3456", rate="21"),
)
PAPERS: dict[str, Paper] = {
    "plain": Paper(),
    "rates": Paper(entries=MANY_RATES),
    "reverse charge": Paper(entries=(Entry(category="AE", rate="0"),), buyer=Who(name="Käufer", tax_id="DE123456789")),
    "export": Paper(entries=(Entry(category="G", rate="0"),), buyer=Who(name="Buyer Inc.", country="US")),
    "intra-community": Paper(entries=(Entry(category="K", rate="0"),)),
    "outside scope": Paper(
        entries=(Entry(category="O", rate=""),), seller=Who(name="Asociación", tax_id="ESG12345674")
    ),
    "Canary Islands": Paper(entries=(Entry(category="L", rate="7"), Entry(category="M", rate="4"))),
    "allowances": Paper(
        entries=(
            Entry(
                quantity="12",
                price="10.00",
                extras=(Extra(value="12.00", percent="10", base="120.00"), Extra(value="3.50", charge=True)),
            ),
            Entry(name="Free", quantity="5", price="0.00"),
        ),
        extras=(
            Extra(value="11.15", percent="10.0", base="111.50", reason="Loyalty"),
            Extra(value="7.90", charge=True, reason="Freight", category="AA", rate="10"),
        ),
    ),
    "price bases": Paper(
        entries=(
            Entry(quantity="10000", unit="MTR", price="4.50", base="1000"),
            Entry(quantity="7", price="9.99", base="3"),
            Entry(quantity="1.00000", price="100.000000", base="1.000"),
        )
    ),
    "negative line": Paper(entries=(Entry(quantity="10"), Entry(name="Returned", quantity="-3"))),
    "prepaid": Paper(type_code="380", paid="100.00"),
    "prepaid in full": Paper(type_code="386", paid="121.00"),
    "overpaid": Paper(paid="200.00"),
    "rounded": Paper(entries=(Entry(price="82.63"),), rounding="0.02"),
    "rounded down": Paper(entries=(Entry(price="82.67"),), rounding="-0.03"),
    "nothing to pay": Paper(entries=(Entry(price="0"),)),
    "negative in all": Paper(type_code="384", entries=(Entry(quantity="-1"),), preceding=("F-2026/6", "F-2026/5")),
    "foreign currency": Paper(currency="USD", tax_currency="EUR", exchange="0.9187"),
    "crown": Paper(currency="SEK", tax_currency="EUR", exchange="0.0871", entries=(Entry(price="99.99", rate="25"),)),
    "yen": Paper(currency="JPY", entries=(Entry(quantity="3", price="1999", rate="10"),), paid="1000"),
    "dinar": Paper(currency="TND", entries=(Entry(quantity="3", price="12.3455", rate="19"),)),
    "several accounts": Paper(ibans=("DE02120300000000202051", "FR1420041010050500013M02606", "")),
    "bare": Paper(due=None, ibans=(), reference="", order="", notes=(), buyer=Who(name="Cliente")),
    "two hundred lines": Paper(
        entries=tuple(Entry(name=f"Day {n}", quantity=f"{n}.25", price="7.77") for n in range(200))
    ),
    "long number": Paper(number="Ré/2026 № 12·Ω", notes=("First\nSecond", "<Third> & “fourth”")),
}
TYPE_CODES = (
    *(
        "71",
        "80",
        "82",
        "84",
        "102",
        "130",
        "202",
        "203",
        "204",
        "211",
        "218",
        "219",
        "295",
        "325",
        "326",
        "331",
        "380",
    ),
    *("382", "383", "384", "385", "386", "387", "388", "389", "390", "393", "394", "395", "456", "457", "471", "472"),
    *("473", "500", "501", "527", "553", "575", "623", "633", "751", "780", "817", "870", "875", "876", "877", "935"),
)
CREDIT_CODES = ("81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532")


def read(data: bytes) -> ReadInvoice:
    return read_invoice(data, name="paper.xml")


def said(paper: Paper) -> dict[str, Any]:
    """What the readers have to find in every syntax."""
    money = paper.currency
    return {
        "number": " ".join(paper.number.split()),
        "issued_on": paper.issued,
        "due_on": paper.due,
        "currency": money,
        "type_code": paper.type_code,
        "seller": (paper.seller.name, paper.seller.tax_id, paper.seller.country),
        "buyer": (paper.buyer.name, paper.buyer.country),
        "lines": [
            (
                entry.name,
                entry.quantity,
                entry.unit,
                entry.price,
                entry.base,
                minor(entry.net(money), money),
                entry.rate,
            )
            for entry in paper.entries
        ],
        "line_extras": [[(e.charge, minor(Decimal(e.value), money)) for e in entry.extras] for entry in paper.entries],
        "extras": [(e.charge, minor(Decimal(e.value), money), e.percent, e.rate) for e in paper.extras],
        "vat": [(row.category, row.rate, minor(row.base, money), minor(row.tax, money)) for row in paper.rates],
        "sums": tuple(minor(value, money) for value in (paper.lines, paper.net, paper.vat, paper.gross, paper.asked)),
        "paid": minor(Decimal(paper.paid), money),
        "rounding": minor(Decimal(paper.rounding), money),
        "elsewhere": minor(paper.vat_elsewhere, paper.tax_currency) if paper.tax_currency else None,
        "ibans": [iban for iban in paper.ibans if iban],
        "notes": tuple(paper.notes),
        "references": (paper.reference, paper.order, list(paper.preceding)),
    }


def found(invoice: ReadInvoice) -> dict[str, Any]:
    """The same of what was read."""
    totals = invoice.totals
    top = [line for line in invoice.lines if not line.parent]
    return {
        "number": invoice.number,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "currency": invoice.currency,
        "type_code": invoice.type_code,
        "seller": (invoice.seller.name, invoice.seller.tax_id, invoice.seller.country),
        "buyer": (invoice.buyer.name, invoice.buyer.country),
        "lines": [
            (line.name, line.quantity, line.unit, line.price, line.price_base_quantity, line.net, line.vat_rate)
            for line in top
        ],
        "line_extras": [[(each.is_charge, each.amount) for each in line.allowances] for line in top],
        "extras": [(each.is_charge, each.amount, each.percent, each.vat_rate) for each in invoice.allowances],
        "vat": [(row.category, row.rate, row.base, row.amount) for row in invoice.vat],
        "sums": (totals.lines, totals.net, totals.vat, totals.gross, totals.due),
        "paid": totals.paid,
        "rounding": totals.rounding,
        "elsewhere": totals.vat_in_tax_currency,
        "ibans": [payment.iban for payment in invoice.payments if payment.iban],
        "notes": invoice.notes,
        "references": (
            invoice.buyer_reference,
            invoice.order_reference,
            [preceding.number for preceding in invoice.preceding],
        ),
    }


def holds(data: bytes, paper: Paper, *, without: tuple[str, ...] = ()) -> None:
    invoice = read(data)
    here, there = found(invoice), said(paper)
    for key in without:
        del here[key], there[key]
    assert here == there
    assert check_sums(invoice) == []


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("credit", [False, True])
def test_ubl(name: str, credit: bool) -> None:
    paper = replace(PAPERS[name], credit=credit, type_code="381" if credit else PAPERS[name].type_code)
    if credit and not any(paper.ibans):
        paper = replace(paper, due=None)
    holds(ubl(paper), paper)
    assert (read(ubl(paper)).document_type == "credit_note") is credit


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("turned", [False, True])
def test_cii(name: str, turned: bool) -> None:
    paper = PAPERS[name]
    data = cii(paper, turned=turned)
    if not turned:
        holds(data, paper)
    else:
        invoice = read(data)
        assert sorted(found(invoice)["lines"]) == sorted(said(paper)["lines"])
        assert check_sums(invoice) == []


@pytest.mark.parametrize("dress", as_ubl.DRESSES)
@pytest.mark.parametrize("name", ["allowances", "long number", "foreign currency"])
def test_ubl_in_every_dress(dress: str, name: str) -> None:
    paper = PAPERS[name]
    if "1" in dress or dress == "windows":  # one byte a letter
        paper = replace(paper, number="Ré·1", seller=Who(name="Ñandú", tax_id="ESB12345674"), notes=("Año",))
        paper = replace(paper, buyer=Who(name="Épsilon"))
    holds(ubl(paper, as_ubl.DRESSES[dress]), paper)


@pytest.mark.parametrize("dress", as_cii.DRESSES)
@pytest.mark.parametrize("name", ["allowances", "foreign currency"])
def test_cii_in_every_dress(dress: str, name: str) -> None:
    paper = replace(PAPERS[name], seller=Who(name="Ñandú", tax_id="ESB12345674"), buyer=Who(name="Épsilon"))
    holds(cii(paper, as_cii.DRESSES[dress]), paper)
    assert check_sums(read(zugferd1(paper, as_cii.DRESSES[dress]))) == []


@pytest.mark.parametrize("code", TYPE_CODES)
def test_every_kind_of_invoice(code: str) -> None:
    paper = Paper(type_code=code)
    holds(ubl(paper), paper)
    holds(cii(paper), paper)
    assert read(ubl(paper)).document_type == read(cii(paper)).document_type != "credit_note"


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_every_kind_of_credit_note(code: str) -> None:
    paper = Paper(type_code=code, credit=True)
    holds(ubl(paper), paper)
    holds(cii(paper), paper)
    assert read(ubl(paper)).document_type == read(cii(paper)).document_type == "credit_note"
    in_an_invoice = replace(paper, credit=False)
    assert read(ubl(in_an_invoice)).document_type == "credit_note"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", ["plain", "rates", "allowances", "prepaid", "rounded", "outside scope"])
@pytest.mark.parametrize("file", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "Rechnung 7.XML"])
def test_every_profile_in_a_pdf(profile: str, name: str, file: str) -> None:
    paper = PAPERS[name]
    invoice = read_invoice(pdf({"terms.pdf": b"%PDF-", file: cii(paper, profile=profile)}), name="a.pdf")
    gone: tuple[str, ...] = ()
    if profile in WITHOUT_LINES:
        gone += ("lines", "line_extras")
    if profile == "minimum":
        gone += ("extras", "vat", "paid", "rounding", "due_on", "ibans", "notes")
    here, there = found(invoice), said(paper)
    if profile == "minimum":
        there["sums"] = (None, *there["sums"][1:])
    for key in gone:
        del here[key], there[key]
    assert here == there
    assert (check_sums(invoice), invoice.source_format) == ([], "facturx")


@pytest.mark.parametrize("profile", ["basic of 2014", "comfort", "extended"])
@pytest.mark.parametrize("name", [name for name in PAPERS if name not in {"foreign currency", "crown"}])
def test_every_profile_of_zugferd_1(profile: str, name: str) -> None:
    paper = PAPERS[name]
    invoice = read_invoice(pdf({"ZUGFeRD-invoice.xml": zugferd1(paper, profile=profile)}), name="a.pdf")
    here, there = found(invoice), said(paper)
    if profile == "basic of 2014":
        for key in ("lines", "line_extras", "extras"):
            del here[key], there[key]
    else:
        here["lines"], there["lines"] = sorted(here["lines"]), sorted(there["lines"])
        here["line_extras"], there["line_extras"] = sorted(here["line_extras"]), sorted(there["line_extras"])
    for key in ("vat", "extras", "references", "ibans"):  # the whole transaction is written the other way round
        if key in here and isinstance(here[key], list):
            here[key], there[key] = sorted(here[key]), sorted(there[key])
    assert here == there
    assert (check_sums(invoice), invoice.syntax) == ([], "zugferd1")


SUBS = Paper(
    profile=EXTENSION,
    entries=(
        Entry(name="Set", price="60.00", subs=(Entry(name="A", price="20.00"), Entry(name="B", price="40.00"))),
        Entry(name="Alone", price="10.00"),
    ),
)


@pytest.mark.parametrize("credit", [False, True])
def test_sub_lines_of_the_xrechnung_extension(credit: bool) -> None:
    paper = replace(SUBS, credit=credit, type_code="381" if credit else "380")
    holds(ubl(paper), paper)
    assert [(line.name, line.parent) for line in read(ubl(paper)).lines] == [
        ("Set", ""),
        ("A", "1"),
        ("B", "1"),
        ("Alone", ""),
    ]


def test_groups_of_the_extended_profile() -> None:
    invoice = read(cii(SUBS, profile="extended"))
    assert [(line.name, line.parent, line.counted) for line in invoice.lines] == [
        ("Set", "", False),
        ("A", "1", True),
        ("B", "1", True),
        ("Alone", "", True),
    ]
    assert check_sums(invoice) == []


def test_claims_of_third_parties_are_asked_for_with_the_invoice() -> None:
    paper = Paper(profile=EXTENSION, claims=("10.00", "5.55"))
    holds(ubl(paper), paper)
    assert (read(ubl(paper)).totals.added, read(ubl(paper)).totals.due) == (1555, 13655)


@pytest.mark.parametrize(
    "profile",
    [
        "",
        "urn:peppol:pint:billing-1@jp-1",
        "urn:peppol:pint:billing-1@aunz-1",
        "urn:cen.eu:en16931:2017#conformant#urn:fdc:peppol.eu:2017:poacc:billing:international:sg:3.0",
        "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        "urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1",
        "urn:cen.eu:en16931:2017#compliant#urn:feap.gov.pt:CIUS-PT:2.1.1",
        "urn:fdc:anything:unheard-of:9.9",
    ],
)
def test_no_profile_is_refused_for_its_name(profile: str) -> None:
    paper = Paper(profile=profile, currency="AUD")
    holds(ubl(paper), paper)


def test_what_other_writers_leave_out() -> None:
    paper = PAPERS["rates"]
    for gone in ("DocumentCurrencyCode", "TaxInclusiveAmount", "InvoiceTypeCode", "ProfileID"):
        holds(ubl(paper, mended=((gone, ""),)), paper)
    prepaid = PAPERS["prepaid"]
    holds(ubl(prepaid, mended=(("TaxInclusiveAmount", ""),)), prepaid)


def test_the_danish_profile_puts_the_tax_where_others_put_the_net() -> None:
    paper = Paper(profile="OIOUBL-2.02", currency="DKK")
    data = ubl(paper).replace(
        b'<cbc:TaxExclusiveAmount currencyID="DKK">100.00', b'<cbc:TaxExclusiveAmount currencyID="DKK">21.00'
    )
    holds(data, paper)
    assert data != ubl(paper)
