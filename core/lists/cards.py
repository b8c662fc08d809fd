"""All cards of the home page, badges of the menu and single figures (the bell) in ONE statement."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from piccolo.querystring import QueryString

from core.contributions import Audience
from core.db import P, current, long_reads, statement
from core.formats import number
from core.i18n import current_language
from core.lists.conditions import named
from core.lists.query import CAP, matching
from core.lists.reading import Places, Reading, Values
from core.lists.state import ENDS, parse_state
from core.lists.words import sum_text, word
from core.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.contributions import Card
    from core.db import Database
    from core.db.statements import Compiled
    from core.lists.spec import ListView, Sum
    from core.lists.state import ListState
    from core.people.actor import Actor

CARD_CAP: Final = 1_000
"""A card without a sum counts up to here."""
BADGE_CAP: Final = 99
_MOST_STATES: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Asked:
    """A card and what is to be found out for it: with `total` its sum, too."""

    card: Card
    reading: Reading
    url: str
    total: Sum | None
    cap: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a reader's cards ask: the same from page to page while her lists stay small, or large."""

    asked: list[_Asked]
    values: Values
    statement: Compiled | None
    dialect: str

    @property
    def holds(self) -> bool:
        """Whether each list is still as large as the statement takes it to be."""
        return all(each.reading.holds for each in self.asked)


async def cards_statement(
    actor: Actor,
    cards: Iterable[Card],
    extra: Sequence[tuple[str, str, Sequence[Any]]] = (),
    *,
    badges: Iterable[Card] = (),
) -> dict[str, Any]:
    """
    Count *cards* for their reader, with *extra* single figures: name, SQL of one value with `{}` places, arguments.

    Returns a dict per card that the actor may see, by key: label, count, capped, text, badge, amount, url, icon, tone,
    hint (what to say at zero); and the value per extra figure, by name. A card's filters are those of the list it
    leads to, so its count is the list's. *badges* are cards of which only the badge is shown: without a sum, counted
    as far as a badge can say.
    """
    cards, badges = tuple(cards), tuple(badges)
    asked_for = tuple(card.key for card in cards), tuple(card.key for card in badges)
    key = ("cards", *asked_for, *((name, sql) for name, sql, _ in extra))
    plan: _Plan | None = actor.worked_out.get(key)
    database = current()
    if (
        plan is None
        or plan.dialect != database.dialect
        or plan.values["today"] != actor.tenant.today()
        or not plan.holds
    ):
        plan = actor.worked_out[key] = _plan(actor, cards, badges, extra, database)
    asked, values = plan.asked, plan.values
    if plan.statement is None:
        return {}
    for number_, (_, _, arguments) in enumerate(extra):
        for place, value in enumerate(arguments):
            values[f"x{number_}_{place}"] = value
    with nullcontext() if actor.is_contact else long_reads():
        rows = await plan.statement.run_among(database, values, raw=True)
    found: dict[str, Any] = {}
    for position, each in enumerate(asked):
        found[each.card.key] = _shown(each, [row for row in rows if row["position"] == position])
    for position, (name, _, _) in enumerate(extra, start=len(asked)):
        found[name] = next(row["n"] for row in rows if row["position"] == position)
    return found


def _plan(
    actor: Actor,
    cards: Iterable[Card],
    badges: Iterable[Card],
    extra: Sequence[tuple[str, str, Sequence[Any]]],
    database: Database,
) -> _Plan:
    wanted = {card.key: (card, True) for card in cards if may_see(actor, card)}
    for card in badges:
        if card.key not in wanted and may_see(actor, card):
            wanted[card.key] = (card, False)
    asked = [_asked(card, actor, number_, whole=whole) for number_, (card, whole) in enumerate(wanted.values())]
    values = Values({"today": actor.tenant.today()})
    for each in asked:
        values.update(each.reading.values)
    if not asked and not extra:
        return _Plan(asked, values, None, database.dialect)
    shapes = tuple((each.card.key, each.cap, each.reading.shape) for each in asked)
    key = ("lists", ("cards", shapes, tuple((name, sql) for name, sql, _ in extra)))
    return _Plan(asked, values, statement(key, lambda: _query(asked, extra)).compiled(database), database.dialect)


def may_see(actor: Actor, card: Card) -> bool:
    """Whether a card is for this actor: kind of reader, and the permissions of card and list."""
    if actor.is_contact != (card.audience is Audience.CONTACT) or not actor.can(card.permission):
        return False
    return actor.can(view_of(card).permission)


def view_of(card: Card) -> ListView:
    """Return the list that a card leads to."""
    return registry().lists[card.list].item


def _url(view: ListView, state: ListState) -> str:
    """Return the way to the filtered list; it names the period even where that is the default, which is personal."""
    parts = state.parts()
    parts.pop("sort", None)
    query = "&".join(parts.values())
    return f"{view.path}?{query}" if query else view.path


_states: dict[tuple[int, int, date], tuple[Card, ListView, ListState, str]] = {}


def _state_of(card: Card, today: date) -> tuple[ListState, str]:
    """Read a card's filters, once a day: the same for all readers. Card and list are kept, so that ids stay theirs."""
    view = view_of(card)
    key = (id(card), id(view), today)
    known = _states.get(key)
    if known is None:
        if len(_states) >= _MOST_STATES:
            _states.clear()
        state = parse_state(view, card.query, today=today)
        known = _states[key] = (card, view, state, _url(view, state))
    return known[2], known[3]


def _asked(card: Card, actor: Actor, position: int, *, whole: bool) -> _Asked:
    state, url = _state_of(card, actor.tenant.today())
    reading = Reading.of(view_of(card), state, actor, prefix=f"c{position}_")
    total = _sum_of(card) if whole else None
    cap = CAP if total is not None else CARD_CAP if whole else BADGE_CAP
    return _Asked(card, reading, url, total, cap)


def _sum_of(card: Card) -> Sum | None:
    return next((each for each in view_of(card).sums if each.key == card.sum), None) if card.sum else None


def _query(asked: Sequence[_Asked], extra: Sequence[tuple[str, str, Sequence[Any]]]) -> QueryString:
    parts = [_part(position, each) for position, each in enumerate(asked)]
    for number_, (_, sql, arguments) in enumerate(extra):
        places = [P(f"x{number_}_{i}", nullable=True) for i in range(len(arguments))]
        head = f"SELECT {len(asked) + number_} AS position, CAST(NULL AS text) AS unit, ({{}}) AS n, "
        parts.append(QueryString(f"{head}CAST(NULL AS bigint) AS amount", QueryString(sql, *places)))
    return QueryString(" UNION ALL ".join("{}" for _ in parts), *parts)


def _part(position: int, asked: _Asked) -> QueryString:
    reading, total = asked.reading, asked.total
    currency = reading.view.currency if total is not None and total.kind == "money" else None

    def inner(places: Places) -> QueryString:
        sources = [named(total.source, "amount")] if total is not None else []
        sources += [named(currency, "unit")] if currency is not None else []
        return matching(reading, places, *sources, limit=asked.cap + 1).querystrings[0]

    unit = '"unit"' if currency is not None else "CAST(NULL AS text)"
    amount = 'sum("amount")' if total is not None else "CAST(NULL AS bigint)"
    grouped = ' GROUP BY "unit"' if currency is not None else ""
    outputs = f"{position} AS position, {unit} AS unit, count(*) AS n, {amount} AS amount"
    text = f"SELECT {outputs} FROM ({{}}) AS c{position}{grouped}"  # noqa: S608 -- names and numbers of ours
    return QueryString(text, reading.built(inner))


def _shown(asked: _Asked, rows: list[dict[str, Any]]) -> dict[str, Any]:
    card, total, cap = asked.card, asked.total, asked.cap
    language = current_language()
    count = sum(row["n"] for row in rows)
    capped = count > cap
    amounts = {row["unit"]: int(row["amount"]) for row in rows if row["amount"] is not None}
    return {
        "key": card.key,
        "label": word(card.label, language),
        "count": min(count, cap),
        "capped": capped,
        "text": f"{number(cap, language)}+" if capped else number(count, language),
        "badge": f"{BADGE_CAP}+" if count > BADGE_CAP else number(count, language) if count else "",
        "amount": sum_text(total, amounts, language) if total is not None and not capped else None,
        "url": asked.url,
        "icon": card.icon,
        "tone": card.tone if count else "neutral",
        "hint": word(card.empty, language) if card.empty is not None and not count else None,
    }


def check_cards(cards: Iterable[Card]) -> list[str]:
    """
    Return what is wrong with cards, in sentences: for `portico check` and the start.

    A misspelt filter would count the whole list.
    """
    problems: list[str] = []
    for card in cards:
        view = view_of(card)
        state = parse_state(view, card.query, today=date(2026, 11, 21))
        said = {"period"} if state.span is not None else set()
        said |= {"q"} if state.search else set()
        said |= set(state.chosen)
        said |= {
            f"{key}_{end}"
            for key, limits in state.ranges.items()
            for end, limit in zip(ENDS, limits, strict=True)
            if limit
        }
        if unknown := card.query.keys() - said:
            problems.append(f"card {card.key!r}: list {view.key!r} does not understand {', '.join(sorted(unknown))}")
        if card.sum and _sum_of(card) is None:
            problems.append(f"card {card.key!r}: list {view.key!r} has no sum {card.sum!r}")
    return problems
