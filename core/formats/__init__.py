"""
How the portal writes and reads amounts, dates, numbers: functions whose last argument is the language.

Derived from Babel's data once per language and currency, then plain string work: an amount takes about 1 µs.
Dates are dd/mm/yyyy in es, fr, pt, pt_PT and `21 Nov 2026` in en, where dd/mm and mm/dd cannot be told apart.
"""

from core.formats.countries import COUNTRIES, country_name
from core.formats.dates import (
    current_zone,
    day,
    day_range,
    instant,
    local_day,
    long_day,
    month_title,
    relative,
    week_title,
    weekday,
    zone_scope,
)
from core.formats.filters import Lazily, filters, lazily
from core.formats.money import decimal_text, minor_digits, minor_units, money
from core.formats.numbers import clock, duration, filesize, hours, number, percent
from core.formats.problems import FormatError
from core.formats.typed import normalise_email, parse_day, parse_money, parse_number, typed_email

__all__ = [
    "COUNTRIES",
    "FormatError",
    "Lazily",
    "clock",
    "country_name",
    "current_zone",
    "day",
    "day_range",
    "decimal_text",
    "duration",
    "filesize",
    "filters",
    "hours",
    "instant",
    "lazily",
    "local_day",
    "long_day",
    "minor_digits",
    "minor_units",
    "money",
    "month_title",
    "normalise_email",
    "number",
    "parse_day",
    "parse_money",
    "parse_number",
    "percent",
    "relative",
    "typed_email",
    "week_title",
    "weekday",
    "zone_scope",
]
