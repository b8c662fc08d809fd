"""Days, months, weeks and instants."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_timedelta, get_month_names

from core.i18n import Translator, babel_locale

_ = Translator("core")

_zone: ContextVar[str | ZoneInfo] = ContextVar("zone", default="UTC")


@contextmanager
def zone_scope(zone: str | ZoneInfo) -> Iterator[None]:
    """Instants inside are shown in this zone, by name or ZoneInfo; the tenant's, in pages and mails."""
    token = _zone.set(zone)
    try:
        yield
    finally:
        _zone.reset(token)


def current_zone() -> ZoneInfo:
    """Zone of this page or mail."""
    return _as_zone(_zone.get())


def _as_zone(zone: str | ZoneInfo) -> ZoneInfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone  # ZoneInfo keeps what it has read


def _as_day(value: date | str) -> date:
    if isinstance(value, datetime):
        raise TypeError("a datetime is an instant, its day depends on a zone: use instant() or local_day()")
    return date.fromisoformat(value) if isinstance(value, str) else value


def _as_instant(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError(f"an instant without a zone: {value!r}")
    return moment


@cache
def _english_months() -> tuple[str, ...]:
    names = get_month_names("abbreviated", locale=babel_locale("en"))
    return tuple(names[month] for month in range(1, 13))


def day(value: date | str, language: str) -> str:
    """Day in figures, from a date or ISO text: `21/11/2026`, in English `21 Nov 2026`."""
    value = _as_day(value)
    if language == "en":
        return f"{value.day} {_english_months()[value.month - 1]} {value.year}"
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


@lru_cache(maxsize=4096)
def long_day(value: date | str, language: str) -> str:
    """Day in words: `21 de noviembre de 2026`."""
    value = _as_day(value)
    text = format_date(value, "long", locale=babel_locale(language))
    if language == "fr" and value.day == 1:
        return text.replace("1", "1er", 1)  # the first of a month is an ordinal in French; CLDR leaves that out
    return text


def day_range(first: date | str, last: date | str, language: str) -> str:
    """Two days with a dash, one day alone where they are the same."""
    start, end = day(first, language), day(last, language)
    return start if start == end else f"{start} – {end}"


@lru_cache(maxsize=4096)
def weekday(value: date | str, language: str) -> str:
    """Day of the week, short: `sáb`."""
    return format_date(_as_day(value), "EEE", locale=babel_locale(language))


@lru_cache(maxsize=1024)
def month_title(value: date | str, language: str) -> str:
    """Month in words: `noviembre de 2026`."""
    return format_skeleton("yMMMM", _as_day(value), locale=babel_locale(language))


def week_title(value: date | str, language: str) -> str:
    """ISO week with the year it belongs to: 2027-01-01 → `semana 53 de 2026`.

    CLDR's weeks begin on Sunday in Brazil; ours are ISO's everywhere.
    """
    week = _as_day(value).isocalendar()
    return _("week {week} of {year}").format(week=week.week, year=week.year).in_language(language)


def local_day(value: datetime | str, zone: str | ZoneInfo | None = None) -> date:
    """Day on which an instant falls in a zone (default: the current one)."""
    return _as_instant(value).astimezone(_as_zone(zone) if zone else current_zone()).date()


def instant(value: datetime | str, zone: str | ZoneInfo, language: str) -> str:
    """Day and time in a zone: `21/11/2026 18:06`.

    Raises ValueError for a datetime without a zone.
    """
    local = _as_instant(value).astimezone(_as_zone(zone))
    comma = "," if language == "en" else ""
    return f"{day(local.date(), language)}{comma} {local:%H:%M}"


def relative(value: datetime | str, language: str, *, now: datetime | None = None) -> str:
    """How long ago or ahead, minutes at least: `hace 3 horas`."""
    delta = _as_instant(value) - (now or datetime.now(UTC))
    return format_timedelta(delta, granularity="minute", add_direction=True, locale=babel_locale(language))
