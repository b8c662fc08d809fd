"""What a list shows just now, as its URL says it: canonical, defaults left out, nonsense ignored."""

from __future__ import annotations

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl, quote_plus
from uuid import UUID

import msgspec

from core.formats import FormatError, parse_day, parse_number
from core.lists.periods import ALL, YEARS, Span, parse_span, span_of
from core.lists.spec import AmountRange, ChoiceFilter, DateRange, Filter, RelationFilter

if TYPE_CHECKING:
    from core.lists.spec import ListView, Unit

PERIOD, SEARCH, SORT = "period", "q", "sort"
AFTER: Final = "after"
BEFORE: Final = "before"
ENDS: Final = ("from", "to")
_PLACES: Final = (f"{AFTER}=", f"{BEFORE}=")
_MOST_VALUES = 50
_LONGEST_SEARCH = 100
_MOST_FIELDS = 500
_LONGEST_KEPT = 500
_MOST_KEPT = 1_000
_AMOUNT: Final = re.compile(r"-?\d{1,14}(?:\.\d{1,4})?")
"""In minor units of any currency, four decimals at most, it stays within 64 bits."""

Query = Mapping[str, Any] | Iterable[tuple[str, str]] | str
"""A query string, its pairs, or a mapping to a text or several."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: the sort value and id of the row before or behind it."""

    way: Literal["after", "before"]
    value: Any
    id: UUID

    @property
    def text(self) -> str:
        """How URLs say it."""
        tagged: Any = (
            ["l", [_tagged(each) for each in self.value]] if isinstance(self.value, tuple) else _tagged(self.value)
        )
        return base64.urlsafe_b64encode(msgspec.json.encode([*tagged, self.id.hex])).decode().rstrip("=")


def _tagged(value: Any) -> list[Any]:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    return ["u", str(value)] if isinstance(value, UUID) else ["v", value]


_READERS: Final[dict[str, Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "u": UUID,
    "v": lambda value: value if value is None or isinstance(value, str | int | float | bool) else None,
}


def parse_cursor(way: Literal["after", "before"], text: str) -> Cursor | None:
    """Read what `Cursor.text` says; None for anything else."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        tag, value, row = msgspec.json.decode(raw, type=tuple[str, Any, str])
        if tag == "l":
            return Cursor(way, tuple(_READERS[kind](each) for kind, each in value), UUID(row))
        return Cursor(way, _READERS[tag](value), UUID(row))
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error, msgspec.MsgspecError):
        return None


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and which way."""

    key: str
    descending: bool = False

    @property
    def text(self) -> str:
        """How URLs say it."""
        return f"-{self.key}" if self.descending else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """
    Period, search, filters, order and page of a list.

    `chosen` holds the values of choice and relation filters, `ranges` from and to as URLs say them; only what is set.
    """

    span: Span | None = None
    search: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sort: Sort | None = None
    cursor: Cursor | None = None

    @property
    def narrowed(self) -> bool:
        """Whether search or filters leave something out (the period does not count)."""
        return bool(self.search or self.chosen or self.ranges)

    def parts(self, *, default_span: Span | None = None, default_sort: Sort | None = None) -> dict[str, str]:
        """Return the encoded pieces of the query string by name, without those that say the default."""
        found: dict[str, str] = {}
        if self.span is not None and self.span != default_span:
            found[PERIOD] = f"{PERIOD}={self.span.key}"
        if self.search:
            found[SEARCH] = f"{SEARCH}={quote_plus(self.search)}"
        for key, values in self.chosen.items():
            found[key] = "&".join(f"{key}={quote_plus(value)}" for value in values)
        for key, limits in self.ranges.items():
            ends = zip(ENDS, limits, strict=True)
            found[key] = "&".join(f"{key}_{end}={quote_plus(value)}" for end, value in ends if value)
        if self.sort is not None and self.sort != default_sort:
            found[SORT] = f"{SORT}={quote_plus(self.sort.text)}"
        if self.cursor is not None:
            found[self.cursor.way] = f"{self.cursor.way}={self.cursor.text}"
        return found


def pairs_of(query: Query) -> dict[str, list[str]]:
    """Return the values of each name, of a query in any of the shapes it comes in."""
    pairs: Iterable[tuple[str, Any]]
    if isinstance(query, str):
        parts = query.removeprefix("?").split("&", _MOST_FIELDS)[:_MOST_FIELDS]
        pairs = parse_qsl("&".join(parts))
    elif hasattr(query, "multi_items"):
        pairs = query.multi_items()
    elif isinstance(query, Mapping):
        pairs = query.items()
    else:
        pairs = query
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        several = value if isinstance(value, list | tuple) else (value,)
        found.setdefault(name, []).extend(str(item) for item in several)
    return found


def default_sort(view: ListView) -> Sort | None:
    """Return the order of a list that nobody has sorted."""
    return _parse_sort(view, view.default_sort) if view.default_sort else None


_NOW: Final[dict[str, Unit]] = {"month": "month", "week": "week"}
"""Links may ask for the present month or week without knowing its name."""


def default_span(view: ListView, today: date, remembered: Unit | None = None) -> Span | None:
    """Return what a list opens with: all time, or the present month or week, whichever the reader looked at last."""
    if view.period is None:
        return None
    unit = view.period.default
    return ALL if unit == "all" else span_of(remembered if remembered in {"month", "week"} else unit, today)


def parse_state(
    view: ListView, query: Query, *, today: date, language: str = "en", remembered: Unit | None = None
) -> ListState:
    """Read a list's state. Unknown names and values that make no sense are left out, never an error."""
    given = pairs_of(query)
    span = default_span(view, today, remembered)
    asked = _last(given, PERIOD)
    if span is not None and (found := _NOW.get(asked) or parse_span(asked)) is not None:
        span = span_of(found, today) if isinstance(found, str) else found
    chosen: dict[str, tuple[str, ...]] = {}
    ranges: dict[str, tuple[str, str]] = {}
    for each in view.filters if given else ():
        if isinstance(each, ChoiceFilter | RelationFilter):
            if each.key in given and (values := _chosen(each, given[each.key])):
                chosen[each.key] = values
        elif f"{each.key}_from" in given or f"{each.key}_to" in given:
            limits = (
                _limit(each, _last(given, f"{each.key}_from"), language),
                _limit(each, _last(given, f"{each.key}_to"), language),
            )
            if any(limits):
                ranges[each.key] = limits
    cursor = cursor_in(given)
    return ListState(
        span=span,
        search=" ".join(_last(given, SEARCH)[:_LONGEST_SEARCH].replace("\x00", "").split()) if view.search else "",
        chosen=chosen,
        ranges=ranges,
        sort=_parse_sort(view, _last(given, SORT)) or default_sort(view),
        cursor=cursor,
    )


def cursor_in(given: Mapping[str, list[str]]) -> Cursor | None:
    """Return the place among the pages that an address names; the way forth goes first."""
    ways: tuple[Literal["after", "before"], ...] = (AFTER, BEFORE)
    found = (parse_cursor(way, text) for way in ways if (text := _last(given, way)))
    return next((cursor for cursor in found if cursor is not None), None)


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says of a list, wherever among its pages; shared between pages of all readers."""

    view: ListView
    state: ListState
    said: str
    """The state in its canonical spelling."""
    period: str
    """The period as the address spells it."""


_addresses: OrderedDict[tuple[Hashable, ...], Address] = OrderedDict()


def read_address(
    view: ListView, query: Query, *, today: date, language: str, remembered: Unit | None = None
) -> tuple[Address, Cursor | None]:
    """
    Return what an address says, and the place among the pages.

    The first comes from memory where it was asked for lately, which spares a page 40 µs: nearly all pages of a list
    are asked for by a few addresses. The key holds all that `parse_state` is given.
    """
    if not isinstance(query, str) or len(query) > _LONGEST_KEPT:
        given = pairs_of(query)
        return _read_address(view, given, today, language, remembered), cursor_in(given)
    said, places = query.removeprefix("?"), ""
    if any(mark in said for mark in _PLACES):
        parts = said.split("&")
        places = "&".join(part for part in parts if part.startswith(_PLACES))
        said = "&".join(part for part in parts if not part.startswith(_PLACES))
    key = (id(view), said, today, language, remembered)
    known = _addresses.get(key)
    if known is None:
        known = _addresses[key] = _read_address(view, pairs_of(said), today, language, remembered)
        if len(_addresses) > _MOST_KEPT:
            _addresses.popitem(last=False)
    else:
        _addresses.move_to_end(key)
    return known, cursor_in(pairs_of(places)) if places else None


def _read_address(
    view: ListView, given: dict[str, list[str]], today: date, language: str, remembered: Unit | None
) -> Address:
    state = first_page(parse_state(view, given, today=today, language=language, remembered=remembered))
    return Address(view, state, "&".join(state.parts().values()), given.get(PERIOD, [""])[-1])


def first_page(state: ListState) -> ListState:
    """Return the state without its place among the pages."""
    return replace(state, cursor=None)


def _last(given: Mapping[str, list[str]], name: str) -> str:
    values = given.get(name)
    return values[-1].strip() if values else ""


def _chosen(each: ChoiceFilter | RelationFilter, values: list[str]) -> tuple[str, ...]:
    if isinstance(each, ChoiceFilter):
        known = tuple(option.value for option in each.options if option.value in values)
        return known if each.multi else known[:1]
    found = set()
    for value in values[:_MOST_VALUES]:
        try:
            found.add(str(UUID(value)))
        except ValueError:
            continue
    return tuple(sorted(found))


def _limit(each: Filter, text: str, language: str) -> str:
    if not text:
        return ""
    try:
        if isinstance(each, DateRange):
            day = parse_day(text, language)
            return day.isoformat() if day.year in YEARS else ""
        if isinstance(each, AmountRange):
            return _amount(parse_number(text, language))
    except FormatError:
        return ""
    return ""


def _amount(text: str) -> str:
    """Write an amount so that every language reads it back alike: never with exactly three decimals."""
    if not _AMOUNT.fullmatch(text):
        return ""
    value = f"{Decimal(text):f}"
    if "." in value:
        value = value.rstrip("0").rstrip(".")
    decimals = len(value.partition(".")[2])
    return value + {1: "0", 3: "0"}.get(decimals, "")


def _parse_sort(view: ListView, text: str) -> Sort | None:
    key = text.removeprefix("-")
    known = any(column.key == key for column in view.sortable)
    return Sort(key, descending=text.startswith("-")) if known else None
