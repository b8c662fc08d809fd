"""
What a module says of a list, once: columns, filters, search, period, sums. Page, counters, cards and exports obey it.

A *source* is a Piccolo column of the list's table, a joined one (`Invoice.customer.name`) or a Piccolo `QueryString`.
Conditions are Piccolo's (`Invoice.state == "open"`, `&`, `|`, `WhereRaw("… {}", value)`); tenant and reach come by
themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from piccolo.columns import Column as PiccoloColumn
from piccolo.querystring import QueryString

from core.contributions import Audience
from core.records.base import CustomerRecord

if TYPE_CHECKING:
    from core.i18n import LazyString
    from core.people.actor import Actor
    from core.tenancy.table import TenantTable

_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED: Final = frozenset({"period", "q", "sort", "after", "before", "id", "all", "for", "columns", "csrf_token"})
"""Names in a list's URLs and forms that filters cannot have."""

Source = Any
"""A Piccolo column (joined ones too) or QueryString; Piccolo's own types are too loose to say more."""

Row = Mapping[str, Any]
"""A row as it was read: the keys of columns and of `ListView.fields`, with `id`."""

Tone = Literal["neutral", "info", "success", "warning", "danger"]

ColumnKind = Literal[
    "text", "title", "day", "instant", "money", "number", "duration", "state", "states", "email", "bool"
]


@dataclass(frozen=True, slots=True)
class Reader:
    """
    Who reads a list and when, as conditions may use it: each is a place for a value that is bound at each run.

    So compare them in SQL; in Python they say nothing.
    """

    today: Any
    """Today where the tenant is."""
    person: Any
    """The reader's id, or None for an API key."""
    customers: tuple[Any, ...]
    """Ids of the customers where the reader has the list's permission; empty for staff, who have all."""
    day: Callable[[int], Any]
    """The day so many days after today, or before it."""


Condition = Callable[[Reader], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A state as icon and word."""

    label: LazyString
    tone: Tone = "neutral"
    icon: str = "point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    A column: from `source`, or worked out by `value` from what was read (a `Chip` or a tuple of them for states).

    `sort` is True to sort by the source, or another source (a folded column). Money is in minor units of the list's
    `currency`, durations in seconds. Readers choose which columns they see: those with `page=False` are there to be
    chosen, and in exports; those with `export=False` are never in exports. The title cannot be taken away.
    """

    key: str
    label: LazyString
    kind: ColumnKind = "text"
    source: Source | None = None
    value: Callable[[Row, date], Any] | None = None
    sort: bool | Source = False
    nullable: bool | None = None
    """Whether what it sorts by may be NULL; None: as the Piccolo column says, True for expressions."""
    page: bool = True
    export: bool = True
    seen_by: Callable[[Actor], bool] | None = None
    """Who may see it, on pages and in exports; None: whoever sees the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a filter and the rows it stands for."""

    value: str
    label: LazyString
    where: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceFilter:
    """States and the like: several options are "or"ed; `multi=False` allows one."""

    key: str
    label: LazyString
    options: tuple[Option, ...]
    multi: bool = True
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationFilter:
    """Rows of some customers, projects …: `column` is a foreign key of the table; offers what occurs for the reader."""

    key: str
    label: LazyString
    column: Source
    label_column: str = "name"
    order_column: str = "name_folded"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """From a day to a day, both inclusive. An instant's day is that of the tenant's zone."""

    key: str
    label: LazyString
    column: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountRange:
    """From an amount to an amount, both inclusive, typed in whole units of each row's own currency."""

    key: str
    label: LazyString
    column: Source
    currency: Source | None = None


Filter = ChoiceFilter | RelationFilter | DateRange | AmountRange

Unit = Literal["month", "week", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """
    The day (or instant) by which rows fall into a month or week, and what the list opens with.

    With `until` (NULL: open end) a row belongs to every period that it overlaps.
    """

    column: Source
    until: Source | None = None
    default: Unit = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A total below the list: money per currency, or a plain sum of numbers or seconds."""

    key: str
    label: LazyString
    source: Source
    kind: Literal["money", "number", "duration"] = "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    Something by which rows stand together under a heading, with the sums of the whole group.

    `source` tells groups apart, `order` are the texts and days that sort them and the rows within; `text` writes the
    heading of a row's group in a language.
    """

    key: str
    label: LazyString
    source: Source
    order: tuple[Source, ...]
    text: Callable[[Row, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAction:
    """
    What can be done with ticked rows: a form that posts them to `path`. Take them in with `selected()`.

    `whole` is for all that the list shows, page by page or not: a link to `path` with the list's state, above the list.
    """

    key: str
    label: LazyString
    path: str
    permission: str
    icon: str = "check"
    kind: Literal["primary", "secondary", "quiet", "danger"] = "secondary"
    confirm: LazyString | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """What a list says where there is nothing at all."""

    title: LazyString
    text: LazyString | None = None
    action_label: LazyString | None = None
    action_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """
    A list of one table's rows.

    `path` is its page; its exports are `<path>/export.xlsx` and `.csv`. `permission` shows it. `default_sort` is a
    column's key, `-key` for descending; ties and the order without a sort go by id. `search` are folded columns (see
    `core.text.fold`).
    """

    key: str
    title: LazyString
    path: str
    table: type[TenantTable]
    permission: str
    columns: tuple[Column, ...]
    audience: Audience = Audience.CONTACT
    fields: Mapping[str, Source] = field(default_factory=dict)
    """More to read for `value` functions and row_url, by key."""
    filters: tuple[Filter, ...] = ()
    search: tuple[Source, ...] = ()
    search_label: LazyString | None = None
    period: Period | None = None
    default_sort: str = ""
    currency: Source | None = None
    sums: tuple[Sum, ...] = ()
    groups: tuple[Group, ...] = ()
    facets: tuple[Source, ...] = ()
    """Columns of the table with few different values, of which filters ask: rows are grouped by them to be counted."""
    only: Condition | None = None
    """A condition that always holds, whatever the filters."""
    row_url: Callable[[Row], str] | None = None
    row_selectable: Callable[[Row], bool] | None = None
    actions: tuple[ListAction, ...] = ()
    empty: Empty | None = None
    export_name: str | None = None
    """The file name of exports without suffix; None: no export."""
    page_size: int = 20
    compact: bool = False
    """On a phone, a row is two lines without the columns' names: for rows of a few short words and one duration."""
    sortable: tuple[Column, ...] = field(init=False, default=())
    """By what it can be sorted: columns, and its groups as columns that no page shows."""

    def __post_init__(self) -> None:
        """
        Refuse what would only show on a page.

        Raises:
            ValueError: a key that is no name, is there twice, or is a list's own; an unknown default sort.

        """
        for what, keys in (
            ("column", [each.key for each in self.columns]),
            ("filter", [name for each in self.filters for name in _names(each)]),
            ("sum", [each.key for each in self.sums]),
        ):
            _check_keys(f"list {self.key!r}: {what}", keys)
        if reserved := _RESERVED.intersection(name for each in self.filters for name in _names(each)):
            raise ValueError(f"list {self.key!r}: a filter cannot be called {min(reserved)!r}")
        by_group = tuple(_group_column(group) for group in self.groups)
        object.__setattr__(self, "sortable", (*(each for each in self.columns if each.sort is not False), *by_group))
        sortable = {each.key for each in self.sortable}
        if self.default_sort and self.default_sort.removeprefix("-") not in sortable:
            raise ValueError(f"list {self.key!r}: default_sort {self.default_sort!r} is no column that can be sorted")
        kinds = {each.kind for each in self.columns} | {each.kind for each in self.sums}
        if self.currency is None and "money" in kinds:
            raise ValueError(f"list {self.key!r}: money needs the list's currency")


def _group_column(group: Group) -> Column:
    """
    Return a column that no page shows, for the order of a group.

    By each of its sources in turn, so that an index can be walked through; where one may be NULL, by its text or "".
    """
    order = tuple(
        QueryString("COALESCE(CAST({} AS TEXT), '')", source) if may_be_null(source) else source
        for source in group.order
    )
    sort = order if len(order) > 1 else order[0]
    return Column(key=f"by_{group.key}", label=group.label, sort=sort, nullable=False, page=False, export=False)


def may_be_null(source: Source) -> bool:
    """Whether a source can be NULL; of an expression nothing is known."""
    if not isinstance(source, PiccoloColumn):
        return True
    return bool(source._meta.null) or any(key._meta.null for key in source._meta.call_chain)


def check_lists(views: Iterable[ListView]) -> list[str]:
    """
    Return what is wrong with lists, in sentences: for `portico check` and the start.

    Records show contacts no more than they may see; any other table would show all of the tenant's rows.
    """
    return [
        f"list {view.key!r}: contacts would see every row of {view.table._meta.tablename}; "
        "list records (CustomerRecord), or say by `only` which rows are theirs"
        for view in views
        if view.audience is Audience.CONTACT and view.only is None and not issubclass(view.table, CustomerRecord)
    ]


def _names(each: Filter) -> tuple[str, ...]:
    """Return the names that a filter has in URLs."""
    if isinstance(each, DateRange | AmountRange):
        return each.key, f"{each.key}_from", f"{each.key}_to"
    return (each.key,)


def _check_keys(what: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{what} {key!r}: keys are lower-case words, with _ between")
        if key in seen:
            raise ValueError(f"{what} {key!r} is there twice")
        seen.add(key)
