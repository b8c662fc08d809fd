"""Reading what people type, in their language's habits."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Final

from babel.dates import get_month_names
from babel.numbers import get_currency_symbol, get_decimal_symbol

from core.errors import InvalidInputError
from core.formats.money import minor_units
from core.formats.problems import FormatError
from core.i18n import Translator, babel_locale

_ = Translator("core")

_SPACES: Final = re.compile(r"[\s\u00a0\u2009\u202f'’]+")  # what separates groups, the Swiss apostrophe too
_FIGURES: Final = re.compile(r"[0-9., ]*[0-9][0-9., ]*")
_DAY: Final = re.compile(r"([0-9]{1,2})[./ -]([0-9]{1,2}|[^\W\d]+\.?)[./ -]([0-9]{4})")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL: Final = re.compile(rf"[^@\s\x00-\x1f\x7f\"(),:;<>\[\]\\]{{1,64}}@(?:{_LABEL}\.)+(?!\d+$){_LABEL}")


def parse_number(text: str, language: str) -> str:
    """Canonical decimal text (`1234.50`) of a typed number.

    A lone point or comma with one, two or many figures after it is a decimal sign in every language; with exactly three
    it is what the language says (`1.234` is 1234 in Spanish, 1.234 in English). Raises FormatError.
    """
    typed = _SPACES.sub(" ", text).strip().replace("−", "-")
    negative, typed = typed.startswith("-"), typed.removeprefix("-").strip()
    if not _FIGURES.fullmatch(typed) or len(typed) > 40:
        raise FormatError(_("This is not a number."))
    whole, fraction = _split(typed, decimal=get_decimal_symbol(babel_locale(language)))
    separators = set(whole) & set("., ")
    grouped = separators and re.fullmatch(rf"\d{{1,3}}(?:[{re.escape(separators.pop())}]\d{{3}})+", whole)
    if (not grouped and not re.fullmatch(r"\d*", whole)) or not re.fullmatch(r"\d*", fraction):
        raise FormatError(_("This is not a number."))
    figures = re.sub(r"\D", "", whole).lstrip("0") or "0"
    result = f"{figures}.{fraction}" if fraction else figures
    return f"-{result}" if negative and Decimal(result) else result


def _split(typed: str, *, decimal: str) -> tuple[str, str]:
    """Whole part with its separators, and fraction."""
    points, commas = typed.count("."), typed.count(",")
    if points and commas:
        sign = "." if typed.rfind(".") > typed.rfind(",") else ","
    elif points + commas == 1:
        sign = "." if points else ","
        after = typed.partition(sign)[2]
        if sign != decimal and re.fullmatch(r"\d{3}", after) and not typed.startswith(sign):
            return typed, ""
    else:
        return typed, ""
    whole, _sign, fraction = typed.rpartition(sign)
    return whole, fraction


def parse_money(text: str, currency: str, language: str) -> int:
    """Minor units of a typed amount, with or without the currency's sign: `1.234,56 €` → 123456.

    Raises FormatError, also for another currency's sign and for more decimals than the currency has.
    """
    typed = text.strip()
    for sign in (currency, get_currency_symbol(currency, locale=babel_locale(language)), _plain_symbol(currency)):
        typed = typed.removeprefix(sign).removesuffix(sign).strip()
        if typed.startswith(f"-{sign}"):
            typed = "-" + typed.removeprefix(f"-{sign}").strip()
    try:
        figures = parse_number(typed, language)
    except FormatError:
        raise FormatError(_("This is not an amount in {currency}.").format(currency=currency)) from None
    return minor_units(figures, currency)


def _plain_symbol(currency: str) -> str:
    """Sign of a currency as its own country writes it: `$`, `R$`."""
    home = {"USD": "$", "BRL": "R$", "GBP": "£", "JPY": "¥", "EUR": "€", "CHF": "Fr."}
    return home.get(currency, currency)


def _month(word: str, language: str) -> int | None:
    wanted = word.casefold().removesuffix(".")
    for width in ("abbreviated", "wide"):
        names = get_month_names(width, locale=babel_locale(language))
        for number in range(1, 13):
            if wanted == names[number].casefold().removesuffix("."):
                return number
    return None


def parse_day(text: str, language: str) -> date:
    """Day from `21/11/2026` (also with points or hyphens), `21 Nov 2026` or ISO `2026-11-21`.

    The day stands before the month in every language; years have four figures, two would hide mistakes.
    Raises FormatError.
    """
    typed = text.strip()
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
            return date.fromisoformat(typed)
        match = _DAY.fullmatch(typed)
        if match:
            month = int(match[2]) if match[2].isdigit() else _month(match[2], language)
            if month is not None:
                return date(int(match[3]), month, int(match[1]))
    except ValueError:
        raise FormatError(_("There is no such day.")) from None
    pattern = "21 Nov 2026" if language == "en" else "21/11/2026"
    raise FormatError(_("Write the day like this: {example}").format(example=pattern))


def typed_email(text: str) -> str:
    """E-mail address that somebody typed into the field `email`, as it is stored.

    Raises InvalidInputError, which the form shows at that field.
    """
    try:
        return normalise_email(text)
    except FormatError as error:
        raise InvalidInputError(fields={"email": [error.message]}) from error


def normalise_email(text: str) -> str:
    """E-mail address in the one form that is stored and compared: NFC, no spaces around, lower case.

    Raises FormatError. Lower case also left of the @: no provider of our time tells them apart, people's typing does.
    """
    address = unicodedata.normalize("NFC", text).strip().lower()
    local, _at, host = address.rpartition("@")
    try:
        plain = f"{local}@{host.encode('idna').decode('ascii')}" if host else ""
    except UnicodeError:
        plain = ""
    if (
        len(address) > 254
        or not _EMAIL.fullmatch(plain)
        or local.startswith(".")
        or local.endswith(".")
        or ".." in local
    ):
        raise FormatError(_("This is not an e-mail address."))
    return address
