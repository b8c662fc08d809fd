"""Days as lists write them: in figures of any order, with the month as a word, alone or at the head of an instant."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.sdk import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMERIC: Final = re.compile(r"(\d{1,4})[./ -](\d{1,2})[./ -](\d{1,4})\.?(?=$|[T ,])")
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?=$|[T ,])")
_DAY_AND_MONTH: Final = re.compile(
    r"(\d{1,2})(?:er|º|ª|st|nd|rd|th|\.)?[ ./-]*(?:(?:de|of) )?([^\W\d_]{3,})\.?,?[ ./-]*(?:del? )?"
    r"(\d{4}|\d{2})(?=$|[T ,])"
)
_MONTH_AND_DAY: Final = re.compile(r"([^\W\d_]{3,})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?=$|[T ,])")
_WEEKDAY: Final = re.compile(r"([^\W\d_]{2,})(?:-feira)?[.,]* +(?=\w)")
_CLOCK_FOLLOWS: Final = re.compile(r"[T ,]+\d{1,2}[:.h]\d{2}")

_MONTHS: Final = (
    "january enero janvier janeiro januar",
    "february febrero fevrier fevereiro februar",
    "march marzo mars marco marz",
    "april abril avril",
    "may mayo mai maio",
    "june junio juin junho juni",
    "july julio juillet julho juli",
    "august agosto aout",
    "september septiembre setiembre septembre setembro",
    "october octubre octobre outubro oktober",
    "november noviembre novembre novembro",
    "december diciembre decembre dezembro dezember",
)
"""Folded names of the months in English, Spanish, French, Portuguese and German, and nothing that is short for two."""
_WEEKDAYS: Final = (
    "monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes sabado domingo "
    "lundi mardi mercredi jeudi vendredi samedi dimanche segunda terca quarta quinta sexta "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag"
)


class ValueProblem(ValueError):  # noqa: N818 -- not an error of the program: what a list says cannot be read
    """A text that is no day, time, duration or number."""


class DateOrder(StrEnum):
    """In which order a list writes day, month and year in figures."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """
    Return in which order *texts* write their days, or None where they do not say: all of them fit both orders.

    A single day that contradicts all others is left to be refused by itself.
    """
    votes = dict.fromkeys(DateOrder, 0)
    seen = False
    for text in texts:
        match = _NUMERIC.match(_bare(text))
        if match is None:
            continue
        seen = True
        first, second = match[1], match[2]
        if len(first) == 4:
            votes[DateOrder.YEAR_FIRST] += 1
        elif int(first) > 12 >= int(second):
            votes[DateOrder.DAY_FIRST] += 1
        elif int(second) > 12 >= int(first):
            votes[DateOrder.MONTH_FIRST] += 1
    best = max(DateOrder, key=lambda order: votes[order])
    if votes[best] and sum(count == votes[best] for count in votes.values()) == 1:
        return best
    return None if seen else DateOrder.YEAR_FIRST


def read_day(text: str, order: DateOrder) -> date:
    """Return the day of a text, behind which a time of day may follow. Years of two digits are of this century."""
    day, rest = split_day(text, order)
    if any(sign.isdigit() for sign in rest) and not _CLOCK_FOLLOWS.match(rest):  # a period, as totals name it
        raise ValueProblem(text)
    return day


def split_day(text: str, order: DateOrder) -> tuple[date, str]:
    """Return the day that a text begins with, and what follows it. Raises ValueProblem."""
    typed = _bare(text)
    year, month, day, rest = _in_figures(typed, order) or _in_words(typed) or (0, 0, 0, "")
    try:
        return date(year + 2000 if 0 < year < 100 else year, month, day), rest
    except ValueError as error:
        raise ValueProblem(text) from error


def after_day(text: str) -> str:
    """Return what follows the day in a text, all of it where no day is in it: 08.30.15 is a time of day itself."""
    typed = _bare(text)
    patterns = (_COMPACT, _NUMERIC, _DAY_AND_MONTH, _MONTH_AND_DAY)
    match = next((found for pattern in patterns if (found := pattern.match(typed))), None)
    return (typed[match.end() :].strip("T, ") if match else "") or typed


def _bare(text: str) -> str:
    """Return a text without the name of a weekday before its day."""
    typed = text.strip()
    match = _WEEKDAY.match(typed)
    if match is None or not any(name.startswith(fold(match[1])) for name in _WEEKDAYS.split()):
        return typed
    rest = typed[match.end() :]
    return rest if _month(match[1]) is None or _NUMERIC.match(rest) else typed  # "mar" is a day and a month


def _in_figures(text: str, order: DateOrder) -> tuple[int, int, int, str] | None:
    if compact := _COMPACT.match(text):
        return int(compact[1]), int(compact[2]), int(compact[3]), text[compact.end() :]
    match = _NUMERIC.match(text)
    if match is None:
        return None
    first, second, third = (int(part) for part in match.groups())
    rest = text[match.end() :]
    if len(match[1]) == 4:
        return first, second, third, rest
    return (third, first, second, rest) if order is DateOrder.MONTH_FIRST else (third, second, first, rest)


def _in_words(text: str) -> tuple[int, int, int, str] | None:
    if (match := _DAY_AND_MONTH.match(text)) and (month := _month(match[2])):
        return int(match[3]), month, int(match[1]), text[match.end() :]
    if (match := _MONTH_AND_DAY.match(text)) and (month := _month(match[1])):
        return int(match[3]), month, int(match[2]), text[match.end() :]
    return None


def _month(word: str) -> int | None:
    """Return the month that a word names or shortens, where it is one only."""
    short = fold(word)
    found = [
        number for number, names in enumerate(_MONTHS, start=1) if any(name.startswith(short) for name in names.split())
    ]
    return found[0] if len(found) == 1 and len(short) > 2 else None
