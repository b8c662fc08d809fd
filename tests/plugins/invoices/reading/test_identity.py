from dataclasses import replace

import pytest
from babel.core import get_global

from core.formats import minor_digits
from plugins.invoices.reading import (
    Party,
    category_label,
    fold_name,
    issue_year,
    number_folded,
    party_key,
    read_invoice,
    seller_key,
    tax_key,
    unit_label,
)
from plugins.invoices.reading.amounts import exponent
from tests.plugins.invoices.reading.builders import ubl
from tests.plugins.invoices.reading.facturae_builders import facturae


@pytest.mark.parametrize(
    ("tax_id", "country", "key"),
    [
        ("ESB12345678", "ES", "ES:B12345678"),
        ("B12345678", "ES", "ES:B12345678"),
        ("es-b 12.345.678", "", "ES:B12345678"),
        ("B12345678", "", ":B12345678"),
        ("DE 123 456 789", "DE", "DE:123456789"),
        ("NL123456789B01", "DE", "NL:123456789B01"),
        ("EL123456789", "GR", "GR:123456789"),
        ("XI123456789", "GB", "GB:123456789"),
        ("CHE-123.456.789 MWST", "CH", "CH:123456789"),
        ("NO 987654321 MVA", "NO", "NO:987654321"),
        ("37/302/30168", "DE", "DE:3730230168"),
        ("BR12345678000195", "BR", "BR:12345678000195"),
        ("\uff25\uff33B12345678", "ES", "ES:B12345678"),
        ("", "ES", None),
        ("none", "ES", None),
    ],
)
def test_tax_numbers_are_the_same_in_every_spelling(tax_id: str, country: str, key: str | None) -> None:
    assert tax_key(tax_id, country=country) == key


def test_the_seller_is_the_same_in_every_format() -> None:
    spanish = read_invoice(facturae(), name="a.xml")
    spanish = replace(spanish, seller=replace(spanish.seller, country="ES"))
    assert (
        seller_key(read_invoice(ubl(), name="a.xml")),
        seller_key(spanish),
        party_key(Party(name="Überseé  & Cie.", country="FR")),
        party_key(Party()),
    ) == ("tax:ES:B12345678", "tax:ES:B12345678", "name:ubersee cie", "name:")


def test_names_numbers_and_years_fold() -> None:
    assert fold_name("  Łódź, S.A.  Ñandú ") == "łodz s a nandu"
    assert (number_folded(" A 1/ b-007 "), number_folded("a1/B-7")) == ("a1/b-007", "a1/b-7")
    assert issue_year(read_invoice(ubl(issued="2025-12-31"), name="a.xml")) == 2025


def test_units_and_categories_have_labels() -> None:
    assert [unit_label(code) for code in ("HUR", "hur", "C62", "ZZ", "QQ7")] == ["h", "h", "pcs", "", "QQ7"]
    assert [category_label(code) for code in ("S", "AE", "??")] == ["Standard rate", "Reverse charge", "??"]


def test_currencies_have_the_decimals_that_the_portal_shows() -> None:
    codes = sorted(code for code in get_global("all_currencies") if len(code) == 3)
    assert {code: exponent(code) for code in codes} == {code: minor_digits(code) for code in codes}
