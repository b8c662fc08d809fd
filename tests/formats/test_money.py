import random
import timeit
from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_currency

from core.formats import FormatError, decimal_text, minor_digits, minor_units, money
from core.i18n import LANGUAGES, babel_locale

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "HUF", "KWD", "BRL")


def values() -> list[int]:
    edges = [0, 1, 5, 9, 10, 99, 100, 999, 1_000, 99_999, 100_000, 999_999, 1_000_000, 123_456_789, 10**15]
    picked = random.Random(7)
    edges += [picked.randrange(10 ** picked.randrange(1, 14)) for _ in range(120)]
    return [sign * value for value in edges for sign in (1, -1)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", CURRENCIES)
def test_money_equals_babel(language: str, currency: str) -> None:
    locale = babel_locale(language)
    shift = -minor_digits(currency)
    expected = [format_currency(Decimal(value).scaleb(shift), currency, locale=locale) for value in values()]
    assert [money(value, currency, language) for value in values()] == expected


def test_money_in_words_of_each_language() -> None:
    assert {language: money(-123_456_789, "EUR", language) for language in LANGUAGES} == {
        "en": "-€1,234,567.89",
        "es": "-1.234.567,89\u00a0€",
        "fr": "-1\u202f234\u202f567,89\u00a0€",
        "pt": "-€\u00a01.234.567,89",
        "pt_PT": "-1\u00a0234\u00a0567,89\u00a0€",
    }


def test_dinar_shows_the_decimals_that_invoices_have_not_those_of_cash() -> None:
    assert money(123_45, "RSD", "es") == "123,45\u00a0RSD"


@pytest.mark.parametrize("amount", [12.5, True, "1250", Decimal(1250)])
def test_money_refuses_what_is_no_count_of_minor_units(amount: Any) -> None:
    with pytest.raises(TypeError):
        money(amount, "EUR", "es")


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R"])
def test_money_refuses_what_is_no_currency(currency: str) -> None:
    with pytest.raises(ValueError, match="no currency code"):
        money(1, currency, "es")


def test_money_takes_microseconds() -> None:
    money(1, "EUR", "es")
    best = min(timeit.repeat(lambda: money(123_456_789, "EUR", "es"), number=5_000, repeat=5)) / 5_000
    assert best < 10e-6  # about 1 µs; Babel's own takes 15 on the same machine


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.5", "EUR", 1250),
        ("12.5000", "EUR", 1250),
        ("-0.01", "EUR", -1),
        ("-0.00", "EUR", 0),
        ("1E+2", "EUR", 10000),
        ("7", "JPY", 7),
        ("1.234", "KWD", 1234),
        ("92233720368547758.07", "EUR", 2**63 - 1),
    ],
)
def test_minor_units_are_exact(text: str, currency: str, minor: int) -> None:
    assert minor_units(text, currency) == minor
    assert minor_units(Decimal(text), currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "message"),
    [
        ("0.001", "EUR", "EUR has 2 decimals."),
        ("1.5", "JPY", "JPY has 0 decimals."),
        ("92233720368547758.08", "EUR", "This amount is too large."),
        ("1E+999999", "EUR", "This amount is too large."),
        ("NaN", "EUR", "This amount is too large."),
        ("1E-999999999", "EUR", "This is not an amount."),
        ("0E-999999999", "EUR", "This is not an amount."),
        ("twelve", "EUR", "This is not an amount."),
    ],
)
def test_minor_units_say_what_is_wrong(text: str, currency: str, message: str) -> None:
    with pytest.raises(FormatError) as error:
        minor_units(text, currency)
    assert error.value.message.in_language("en") == message


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(1250, "EUR", "12.50"), (-5, "EUR", "-0.05"), (7, "JPY", "7"), (-1, "KWD", "-0.001")],
)
def test_decimal_text_comes_back(minor: int, currency: str, text: str) -> None:
    assert decimal_text(minor, currency) == text
    assert minor_units(text, currency) == minor
