"""The links of a list's page: its state with one thing changed. Pieces are encoded once, as a page has twenty links."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.lists.choosing import ALL as ALL_COLUMNS
from core.lists.choosing import COLUMNS
from core.lists.state import AFTER, BEFORE, PERIOD, SORT, Sort, default_sort

if TYPE_CHECKING:
    from core.lists.periods import Span
    from core.lists.spec import ListView
    from core.lists.state import Cursor, ListState


class Links:
    """URLs of one list as its reader sees it now. All but `to(cursor=…)` lead to a first page."""

    def __init__(self, view: ListView, state: ListState, default_span: Span | None) -> None:
        self._view = view
        self._state = state
        self._span = default_span
        self._sort = default_sort(view)
        self._parts = replace(state, cursor=None).parts(default_span=default_span, default_sort=self._sort)

    def _url(self, parts: dict[str, str], path: str | None = None) -> str:
        query = "&".join(part for part in parts.values() if part)
        return f"{path or self._view.path}?{query}" if query else path or self._view.path

    def to(self, *, span: Span | None = None, cursor: Cursor | None = None) -> str:
        """Return the way to another period, or to the page at a cursor."""
        if cursor is not None:
            return self._url({**self._parts, cursor.way: f"{cursor.way}={cursor.text}"})
        if span is not None:
            said = "" if span == self._span else f"{PERIOD}={span.key}"
            return self._url({PERIOD: said, **{name: part for name, part in self._parts.items() if name != PERIOD}})
        return self._url(self._parts)

    def first(self) -> str:
        """Return the way to the first page."""
        return self._url(self._parts)

    def sort(self, key: str, *, descending: bool) -> str:
        """Return the way to another order."""
        wanted = Sort(key, descending)
        said = "" if wanted == self._sort else f"{SORT}={wanted.text}"
        return self._url({**self._parts, SORT: said})

    def reset(self) -> str:
        """Return the way to the list without search and filters; period and order stay."""
        return self._url({name: part for name, part in self._parts.items() if name in {PERIOD, SORT}})

    def without(self, key: str, value: str | None = None) -> str:
        """Return the way to the list without a filter, or without one of its values."""
        state = self._state
        chosen = {name: values for name, values in state.chosen.items() if name != key}
        left = tuple(each for each in state.chosen.get(key, ()) if each != value) if value is not None else ()
        if left:
            chosen = {name: left if name == key else values for name, values in state.chosen.items()}
        ranges = {name: limits for name, limits in state.ranges.items() if name != key}
        changed = replace(state, chosen=chosen, ranges=ranges, cursor=None)
        return self._url(changed.parts(default_span=self._span, default_sort=self._sort))

    def kept(self) -> list[dict[str, str]]:
        """Return what the filter form carries along: period and order, where they are not the default."""
        state = self._state
        found: list[dict[str, str]] = []
        if PERIOD in self._parts and state.span is not None:
            found.append({"name": PERIOD, "value": state.span.key})
        if SORT in self._parts and state.sort is not None:
            found.append({"name": SORT, "value": state.sort.text})
        return found

    def _explicit(self) -> dict[str, str]:
        """Return the state with its period said, whatever the reader's default; for what acts upon it later."""
        parts = replace(self._state, cursor=None).parts(default_sort=self._sort)
        return {name: part for name, part in parts.items() if name not in {AFTER, BEFORE}}

    def export(self, suffix: str, *, whole: bool = False) -> str:
        """Return the way to the filtered list as a file: with the reader's columns, or the *whole* of them."""
        columns = {COLUMNS: f"{COLUMNS}={ALL_COLUMNS}"} if whole else {}
        return self._url({**self._explicit(), **columns}, f"{self._view.path}/export.{suffix}")

    def action(self, path: str, place: str) -> str:
        """Return where ticked rows are posted to: with the state, for "all that match", and the active customer."""
        return self._url({**self._explicit(), "for": f"for={place}"}, path)


def query_of(state: ListState, view: ListView, **defaults: Any) -> str:
    """Return a state's canonical query string."""
    return "&".join(state.parts(default_sort=default_sort(view), **defaults).values())
