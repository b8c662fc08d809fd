"""What a list's state means in SQL: each condition stands here once, for rows, counts, cards and exports alike."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from babel.numbers import list_currencies
from piccolo.columns import Timestamptz
from piccolo.columns.combination import And, Or, WhereRaw
from piccolo.query.mixins import WhereDelegate
from piccolo.querystring import QueryString

from core.formats import minor_digits
from core.lists.periods import day_start
from core.lists.spec import AmountRange, ChoiceFilter, DateRange, RelationFilter
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.lists.reading import Places, Reading
    from core.lists.spec import Source

MOST_WORDS: Final = 6
_DIGITS: Final = (0, 3, 4)
"""Minor digits of currencies that do not have two."""


def some(conditions: Iterable[Any]) -> Any:
    """Join conditions by "or"."""
    return reduce(Or, conditions)


def conditions(reading: Reading, places: Places, *, choices: bool = True) -> list[Any]:
    """Return all that rows must meet beside tenant and reach; without *choices* the choice filters are left out."""
    view, state = reading.view, reading.state
    found: list[Any] = [] if view.only is None else [view.only(reading.reader(places))]
    found += _in_period(reading, places)
    found += [
        some(WhereRaw("{} LIKE {} ESCAPE '!'", column, places(f"q{number}")) for column in view.search)
        for number in range(len(search_words(state.search)))
    ]
    for each in view.filters:
        if isinstance(each, ChoiceFilter):
            chosen = chosen_condition(reading, places, each) if choices else None
            found += [] if chosen is None else [chosen]
        elif isinstance(each, RelationFilter):
            found += _related(each, len(state.chosen.get(each.key, ())), places)
        else:
            found += _range(each, state.ranges.get(each.key, ("", "")), places)
    return found


def _in_period(reading: Reading, places: Places) -> list[Any]:
    period, span = reading.view.period, reading.state.span
    if period is None or span is None or span.first is None:
        return []
    before = WhereRaw("{} < {}", period.column, places("period_end"))
    if period.until is None:
        return [before, WhereRaw("{} >= {}", period.column, places("period_first"))]
    return [before, WhereRaw("({} IS NULL OR {} >= {})", period.until, period.until, places("period_first"))]


def _related(each: RelationFilter, number: int, places: Places) -> list[Any]:
    marks = ", ".join("{}" for _ in range(number))
    values = [places(f"f_{each.key}_{i}") for i in range(number)]
    return [WhereRaw(f"{{}} IN ({marks})", each.column, *values)] if number else []


def chosen_condition(reading: Reading, places: Places, each: ChoiceFilter) -> Any:
    """Return the condition of what is ticked in a choice filter, None where nothing is."""
    values = reading.state.chosen.get(each.key)
    if not values:
        return None
    reader = reading.reader(places)
    return some(option.where(reader) for option in each.options if option.value in values)


def _range(each: DateRange | AmountRange, limits: tuple[str, str], places: Places) -> Iterable[Any]:
    for end, sign, limit in zip(("from", "to"), (">=", "<="), limits, strict=True):
        if not limit:
            continue
        name = f"f_{each.key}_{end}"
        if isinstance(each, AmountRange):
            yield _amount(each, sign, name, places)
        else:  # an instant's last day ends where the next begins
            below = sign == "<=" and isinstance(each.column, Timestamptz)
            yield WhereRaw(f"{{}} {'<' if below else sign} {{}}", each.column, places(name))


def _amount(each: AmountRange, sign: str, name: str, places: Places) -> Any:
    if each.currency is None:
        return WhereRaw(f"{{}} {sign} {{}}", each.column, places(name))
    cases = " ".join(f"WHEN {{}} IN ({_codes(digits)}) THEN CAST({{}} AS bigint)" for digits in _DIGITS)
    given = [value for digits in _DIGITS for value in (each.currency, places(f"{name}_{digits}"))]
    return WhereRaw(f"{{}} {sign} CASE {cases} ELSE CAST({{}} AS bigint) END", each.column, *given, places(name))


@lru_cache(maxsize=8)
def _codes(digits: int) -> str:
    return ", ".join(f"'{code}'" for code in sorted(list_currencies()) if minor_digits(code) == digits)


def values_of(reading: Reading) -> dict[str, Any]:
    """Return what is bound for a reading's state, by place."""
    view, state = reading.view, reading.state
    zone = reading.actor.tenant.zone
    found: dict[str, Any] = {}
    if view.period is not None and state.span is not None and state.span.first is not None:
        first, end = state.span.first, state.span.end
        starts, ends = isinstance(view.period.column, Timestamptz), isinstance(view.period.until, Timestamptz)
        lower = starts if view.period.until is None else ends
        found["period_end"] = day_start(end, zone) if starts and end else end
        found["period_first"] = day_start(first, zone) if lower else first
    for number, word in enumerate(search_words(state.search)):
        found[f"q{number}"] = f"%{_escaped(word)}%"
    for each in view.filters if state.chosen or state.ranges else ():
        if isinstance(each, RelationFilter):
            for number, value in enumerate(state.chosen.get(each.key, ())):
                found[f"f_{each.key}_{number}"] = UUID(value)
        elif not isinstance(each, ChoiceFilter) and (limits := state.ranges.get(each.key)):
            for end_name, limit in zip(("from", "to"), limits, strict=True):
                name = f"f_{each.key}_{end_name}"
                if limit and isinstance(each, AmountRange):
                    found |= _amounts(name, limit, up=end_name == "from")
                elif limit:
                    day = date.fromisoformat(limit)
                    instant = isinstance(each.column, Timestamptz)
                    next_day = day + timedelta(days=int(instant and end_name == "to" and day < date.max))
                    found[name] = day_start(next_day, zone) if instant else day
    return found


def _amounts(name: str, limit: str, *, up: bool) -> dict[str, int]:
    rounding = ROUND_CEILING if up else ROUND_FLOOR
    units = {digits: int((Decimal(limit) * 10**digits).to_integral_value(rounding)) for digits in (2, *_DIGITS)}
    return {name if digits == 2 else f"{name}_{digits}": value for digits, value in units.items()}


def search_words(text: str) -> list[str]:
    """Return the words of a search, folded; each must be found."""
    return fold(text).split()[:MOST_WORDS]


def _escaped(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def expression(condition: Any, alias: str) -> QueryString:
    """Make a condition something to select, joins included."""
    found = QueryString("({})", condition.querystring, alias=alias)
    found.columns = _columns(condition)
    return found


def aggregate(function: str, among: Sequence[Any], alias: str, *sources: Source) -> QueryString:
    """Make a function over the rows that meet all conditions something to select, joins included."""
    filtered = f" FILTER (WHERE {' AND '.join('({})' for _ in among)})" if among else ""
    found = QueryString(function + filtered, *sources, *(each.querystring for each in among), alias=alias)
    found.columns = [*found.columns, *(column for condition in among for column in _columns(condition))]
    return found


def split(conditions_: Iterable[Any]) -> list[Any]:
    """Return conditions that must all be met, those that an "and" joins one by one."""
    found: list[Any] = []
    for each in conditions_:
        found += split((each.first, each.second)) if isinstance(each, And) else [each]
    return found


def is_about(condition: Any, columns: Sequence[Source]) -> bool:
    """Whether a condition asks for nothing but some of *columns*."""
    own = {column._meta.name for column in columns}
    return all(not each._meta.call_chain and each._meta.name in own for each in _columns(condition))


def _columns(condition: Any) -> list[Any]:
    delegate = WhereDelegate()
    delegate.where(condition)
    return [column for column in delegate.get_where_columns() if column is not None]


def comment_count(kind: str, table: type[Any], *, internal: bool = False) -> QueryString:
    """Return how many comments a row of records of *kind* has, as a source; those among staff only where *internal*."""
    shared = "" if internal else " AND NOT c.internal"
    return QueryString(
        "(SELECT count(*) FROM comment c WHERE c.tenant = {} "  # noqa: S608 -- a key of ours
        f"AND c.record_kind = '{kind}' AND c.record = {{}}{shared})",
        table.tenant,
        table.id,
    )


def named(source: Source, alias: str) -> Any:
    """Return a source under a name in the row."""
    if isinstance(source, QueryString):
        return QueryString("{}", source, alias=alias)
    return source.as_alias(alias)
