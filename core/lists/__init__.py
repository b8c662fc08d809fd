"""The declarative list: columns, filters, period, search, paging, counters, exports, once for all modules."""

from core.lists.spec import (
    AmountRange,
    Chip,
    ChoiceFilter,
    Column,
    DateRange,
    Empty,
    ListAction,
    ListView,
    Option,
    Period,
    Reader,
    RelationFilter,
    Sum,
)

__all__ = [
    "AmountRange",
    "Chip",
    "ChoiceFilter",
    "Column",
    "DateRange",
    "Empty",
    "ListAction",
    "ListView",
    "Option",
    "Period",
    "Reader",
    "RelationFilter",
    "Sum",
]
