from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.invoices.reading.amounts import (
    LARGEST_MINOR,
    currency_code,
    decimal,
    exact_minor,
    exponent,
    minor_of,
    rounded_minor,
)
from plugins.invoices.reading.errors import (
    AmountHasTooManyDecimalsError,
    BadAmountError,
    BadCurrencyError,
    MissingCurrencyError,
)


@given(minor=st.integers(-LARGEST_MINOR, LARGEST_MINOR), currency=st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_what_is_written_is_what_is_read(minor: int, currency: str) -> None:
    text = format(Decimal(minor).scaleb(-exponent(currency)), "f")
    assert exact_minor(text, field="total", currency=currency) == minor
    assert rounded_minor(text + ("" if "." in text else ".") + "000", field="total", currency=currency) == minor


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1", 100), ("+1.5", 150), ("-0.00", 0), (".5", 50), ("5.", 500), ("007.10", 710), ("1.2000000000000000000", 120)],
)
def test_spellings(text: str, minor: int) -> None:
    assert exact_minor(text, field="total", currency="EUR") == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,5",
        "1 000",
        "1.000,00",
        "1e3",
        "NaN",
        "Infinity",
        "--1",
        "0x1",
        "1_000",
        "١٢",
        "€1",
        ".",
        "1" * 41,
        "9" * 20,
    ],
)
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(BadAmountError):
        exact_minor(text, field="total", currency="EUR")


def test_totals_are_never_rounded() -> None:
    with pytest.raises(AmountHasTooManyDecimalsError) as caught:
        exact_minor("1.5", field="total", currency="JPY")
    assert caught.value.params == {"field": "total", "value": "1.5", "currency": "JPY", "decimals": 0}


@pytest.mark.parametrize(
    ("text", "minor"), [("0.005", 1), ("0.0049999999999999999999999999999", 0), ("-0.005", -1), ("2.675", 268)]
)
def test_parts_are_rounded_half_up(text: str, minor: int) -> None:
    assert rounded_minor(text, field="line", currency="EUR") == minor
    assert minor_of(decimal(text, field="line"), currency="EUR") == minor


def test_currencies() -> None:
    assert currency_code("eur") == "EUR"
    assert [exponent(code) for code in ("EUR", "HUF", "JPY", "KWD", "RSD", "XYZ")] == [2, 2, 0, 3, 2, 2]
    with pytest.raises(MissingCurrencyError):
        currency_code("")
    with pytest.raises(BadCurrencyError):
        currency_code("€")
