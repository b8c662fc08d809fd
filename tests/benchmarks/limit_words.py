"""The words of the bare limit: what does not change from page to page, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Template

from core.i18n import gettext
from core.lists.choosing import Panel
from core.rendering import templates
from plugins.invoices.lists import INVOICES


@dataclass(frozen=True, slots=True)
class Words:
    """What does not change from page to page, in one language."""

    language: str
    template: Template
    core: Mapping[str, str]
    columns: tuple[dict[str, Any], ...]
    filters: Mapping[str, str]
    chips: Mapping[str, dict[str, str]]


_CORE = ("Home", "Contact", "All dates", "Excel sheet (.xlsx)")
_COLUMNS = (
    ("number", "Number", "title", "start", "number"),
    ("issued_on", "Date", "day", "start", "issued_on"),
    ("due_on", "Due date", "day", "start", "-due_on"),
    ("total", "Total", "money", "end", "-total"),
    ("due", "Still due", "money", "end", "-due"),
    ("state", "State", "states", "start", None),
)
_TEXTS = (
    "Invoices", "Payment", "Pending", "Partly collected", "Collected", "Due", "Not due", "Due within a week", "Overdue",
    "Paid", "Unpaid", "Kind", "Credit notes", "Credit note", "Project", "Date of issue", "Due date", "Total",
    "Still due", "Search by number or reference",
)  # fmt: skip
_CHIPS = {
    "pending": ("Pending", "info", "clock"),
    "partial": ("Partly collected", "warning", "circle-half-2"),
    "collected": ("Collected", "success", "circle-check"),
    "credit": ("Credit note", "neutral", "receipt"),
    "overdue": ("Overdue", "danger", "alert-circle"),
}


@lru_cache
def words(language: str) -> Words:
    """Read the catalogue once."""
    said = {text: gettext("invoices", text, language) for text in _TEXTS}
    return Words(
        language=language,
        template=templates().template("invoices/list.html", language),
        core={text: gettext("core", text, language) for text in _CORE},
        columns=tuple(
            {"key": key, "label": gettext("invoices", label, language), "kind": kind, "align": align, "by": by}
            for key, label, kind, align, by in _COLUMNS
        ),
        filters=said,
        chips={
            key: {"label": gettext("invoices", label, language), "tone": tone, "icon": icon}
            for key, (label, tone, icon) in _CHIPS.items()
        },
    )


@lru_cache
def panel(language: str, back: str) -> Panel:
    """Draw the form in which columns are chosen once, as the portal does."""
    offered = [column for column in INVOICES.columns if column.key != "company"]
    facts = {
        "list": "invoices",
        "back": back,
        "chosen": False,
        "columns": [
            {
                "key": column.key,
                "label": column.label.in_language(language),
                "shown": column.page,
                "fixed": column.key == "number",
            }
            for column in sorted(offered, key=lambda column: not column.page)
        ],
    }
    return Panel(facts, language)
