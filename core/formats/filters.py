"""The formats as template filters, and as facts of translated texts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.formats import dates, numbers
from core.formats.money import money_style
from core.i18n import current_language


@dataclass(frozen=True, slots=True)
class Lazily:
    """A format that waits for its language; see `lazily`."""

    write: Callable[..., str]
    values: tuple[object, ...]

    def in_language(self, language: str) -> str:
        """Formatted text."""
        return self.write(*self.values, language)

    def __str__(self) -> str:
        """Formatted text in the current language."""
        return self.in_language(current_language())


def lazily(write: Callable[..., str], *values: object) -> Lazily:
    """A fact for a translated text: `_("{sum} due").format(sum=lazily(money, 1250, "EUR"))`."""
    return Lazily(write, values)


def filters(language: str) -> dict[str, Callable[..., str]]:
    """Filters of one language's templates; None, a fact that is not there, shows nothing.

    `money(currency) number percent hours duration clock filesize day weekday long_day month week instant relative`
    """

    def money(minor: int | None, currency: str) -> str:
        return "" if minor is None else money_style(currency, language)(minor)

    def instant(value: datetime | str | None) -> str:
        return "" if value is None else dates.instant(value, dates.current_zone(), language)

    def bound(write: Callable[[Any, str], str]) -> Callable[[Any], str]:
        def filter_(value: date | datetime | Decimal | str | int | None) -> str:
            return "" if value is None else write(value, language)

        return filter_

    return {
        "money": money,
        "instant": instant,
        "number": bound(numbers.number),
        "percent": bound(numbers.percent),
        "hours": bound(numbers.hours),
        "duration": bound(numbers.duration),
        "clock": bound(numbers.clock),
        "filesize": bound(numbers.filesize),
        "day": bound(dates.day),
        "weekday": bound(dates.weekday),
        "long_day": bound(dates.long_day),
        "month": bound(dates.month_title),
        "week": bound(dates.week_title),
        "relative": bound(dates.relative),
    }
