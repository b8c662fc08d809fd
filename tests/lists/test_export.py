from __future__ import annotations

import csv
import io
import os
import tempfile
import tracemalloc
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contributions import Reach
from core.errors import InvalidInputError, StaleError
from core.i18n import language_scope
from core.lists import export, export_selected, selected
from core.lists.sheets import CsvSheet, XlsxSheet
from core.people.actor import Actor
from core.text import is_dangerous
from tests.lists.sample import PAPERS, Office, contact, make_office, staff

Acting = Callable[[Actor], Any]
ALL = "period=all"


def everything(office: Office, active: UUID | None = None) -> Actor:
    places = ((customer, Reach.COMPANY) for customer in office.customers)
    return contact(office, office.people[0], *places, active=active)


def published(office: Office) -> list[dict[str, Any]]:
    return [row for row in office.papers if row["published_at"]]


async def content(made: Any) -> bytes:
    found = b"".join([chunk async for chunk in made.chunks()])
    assert not made.path.exists()
    return found


def sheet(data: bytes) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [tuple(cell.value for cell in row) for row in book.worksheets[0].iter_rows()]


def seconds_of(value: time | timedelta) -> float:
    """openpyxl reads `[h]:mm` as a time or a timedelta."""
    return (
        value.total_seconds() if isinstance(value, timedelta) else value.hour * 3600 + value.minute * 60 + value.second
    )


HEADERS = (
    "Number",
    "Subject",
    "Date",
    "Due",
    "Sent",
    "Company",
    "Project",
    "Total",
    "Hours",
    "Urgent",
    "State",
    "Currency",
)


async def test_a_sheet_holds_the_whole_filtered_list_typed_with_its_sums(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        made = await export(PAPERS, f"{ALL}&payment=paid&sort=number&after=x", actor, suffix="xlsx")
        rows = sheet(await content(made))
    expected = [row for row in published(office) if row["state"] == "paid"]
    expected.sort(key=lambda row: (row["number_folded"], row["id"]))
    assert made.rows == len(expected)
    assert rows[0] == HEADERS
    body = rows[1 : len(expected) + 1]
    assert [row[0] for row in body] == [row["number"] for row in expected]
    assert [row[2].date() for row in body] == [row["issued_on"] for row in expected]
    zone = actor.tenant.zone
    assert [row[4] for row in body] == [row["sent_at"].astimezone(zone).replace(tzinfo=None) for row in expected]
    digits = {"EUR": 100, "JPY": 1, "KWD": 1000}
    assert [row[7] for row in body] == [row["total"] / digits[row["currency"]] for row in expected]
    hours = [None if row[8] is None else round(seconds_of(row[8])) for row in body]
    assert hours == [row["seconds"] for row in expected]
    assert {row[9] for row in body} <= {"Yes", "No"}
    assert {row[10] for row in body} == {"paid"}
    sums = {row[-1]: row[7] for row in rows[len(expected) + 1 :] if row[-1]}
    assert sums == {
        currency: pytest.approx(sum(row["total"] for row in expected if row["currency"] == currency) / digits[currency])
        for currency in {row["currency"] for row in expected}
    }


async def test_texts_stay_texts_in_a_sheet(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        made = await export(PAPERS, ALL, actor, suffix="xlsx")
        book = openpyxl.load_workbook(io.BytesIO(await content(made)))
    cells = [row[1] for row in book.worksheets[0].iter_rows(min_row=2) if row[1].value == "=1+1"]
    assert cells
    assert {(cell.data_type, cell.quotePrefix) for cell in cells} == {("s", True)}


@pytest.mark.parametrize(("language", "separator", "amount"), [("en", ",", "123.45"), ("es", ";", "123,45")])
async def test_csv_opens_in_the_readers_spreadsheet(
    office: Office, acting: Acting, language: str, separator: str, amount: str
) -> None:
    actor = everything(office)
    async with acting(actor):
        with language_scope(language):
            made = await export(PAPERS, ALL, actor, suffix="csv")
        data = await content(made)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=separator))
    assert {len(row) for row in rows} == {12}
    assert len(rows) == len(published(office)) + 1
    assert amount in {row[7] for row in rows}
    assert "'=1+1" in {row[1] for row in rows}
    assert "=1+1" not in {row[1] for row in rows}
    assert {row[8] for row in rows[1:]} <= {"", "0:30", "7:30"}


DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@given(st.text())
def test_only_plain_numbers_may_begin_like_a_formula(text: str) -> None:
    number = (
        text[:1] in "+-"
        and text[1:].replace(",", "", 1).replace(".", "", 1).isascii()
        and any(c.isdigit() for c in text)
    )
    if is_dangerous(text):
        assert text.startswith(DANGEROUS)
    elif text.startswith(DANGEROUS):
        assert number


@pytest.mark.parametrize("text", ["-5", "+34", "-1,5", "+0.25"])
def test_numbers_are_left_alone(text: str) -> None:
    assert not is_dangerous(text)


@pytest.mark.parametrize("text", ["-", "+1+1", "-1-2", "=1", "+34 600 000 000", "@SUM(1)", "-5\n=1", "＝1", "+٣"])
def test_formulas_are_seen(text: str) -> None:
    assert is_dangerous(text)


async def test_a_selection_is_exactly_the_ticked_rows_within_reach(office: Office, acting: Acting) -> None:
    actor = contact(office, office.people[0], (office.customers[0], Reach.COMPANY))
    mine = [row for row in published(office) if row["customer"] == office.customers[0]]
    hidden = next(row for row in office.papers if row["customer"] == office.customers[0] and not row["published_at"])
    foreign = next(row for row in published(office) if row["customer"] == office.customers[1])
    other = await make_office(8, papers=9)
    wanted = [mine[4]["id"], mine[0]["id"]]
    asked = [*wanted, hidden["id"], foreign["id"], other.papers[0]["id"], uuid4()]
    form = [("id", str(each)) for each in [*asked, wanted[0], "nonsense"]]
    async with acting(actor):
        assert await selected(PAPERS, form, "for=all", actor) == wanted
        rows = sheet(await content(await export_selected(PAPERS, form, "payment=paid&for=all", actor)))
        numbers = sorted(row["number"] for row in mine if row["id"] in wanted)
        assert sorted(row[0] for row in rows[1:3]) == numbers
        assert all(row[0] in {"Total", None} for row in rows[3:])


async def test_all_that_match_are_those_of_the_state_in_the_url(office: Office, acting: Acting) -> None:
    actor = everything(office)
    paid = {row["id"] for row in published(office) if row["state"] == "paid"}
    query = f"{ALL}&payment=paid&for=all"
    async with acting(actor):
        assert set(await selected(PAPERS, {"all": "1", "id": str(uuid4())}, query, actor)) == paid
        made = await export_selected(PAPERS, {"all": "1"}, query, actor)
        assert made.rows == len(paid)
        made.remove()


async def test_nothing_ticked_is_said_in_words(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        assert await selected(PAPERS, {}, "", actor) == []
        with pytest.raises(InvalidInputError, match="Tick at least one row"):
            await export_selected(PAPERS, {"id": "nonsense"}, "", actor)


async def test_a_page_for_another_customer_is_stale(office: Office, acting: Acting) -> None:
    actor = everything(office, active=office.customers[1])
    async with acting(actor):
        for shown in ("all", office.customers[0].hex):
            with pytest.raises(StaleError):
                await selected(PAPERS, {"all": "1"}, f"{ALL}&for={shown}", actor)
            with pytest.raises(StaleError):
                await export_selected(PAPERS, {"all": "1"}, f"{ALL}&for={shown}", actor)
        rows = await selected(PAPERS, {"all": "1"}, f"{ALL}&for={office.customers[1].hex}", actor)
    assert set(rows) == {row["id"] for row in published(office) if row["customer"] == office.customers[1]}


async def test_files_are_removed_when_writing_fails(
    office: Office, acting: Acting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    actor = everything(office)
    async with acting(actor):
        for kind, suffix in ((CsvSheet, "csv"), (XlsxSheet, "xlsx")):
            monkeypatch.setattr(kind, "write", fail)
            with pytest.raises(RuntimeError, match="disk full"):
                await export(PAPERS, ALL, actor, suffix=suffix)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 -- nothing else is awaited here


async def test_memory_stays_flat(papers_database: Any, acting: Acting, dialect: str) -> None:
    """20,000 rows take about as much memory as 2,000, but for what core.db keeps of ids, which is bounded."""
    peaks = []
    for seed, number in ((11, 2_000), (12, 20_000)):
        office = await make_office(seed, papers=number)
        office.papers.clear()
        actor = staff(office)
        async with acting(actor):
            tracemalloc.start()
            made = await export(PAPERS, ALL, actor, suffix="csv")
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert made.rows == number
            made.remove()
    assert peaks[1] < peaks[0] + 8_000_000
