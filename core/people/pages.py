"""What the staff's pages about people and customers share: plain lists, chips, choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from core.formats import country_name, day, lazily, local_day
from core.forms import choices
from core.i18n import Translator, current_language
from core.people.actor import current_actor
from core.people.company import read_address
from core.people.forms import language_choices, read_id
from core.people.queries import customer_names, suggest_customers
from core.people.tables import RECIPIENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from wtforms import SelectField

    from core.contributions import Audience
    from core.i18n import LazyString
    from core.people.company import Address
    from core.people.queries import Page
    from core.people.tables import Customer

_ = Translator("core")

PERSON_STATES: dict[str, dict[str, Any]] = {
    RECIPIENT: {"label": _("Address book only"), "tone": "neutral", "icon": "mail"},
    "address_book": {"label": _("Not invited"), "tone": "neutral", "icon": "user"},
    "pending": {"label": _("Login created, not invited"), "tone": "warning", "icon": "hourglass"},
    "invited": {"label": _("Invited"), "tone": "info", "icon": "send"},
    "active": {"label": _("Active"), "tone": "success", "icon": "circle-check"},
    "deactivated": {"label": _("Deactivated"), "tone": "danger", "icon": "ban"},
}
DELETED: dict[str, Any] = {"label": _("Deleted"), "tone": "neutral", "icon": "trash"}
OPEN: dict[str, Any] = {"label": _("Open"), "tone": "success", "icon": "circle-check"}
CLOSED: dict[str, Any] = {"label": _("Closed"), "tone": "neutral", "icon": "lock"}


def person_chip(state: str, *, invited_at: datetime | None = None, deleted: bool = False) -> dict[str, Any]:
    """Return how far somebody is on the way in, as a chip; who is invited, since when."""
    if deleted:
        return DELETED
    if state == "invited" and invited_at is not None:
        return PERSON_STATES[state] | {"label": _("Invited on {day}").format(day=lazily(_local, invited_at))}
    return PERSON_STATES[state]


def _local(instant: datetime, language: str) -> str:
    return day(local_day(instant), language)


def column(key: str, label: LazyString, kind: str = "text") -> dict[str, Any]:
    """Return a column of a plain list."""
    return {"key": key, "label": label, "kind": kind, "align": "start", "sort_url": None, "sorted": None}


def list_view(
    *,
    title: LazyString,
    path: str,
    page: Page,
    columns: Sequence[dict[str, Any]],
    search: str,
    search_label: LazyString,
    empty: Mapping[str, Any],
    chosen: Mapping[str, str] | None = None,
    filters: Sequence[dict[str, Any]] = (),
    first: bool = True,
) -> dict[str, Any]:
    """Return a searchable, key-paged list as the list's template shows it; *chosen* are filters in the address."""
    kept = {key: value for key, value in (chosen or {}).items() if value}
    asked = kept | ({"q": search} if search else {})

    def url(query: Mapping[str, str]) -> str:
        return f"{path}?{urlencode(query)}" if query else path

    labels = {(one["key"], option["value"]): option["label"] for one in filters for option in one["options"]}
    active = [
        {"label": labels[key, value], "remove_url": url({name: text for name, text in asked.items() if name != key})}
        for key, value in kept.items()
        if (key, value) in labels
    ]
    total = str(_.plural("{n} entry", "{n} entries").format(n=len(page.rows))) if first and page.after is None else ""
    return {
        "title": title,
        "period": None,
        "search": {"name": "q", "value": search, "label": search_label},
        "keep": [],
        "filters": list(filters),
        "active": active,
        "reset_url": path,
        "columns": list(columns),
        "rows": page.rows,
        "total": {"count": len(page.rows), "capped": page.after is not None, "text": total},
        "sums": [],
        "pager": {
            "prev_url": None if first else url(asked),
            "next_url": url(asked | {"after": page.after}) if page.after else None,
        },
        "export_urls": None,
        "selectable": False,
        "actions": [],
        "empty": dict(empty),
    }


def choice_filter(key: str, label: LazyString, options: Sequence[tuple[str, Any]], chosen: str) -> dict[str, Any]:
    """Return a filter of which one value can be chosen."""
    return {
        "key": key,
        "label": label,
        "kind": "choice",
        "options": [
            {"value": value, "label": text, "checked": value == chosen, "count": None} for value, text in options
        ],
        "from": None,
        "to": None,
    }


def nothing_found(text: LazyString, *, action: tuple[str, LazyString] | None = None) -> dict[str, Any]:
    """Return what an empty list says, and the way on."""
    return {
        "title": text,
        "text": None,
        "action_url": action[0] if action else None,
        "action_label": action[1] if action else None,
    }


async def fill_customer_choices(field: SelectField, *, empty: LazyString | str = "–", but: UUID | None = None) -> None:
    """Give a customer field what it needs: what is chosen, and a first few for who has no JavaScript."""
    offered = {one["value"]: one["label"] for one in await suggest_customers("") if one["value"] != str(but)}
    if field.data and field.data not in offered:
        chosen = read_id(field.data)
        names = await customer_names([chosen] if chosen else [])
        offered = {str(one): name for one, name in names.items()} | offered
        if not names:
            field.data = ""
    field.choices = choices([("", empty), *offered.items()])


def person_languages() -> list[Any]:
    """Return the languages a person can have here; none means the portal's."""
    return language_choices(current_actor().tenant.languages, default=_("As the portal"))


def address_lines(address: Address) -> str:
    """Return an address as one writes it, on lines."""
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    country = country_name(address.country, current_language()) if address.country else ""
    return "\n".join(part for part in (*address.lines, town, address.region, country) if part)


def customer_facts(customer: Customer, *, parent: str) -> list[dict[str, Any]]:
    """Return what is known of a customer as label and value."""
    closed = customer.closed_at is not None
    return [
        {"label": _("Customer number"), "value": customer.number},
        {"label": _("Tax number"), "value": customer.tax_id},
        {"label": _("Parent company"), "value": parent or None},
        {"label": _("Address"), "value": address_lines(read_address(customer.address)).replace("\n", ", ") or None},
        {"label": _("State"), "value": CLOSED["label"] if closed else OPEN["label"]},
    ]


def may(permission: str) -> bool:
    """Whether the reader has *permission*: for buttons."""
    return current_actor().can(permission)


def audience_path(audience: Audience) -> str:
    """Return the list of contacts or of staff."""
    return "/staff/people" if audience.value == "contact" else "/staff/staff"
