"""Filters, search and periods of a list, and what its statements cost."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core.clock import now
from core.contributions import Reach
from core.db import Database, count_queries, forget_statements
from core.db.convert import to_date
from core.lists import list_view
from core.lists.query import rows_query
from core.lists.reading import Reading
from core.lists.totals import read_totals
from core.text import fold
from tests.lists.asking import ALL, Acting, everything, ids, page_of, published, state_of
from tests.lists.sample import (
    MADRID,
    PAPERS,
    Office,
    contact,
    make_office,
)


def local_day(instant: datetime) -> date:
    return instant.astimezone(MADRID).date()


def big(row: dict[str, Any]) -> float:
    return float(row["total"] / {"EUR": 100, "JPY": 1, "KWD": 1000}[row["currency"]])


RECENT = now().astimezone(MADRID).date() - timedelta(days=10)
"""Papers are from around today, before and after this day."""

FILTERS: dict[str, Callable[[dict[str, Any], date], bool]] = {
    "payment=pending": lambda row, _: row["state"] == "pending",
    "payment=pending&payment=partial": lambda row, _: row["state"] in {"pending", "partial"},
    "due=overdue": lambda row, today: row["state"] != "paid" and bool(row["due_on"]) and row["due_on"] < today,
    "due=soon": lambda row, today: (
        row["state"] != "paid" and bool(row["due_on"]) and today <= row["due_on"] < today + timedelta(7)
    ),
    "due=overdue&payment=partial": lambda row, today: (
        row["state"] == "partial" and bool(row["due_on"]) and row["due_on"] < today
    ),
    f"issued_from={RECENT}": lambda row, _: row["issued_on"] >= RECENT,
    f"issued_to={RECENT}": lambda row, _: row["issued_on"] <= RECENT,
    "sent_from=2026-03-02&sent_to=2026-03-02": lambda row, _: local_day(row["sent_at"]) == date(2026, 3, 2),
    "sent_to=2026-03-01": lambda row, _: local_day(row["sent_at"]) <= date(2026, 3, 1),
    "amount_from=123,45&amount_to=123,45": lambda row, _: big(row) == 123.45,
    "amount_from=12.3450&amount_to=12.3450": lambda row, _: big(row) == 12.345,
    "amount_to=-0.5": lambda row, _: big(row) <= -0.5,
    "amount_from=12345": lambda row, _: big(row) >= 12345,
    "q=ANO": lambda row, _: "ano" in fold(row["subject"]),
    "q=a%C3%B1o+nuevo": lambda row, _: "ano" in fold(row["subject"]) and "nuevo" in fold(row["subject"]),
    "q=STRASSE": lambda row, _: "strasse" in fold(row["subject"]),
    "q=%25": lambda row, _: "%" in (row["subject"] or ""),
    "q=_": lambda row, _: "_" in (row["subject"] or ""),
    "q=%21": lambda row, _: "!" in (row["subject"] or ""),
    "q=%27b%22": lambda row, _: "'b\"" in (row["subject"] or ""),
    "q=a-00": lambda row, _: "a-00" in row["number_folded"],
}


async def test_each_filter_shows_its_rows_and_the_count_and_sums_are_theirs(office: Office, acting: Acting) -> None:
    actor = everything(office)
    today = actor.tenant.today()
    async with acting(actor):
        for query, keep in [*FILTERS.items(), ("period=all", lambda _row, _today: True)]:
            rows = [row for row in published(office) if keep(row, today)]
            sums: dict[str, int] = {}
            for row in rows:
                sums[row["currency"]] = sums.get(row["currency"], 0) + row["total"]
            assert await ids(f"{ALL}&{query}", actor) == {row["id"] for row in rows}, query
            totals = await read_totals(Reading.of(PAPERS, state_of(f"{ALL}&{query}", actor), actor))
            assert (totals.count, totals.capped, totals.sums["total"]) == (len(rows), False, sums), query
            assert sum(totals.sums["seconds"].values()) == sum(row["seconds"] or 0 for row in rows), query


def _cursor(tag: str, value: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([tag, value, "0" * 32]).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        "amount_from=999999999999999&amount_to=-999999999999999",
        "amount_from=99999999999999.9999",
        "sent_from=2199-12-31&sent_to=1900-01-01",
        f"sort=-sent_at&after={_cursor('t', '0001-01-01T00:00:00+14:00')}",
        f"sort=-sent_at&before={_cursor('t', '9999-12-31T23:59:59-14:00')}",
        "q=%00&after=%00&period=%00",
        "&".join(f"a{number}=1" for number in range(2_000)),
    ],
)
async def test_an_address_that_nobody_clicked_is_no_error(office: Office, acting: Acting, query: str) -> None:
    actor = everything(office)
    async with acting(actor):
        shown = await list_view(PAPERS, query, actor)
    assert shown["key"] == "papers"


async def test_there_is_something_behind_most_filters(office: Office) -> None:
    """Otherwise the test above compares nothing with nothing."""
    today = office.snapshot.today()
    found = {query: sum(keep(row, today) for row in published(office)) for query, keep in FILTERS.items()}
    assert [query for query, number in found.items() if not number] == []


async def test_relation_filters_offer_what_occurs_and_narrow(office: Office, acting: Acting) -> None:
    actor = contact(
        office, office.people[0], (office.customers[0], Reach.COMPANY), (office.customers[2], Reach.COMPANY)
    )
    mine = [row for row in published(office) if row["customer"] in (office.customers[0], office.customers[2])]
    async with acting(actor):
        view = await list_view(PAPERS, ALL, actor)
        filters = {each["key"]: each for each in view["filters"]}
        assert [option["label"] for option in filters["customer"]["options"]] == ["Ábaco", "Zeta"]
        assert {option["value"] for option in filters["project"]["options"]} == {
            str(row["project"]) for row in mine if row["project"]
        }
        chosen = office.projects[2]
        assert await ids(f"{ALL}&project={chosen}", actor) == {row["id"] for row in mine if row["project"] == chosen}
        both = f"{ALL}&project={chosen}&project={office.projects[0]}"
        assert await ids(both, actor) == {row["id"] for row in mine if row["project"] in (chosen, office.projects[0])}
        foreign = f"{ALL}&customer={office.customers[1]}"
        assert await ids(foreign, actor) == set()
        shown = await list_view(PAPERS, foreign, actor)
        assert [each["label"] for each in shown["active"]] == ["Company: –"]


async def test_periods_hold_every_row_once(office: Office, acting: Acting) -> None:
    actor = everything(office)
    today = actor.tenant.today()
    async with acting(actor):
        for unit in (f"{today:%Y-%m}", f"{today.isocalendar().year}-W{today.isocalendar().week:02}"):
            state = state_of(f"period={unit}", actor)
            assert state.span is not None
            expected = {row["id"] for row in published(office) if state.span.contains(row["issued_on"])}
            assert await ids(f"period={unit}", actor) == expected
        span, found = state_of("", actor).span, set()
        for step in range(-4, 3):
            moved = span.step(step) if span else None
            assert moved is not None
            found |= await ids(f"period={moved.key}", actor)
        assert found == {row["id"] for row in published(office)}


@pytest.mark.parametrize("rows", [1, 3, 50])
async def test_a_list_costs_three_statements_whatever_it_holds(
    papers_database: Database, acting: Acting, rows: int
) -> None:
    office = await make_office(3, papers=rows)
    actor = everything(office)
    async with acting(actor):
        with count_queries(keep=True) as counter:
            await list_view(PAPERS, f"{ALL}&payment=pending&q=a&sort=due_on", actor)
        assert counter.value == 3, counter.statements


async def test_compiled_statements_find_what_the_queries_they_come_from_find(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        for query in (
            ALL,
            "payment=paid",
            f"{ALL}&q=a&amount_from=1&due=soon",
            f"{ALL}&customer={office.customers[0]}",
        ):
            reading = Reading.of(PAPERS, state_of(query, actor), actor)
            columns = [column for column in PAPERS.columns if column.page]
            direct = await reading.built(
                lambda places, reading=reading, columns=columns: rows_query(reading, places, columns), compiled=False
            )
            compiled = await page_of(reading, size=1000)
            assert [row["id"] for row in compiled.rows] == [str(row["id"]) for row in direct]
            assert [to_date(row["issued_on"]) for row in direct] == [row["issued_on"] for row in compiled.rows]
    forget_statements()
