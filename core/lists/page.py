"""What the page of a list shows: the context of `lists/page.html`, from view, query string and reader."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from core.formats import day, number
from core.i18n import LazyString, Translator, current_language
from core.lists.choosing import panel, shown_columns
from core.lists.groups import group_links, read_groups, under_headings
from core.lists.links import Links
from core.lists.options import read_options
from core.lists.periods import ALL, converted, parse_span, span_of
from core.lists.query import CAP, Totals, read_page, read_totals
from core.lists.reading import Reading
from core.lists.spec import AmountRange, Chip, ChoiceFilter, DateRange, RelationFilter
from core.lists.state import default_span, read_address
from core.lists.words import chip, sum_text, word
from core.people.companies import shown_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.lists.choosing import Shown
    from core.lists.spec import Column, ListView, Unit
    from core.lists.state import Query
    from core.people.actor import Actor

_ = Translator("core")

PERIOD_COOKIE: Final = "portico_period"
"""Holds `month` or `week`: what the reader looked at last, on every list."""
_END_KINDS: Final = frozenset({"money", "number", "duration"})
_FALLING_KINDS: Final = frozenset({"day", "instant", "money", "number", "duration"})
"""Kinds whose first click sorts the latest or largest first."""
_MOST_STILL: Final = 1_000
Options = dict[str, list[tuple[str, str]]]


def remembered_unit(cookies: Mapping[str, str]) -> Unit | None:
    """Return month or week as the cookie says, None where it says neither."""
    value = cookies.get(PERIOD_COOKIE)
    return cast("Unit", value) if value in {"month", "week"} else None


@dataclass(frozen=True, slots=True)
class _Still:
    """What of a page follows from the address alone, whoever reads it; shared between pages, so nobody changes it."""

    links: Links
    parts: dict[str, Any]
    columns: list[Column]
    filters: list[dict[str, Any]]
    active: list[dict[str, str]] | None
    """None where a relation is among them, whose names are read anew."""


_still: OrderedDict[tuple[Hashable, ...], tuple[ListView, _Still]] = OrderedDict()


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
    still = _still_of(reading, address.said, language, remembered, chosen)
    links = still.links
    shown = {
        **still.parts,
        "filters": _filters(reading, still.filters, totals, options, language),
        "active": _active(reading, options, links, language) if still.active is None else still.active,
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


def _still_of(reading: Reading, said: str, language: str, remembered: Unit | None, chosen: Shown) -> _Still:
    """Return what the address alone decides, from memory where the same was asked for lately."""
    place = ("still", language, remembered, chosen.key)
    known: _Still | None = reading.kept.get(place)
    if known is None:
        known = reading.kept[place] = _shared_still(reading, said, language, remembered, chosen)
    return known


def _shared_still(reading: Reading, said: str, language: str, remembered: Unit | None, chosen: Shown) -> _Still:
    """
    Return the same from what is kept for all readers.

    The key holds all that goes in: the state without its page, the day, the language, the reader's choice of period
    and of columns, what she may do, and for which customer.
    """
    view, actor = reading.view, reading.actor
    allowed = tuple(action.key for action in view.actions if actor.can(action.permission))
    place = shown_for(actor)
    reads = actor.person is not None and actor.viewed_by is None
    key = (id(view), said, reading.today, language, remembered, allowed, place, chosen.key, reads)
    known = _still.get(key)
    if known is not None:
        _still.move_to_end(key)
        return known[1]
    made = _make_still(reading, language, remembered, chosen)
    _still[key] = view, made  # with the view, so that its id stays its own
    if len(_still) > _MOST_STILL:
        _still.popitem(last=False)
    return made


def _make_still(reading: Reading, language: str, remembered: Unit | None, chosen: Shown) -> _Still:
    view, state = reading.view, reading.state
    links = Links(view, state, default_span(view, reading.today, remembered))
    columns = list(chosen.columns)
    actions = _actions(reading, links, language)
    parts = {
        "key": view.key,
        "title": word(view.title, language),
        "period": _period(reading, links, language),
        "search": {
            "name": "q",
            "value": state.search,
            "label": word(view.search_label, language) if view.search_label else "",
        }
        if view.search
        else None,
        "keep": links.kept(),
        "reset_url": links.reset(),
        "columns": [_column(column, reading, links, language) for column in columns],
        "export_urls": _exports(view, links, whole=chosen.chosen),
        "selectable": any(not action["whole"] for action in actions),
        "actions": [action for action in actions if not action["whole"]],
        "whole": [action for action in actions if action["whole"]],
        "group_by": group_links(reading, links, language),
        "compact": view.compact and not chosen.chosen,
        "choose": panel(view, chosen, reading.actor, links.first(), language),
        "empty": _empty(reading, links, language),
    }
    related = any(isinstance(each, RelationFilter) and each.key in state.chosen for each in view.filters)
    active = None if related else _active(reading, {}, links, language)
    return _Still(links, parts, columns, _still_filters(reading, language), active)


def _exports(view: ListView, links: Links, *, whole: bool) -> dict[str, str] | None:
    """Return the ways to the list as files; with all columns, too, where the reader sees a choice of them."""
    if view.export_name is None:
        return None
    found = {"xlsx": links.export("xlsx"), "csv": links.export("csv")}
    return {**found, "whole": links.export("xlsx", whole=True)} if whole else found


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


def _period(reading: Reading, links: Links, language: str) -> dict[str, Any] | None:
    span, today = reading.state.span, reading.today
    if span is None:
        return None
    before, after = span.step(-1), span.step(1)
    now = span_of("month" if span.unit == "all" else span.unit, today)
    units: tuple[Unit, ...] = ("month", "week", "all")
    return {
        "label": span.label(language) or str(_("All dates")),
        "prev_url": links.to(span=before) if before else None,
        "next_url": links.to(span=after) if after else None,
        "now_url": links.to(span=now),
        "is_now": span == now,
        "unit": span.unit,
        "unit_urls": {unit: links.to(span=converted(span, unit, today)) for unit in units},
    }


def _still_filters(reading: Reading, language: str) -> list[dict[str, Any]]:
    """Return the filters without counts and without what relations offer."""
    state = reading.state
    found: list[dict[str, Any]] = []
    for each in reading.view.filters:
        ticked = state.chosen.get(each.key, ())
        first, last = state.ranges.get(each.key, ("", ""))
        shown: dict[str, Any] = {"key": each.key, "label": word(each.label, language), "from": "", "to": ""}
        shown["options"] = []
        if isinstance(each, ChoiceFilter):
            shown["kind"] = "multi" if each.multi else "choice"
            shown["options"] = [_option(each_.value, word(each_.label, language), ticked) for each_ in each.options]
            if not each.multi:
                shown["options"].insert(0, _option("", str(_("All")), ticked or ("",)))
        elif isinstance(each, RelationFilter):
            shown["kind"] = "multi"
        elif isinstance(each, DateRange):
            shown |= {"kind": "date_range", "from": first, "to": last}
        else:
            shown |= {"kind": "amount_range", "from": _typed(first, language), "to": _typed(last, language)}
        found.append(shown)
    return found


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
                found.append({**shown, "options": [_option(value, label, ticked) for value, label in options[key]]})
        else:
            found.append(shown)
    return found


def _option(value: str, label: str, ticked: tuple[str, ...]) -> dict[str, Any]:
    return {"value": value, "label": label, "checked": value in ticked, "count": None}


def _typed(amount: str, language: str) -> str:
    return number(amount, language) if amount else ""


def _active(reading: Reading, options: Options, links: Links, language: str) -> list[dict[str, str]]:
    state = reading.state
    found: list[dict[str, str]] = []
    for each in reading.view.filters:
        name = word(each.label, language)
        if isinstance(each, DateRange | AmountRange):
            if each.key in state.ranges:
                label = _range_label(each, name, state.ranges[each.key], language)
                found.append({"label": label, "remove_url": links.without(each.key)})
            continue
        labels = dict(options.get(each.key, []))
        if isinstance(each, ChoiceFilter):
            labels = {option.value: word(option.label, language) for option in each.options}
        found += [
            {"label": f"{name}: {labels.get(value, '–')}", "remove_url": links.without(each.key, value)}
            for value in state.chosen.get(each.key, ())
        ]
    return found


def _range_label(each: DateRange | AmountRange, name: str, limits: tuple[str, str], language: str) -> str:
    write = day if isinstance(each, DateRange) else number
    first, last = (write(limit, language) if limit else "" for limit in limits)
    if first and last:
        return f"{name}: {first} – {last}"
    text = _("{name}: from {value}") if first else _("{name}: to {value}")
    return str(text.format(name=name, value=first or last))


def _column(column: Column, reading: Reading, links: Links, language: str) -> dict[str, Any]:
    sort = reading.state.sort
    sorted_: Literal["ascending", "descending"] | None = None
    url = None
    if column.sort is not False:
        falling = column.kind in _FALLING_KINDS
        if sort is not None and sort.key == column.key:
            sorted_ = "descending" if sort.descending else "ascending"
            falling = not sort.descending
        url = links.sort(column.key, descending=falling)
    return {
        "key": column.key,
        "label": word(column.label, language),
        "kind": column.kind,
        "align": "end" if column.kind in _END_KINDS else "start",
        "sort_url": url,
        "sorted": sorted_,
    }


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


def _actions(reading: Reading, links: Links, language: str) -> list[dict[str, Any]]:
    """Return what the reader may do with ticked rows; the sheet of them where the list can be exported."""
    view, actor = reading.view, reading.actor
    place = shown_for(actor)
    found: list[dict[str, Any]] = [
        {
            "label": word(action.label, language),
            "url": links.action(action.path, place),
            "icon": action.icon,
            "kind": action.kind,
            "confirm": word(action.confirm, language) if action.confirm else None,
            "whole": action.whole,
        }
        for action in view.actions
        if actor.can(action.permission)
    ]
    if view.export_name:
        found.append(
            {
                "label": str(_("Excel sheet (.xlsx)")),
                "url": links.action(f"{view.path}/export.xlsx", place),
                "icon": "file-spreadsheet",
                "kind": "secondary",
                "confirm": None,
                "whole": False,
            }
        )
    return found


def _empty(reading: Reading, links: Links, language: str) -> dict[str, Any]:
    view, state = reading.view, reading.state
    if state.narrowed:
        return {
            "title": str(_("Nothing matches")),
            "text": str(_("Search for something else, or take filters away.")),
            "action_url": links.reset(),
            "action_label": str(_("Reset")),
        }
    if state.span is not None and state.span.first is not None:
        title = _("Nothing in this month") if state.span.unit == "month" else _("Nothing in this week")
        return {
            "title": str(title),
            "text": "",
            "action_url": links.to(span=ALL),
            "action_label": str(_("Show all dates")),
        }
    if view.empty is None:
        return {"title": str(_("Nothing here yet")), "text": "", "action_url": None, "action_label": None}
    empty = view.empty
    return {
        "title": word(empty.title, language),
        "text": word(empty.text, language) if empty.text else "",
        "action_url": empty.action_url,
        "action_label": word(empty.action_label, language) if empty.action_label else None,
    }
