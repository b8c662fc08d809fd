"""
Which columns of a list its reader sees, and in which order: the standard ones, or those that she has chosen.

What she chose lies in her person's row, which comes with her session: no page asks for it. Keys that a list no longer
has, and columns that she may not see, are passed over; without its title a row could not be opened, so it stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import Markup

from core.errors import NotFoundError, NotPermittedError
from core.kept import TOKEN_MARK
from core.lists.words import word
from core.people.tables import Person
from core.rendering import templates

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from core.lists.spec import Column, ListView
    from core.people.actor import Actor

COLUMN, COLUMNS = "column", "columns"
"""The field of a form with a column's key; the name in an export's address that asks for all of them."""
ALL = "all"


@dataclass(frozen=True, slots=True)
class Shown:
    """The columns of a list that a reader sees, and those that she may choose from."""

    columns: tuple[Column, ...]
    offered: tuple[Column, ...]
    chosen: bool
    """Whether she has chosen them herself."""
    read: tuple[Column, ...]
    """What is read for a page: of a choice more than it shows, for a column may be worked out of others."""
    key: tuple[Any, ...]
    """What tells it apart from what others see of the same list."""


def shown_columns(view: ListView, actor: Actor, without: Collection[str] = ()) -> Shown:
    """Return what a page shows of a list, *without* some columns that it has no use for; remembered with the actor."""
    name = ("columns", view.key, *sorted(without))
    known: tuple[ListView, Shown] | None = actor.worked_out.get(name)
    if known is not None and known[0] is view:
        return known[1]
    shown = _shown_columns(view, actor, without)
    actor.worked_out[name] = view, shown
    return shown


def _shown_columns(view: ListView, actor: Actor, without: Collection[str]) -> Shown:
    offered = tuple(column for column in visible_columns(view, actor) if column.key not in without)
    chosen = chosen_columns(view, actor, offered)
    columns = tuple(column for column in offered if column.page) if chosen is None else chosen
    key = tuple(column.key for column in columns), tuple(column.key for column in offered), chosen is not None
    return Shown(columns, offered, chosen is not None, columns if chosen is None else offered, key)


def visible_columns(view: ListView, actor: Actor) -> tuple[Column, ...]:
    """Return the columns that a reader may see, shown or not."""
    return tuple(column for column in view.columns if column.seen_by is None or column.seen_by(actor))


def export_columns(view: ListView, actor: Actor, *, whole: bool = False) -> tuple[list[Column], Sequence[Column]]:
    """Return what a file holds, what the reader chose of the list or the *whole* of it, and what is read for that."""
    offered = visible_columns(view, actor)
    chosen = None if whole else chosen_columns(view, actor, offered)
    columns = [column for column in (offered if chosen is None else chosen) if column.export]
    return columns, columns if chosen is None else offered


def chosen_columns(view: ListView, actor: Actor, offered: Sequence[Column]) -> tuple[Column, ...] | None:
    """Return what a reader chose of *offered*, in her order; None where she has not, or nothing of it is left."""
    keys = _read(actor.shown_columns).get(view.key)
    if not keys:
        return None
    known = {column.key: column for column in offered}
    found = [known[key] for key in keys if key in known]
    fixed = [column for column in offered if is_fixed(view, column) and column not in found]
    return (*fixed, *found) if found else None


def is_fixed(view: ListView, column: Column) -> bool:
    """Whether a column cannot be taken away: the title, which leads to the record."""
    return column is next((each for each in view.columns if each.kind == "title"), view.columns[0])


@lru_cache(maxsize=4096)
def _read(text: str) -> Mapping[str, tuple[str, ...]]:
    try:
        return msgspec.json.decode(text, type=dict[str, tuple[str, ...]])
    except msgspec.MsgspecError:
        return {}


class Panel:
    """The form in which columns are chosen: drawn once for all pages that show the same, for it has many words."""

    def __init__(self, facts: Mapping[str, Any], language: str) -> None:
        self.facts = facts
        self._language = language
        self._html: Markup | None = None

    def __html__(self) -> Markup:
        """Return the form; the page's token goes in with those of its other forms."""
        if self._html is None:
            text = templates().render("components/columns.html", self._language, {**self.facts, "csrf": TOKEN_MARK})
            self._html = Markup(text)  # noqa: S704 -- a rendered template
        return self._html


def panel(view: ListView, shown: Shown, actor: Actor, back: str, language: str) -> Panel | None:
    """Return the form in which columns are chosen; None where there is nothing to choose."""
    if actor.person is None or actor.viewed_by is not None or len(shown.offered) <= 1:
        return None
    rest = [column for column in shown.offered if column not in shown.columns]
    facts = {
        "list": view.key,
        "back": back,
        "chosen": shown.chosen,
        "columns": [
            {
                "key": column.key,
                "label": word(column.label, language),
                "shown": place < len(shown.columns),
                "fixed": is_fixed(view, column),
            }
            for place, column in enumerate([*shown.columns, *rest])
        ],
    }
    return Panel(facts, language)


async def choose_columns(*, view: ListView, keys: Sequence[str] | None, by: Actor) -> None:
    """
    Keep which columns of a list *by* wants to see, in that order; None: the standard ones again.

    Raises:
        NotFoundError: an API key has no pages.
        NotPermittedError: staff looks at the portal as this person.

    """
    by.require(view.permission)
    if by.person is None:
        raise NotFoundError
    if by.viewed_by is not None:
        raise NotPermittedError
    known = {column.key for column in visible_columns(view, by)}
    kept = {key: value for key, value in _read(by.shown_columns).items() if key != view.key}
    if keys is not None:
        kept[view.key] = tuple(dict.fromkeys(key for key in keys if key in known))
    await Person.update({Person.shown_columns: msgspec.json.encode(kept).decode()}).where(Person.id == by.person)


def moved_up(keys: Sequence[str], key: str) -> list[str]:
    """Return *keys* with one of them a place further up."""
    found = list(keys)
    place = found.index(key) if key in found else 0
    if place:
        found[place - 1], found[place] = found[place], found[place - 1]
    return found


def moved_down(keys: Sequence[str], key: str) -> list[str]:
    """Return *keys* with one of them a place further down."""
    return moved_up(list(reversed(keys)), key)[::-1]
