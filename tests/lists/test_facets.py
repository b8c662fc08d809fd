from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.contributions import Reach
from core.lists import cards_statement, list_view
from core.people.actor import Actor
from tests.lists.sample import CARDS, PAPERS, Office, Paper, contact, staff

Acting = Callable[[Actor], Any]
FACETTED = replace(PAPERS, key="papers.facetted", facets=(Paper.state,))
BELL = ("bell", "SELECT count(*) FROM person WHERE tenant = {} AND given_name = {}")


@pytest.mark.parametrize(
    "query",
    [
        "period=all",
        "",
        "period=all&payment=pending",
        "period=all&payment=pending&payment=paid",
        "period=all&due=overdue",
        "period=all&due=soon&payment=partial",
        "period=all&q=nothing-of-this-name",
        "period=all&q=a&payment=paid",
    ],
)
async def test_rows_grouped_by_facets_first_are_counted_as_without(office: Office, acting: Acting, query: str) -> None:
    everywhere = [(customer, Reach.COMPANY) for customer in office.customers]
    for actor in (
        contact(office, office.people[0], *everywhere),
        contact(office, office.people[1], (office.customers[0], Reach.OWN)),
        contact(office, office.people[0], (office.customers[0], Reach.PROJECTS), (office.customers[2], Reach.COMPANY)),
        staff(office),
    ):
        async with acting(actor):
            plain, facetted = await list_view(PAPERS, query, actor), await list_view(FACETTED, query, actor)
        assert {**facetted, "key": "papers", "choose": plain["choose"]} == plain


async def test_badges_say_what_cards_say_without_their_sums(office: Office, acting: Acting) -> None:
    everywhere = [(customer, Reach.COMPANY) for customer in office.customers]
    for actor in (contact(office, office.people[0], *everywhere), staff(office)):
        async with acting(actor):
            cards = await cards_statement(actor, CARDS, extra=[(*BELL, (office.id, "P"))])
            badges = await cards_statement(actor, [], extra=[(*BELL, (office.id, "P"))], badges=CARDS)
            both = await cards_statement(actor, CARDS, badges=CARDS)
        assert both == {key: card for key, card in cards.items() if key != "bell"}
        assert badges.pop("bell") == cards.pop("bell") == 2
        assert badges.keys() == cards.keys()
        assert actor.is_staff or any(card["amount"] for card in cards.values())
        for key, card in cards.items():
            assert (badges[key]["badge"], badges[key]["amount"]) == (card["badge"], None)


async def test_readers_of_the_same_address_get_their_own_rights_and_language(office: Office, acting: Acting) -> None:
    place = (office.customers[0], Reach.COMPANY)
    first = contact(office, office.people[0], place, (office.customers[1], Reach.COMPANY))
    both = (place, (office.customers[1], Reach.COMPANY))
    narrowed = contact(office, office.people[0], *both, active=office.customers[1])
    shown = {}
    for name, actor in (("all", first), ("one", narrowed), ("again", first)):
        async with acting(actor):
            shown[name] = await list_view(PAPERS, "period=all", actor)
    assert shown["all"] == shown["again"]
    assert {action["url"].rpartition("for=")[2] for action in shown["all"]["actions"]} == {"all"}
    assert {action["url"].rpartition("for=")[2] for action in shown["one"]["actions"]} == {office.customers[1].hex}
    assert shown["one"]["total"]["count"] < shown["all"]["total"]["count"]
