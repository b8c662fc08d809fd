"""A reader says which columns of a list she sees; the sheet holds exactly these."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from core.contributions import Reach
from core.errors import NotFoundError, NotPermittedError
from core.lists import export, list_view
from core.lists.choosing import choose_columns, moved_down, moved_up
from core.lists.spec import Column
from core.people.actor import Actor
from core.people.tables import Person
from tests.lists.sample import PAPERS, SEE, Office, contact

Acting = Callable[[Actor], Any]
ALL = "period=all"
STANDARD = [column.key for column in PAPERS.columns if column.page]
WHOLE = [str(column.label) for column in PAPERS.columns] + ["Currency"]


def reader(office: Office, *keys: str, **more: Any) -> Actor:
    text = msgspec.json.encode({"papers": keys, "others": ["x"]}).decode() if keys else "{}"
    actor = contact(office, office.people[0], *((customer, Reach.COMPANY) for customer in office.customers))
    return replace(actor, shown_columns=text, **more)


async def headers(made: Any) -> list[str]:
    data = b"".join([chunk async for chunk in made.chunks()])
    return next(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ((), STANDARD),
        (("states", "number", "sent_at"), ["states", "number", "sent_at"]),
        (("sent_at", "total"), ["number", "sent_at", "total"]),
        (("gone", "total", "urgent"), ["number", "total", "urgent"]),
        (("gone", "gone_too"), STANDARD),
        (("number",), ["number"]),
    ],
)
async def test_the_page_shows_what_was_chosen(
    office: Office, acting: Acting, keys: tuple[str, ...], shown: list[str]
) -> None:
    actor = reader(office, *keys)
    async with acting(actor):
        view = await list_view(PAPERS, f"{ALL}&sort=due_on", actor)
        assert [column["key"] for column in view["columns"]] == shown
        assert all(key in row for row in view["rows"] for key in shown)
        panel = view["choose"].facts
        assert [column["key"] for column in panel["columns"] if column["shown"]] == shown
        assert {column["key"] for column in panel["columns"]} == {column.key for column in PAPERS.columns}
        assert [column["key"] for column in panel["columns"] if column["fixed"]] == ["number"]
        assert panel["chosen"] == (shown != STANDARD) == ("whole" in view["export_urls"])
        narrow = await list_view(PAPERS, ALL, actor, without={"total", "project_name"})
        assert [column["key"] for column in narrow["columns"]] == [
            key for key in shown if key not in {"total", "project_name"}
        ]
        assert not {"total", "project_name"}.intersection(column["key"] for column in narrow["choose"].facts["columns"])


async def test_files_hold_what_was_chosen_unless_all_is_asked_for(office: Office, acting: Acting) -> None:
    standard, own = reader(office), reader(office, "states", "gone", "sent_at")
    async with acting(own):
        view = await list_view(PAPERS, ALL, own)
        asked = view["export_urls"]["whole"].partition("?")[2]
        assert await headers(await export(PAPERS, ALL, own, suffix="csv")) == ["Number", "State", "Sent"]
        assert await headers(await export(PAPERS, asked, own, suffix="csv")) == WHOLE
        ids = [row["id"] for row in office.papers][:3]
        assert await headers(await export(PAPERS, "", own, suffix="csv", ids=ids, whole=True)) == WHOLE
    async with acting(standard):
        assert await headers(await export(PAPERS, ALL, standard, suffix="csv")) == WHOLE


async def test_a_column_that_a_reader_may_not_see_is_nowhere(office: Office, acting: Acting) -> None:
    hidden = tuple(
        replace(column, seen_by=lambda actor: actor.is_staff) if column.key in {"total", "sent_at"} else column
        for column in PAPERS.columns
    )
    secret = replace(PAPERS, columns=hidden)
    for actor in (reader(office), reader(office, "number", "total", "sent_at", "subject")):
        async with acting(actor):
            view = await list_view(secret, ALL, actor)
            assert not {"total", "sent_at"}.intersection(
                [column["key"] for column in view["columns"]]
                + [column["key"] for column in view["choose"].facts["columns"]]
            )
            assert "total" not in {key for row in view["rows"] for key in row}
            for whole in (False, True):
                found = await headers(await export(secret, ALL, actor, suffix="csv", whole=whole))
                assert not {"Total", "Sent", "Currency"}.intersection(found)


async def test_the_choice_is_kept_with_the_person(office: Office, acting: Acting) -> None:
    actor = reader(office, "total")

    async def kept() -> Any:
        (row,) = await Person.select(Person.shown_columns).where(Person.id == actor.person)
        return msgspec.json.decode(row["shown_columns"])

    async with acting(actor):
        await choose_columns(view=PAPERS, keys=["states", "gone", "number", "states", "<b>"], by=actor)
        assert await kept() == {"others": ["x"], "papers": ["states", "number"]}
        await choose_columns(view=PAPERS, keys=None, by=actor)
        assert await kept() == {"others": ["x"]}
        with pytest.raises(NotPermittedError):
            await choose_columns(view=PAPERS, keys=[], by=replace(actor, viewed_by=office.people[1]))
        with pytest.raises(NotFoundError):
            await choose_columns(view=PAPERS, keys=[], by=replace(actor, person=None))
        nobody = replace(actor, places=())
        assert not nobody.can(SEE)
        with pytest.raises(NotPermittedError):
            await choose_columns(view=PAPERS, keys=[], by=nobody)
        assert await kept() == {"others": ["x"]}
        watching = await list_view(PAPERS, ALL, replace(actor, viewed_by=office.people[1]))
        assert ([column["key"] for column in watching["columns"]], watching["choose"]) == (["number", "total"], None)


def test_one_step_up_or_down() -> None:
    keys = ["a", "b", "c"]
    assert [moved_up(keys, key) for key in ("a", "b", "c", "x")] == [keys, ["b", "a", "c"], ["a", "c", "b"], keys]
    assert [moved_down(keys, key) for key in ("a", "b", "c", "x")] == [["b", "a", "c"], ["a", "c", "b"], keys, keys]
    assert keys == ["a", "b", "c"]


def test_a_filter_cannot_take_the_name_of_the_choice() -> None:
    with pytest.raises(ValueError, match="'columns'"):
        replace(PAPERS, filters=(replace(PAPERS.filters[0], key="columns"),))
    assert Column(key="a", label=PAPERS.title).seen_by is None
