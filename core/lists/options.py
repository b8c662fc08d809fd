"""What relation filters offer: the customers, projects … that occur among what the reader sees. One statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from piccolo.columns.combination import WhereRaw
from piccolo.querystring import QueryString

from core.lists.query import patience
from core.lists.spec import RelationFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.lists.reading import Places, Reading

MOST_OPTIONS: Final = 200


async def read_options(reading: Reading) -> dict[str, list[tuple[str, str]]]:
    """Read value and label of what occurs for the reader, for all relation filters: one statement."""
    relations: tuple[list[RelationFilter], list[RelationFilter]] | None = reading.kept.get("relations")
    if relations is None:
        relations = reading.kept["relations"] = _relations(reading)
    every, asked = relations
    found: dict[str, list[tuple[str, str]]] = {each.key: [] for each in every}
    if not asked:
        return found
    with patience(reading):
        rows = await reading.rows("options", lambda places: _options_query(reading, places, asked), raw=True)
    for row in rows:
        found[row["of_filter"]].append((str(row["value"]), row["label"]))
    return found


def _relations(reading: Reading) -> tuple[list[RelationFilter], list[RelationFilter]]:
    """Return all relation filters of a list, and those of which is to be read what they offer."""
    every = [each for each in reading.view.filters if isinstance(each, RelationFilter)]
    one = reading.actor.is_contact and len(reading.within.customers) <= 1
    return every, [each for each in every if not (one and _needless(reading, each))]


def _needless(reading: Reading, each: RelationFilter) -> bool:
    """Whether it would offer a reader of one customer just that."""
    if reading.state.chosen.get(each.key):
        return False
    table = each.column._foreign_key_meta.resolved_references  # noqa: SLF001 -- Piccolo shows no other way
    return bool(table._meta.tablename == "customer")


def _options_query(reading: Reading, places: Places, relations: Sequence[RelationFilter]) -> QueryString:
    parts = [_option_query(reading, places, each) for each in relations]
    union = " UNION ALL ".join(f"SELECT * FROM ({{}}) AS part{number}" for number in range(len(parts)))  # noqa: S608 -- numbers
    text = f"SELECT * FROM ({union}) AS options ORDER BY of_filter, put, place"  # noqa: S608 -- names of ours
    return QueryString(text, *parts)


def _option_query(reading: Reading, places: Places, each: RelationFilter) -> QueryString:
    table = each.column._foreign_key_meta.resolved_references  # noqa: SLF001 -- Piccolo shows no other way
    record = reading.view.table._meta.tablename
    occurs = reading.view.table.select(reading.view.table._meta.primary_key).where(
        WhereRaw(f'"{record}"."{each.column._meta.db_column_name}" = "option"."id"')
    )
    if reading.view.only is not None:
        occurs = occurs.where(reading.view.only(reading.reader(places)))
    chosen = reading.state.chosen.get(each.key, ())
    ticked = [places(f"f_{each.key}_{number}") for number in range(len(chosen))]
    rank = f'CASE WHEN "option"."id" IN ({", ".join("{}" for _ in ticked)}) THEN 0 ELSE 1 END' if ticked else "1"
    order = "put, place" if ticked else "place"  # by place alone, an index's order is met, and the reading ends early
    conditions_ = ['"option"."tenant" = {}', "EXISTS ({})"]
    values: list[Any] = [places.shared("tenant"), occurs.querystrings[0]]
    column = _customer_column(table)
    if column and reading.within.customers:
        conditions_.append(f'"option"."{column}" IN ({", ".join("{}" for _ in reading.within.customers)})')
        values += [places(name) for name in reading.within.customers]
    return QueryString(
        f'SELECT \'{each.key}\' AS of_filter, {rank} AS put, "option"."{each.order_column}" AS place, '  # noqa: S608 -- names of columns
        f'"option"."id" AS value, "option"."{each.label_column}" AS label FROM "{table._meta.tablename}" AS "option" '
        f"WHERE {' AND '.join(conditions_)} ORDER BY {order} LIMIT {MOST_OPTIONS}",
        *ticked,
        *values,
    )


def _customer_column(table: Any) -> str | None:
    """Return the column of an option's table that says whose it is."""
    if table._meta.tablename == "customer":
        return "id"
    column = next((each for each in table._meta.columns if each._meta.name == "customer"), None)
    return None if column is None else str(column._meta.db_column_name)
