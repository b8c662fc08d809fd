from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_decimal

from core.formats import (
    clock,
    current_zone,
    day,
    day_range,
    duration,
    filesize,
    hours,
    instant,
    local_day,
    long_day,
    month_title,
    number,
    percent,
    relative,
    week_title,
    weekday,
    zone_scope,
)
from core.i18n import LANGUAGES, babel_locale, language_scope

DAY = date(2026, 9, 1)
MOMENT = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def in_all(write: Callable[..., str], *values: object) -> dict[str, str]:
    return {language: write(*values, language) for language in LANGUAGES}


def test_day() -> None:
    written = dict.fromkeys(LANGUAGES, "01/09/2026") | {"en": "1 Sept 2026"}
    assert in_all(day, DAY) == written
    assert in_all(day, "2026-09-01") == written


def test_weekday() -> None:
    assert in_all(weekday, DAY) == {"en": "Tue", "es": "mar", "fr": "mar.", "pt": "ter.", "pt_PT": "terça"}


def test_long_day() -> None:
    assert in_all(long_day, DAY) == {
        "en": "1 September 2026",
        "es": "1 de septiembre de 2026",
        "fr": "1er septembre 2026",
        "pt": "1 de setembro de 2026",
        "pt_PT": "1 de setembro de 2026",
    }
    assert long_day(date(2026, 9, 11), "fr") == "11 septembre 2026"


def test_month_title() -> None:
    assert in_all(month_title, DAY) == {
        "en": "September 2026",
        "es": "septiembre de 2026",
        "fr": "septembre 2026",
        "pt": "setembro de 2026",
        "pt_PT": "setembro de 2026",
    }


def test_week_title_counts_iso_weeks_in_every_language() -> None:
    assert week_title(date(2027, 1, 1), "en") == "week 53 of 2026"
    assert "53" in week_title(date(2027, 1, 3), "pt")  # a Sunday, which begins a week in CLDR's Brazil


def test_day_range() -> None:
    assert day_range(DAY, DAY, "es") == "01/09/2026"
    assert day_range(DAY, "2026-09-07", "es") == "01/09/2026 – 07/09/2026"


def test_an_instant_is_no_day() -> None:
    with pytest.raises(TypeError, match="depends on a zone"):
        day(MOMENT, "es")


def test_instant_in_the_zone() -> None:
    assert instant(MOMENT, "Europe/Madrid", "es") == "01/01/2027 00:30"
    assert instant(MOMENT, "America/Sao_Paulo", "pt") == "31/12/2026 20:30"
    assert instant(MOMENT.isoformat(), "UTC", "en") == "31 Dec 2026, 23:30"


def test_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        instant(MOMENT.replace(tzinfo=None), "UTC", "es")


def test_zone_scope_ends() -> None:
    with zone_scope("Europe/Paris"):
        assert str(current_zone()) == "Europe/Paris"
        assert local_day(MOMENT) == date(2027, 1, 1)
    assert str(current_zone()) == "UTC"
    assert local_day(MOMENT, "America/Sao_Paulo") == date(2026, 12, 31)


def test_relative() -> None:
    now = MOMENT + timedelta(hours=3)
    assert {language: relative(MOMENT, language, now=now) for language in LANGUAGES} == {
        "en": "3 hours ago",
        "es": "hace 3 horas",
        "fr": "il y a 3 heures",
        "pt": "há 3 horas",
        "pt_PT": "há 3 horas",
    }
    assert relative(MOMENT, "es", now=MOMENT - timedelta(days=2)) == "dentro de 2 días"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", ["0", "7", "999", "1000", "1234", "9999", "10000", "123456789", "-1234567", "0.5"])
def test_number_equals_babel_where_babel_keeps_the_digits(language: str, value: Any) -> None:
    assert number(value, language) == format_decimal(Decimal(value), locale=babel_locale(language))


def test_number_keeps_the_digits_that_were_read() -> None:
    assert in_all(number, "12345.600") == {
        "en": "12,345.600",
        "es": "12.345,600",
        "fr": "12\u202f345,600",
        "pt": "12.345,600",
        "pt_PT": "12\u00a0345,600",
    }
    assert number(Decimal("0.00101"), "es") == "0,00101"
    assert number(Decimal("1E-7"), "es") == "0,0000001"
    assert number("-0.5", "es") == "-0,5"


@pytest.mark.parametrize("value", ["", "1,5", "1e5", "١٢", "abc", 1.5, None])
def test_number_refuses_what_has_no_digits_of_its_own(value: Any) -> None:
    with pytest.raises(ValueError, match="no decimal number"):
        number(value, "es")


def test_percent() -> None:
    assert in_all(percent, "21.00") == {
        "en": "21%",
        "es": "21\u00a0%",
        "fr": "21\u00a0%",
        "pt": "21%",
        "pt_PT": "21%",
    }
    assert percent("5.50", "es") == "5,5\u00a0%"
    assert percent("100", "es") == "100\u00a0%"


@pytest.mark.parametrize(
    ("seconds", "words", "figures", "decimal"),
    [
        (0, "0 min", "0:00", "0,00"),
        (36, "36 s", "0:00:36", "0,01"),
        (2700, "45 min", "0:45", "0,75"),
        (27000, "7 h 30 min", "7:30", "7,50"),
        (28800, "8 h", "8:00", "8,00"),
        (3601, "1 h 1 s", "1:00:01", "1,00"),
        (-5400, "-1 h 30 min", "-1:30", "-1,50"),
        (360000, "100 h", "100:00", "100,00"),
    ],
)
def test_durations(seconds: int, words: str, figures: str, decimal: str) -> None:
    assert duration(seconds, "es").replace("\u00a0", " ") == words
    assert clock(seconds, "es") == figures
    assert hours(seconds, "es") == decimal


def test_filesize() -> None:
    assert in_all(filesize, 1_500_000) == {
        "en": "1.5\u00a0MB",
        "es": "1,5\u00a0MB",
        "fr": "1,5\u202fMo",
        "pt": "1,5\u00a0MB",
        "pt_PT": "1,5\u00a0MB",
    }
    assert [filesize(size, "es") for size in (0, 999, 1000, 12_345, 25_000_000, 3_000_000_000)] == [
        "0\u00a0B",
        "999\u00a0B",
        "1,0\u00a0kB",
        "12\u00a0kB",
        "25\u00a0MB",
        "3,0\u00a0GB",
    ]


def test_formats_do_not_ask_the_current_language() -> None:
    with language_scope("fr"):
        assert number("1.5", "en") == "1.5"
