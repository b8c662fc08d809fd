"""The declarative list: columns, filters, period, search, paging, counters, exports, once for all modules."""

from core.lists.cards import cards_statement, check_cards
from core.lists.conditions import comment_count
from core.lists.export import Export, export, export_selected
from core.lists.page import PERIOD_COOKIE, list_view, remembered_unit
from core.lists.selection import among, back_to, selected
from core.lists.spec import (
    AmountRange,
    Chip,
    ChoiceFilter,
    Column,
    DateRange,
    Empty,
    Group,
    ListAction,
    ListView,
    Option,
    Period,
    Reader,
    RelationFilter,
    Sum,
    check_lists,
)
from core.lists.web import count_download, downloads, send_list, send_rows, send_ticked, show_list
from core.people.companies import SHOWN_FOR, require_shown_for, shown_for
from core.text import harmless

__all__ = [
    "PERIOD_COOKIE",
    "SHOWN_FOR",
    "AmountRange",
    "Chip",
    "ChoiceFilter",
    "Column",
    "DateRange",
    "Empty",
    "Export",
    "Group",
    "ListAction",
    "ListView",
    "Option",
    "Period",
    "Reader",
    "RelationFilter",
    "Sum",
    "among",
    "back_to",
    "cards_statement",
    "check_cards",
    "check_lists",
    "comment_count",
    "count_download",
    "downloads",
    "export",
    "export_selected",
    "harmless",
    "list_view",
    "remembered_unit",
    "require_shown_for",
    "selected",
    "send_list",
    "send_rows",
    "send_ticked",
    "show_list",
    "shown_for",
]
