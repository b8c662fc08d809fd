from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats import FormatError, money, normalise_email, parse_day, parse_money, parse_number
from core.i18n import LANGUAGES


@pytest.mark.parametrize(
    ("text", "language", "canonical"),
    [
        ("1.234,56", "es", "1234.56"),
        ("1234,56", "es", "1234.56"),
        ("1234.56", "es", "1234.56"),
        ("1,234.56", "es", "1234.56"),
        ("1.234", "es", "1234"),
        ("1.234", "en", "1.234"),
        ("1,234", "en", "1234"),
        ("1,234", "es", "1.234"),
        ("1.234.567", "es", "1234567"),
        ("1 234 567,8", "fr", "1234567.8"),
        ("1\u202f234,5", "fr", "1234.5"),
        ("1'234.50", "fr", "1234.50"),
        ("  -12,50 ", "es", "-12.50"),
        ("−3", "es", "-3"),
        ("-0,00", "es", "0.00"),
        (",5", "es", "0.5"),
        ("12,", "es", "12"),
        ("007", "es", "7"),
    ],
)
def test_numbers_as_people_type_them(text: str, language: str, canonical: str) -> None:
    assert parse_number(text, language) == canonical


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "1.23.45", "1,2,3", "12.34,56.78", "1 2", "1.2345,6", "--1", "1e5", "١٢", "1" * 41, "."],
)
def test_numbers_that_cannot_be_read(text: str) -> None:
    with pytest.raises(FormatError) as error:
        parse_number(text, "es")
    assert error.value.message.in_language("en") == "This is not a number."


@pytest.mark.parametrize(
    ("text", "currency", "language", "minor"),
    [
        ("1.234,56 €", "EUR", "es", 123456),
        ("€1,234.56", "EUR", "en", 123456),
        ("-€1,234.56", "EUR", "en", -123456),
        ("R$ 10,5", "BRL", "pt", 1050),
        ("12,50 EUR", "EUR", "fr", 1250),
        ("$5", "USD", "es", 500),
        ("1000", "JPY", "es", 1000),
    ],
)
def test_money_as_people_type_it(text: str, currency: str, language: str, minor: int) -> None:
    assert parse_money(text, currency, language) == minor


@pytest.mark.parametrize(
    ("text", "currency", "message"),
    [
        ("12 $", "EUR", "This is not an amount in EUR."),
        ("much", "EUR", "This is not an amount in EUR."),
        ("", "EUR", "This is not an amount in EUR."),
        ("1,234", "EUR", "EUR has 2 decimals."),
        ("9" * 25, "EUR", "This amount is too large."),
    ],
)
def test_money_that_cannot_be_read(text: str, currency: str, message: str) -> None:
    with pytest.raises(FormatError) as error:
        parse_money(text, currency, "es")
    assert error.value.message.in_language("en") == message


@given(
    minor=st.integers(-(10**14), 10**14),
    currency=st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY", "HUF", "KWD", "BRL"]),
    language=st.sampled_from(list(LANGUAGES)),
)
def test_what_is_shown_can_be_typed(minor: int, currency: str, language: str) -> None:
    assert parse_money(money(minor, currency, language), currency, language) == minor


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2026-11-21", "es"),
        ("21/11/2026", "es"),
        ("21.11.2026", "fr"),
        ("21-11-2026", "pt"),
        ("21 Nov 2026", "en"),
        ("21 november 2026", "en"),
        ("21 nov. 2026", "fr"),
        (" 21/11/2026 ", "en"),
    ],
)
def test_days_as_people_type_them(text: str, language: str) -> None:
    assert parse_day(text, language) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("31/02/2026", "There is no such day."),
        ("2026-13-01", "There is no such day."),
        ("11/21/2026", "There is no such day."),
        ("21/11/26", "Write the day like this: 21/11/2026"),
        ("tomorrow", "Write the day like this: 21/11/2026"),
        ("21 foo 2026", "Write the day like this: 21/11/2026"),
        ("", "Write the day like this: 21/11/2026"),
    ],
)
def test_days_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(FormatError) as error:
        parse_day(text, "es")
    assert error.value.message.in_language("en") == message


def test_email_has_one_form() -> None:
    assert normalise_email("  Ana.Lo\u0301pez@EXAMPLE.org ") == "ana.l\u00f3pez@example.org"
    assert normalise_email("a+b@exämple.org") == "a+b@exämple.org"


@pytest.mark.parametrize(
    "text",
    [
        "", "ana", "ana@", "@x.org", "ana@x", "a b@x.org", "ana@x..org", ".ana@x.org", "a..b@x.org",
        "ana@x.org\nBcc: b@y.org", "ana@x.1", "<ana@x.org>", "ana@x.org,b@y.org", "a" * 65 + "@x.org",
        "ana@" + "x" * 250 + ".org", "ana@-\x00.org", "ana@-x.org",
    ],
)  # fmt: skip
def test_email_that_is_none(text: str) -> None:
    with pytest.raises(FormatError):
        normalise_email(text)
