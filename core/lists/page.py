"""What the page of a list shows: the context of `lists/page.html`, from view, query string and reader."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from core.formats import number
from core.i18n import LazyString, Translator, current_language
from core.lists.choosing import shown_columns
from core.lists.groups import read_groups, under_headings
from core.lists.links import Links
from core.lists.options import read_options
from core.lists.periods import ALL, parse_span
from core.lists.query import CAP, read_page
from core.lists.reading import Reading
from core.lists.spec import Chip, ChoiceFilter, RelationFilter
from core.lists.state import read_address
from core.lists.still import active_filters, option, still_of
from core.lists.totals import Totals, read_totals
from core.lists.words import chip, sum_text, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.lists.spec import Column, ListView, Unit
    from core.lists.state import Query
    from core.lists.still import Options
    from core.people.actor import Actor

_ = Translator("core")

PERIOD_COOKIE: Final = "portico_period"
"""Holds `month` or `week`: what the reader looked at last, on every list."""


def remembered_unit(cookies: Mapping[str, str]) -> Unit | None:
    """Return month or week as the cookie says, None where it says neither."""
    value = cookies.get(PERIOD_COOKIE)
    return cast("Unit", value) if value in {"month", "week"} else None


async def list_view(
    view: ListView, query: Query, actor: Actor, *, remembered: Unit | None = None, without: Collection[str] = ()
) -> dict[str, Any]:
    """
    Return the context of `lists/page.html`, in the current language: three statements.

    Its columns are those that the reader has chosen, or the standard ones, *without* those that the page does not need.

    Its `remember` is the unit to keep in `PERIOD_COOKIE`, None where nothing has changed. Put other values into the
    dict as you like, but leave the lists and dicts inside alone: pages share them.

    Raises:
        NotPermittedError: the reader may not see this list.

    """
    actor.require(view.permission)
    language = current_language()
    address, cursor = read_address(view, query, today=actor.tenant.today(), language=language, remembered=remembered)
    reading = Reading.again(view, address.state, actor).at(cursor)
    chosen = shown_columns(view, actor, without)
    page = await read_page(reading, chosen.read)
    totals = await read_totals(reading)
    options = await read_options(reading)
    still = still_of(reading, address.said, language, remembered, chosen)
    links = still.links
    shown = {
        **still.parts,
        "filters": _filters(reading, still.filters, totals, options, language),
        "active": active_filters(reading, options, links, language) if still.active is None else still.active,
        "rows": _rows(reading, page.rows, still.columns, language),
        "total": _total(totals.count, totals.capped, language),
        "sums": [
            {"label": word(each.label, language), "text": sum_text(each, totals.sums[each.key], language)}
            for each in view.sums
            if totals.sums.get(each.key)
        ],
        "pager": {
            "prev_url": links.to(cursor=page.before) if page.before else _back(reading, page.rows, links),
            "next_url": links.to(cursor=page.after) if page.after else None,
        },
        "remember": _to_remember(view, address.period, remembered),
    }
    if view.groups:
        under_headings(reading, page.rows, await read_groups(reading, page.rows), language)
    return shown


def _back(reading: Reading, rows: list[dict[str, Any]], links: Links) -> str | None:
    """Return the way out of a page beyond the first that has no rows any more."""
    return links.first() if not rows and reading.state.cursor is not None else None


def _to_remember(view: ListView, asked: str, remembered: Unit | None) -> Unit | None:
    if view.period is None or view.period.default == "all":
        return None
    span = parse_span(asked)
    if span is None or span is ALL or span.unit == (remembered or view.period.default):
        return None
    return span.unit


def _filters(
    reading: Reading, still: list[dict[str, Any]], totals: Totals, options: Options, language: str
) -> list[dict[str, Any]]:
    counts = totals.choices
    found: list[dict[str, Any]] = []
    for each, shown in zip(reading.view.filters, still, strict=True):
        key = each.key
        if isinstance(each, ChoiceFilter):
            if counts:
                counted = [
                    {**option, "count": number(counts[key, option["value"]], language)}
                    if (key, option["value"]) in counts
                    else option
                    for option in shown["options"]
                ]
                found.append({**shown, "options": counted})
            else:
                found.append(shown)
        elif isinstance(each, RelationFilter):
            ticked = reading.state.chosen.get(key, ())
            if len(options[key]) >= 2 or ticked:  # else there is nothing to choose from
                found.append({**shown, "options": [option(value, label, ticked) for value, label in options[key]]})
        else:
            found.append(shown)
    return found


def _rows(reading: Reading, rows: list[dict[str, Any]], columns: list[Column], language: str) -> list[dict[str, Any]]:
    """Complete the rows in place: what is worked out, chips, url, whether they can be ticked."""
    view, today = reading.view, reading.today
    worked_out = [(column.key, column.value) for column in columns if column.value is not None]
    title = next((column.key for column in columns if column.kind == "title"), None)
    states: dict[int, tuple[Any, list[dict[str, str]]]] = {}  # by identity: most rows have one of a few
    for row in rows:
        made = [(key, value(row, today)) for key, value in worked_out]
        row["url"] = view.row_url(row) if view.row_url is not None else None
        if view.row_selectable is not None:
            row["selectable"] = view.row_selectable(row)
        for key, value in made:
            if isinstance(value, Chip):
                row[key] = chip(value, language)
            elif isinstance(value, tuple):
                known = states.get(id(value))
                if known is None:
                    known = states[id(value)] = value, [chip(state, language) for state in value]
                row[key] = known[1]
            elif isinstance(value, LazyString):
                row[key] = value.in_language(language)
            else:
                row[key] = value
        if title is not None:
            row.setdefault("title", row[title])
    return rows


@lru_cache(maxsize=4096)
def _total(count: int, capped: bool, language: str) -> dict[str, Any]:  # noqa: FBT001 -- a pure function of its key
    if capped:
        text = _("{count}+ entries").format(count=number(CAP, language))
    else:
        text = _.plural("{n} entry", "{n} entries").format(n=count)
    return {"count": count, "capped": capped, "text": text.in_language(language)}
