"""
One reading of a list: view, state and reader, split into the *shape* of its statements and the values bound to them.

Building and compiling a query with Piccolo costs more than running it, so a statement is built once per shape: which
filters are set, how the list is ordered, at how many customers the reader has which reach. Building runs in an empty
context with a stand-in for the actor that knows places instead of ids, so the tables' own code (`CustomerRecord`) says
what is visible, and no id of the first reader can end up in a statement that serves the next.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Hashable
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from uuid import UUID

from core.contributions import Reach
from core.db import P, current, statement
from core.lists.conditions import search_words, values_of
from core.lists.spec import Reader
from core.people.actor import Actor, ActorKind, acting_as
from core.records.base import CustomerRecord
from core.tenancy.scope import current_tenant_id, tenant_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from piccolo.query import Query
    from piccolo.querystring import QueryString

    Build = Callable[["Places"], Query[Any, Any] | QueryString]

    from core.db.statements import Compiled
    from core.lists.spec import ListView
    from core.lists.state import Cursor, ListState
    from core.tenancy.table import TenantTable

T = TypeVar("T")

FEW: Final = 5_000
"""Below this many rows a list is counted without a limit."""
_MOST_SIZES: Final = 10_000
_MOST_READINGS: Final = 12
"""Kept of one reader."""
_sizes: dict[tuple[Hashable, ...], int] = {}

_REACHES: Final = tuple(Reach)
_DAY = re.compile(r"today(?P<days>[+-]\d+)")


class Values(dict[str, Any]):
    """What is bound, by name; days around today are worked out when asked for."""

    def __missing__(self, name: str) -> Any:
        """Return the day that `today+30` names."""
        match = _DAY.fullmatch(name)
        if match is None:
            raise KeyError(name)
        return self["today"] + timedelta(days=int(match["days"]))


@dataclass(frozen=True, slots=True)
class Places:
    """Where values stand: `P(name)` in a statement for many readers, the value itself in one that runs once."""

    values: Values
    compiled: bool = True
    prefix: str = ""

    def __call__(self, name: str) -> Any:
        """Return the place of a value."""
        return P(self.prefix + name) if self.compiled else self.values[name]

    def shared(self, name: str) -> Any:
        """Return the place of a value that all parts of a statement share."""
        return P(name) if self.compiled else self.values[name]


@dataclass(frozen=True, slots=True)
class _Today:
    """Makes `Reader.day`."""

    places: Places

    def __call__(self, days: int) -> Any:
        return self.places.shared(f"today{days:+d}" if days else "today")


@dataclass(frozen=True, slots=True)
class StandIn:
    """What a table may ask of an actor while a statement is built; anything else is an error, not a leak."""

    kind: ActorKind
    person: Any
    staff_view: str | None
    may: bool
    view: str | None
    at: Mapping[Any, Reach]

    @property
    def is_contact(self) -> bool:
        """Whether a person of a customer acts."""
        return self.kind is ActorKind.CONTACT

    @property
    def is_staff(self) -> bool:
        """Whether a person of the tenant acts."""
        return self.kind is ActorKind.STAFF

    def can(self, permission: str) -> bool:
        """
        Whether the table's permission for staff is granted.

        Raises:
            LookupError: another permission, which is not part of the shape.

        """
        if permission != self.staff_view:
            raise LookupError(f"visible_to() may ask for {self.staff_view!r} here, not for {permission!r}")
        return self.may

    def reaches(self, permission: str) -> dict[Any, Reach]:
        """
        Return the places of customers with their reach.

        Raises:
            LookupError: of another permission, which is not part of the shape.

        """
        if permission != self.view:
            raise LookupError(f"visible_to() may ask for {self.view!r} here, not for {permission!r}")
        return dict(self.at)


@dataclass(frozen=True, slots=True)
class Within:
    """How far an actor sees a table: the shape of it, and the customers by the name of their place."""

    shape: Hashable
    customers: Mapping[str, UUID]
    reaches: Mapping[str, Reach]
    may: bool


def _permissions(table: type[TenantTable]) -> tuple[str | None, str | None]:
    """Return the permissions by which a table of records shows its rows to contacts and to staff."""
    return (table.view, table.staff_view) if issubclass(table, CustomerRecord) else (None, None)


def within(actor: Actor, table: type[TenantTable], permission: str) -> Within:
    """
    Return how far *actor* sees *table*; with an active customer no further than that.

    Worked out once of an actor: a list and the badge of its menu entry ask alike.
    """
    known: Within | None = actor.worked_out.get((table, permission))
    if known is None:
        known = actor.worked_out[table, permission] = _within(actor, table, permission)
    return known


def _within(actor: Actor, table: type[TenantTable], permission: str) -> Within:
    view, staff_view = _permissions(table)
    if not actor.is_contact:
        asked = staff_view or permission
        may = actor.kind in {ActorKind.STAFF, ActorKind.API} and actor.can(asked)
        return Within((actor.kind.value, may), {}, {}, may)
    reaches = actor.reaches(view or permission)
    if actor.active_customer is not None:
        reaches = {customer: reach for customer, reach in reaches.items() if customer == actor.active_customer}
    customers: dict[str, UUID] = {}
    named: dict[str, Reach] = {}
    counts = dict.fromkeys(_REACHES, 0)
    for customer, reach in reaches.items():
        name = f"{reach.word}{counts[reach]}"
        counts[reach] += 1
        customers[name] = customer
        named[name] = reach
    return Within((actor.kind.value, *counts.values()), customers, named, bool(named))


def _shape(view: ListView, state: ListState) -> tuple[Hashable, ...]:
    """Return what of a state changes the text of its statements."""
    relations = {each.key for each in view.filters if hasattr(each, "label_column")} if state.chosen else ()
    return (
        view.key,
        id(view),
        state.span is not None and state.span.first is not None,
        len(search_words(state.search)) if state.search else 0,
        tuple((key, len(values) if key in relations else values) for key, values in state.chosen.items()),
        tuple((key, bool(limits[0]), bool(limits[1])) for key, limits in state.ranges.items()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of one list."""

    view: ListView
    state: ListState
    actor: Actor
    within: Within
    today: date
    shape: tuple[Hashable, ...]
    """What the statements' text depends on, but for order and page."""
    prefix: str = ""
    small: bool = False
    """Whether so few rows were within reach lately that a LIMIT (a quarter of a scan's time on SQLite) is needless."""
    values: Values = field(default_factory=Values)
    kept: dict[Hashable, Any] = field(default_factory=dict)
    """What was worked out of it and does not depend on the page: shared with the readings of its other pages."""

    @classmethod
    def again(cls, view: ListView, state: ListState, actor: Actor) -> Reading:
        """
        Return a reading of a list's first page, as it was prepared for the same reader lately where nothing changed.

        *state* is one that is kept (`Address.state`), so it is known by its identity.
        """
        memory: OrderedDict[int, Reading] = actor.worked_out.setdefault("readings", OrderedDict())
        known = memory.get(id(state))
        if known is not None and known.state is state and known.today == actor.tenant.today() and known.holds:
            memory.move_to_end(id(state))
            return known
        made = memory[id(state)] = cls.of(view, state, actor)
        if len(memory) > _MOST_READINGS:
            memory.popitem(last=False)
        return made

    def at(self, cursor: Cursor | None) -> Reading:
        """Return the reading of one page of the list; its values are its own, so that pages may add to them."""
        state = self.state if cursor is None else replace(self.state, cursor=cursor)
        return replace(self, state=state, values=Values(self.values))

    @classmethod
    def of(cls, view: ListView, state: ListState, actor: Actor, *, prefix: str = "") -> Reading:
        """Prepare a reading; *prefix* tells apart the values of several that share a statement."""
        tenant, reach = current_tenant_id(), within(actor, view.table, view.permission)
        small = _sizes.get((view.key, tenant, *reach.customers.values()), FEW) < FEW
        reading = cls(
            view=view,
            state=state,
            actor=actor,
            within=reach,
            today=actor.tenant.today(),
            shape=(*_shape(view, state), reach.shape, actor.person is None, prefix, small),
            prefix=prefix,
            small=small,
        )
        values = reading.values
        values["tenant"] = tenant
        values["today"] = reading.today
        values["person"] = actor.person
        for name, customer in reading.within.customers.items():
            values[prefix + name] = customer
        for name, value in values_of(reading).items():
            values[prefix + name] = value
        return reading

    @property
    def holds(self) -> bool:
        """Whether its list is still small, or large, as its statements take it to be."""
        size = _sizes.get((self.view.key, self.values["tenant"], *self.within.customers.values()), FEW)
        return self.small == (size < FEW)

    def keep_size(self, scanned: int) -> None:
        """Remember how many rows were within reach: a hint for the next reading, right or wrong."""
        if len(_sizes) >= _MOST_SIZES:
            _sizes.clear()
        _sizes[(self.view.key, self.values["tenant"], *self.within.customers.values())] = scanned

    def places(self, *, compiled: bool = True) -> Places:
        """Return where its values stand in a statement."""
        return Places(self.values, compiled, self.prefix)

    def reader(self, places: Places) -> Reader:
        """Return what conditions may know."""
        return Reader(
            today=places.shared("today"),
            person=places.shared("person") if self.actor.person else None,
            customers=tuple(places(name) for name in self.within.customers),
            day=_Today(places),
        )

    def built(self, build: Callable[[Places], T], *, compiled: bool = True) -> T:
        """Build something of this reading's table in its reader's scope."""
        places = self.places(compiled=compiled)
        return Context().run(self._in_scope, build, places)

    def _in_scope(self, build: Callable[[Places], T], places: Places) -> T:
        view, staff_view = _permissions(self.view.table)
        stand_in = StandIn(
            kind=self.actor.kind,
            person=places.shared("person") if self.actor.person else None,
            staff_view=staff_view,
            may=self.within.may,
            view=view,
            at={places(name): reach for name, reach in self.within.reaches.items()},
        )
        with tenant_scope(places.shared("tenant")), acting_as(cast("Actor", stand_in)):
            return build(places)

    async def rows(
        self,
        key: Hashable,
        build: Callable[[Places], Query[Any, Any] | QueryString],
        *,
        raw: bool = False,
        texts: Collection[str] = (),
    ) -> list[dict[str, Any]]:
        """Run a statement of this reading; *key* says which, and what else its text depends on."""
        database = current()
        place = (database.dialect, key)
        made: Compiled | None = self.kept.get(place)
        if made is None:
            found = statement(("lists", (self.shape, key)), lambda: self.built(build), texts=texts)
            made = self.kept[place] = found.compiled(database)
        return await made.run_among(database, self.values, raw=raw)
