"""Months and ISO weeks, by which lists are leafed through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from core.formats import day_range, month_title, week_title

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from core.lists.spec import Unit

_KEY: Final = re.compile(r"(?P<year>\d{4})-(?:W(?P<week>\d{2})|(?P<month>\d{2}))")
YEARS: Final = range(1900, 2200)
"""Years that arrows and URLs reach; nobody has papers beyond, and dates end at 9999."""


@dataclass(frozen=True, slots=True)
class Span:
    """A month or an ISO week: `first` is its first day, `end` the day after its last. Neither for all time."""

    unit: Unit
    first: date | None = None
    end: date | None = None

    @property
    def key(self) -> str:
        """How URLs say it: `2026-11`, `2026-W47`, `all`."""
        if self.first is None:
            return "all"
        if self.unit == "week":
            week = self.first.isocalendar()
            return f"{week.year:04}-W{week.week:02}"
        return f"{self.first.year:04}-{self.first.month:02}"

    def contains(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.first is None or self.end is None or self.first <= day < self.end

    def label(self, language: str) -> str:
        """Return its name in a language: `November 2026`, `week 47 of 2026 · 16 Nov 2026 – 22 Nov 2026`."""
        if self.first is None or self.end is None:
            return ""
        if self.unit == "month":
            return month_title(self.first, language)
        days = day_range(self.first, self.end - timedelta(days=1), language)
        return f"{week_title(self.first, language)} · {days}"

    def step(self, by: int) -> Span | None:
        """Return the span *by* months or weeks later, None beyond the years that lists know."""
        if self.first is None:
            return None
        if self.unit == "week":
            return _kept(week_of(self.first + timedelta(weeks=by)))
        months = self.first.year * 12 + self.first.month - 1 + by
        return _kept(month_of(date(months // 12, months % 12 + 1, 1)))

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """
        Return the instants at which it begins and ends where the tenant is.

        Raises:
            ValueError: it is all time.

        """
        if self.first is None or self.end is None:
            raise ValueError("all time has no bounds")
        return day_start(self.first, zone), day_start(self.end, zone)


ALL: Final = Span("all")


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which *day* begins in *zone*."""
    return datetime.combine(day, time.min, tzinfo=zone)


def month_of(day: date) -> Span:
    """Return the month of a day."""
    first = day.replace(day=1)
    return Span("month", first, (first + timedelta(days=32)).replace(day=1))


def week_of(day: date) -> Span:
    """Return the ISO week of a day: Monday to Sunday."""
    first = day - timedelta(days=day.weekday())
    return Span("week", first, first + timedelta(days=7))


def span_of(unit: Unit, day: date) -> Span:
    """Return the month or week of a day, or all time."""
    if unit == "all":
        return ALL
    return month_of(day) if unit == "month" else week_of(day)


def parse_span(text: str) -> Span | None:
    """Read what `Span.key` says; None for anything else."""
    if text == "all":
        return ALL
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    try:
        if match["week"]:
            return _kept(week_of(date.fromisocalendar(int(match["year"]), int(match["week"]), 1)))
        return _kept(month_of(date(int(match["year"]), int(match["month"]), 1)))
    except (ValueError, OverflowError):
        return None


def _kept(span: Span) -> Span | None:
    """Judge a week by its Thursday, as ISO does, so that its key's year is what counts."""
    thursday = span.first + timedelta(days=3) if span.first else None
    return span if thursday and thursday.year in YEARS else None


def converted(span: Span, unit: Unit, today: date) -> Span:
    """Return the span of another unit at the same place: around today if it was there, else at its beginning."""
    if unit == span.unit:
        return span
    if span.first is None or span.contains(today):
        return span_of(unit, today)
    anchor = span.first + timedelta(days=3) if span.unit == "week" else span.first
    return span_of(unit, anchor)
