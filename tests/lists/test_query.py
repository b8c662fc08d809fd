from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import now
from core.contributions import Reach
from core.db import Database, count_queries, forget_statements
from core.db.convert import to_date
from core.errors import NotPermittedError
from core.lists import list_view
from core.lists import query as module
from core.lists.query import read_page, read_totals, rows_query
from core.lists.reading import Reading
from core.lists.state import Cursor, ListState, parse_state
from core.people.actor import Actor
from core.records.base import beyond_reach
from core.text import fold
from tests.lists.sample import (
    APPROVE,
    CLERK,
    MADRID,
    PAPERS,
    SEE,
    STAFF,
    Office,
    Paper,
    contact,
    make_office,
    staff,
)

Acting = Callable[[Actor], Any]
ALL = "period=all"


def everything(office: Office) -> Actor:
    """A contact of all customers, who sees what is published."""
    return contact(office, office.people[0], *((customer, Reach.COMPANY) for customer in office.customers))


def published(office: Office) -> list[dict[str, Any]]:
    return [row for row in office.papers if row["published_at"]]


def state_of(query: str, actor: Actor) -> ListState:
    return parse_state(PAPERS, query, today=actor.tenant.today())


async def page_of(reading: Reading, *, size: int | None = None) -> Any:
    """A page of the standard columns."""
    return await read_page(reading, [column for column in reading.view.columns if column.page], size=size)


async def ids(query: str, actor: Actor) -> set[UUID]:
    page = await page_of(Reading.of(PAPERS, state_of(query, actor), actor), size=1000)
    return {UUID(row["id"]) for row in page.rows}


SORTS = [
    "number",
    "subject",
    "issued_on",
    "due_on",
    "sent_at",
    "customer_name",
    "project_name",
    "total",
    "seconds",
    "urgent",
]


async def leafed(actor: Actor, sort: str) -> tuple[list[list[UUID]], list[list[UUID]]]:
    """All pages forth and back."""
    forth: list[list[UUID]] = []
    page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}", actor), actor))
    assert page.before is None
    while True:
        forth.append([UUID(row["id"]) for row in page.rows])
        if page.after is None:
            break
        page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}&after={page.after.text}", actor), actor))
    back = [forth[-1]]
    while page.before is not None:
        page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}&before={page.before.text}", actor), actor))
        back.insert(0, [UUID(row["id"]) for row in page.rows])
    return forth, back


async def test_paging_loses_and_doubles_no_row_and_goes_back_the_same_way(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        for sort in [*SORTS, *(f"-{key}" for key in SORTS)]:
            forth, back = await leafed(actor, sort)
            found = [row for rows in forth for row in rows]
            assert sorted(found) == sorted(row["id"] for row in published(office)), sort
            assert [row for rows in back for row in rows] == found, sort


async def test_rows_that_go_between_two_pages_disturb_no_other(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        first = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort=due_on", actor), actor))
        assert first.after is not None
        following = state_of(f"{ALL}&sort=due_on&after={first.after.text}", actor)
        before = await page_of(Reading.of(PAPERS, following, actor))
        with beyond_reach("test: somebody deletes what the reader has just seen"):
            await Paper.delete().where(Paper.id.is_in([UUID(row["id"]) for row in first.rows]))
        after = await page_of(Reading.of(PAPERS, following, actor))
    assert [row["id"] for row in after.rows] == [row["id"] for row in before.rows]


async def test_order_has_nulls_last_either_way_and_ties_by_id(office: Office, acting: Acting) -> None:
    actor = everything(office)
    rows = [(row["due_on"], row["id"]) for row in published(office)]
    rising = [*sorted(row for row in rows if row[0]), *sorted(row for row in rows if not row[0])]
    falling = [
        *sorted((row for row in rows if row[0]), reverse=True),
        *sorted((row for row in rows if not row[0]), reverse=True),
    ]
    async with acting(actor):
        for sort, expected in (("due_on", rising), ("-due_on", falling)):
            page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}", actor), actor), size=1000)
            assert [UUID(row["id"]) for row in page.rows] == [row for _, row in expected]


async def test_a_cursor_of_another_order_is_left_out(office: Office, acting: Acting) -> None:
    actor = everything(office)
    values = ["a", None, 7, True, date(2026, 1, 1), "a\x00", 2**70, datetime(2026, 1, 1)]  # noqa: DTZ001 -- naive on purpose
    async with acting(actor):
        for sort in SORTS:
            for value in values:
                cursor = Cursor("after", value, office.papers[0]["id"]).text
                page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}&after={cursor}", actor), actor))
                assert isinstance(page.rows, list)


def expected_reach(office: Office, reaches: dict[int, Reach], person: int) -> set[UUID]:
    """What a contact sees, in Python: person 0 is on project 0."""
    found = set()
    for row in published(office):
        reach = reaches.get(office.customers.index(row["customer"]))
        own = row["addressee"] == office.people[person]
        on_project = person == 0 and row["project"] == office.projects[0]
        if reach is not None and (reach >= Reach.COMPANY or own or (reach is Reach.PROJECTS and on_project)):
            found.add(row["id"])
    return found


REACHES: list[dict[int, Reach]] = [
    {},
    {0: Reach.OWN},
    {0: Reach.PROJECTS},
    {0: Reach.PROJECTS, 1: Reach.OWN},
    {0: Reach.COMPANY, 1: Reach.PROJECTS, 2: Reach.OWN},
    {1: Reach.COMPANY, 0: Reach.OWN},
    {1: Reach.OWN, 2: Reach.OWN},
    {0: Reach.OWN, 2: Reach.COMPANY},
]


async def test_one_statement_serves_many_readers_each_with_their_own_rows(office: Office, acting: Acting) -> None:
    """The statements of one reader's shape must not carry the reader: by turns, twice, with both people."""
    for _ in range(2):
        for reaches in REACHES:
            for person in (0, 1):
                places = ((office.customers[at], reach) for at, reach in reaches.items())
                actor = contact(office, office.people[person], *places)
                async with acting(actor):
                    assert await ids(ALL, actor) == expected_reach(office, reaches, person)
                    totals = await read_totals(Reading.of(PAPERS, state_of(ALL, actor), actor))
                    assert totals.count == len(expected_reach(office, reaches, person))


async def test_two_offices_by_turns_see_nothing_of_each_other(office: Office, acting: Acting) -> None:
    other = await make_office(7, papers=40)
    for _ in range(2):
        for each in (office, other):
            actor = everything(each)
            async with acting(actor):
                assert await ids(ALL, actor) == {row["id"] for row in published(each)}
            member = staff(each)
            async with acting(member):
                assert await ids(ALL, member) == {row["id"] for row in each.papers}


async def test_the_active_customer_narrows_the_list(office: Office, acting: Acting) -> None:
    places = [(customer, Reach.COMPANY) for customer in office.customers]
    actor = contact(office, office.people[0], *places, active=office.customers[1])
    async with acting(actor):
        expected = {row["id"] for row in published(office) if row["customer"] == office.customers[1]}
        assert expected
        assert await ids(ALL, actor) == expected
    elsewhere = contact(office, office.people[0], places[0], active=office.customers[1])
    async with acting(elsewhere):
        assert await ids(ALL, elsewhere) == set()


async def test_without_the_permission_there_is_no_list(office: Office, acting: Acting) -> None:
    member = staff(office, APPROVE)
    async with acting(member):
        with pytest.raises(NotPermittedError):
            await list_view(PAPERS, ALL, member)
    reader = staff(office, SEE)
    async with acting(reader):
        assert await ids(ALL, reader) == set()
    both = staff(office, SEE, STAFF)
    async with acting(both):
        assert len(await ids(ALL, both)) == len(office.papers)


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


async def test_counts_of_choices_are_those_of_the_lists_they_lead_to(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        for start in ("", "&payment=paid", "&due=overdue", "&payment=pending&payment=partial&due=soon&q=a"):
            state = state_of(ALL + start, actor)
            totals = await read_totals(Reading.of(PAPERS, state, actor))
            assert totals.choices is not None
            for (key, value), count in totals.choices.items():
                others = "&".join(part for part in (ALL + start).split("&") if not part.startswith(f"{key}="))
                assert count == len(await ids(f"{others}&{key}={value}", actor)), (start, key, value)


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


async def test_counts_are_capped(papers_database: Database, acting: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAP", 10)
    monkeypatch.setattr(module.matching, "__kwdefaults__", {"choices": True, "limit": 11})
    forget_statements()
    office = await make_office(4, papers=30)
    actor = everything(office)
    seen = set()
    async with acting(actor):
        totals = await read_totals(Reading.of(PAPERS, state_of(ALL, actor), actor))
        assert (totals.count, totals.capped, totals.sums, totals.choices) == (10, True, {}, None)
        for state in ("partial", "paid", "pending"):
            rows = [row for row in published(office) if row["state"] == state]
            totals = await read_totals(Reading.of(PAPERS, state_of(f"{ALL}&payment={state}", actor), actor))
            expected = (min(len(rows), 10), len(rows) > 10, None)
            assert (totals.count, totals.capped, totals.choices) == expected
            seen.add(totals.capped)
    assert seen == {True, False}
    forget_statements()


async def test_roles_and_places_decide_what_can_be_done(office: Office, acting: Acting) -> None:
    for role, expected in ((CLERK, ["Excel sheet (.xlsx)"]), (None, ["Approve", "Excel sheet (.xlsx)"])):
        place = (office.customers[0], Reach.COMPANY)
        actor = (
            contact(office, office.people[0], place, role=role) if role else contact(office, office.people[0], place)
        )
        async with acting(actor):
            assert [action["label"] for action in (await list_view(PAPERS, ALL, actor))["actions"]] == expected
