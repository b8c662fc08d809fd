"""What of a list's page does not change while it is leafed through: links, columns, filters, actions, what is empty."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from core.formats import day, number
from core.i18n import Translator
from core.lists.choosing import panel
from core.lists.groups import group_links
from core.lists.links import Links
from core.lists.periods import ALL, converted, span_of
from core.lists.spec import AmountRange, ChoiceFilter, DateRange, RelationFilter
from core.lists.state import default_span
from core.lists.words import word
from core.people.companies import shown_for

if TYPE_CHECKING:
    from core.lists.choosing import Shown
    from core.lists.reading import Reading
    from core.lists.spec import Column, ListView, Unit

_ = Translator("core")

_END_KINDS: Final = frozenset({"money", "number", "duration"})
_FALLING_KINDS: Final = frozenset({"day", "instant", "money", "number", "duration"})
"""Kinds whose first click sorts the latest or largest first."""
_MOST_STILL: Final = 1_000
Options = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Still:
    """What of a page follows from the address alone, whoever reads it; shared between pages, so nobody changes it."""

    links: Links
    parts: dict[str, Any]
    columns: list[Column]
    filters: list[dict[str, Any]]
    active: list[dict[str, str]] | None
    """None where a relation is among them, whose names are read anew."""


_still: OrderedDict[tuple[Hashable, ...], tuple[ListView, Still]] = OrderedDict()


def still_of(reading: Reading, said: str, language: str, remembered: Unit | None, chosen: Shown) -> Still:
    """Return what the address alone decides, from memory where the same was asked for lately."""
    place = ("still", language, remembered, chosen.key)
    known: Still | None = reading.kept.get(place)
    if known is None:
        known = reading.kept[place] = _shared_still(reading, said, language, remembered, chosen)
    return known


def _shared_still(reading: Reading, said: str, language: str, remembered: Unit | None, chosen: Shown) -> Still:
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


def _make_still(reading: Reading, language: str, remembered: Unit | None, chosen: Shown) -> Still:
    view, state = reading.view, reading.state
    links = Links(view, state, default_span(view, reading.today, remembered))
    columns = list(chosen.columns)
    actions = _actions(reading, links, language)
    parts = {
        "key": view.key,
        "state": links.first(),
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
    active = None if related else active_filters(reading, {}, links, language)
    return Still(links, parts, columns, _still_filters(reading, language), active)


def _exports(view: ListView, links: Links, *, whole: bool) -> dict[str, str] | None:
    """Return the ways to the list as files; with all columns, too, where the reader sees a choice of them."""
    if view.export_name is None:
        return None
    found = {"xlsx": links.export("xlsx"), "csv": links.export("csv")}
    return {**found, "whole": links.export("xlsx", whole=True)} if whole else found


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
            shown["options"] = [option(each_.value, word(each_.label, language), ticked) for each_ in each.options]
            if not each.multi:
                shown["options"].insert(0, option("", str(_("All")), ticked or ("",)))
        elif isinstance(each, RelationFilter):
            shown["kind"] = "multi"
        elif isinstance(each, DateRange):
            shown |= {"kind": "date_range", "from": first, "to": last}
        else:
            shown |= {"kind": "amount_range", "from": _typed(first, language), "to": _typed(last, language)}
        found.append(shown)
    return found


def option(value: str, label: str, ticked: tuple[str, ...]) -> dict[str, Any]:
    """Return a value to tick, as templates draw it, without its count."""
    return {"value": value, "label": label, "checked": value in ticked, "count": None}


def _typed(amount: str, language: str) -> str:
    return number(amount, language) if amount else ""


def active_filters(reading: Reading, options: Options, links: Links, language: str) -> list[dict[str, str]]:
    """Return what narrows the list, in words, each with the way to the list without it."""
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
