"""The total of a list with its sums and the counts of choices: one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from piccolo.querystring import QueryString

from core.lists.conditions import aggregate, chosen_condition, expression, is_about, named, split
from core.lists.query import CAP, CURRENCY, matching, patience
from core.lists.spec import ChoiceFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.lists.reading import Places, Reading


_CAPPED, _SCANNED = "capped", "scanned capped"
"""Whether more than `CAP` rows matched the last time; whether they did without what is ticked."""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many rows match, their sums by key and currency (none where capped), and the counts of choices."""

    count: int
    capped: bool
    sums: dict[str, dict[str | None, int]] = field(default_factory=dict)
    choices: dict[tuple[str, str], int] | None = None


def _sum_sources(reading: Reading) -> list[Any]:
    sums = [named(each.source, f"sum_{each.key}") for each in reading.view.sums]
    if _by_currency(reading):
        sums.append(named(reading.view.currency, CURRENCY))
    return sums


def _by_currency(reading: Reading) -> bool:
    return reading.view.currency is not None and any(each.kind == "money" for each in reading.view.sums)


def counted_choices(reading: Reading) -> list[ChoiceFilter]:
    """Return the choice filters whose options say how many rows they stand for."""
    return [each for each in reading.view.filters if isinstance(each, ChoiceFilter) and each.counts]


def totals_query(reading: Reading, places: Places, *, counts: bool) -> QueryString:
    """
    Build ONE scan of what matches for the total, the sums and, with *counts*, each choice's count.

    A choice is counted under all other filters but its own, so that its number is that of the list it leads to.
    """
    choices = [each for each in reading.view.filters if isinstance(each, ChoiceFilter)] if counts else []
    if reading.small:
        return _flat_totals(reading, places, choices)
    reader = reading.reader(places)
    sources = _sum_sources(reading)
    flags: dict[str, str] = {}
    for each in choices:
        if (chosen := chosen_condition(reading, places, each)) is not None:
            flags[each.key] = f'"on_{each.key}"'
            sources.append(expression(chosen, f"on_{each.key}"))
        if each.counts:
            sources += [expression(option.where(reader), f"is_{each.key}_{i}") for i, option in enumerate(each.options)]
    among = _filtered(flags.values())
    outputs = [f"count(*){among} AS n", "count(*) AS scanned"]
    outputs += [f'sum("sum_{each.key}"){among} AS "sum_{each.key}"' for each in reading.view.sums]
    for each in choices:
        others = [flag for key, flag in flags.items() if key != each.key]
        for name in [f'"is_{each.key}_{i}"' for i in range(len(each.options) if each.counts else 0)]:
            outputs.append(f"count(*){_filtered([*others, name])} AS {name}")
    inner = matching(reading, places, *sources, choices=not counts).querystrings[0]
    grouped = f' GROUP BY "{CURRENCY}"' if _by_currency(reading) else ""
    currency = f'"{CURRENCY}"' if grouped else "NULL"
    text = f'SELECT {currency} AS "{CURRENCY}", {", ".join(outputs)} FROM ({{}}) AS matching{grouped}'  # noqa: S608 -- names
    return QueryString(text, inner)


def _flat_totals(reading: Reading, places: Places, choices: Sequence[ChoiceFilter]) -> QueryString:
    """
    As above for few rows: no subselect whose columns would be worked out before they are counted, in twice the time.

    Rows are grouped by the view's facets first; conditions of facets alone are then asked of groups, not of rows.
    """
    reader = reading.reader(places)
    chosen = {each.key: chosen_condition(reading, places, each) for each in choices}
    among = [condition for condition in chosen.values() if condition is not None]
    counts = [("n", "count(*)", among), ("scanned", "count(*)", [])]
    sources = {f"sum_{each.key}": each.source for each in reading.view.sums}
    counts += [(name, "sum({})", among) for name in sources]
    for each in choices:
        others = [condition for key, condition in chosen.items() if key != each.key and condition is not None]
        counts += [
            (f"is_{each.key}_{i}", "count(*)", [*others, option.where(reader)])
            for i, option in enumerate(each.options if each.counts else ())
        ]
    facets = reading.view.facets
    groups: list[Any] = [named(reading.view.currency, CURRENCY)] if _by_currency(reading) else []
    groups += [facet.as_alias(facet._meta.db_column_name) for facet in facets]
    inner, outer = [*groups], []
    every = None  # the first that counts all rows of a group does so for those that ask of groups alone
    for name, function, wanted in counts:
        of_groups = [condition for condition in split(wanted) if facets and is_about(condition, facets)]
        of_rows = [condition for condition in split(wanted) if not facets or not is_about(condition, facets)]
        plain = bool(facets) and name not in sources and not of_rows
        if every is None or not plain:
            inner.append(aggregate(function, of_rows, name, *((sources[name],) if name in sources else ())))
        every = name if plain and every is None else every
        outer.append(aggregate(f'sum("{every if plain else name}")', of_groups, name))
    query = matching(reading, places, *inner, choices=not choices).querystrings[0]
    if groups:
        query = QueryString(f"{{}} GROUP BY {', '.join(str(1 + place) for place in range(len(groups)))}", query)
    if not facets:
        return query
    currency = f'"{CURRENCY}"' if _by_currency(reading) else "NULL"
    text = ", ".join([f'{currency} AS "{CURRENCY}"', *("{} AS " + f'"{name}"' for name, _, _ in counts)])
    grouped = " GROUP BY 1" if _by_currency(reading) else ""
    table = reading.view.table._meta.tablename
    return QueryString(f'SELECT {text} FROM ({{}}) AS "{table}"{grouped}', *outer, query)  # noqa: S608 -- names of ours


def _filtered(flags: Any) -> str:
    flags = list(flags)
    return f" FILTER (WHERE {' AND '.join(flags)})" if flags else ""


@dataclass(frozen=True, slots=True)
class _Counted:
    """The choices whose rows are counted, by the name of their count."""

    names: tuple[tuple[tuple[str, str], str], ...]
    chosen: bool
    """Whether one is ticked."""


def _counted(reading: Reading) -> _Counted:
    known: _Counted | None = reading.kept.get("counted")
    if known is None:
        known = reading.kept["counted"] = _Counted(
            tuple(
                ((each.key, option.value), f"is_{each.key}_{i}")
                for each in counted_choices(reading)
                for i, option in enumerate(each.options)
            ),
            any(isinstance(each, ChoiceFilter) and each.key in reading.state.chosen for each in reading.view.filters),
        )
    return known


async def read_totals(reading: Reading) -> Totals:
    """
    Read total, sums and counts of choices: one statement, two where more than `CAP` rows are to be filtered.

    Where there were more than `CAP` the last time, it is asked first whether there still are: sums and choices of so
    many are not shown, so they need not be worked out.
    """
    counted = _counted(reading)
    counts = bool(counted.names)
    with patience(reading):
        if reading.kept.get(_CAPPED) and await _beyond(reading, choices=True):
            return Totals(CAP, capped=True)
        if counted.chosen and reading.kept.get(_SCANNED) and await _beyond(reading, choices=False):
            counts = False
        rows = await reading.rows(
            ("totals", counts), lambda places: totals_query(reading, places, counts=counts), raw=True
        )
        scanned = sum([row["scanned"] or 0 for row in rows])
        capped = scanned > CAP
        if counts:
            reading.kept[_SCANNED] = capped
            if not reading.state.narrowed and (reading.state.span is None or reading.state.span.first is None):
                reading.keep_size(scanned)
        if counts and capped and counted.chosen:
            counts = False
            rows = await reading.rows(("totals", counts), lambda places: totals_query(reading, places, counts=False))
    count = sum([row["n"] or 0 for row in rows])
    reading.kept[_CAPPED] = count > CAP
    found: dict[tuple[str, str], int] | None = None
    if counts and not capped:
        found = {choice: sum([row[name] or 0 for row in rows]) for choice, name in counted.names}
    return Totals(
        count=min(count, CAP),
        capped=count > CAP,
        sums={} if count > CAP else _sums(reading, rows),
        choices=found,
    )


async def _beyond(reading: Reading, *, choices: bool) -> bool:
    """Whether more than `CAP` rows match, with or without what is ticked."""
    rows = await reading.rows(
        ("beyond", choices),
        lambda places: (
            matching(reading, places, named(QueryString("1"), "one"), choices=choices, limit=None).limit(1).offset(CAP)
        ),
        raw=True,
    )
    return bool(rows)


def _sums(reading: Reading, rows: list[dict[str, Any]]) -> dict[str, dict[str | None, int]]:
    """PostgreSQL adds bigints up to a numeric, which comes out as a Decimal."""
    found: dict[str, dict[str | None, int]] = {}
    for each in reading.view.sums:
        amounts = found.setdefault(each.key, {})
        for row in rows:
            if row[f"sum_{each.key}"] is not None:
                currency = row[CURRENCY] if each.kind == "money" else None
                amounts[currency] = amounts.get(currency, 0) + int(row[f"sum_{each.key}"])
    return found
