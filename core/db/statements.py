"""Statements that are compiled once and bound per call.

Building and compiling a Piccolo query costs 50-250 µs, binding one 2. The key names the statement's shape (which
filters, order, limit); what changes from call to call is a ``P``:

    open_invoices = statement(("invoices:open", order), lambda: (
        Invoice.select(Invoice.id, Invoice.gross).where(Invoice.customer == P("customer")).limit(20)
    ))
    rows = await open_invoices.run(customer=customer_id)
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from contextvars import ContextVar
from typing import Any, NoReturn, Self

from piccolo.query import Query
from piccolo.querystring import QueryString
from typing_extensions import override

from core.db.convert import Converter, Row, converted, converters_of
from core.db.database import Database, current
from core.db.errors import StatementError
from core.db.sqlite import is_read

CACHE_SIZE = 1_000
_CHANGING = (uuid.UUID, dt.datetime, dt.date, dt.timedelta)
_ambient: dict[str, Callable[[], Any]] = {}
_building: ContextVar[bool] = ContextVar("portico_building_statement", default=False)


class P(str):
    """A place for a value, wherever Piccolo takes one.

    ``Invoice.customer == P("customer")``, ``{T.a: P("a")}``, ``T(a=P("a"))``, ``T.name.like(P("pattern"))``.

    In a read a None is refused, as ``= NULL`` finds nothing: give the shape another key, or say ``nullable=True``.
    For a list of values see ``each()``; LIMIT and OFFSET are text in Piccolo, so they belong to the key.
    """

    nullable: bool
    __slots__ = ("nullable",)

    @override
    def __new__(cls, name: str, *, nullable: bool = False) -> Self:
        place = super().__new__(cls, name)
        place.nullable = nullable
        return place

    def __iter__(self) -> NoReturn:
        """Raise StatementError: ``is_in(P(…))`` would take the letters of the name."""
        message = f"P({str(self)!r}) is one value; for is_in() use each({str(self)!r}, 'uuid')"
        raise StatementError(message)

    def __contains__(self, part: object) -> bool:
        """Whatever is asked for will be in it (Piccolo looks for % in patterns)."""
        return True

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def each(name: str, kind: str = "uuid") -> QueryString:
    """A place for a list of any length: ``Invoice.id.is_in(each("ids"))``; ``kind`` is the type of its values."""
    if current().dialect == "sqlite":
        return QueryString("SELECT value FROM json_each({})", P(name))
    if not kind.isidentifier():
        message = f"no column type: {kind!r}"
        raise StatementError(message)
    return QueryString(f"SELECT unnest({{}}::{kind}[])", P(name))


def ambient(name: str, value: Callable[[], Any]) -> None:
    """Bind ``P(name)`` by itself when a call does not name it: ``ambient("tenant", current_tenant_id)``."""
    _ambient[name] = value


def building() -> bool:
    """Whether a statement is being compiled: scoped tables then add ``tenant == P("tenant")``, not today's tenant."""
    return _building.get()


class Compiled:
    """SQL text with the names of its values, for one database."""

    __slots__ = ("_constants", "_converters", "_holes", "_places", "_reads", "_typed", "key", "sql")

    def __init__(
        self, key: Hashable, query: Query[Any, Any] | QueryString, dialect: str, texts: Collection[str] = ()
    ) -> None:
        self.key = key
        querystrings = query.querystrings if isinstance(query, Query) else [query]
        if len(querystrings) != 1:
            message = f"{key!r}: a compiled statement is one statement, not {len(querystrings)}"
            raise StatementError(message)
        if isinstance(query, Query):
            query._validate()  # noqa: SLF001 -- Piccolo has no public way
        self.sql, args = querystrings[0].compile_string(engine_type=dialect)
        # (name, None) is bound per call, (None, value) is constant
        self._places: list[tuple[P | None, Any]] = [
            (arg, None) if isinstance(arg, P) else (None, self._constant(arg)) for arg in args
        ]
        self._reads = is_read(self.sql)
        self._constants = [constant for _, constant in self._places]
        self._holes = [
            (number, str.__str__(place), place.nullable or not self._reads)
            for number, (place, _) in enumerate(self._places)
            if place is not None
        ]
        converters = converters_of(query)
        self._typed = not isinstance(query, Query)  # nothing is known of hand-written SQL: the driver converts
        self._converters: dict[str, Converter] = (
            converters
            if dialect == "sqlite"
            else {name: converter for name, converter in converters.items() if converter.__name__ == "to_json_object"}
        )
        self._converters |= dict.fromkeys(texts, str)

    def _constant(self, value: Any) -> Any:
        if isinstance(value, _CHANGING):
            message = (
                f"{self.key!r}: {value!r} would be baked into a statement that serves every tenant, person and day; "
                "use P(name)"
            )
            raise StatementError(message)
        return value

    def bind(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order of the statement. Raises StatementError for missing and unknown names."""
        bound = []
        used = set()
        for place, constant in self._places:
            if place is None:
                bound.append(constant)
                continue
            name = str.__str__(place)
            if name in values:
                value = values[name]
            elif name in _ambient:
                value = _ambient[name]()
            else:
                message = f"{self.key!r} needs a value for {name!r}"
                raise StatementError(message)
            if value is None and self._reads and not place.nullable:
                raise self._null(name)
            used.add(name)
            bound.append(value)
        if len(values) > len(used) and (unknown := values.keys() - used):
            message = f"{self.key!r} has no place for {', '.join(sorted(unknown))}"
            raise StatementError(message)
        return bound

    async def run(self, database: Database, values: dict[str, Any], *, raw: bool) -> list[Row]:
        """The rows."""
        return await self._rows(database, self.bind(values), raw=raw)

    async def run_among(self, database: Database, values: Mapping[str, Any], *, raw: bool = False) -> list[Row]:
        """The rows; of *values* those are taken that it has places for. Raises KeyError for a missing one."""
        bound = self._constants.copy()
        for number, name, nullable in self._holes:
            given = values[name]
            if given is None and not nullable:
                raise self._null(name)
            bound[number] = given
        return await self._rows(database, bound, raw=raw)

    def _null(self, name: object) -> StatementError:
        return StatementError(f"{self.key!r}: {name!r} is None, and nothing equals NULL; use another shape")

    async def _rows(self, database: Database, bound: list[Any], *, raw: bool) -> list[Row]:
        rows = await database.backend.rows(self.sql, bound, typed=self._typed and not raw)
        return rows if raw or not self._converters else converted(rows, self._converters)


class Statement:
    """A statement to run; cheap to make, compiled at the first run of its key."""

    __slots__ = ("_build", "_texts", "key")

    def __init__(
        self, key: Hashable, build: Callable[[], Query[Any, Any] | QueryString], texts: Collection[str] = ()
    ) -> None:
        self.key = key
        self._build = build
        self._texts = texts

    def compiled(self, database: Database) -> Compiled:
        """From the cache, or built now."""
        cache = _caches.setdefault(database.dialect, OrderedDict())
        found = cache.get(self.key)
        if found is not None:
            cache.move_to_end(self.key)
            return found
        token = _building.set(True)
        try:
            made = Compiled(self.key, self._build(), database.dialect, self._texts)
        finally:
            _building.reset(token)
        cache[self.key] = made
        if len(cache) > CACHE_SIZE:
            cache.popitem(last=False)
        return made

    async def run(self, **values: Any) -> list[Row]:
        """All rows, as dicts."""
        database = current()
        return await self.compiled(database).run(database, values, raw=False)

    async def run_raw(self, **values: Any) -> list[Row]:
        """All rows with values as the driver gives them (SQLite: ids and times as text), for keys in big sets."""
        database = current()
        return await self.compiled(database).run(database, values, raw=True)

    async def first(self, **values: Any) -> Row | None:
        """The first row, or None."""
        rows = await self.run(**values)
        return rows[0] if rows else None

    async def value(self, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = await self.first(**values)
        return next(iter(row.values())) if row else None


_caches: dict[str, OrderedDict[Hashable, Compiled]] = {}


def statement(
    key: Hashable, build: Callable[[], Query[Any, Any] | QueryString], *, texts: Collection[str] = ()
) -> Statement:
    """A statement by its shape: same key, same SQL. ``build`` runs once per key and database.

    Keys named in ``texts`` come out as text, for rows that are only written down: making UUIDs and writing them as text
    again takes 2 µs each.
    """
    return Statement(key, build, texts)


def forget_statements() -> None:
    """Empty the cache (tests that redefine tables)."""
    _caches.clear()
