"""Totals of a list, and the counts of its choices."""

from __future__ import annotations

import pytest

from core.db import Database, forget_statements
from core.lists import query
from core.lists import totals as module
from core.lists.reading import Reading
from core.lists.totals import read_totals
from tests.lists.asking import ALL, Acting, everything, ids, published, state_of
from tests.lists.sample import (
    PAPERS,
    Office,
    Paper,
    make_office,
)


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


async def test_counts_are_capped(papers_database: Database, acting: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAP", 10)
    monkeypatch.setattr(query.matching, "__kwdefaults__", {"choices": True, "limit": 11})
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


async def test_what_was_more_than_is_counted_is_counted_again_when_it_is_less(
    papers_database: Database, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CAP", 10)
    monkeypatch.setattr(query.matching, "__kwdefaults__", {"choices": True, "limit": 11})
    forget_statements()
    office = await make_office(4, papers=30)
    actor = everything(office)
    async with acting(actor):
        ways = [ALL, f"{ALL}&payment=partial", f"{ALL}&payment=paid", f"{ALL}&payment=pending"]
        readings = [Reading.of(PAPERS, state_of(way, actor), actor) for way in ways]
        first = [await read_totals(reading) for reading in readings]
        assert {totals.capped for totals in first} == {True, False}
        assert [await read_totals(reading) for reading in readings] == first
        kept = [row["id"] for row in published(office)][:9]
        await Paper.delete().where(Paper.id.not_in(kept))
        fewer = [await read_totals(Reading.of(PAPERS, state_of(way, actor), actor)) for way in ways]
        assert not any(totals.capped for totals in fewer)
        assert fewer[0].count == 9
        assert [await read_totals(reading) for reading in readings] == fewer
    forget_statements()
