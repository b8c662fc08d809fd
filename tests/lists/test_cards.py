from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.contributions import Reach
from core.db import count_queries
from core.lists import DateRange, cards_statement, check_cards, list_view
from core.people.actor import Actor
from core.tenancy.snapshot import TenantSnapshot
from tests.lists.sample import CARDS, CLERK, PAPERS, Office, Paper, contact, make_office, staff

Acting = Callable[[Actor], Any]
BELL = ("bell", "SELECT count(*) FROM person WHERE tenant = {} AND given_name = {}")


async def test_cards_badges_and_bell_are_one_statement_and_count_what_the_lists_hold(
    office: Office, acting: Acting
) -> None:
    everywhere = [(customer, Reach.COMPANY) for customer in office.customers]
    actors = [
        contact(office, office.people[0], *everywhere),
        contact(office, office.people[0], *everywhere, active=office.customers[1]),
        contact(office, office.people[1], (office.customers[0], Reach.OWN)),
        contact(office, office.people[0], (office.customers[0], Reach.PROJECTS), (office.customers[2], Reach.COMPANY)),
        staff(office),
    ]
    for actor in [*actors, *actors]:
        async with acting(actor):
            with count_queries() as counter:
                found = await cards_statement(actor, CARDS, extra=[(*BELL, (office.id, "P"))])
            assert counter.value == 1
            assert found.pop("bell") == 2
            assert found
            for card in found.values():
                path, _, query = card["url"].partition("?")
                view = await list_view(PAPERS, query, actor, remembered="week")
                assert path == "/papers"
                assert (card["count"], card["capped"]) == (view["total"]["count"], view["total"]["capped"])
                if card["key"] == "papers.unpaid" and card["count"]:
                    assert card["amount"] == next(each["text"] for each in view["sums"] if each["label"] == "Total")


async def test_cards_are_hidden_without_their_permission_and_from_the_other_audience(
    office: Office, acting: Acting
) -> None:
    place = (office.customers[0], Reach.COMPANY)
    clerk = contact(office, office.people[0], place, role=CLERK)
    manager = contact(office, office.people[0], place)
    member = staff(office)
    found = {}
    for name, actor in (("clerk", clerk), ("manager", manager), ("staff", member)):
        async with acting(actor):
            found[name] = [*await cards_statement(actor, CARDS)]
    common = ["papers.unpaid", "papers.overdue", "papers.now"]
    assert found == {"clerk": common, "manager": [*common, "papers.approve"], "staff": ["papers.staff"]}


async def test_at_zero_a_card_says_so(papers_database: Any, acting: Acting) -> None:
    empty = await make_office(5, papers=0)
    actor = contact(empty, empty.people[0], (empty.customers[0], Reach.COMPANY))
    async with acting(actor):
        card = (await cards_statement(actor, CARDS))["papers.unpaid"]
    assert card == {
        "key": "papers.unpaid",
        "label": "Unpaid",
        "count": 0,
        "capped": False,
        "text": "0",
        "badge": "",
        "amount": "",
        "url": "/papers?period=all&payment=pending",
        "icon": "file",
        "tone": "neutral",
        "hint": "All is paid",
    }


async def test_nothing_to_count_is_no_statement(office: Office, acting: Acting) -> None:
    actor = contact(office, office.people[0])
    async with acting(actor):
        with count_queries() as counter:
            assert await cards_statement(actor, CARDS) == {}
            assert await cards_statement(actor, [], extra=[(*BELL, (office.id, None))]) == {"bell": 0}
    assert counter.value == 1


@pytest.mark.parametrize("today", [date(2026, 12, 31), date(2027, 1, 1)])
async def test_due_today_is_not_overdue(
    papers_database: Any, acting: Acting, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TenantSnapshot, "today", lambda _self: today)
    office = await make_office(6, papers=60, today=today)
    actor = contact(office, office.people[0], *((customer, Reach.COMPANY) for customer in office.customers))
    overdue = [
        row
        for row in office.papers
        if row["published_at"] and row["state"] != "paid" and row["due_on"] is not None and row["due_on"] < today
    ]
    assert any(row["due_on"] == today for row in office.papers)
    async with acting(actor):
        assert (await cards_statement(actor, CARDS))["papers.overdue"]["count"] == len(overdue)


def test_a_misspelt_card_is_told_at_start() -> None:
    assert check_cards(CARDS) == []
    wrong = [
        replace(CARDS[0], query={"period": "all", "payed": "pending"}),
        replace(CARDS[0], query={"payment": "nothing"}),
        replace(CARDS[0], query={"amount_from": "5", "issued_to": "never"}),
        replace(CARDS[0], sum="gross"),
    ]
    assert check_cards(wrong) == [
        "card 'papers.unpaid': list 'papers' does not understand payed",
        "card 'papers.unpaid': list 'papers' does not understand payment",
        "card 'papers.unpaid': list 'papers' does not understand issued_to",
        "card 'papers.unpaid': list 'papers' has no sum 'gross'",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"filters": (DateRange(key="sort", label=PAPERS.title, column=Paper.issued_on),)},
        {"filters": (*PAPERS.filters, PAPERS.filters[0])},
        {"filters": (DateRange(key="x-y", label=PAPERS.title, column=Paper.issued_on),)},
        {"default_sort": "states"},
        {"currency": None},
        {"columns": (*PAPERS.columns, PAPERS.columns[0])},
    ],
)
def test_a_list_that_cannot_work_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="list 'papers'"):
        replace(PAPERS, **changes)
