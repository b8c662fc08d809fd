"""Import runs, the quarantine, and lists as people export them."""

from __future__ import annotations

from typing import Any

import pytest

from core.contributions import ImportResult
from core.db import count_queries, fetch
from core.errors import NotFoundError, WrongStateError
from core.imports import (
    ImportRun,
    Sheet,
    SheetError,
    content_of,
    discard,
    earlier_problem,
    facts_of,
    load_problem,
    one_item,
    open_problems,
    quarantine,
    read_list,
    resolve,
    running,
)
from core.records.tables import Activity
from tests.portal_fixtures import Portal, World

HEADERS = {"name": ("nombre", "nom"), "tax_id": ("nif", "numéro de tva"), "amount": ("importe",)}


async def test_a_run_counts_what_became_of_its_items(portal: Portal) -> None:
    async with portal.work():
        async with running(kind="people", way="command") as run:
            for outcome in ("created", "created", "updated", "unchanged", "quarantined", "refused"):
                async with one_item():
                    await run.count(ImportResult(place="x", outcome=outcome))  # type: ignore[arg-type]  # one of them
        (kept,) = await ImportRun.objects()
        counts = (kept.created, kept.updated, kept.unchanged, kept.quarantined, kept.refused)
        assert counts == (2, 1, 1, 1, 1)
        assert kept.ended_at is not None
        assert await Activity.count().where(Activity.kind == "core.import_finished") == 1


async def test_what_was_done_before_a_failure_stays_and_the_run_is_over(portal: Portal) -> None:
    async def half(run: Any) -> None:
        async with one_item():
            await run.count(ImportResult(place="1", outcome="created"))
        async with one_item():
            await run.count(ImportResult(place="2", outcome="created"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with portal.work(), running(kind="people", way="command") as run:
            await half(run)
    async with portal.work():
        (kept,) = await ImportRun.objects()
        assert (kept.created, kept.ended_at is not None) == (1, True)


async def test_content_waits_once_until_somebody_decides(portal: Portal) -> None:
    async with portal.work(), running(kind="people", way="page") as run:
        first = await quarantine(run=run, place="a.csv", reason="one", data={"x": 1}, content=b"bytes")
        again = await quarantine(run=run, place="a.csv", reason="two", data={"x": 2}, content=b"bytes")
        other = await quarantine(run=run, place="a.csv", reason="one", data={}, content=b"bytes", part=1)
        assert first == again != other
        (newest, kept) = await open_problems(kind="people")
        assert (newest.id, kept.id, kept.reason, facts_of(kept)) == (other, first, "two", {"x": 2, "part": 0})
        assert await content_of(kept) == b"bytes"
        await discard(first)
        with pytest.raises(WrongStateError):
            await resolve(first, resolution="again")
        assert [each.id for each in await open_problems(kind="people")] == [other]


async def test_a_problem_is_of_one_kind_and_one_tenant(world: World) -> None:
    async with world.first.work(), running(kind="people", way="page") as run:
        problem = await quarantine(run=run, place="a.csv", reason="one", data={}, content=b"bytes")
        with pytest.raises(NotFoundError):
            await load_problem(problem, kind="invoices")
    async with world.second.work():
        with pytest.raises(NotFoundError):
            await load_problem(problem, kind="people")
        assert await open_problems(kind="people") == []


@pytest.mark.parametrize(
    "data",
    [
        "Nombre;NIF;Importe\nPeña;B1;1,50\n".encode(),
        "Nombre;NIF;Importe\nPeña;B1;1,50\n".encode("cp1252"),
        '\ufeffnombre,Nif,importe,otro\r\nPeña,B1,"1,50",z\r\n\r\n'.encode(),
        "NOM\tNuméro de TVA\timporte\nPeña\tB1\t1,50".encode(),
        "name|tax_id|amount\nPeña|B1|1,50".encode(),
    ],
)
def test_lists_are_read_as_people_export_them(data: bytes) -> None:
    sheet = read_list(data, headers=HEADERS)
    assert sheet == Sheet(("name", "tax_id", "amount"), ((2, {"name": "Peña", "tax_id": "B1", "amount": "1,50"}),))


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"a;b\n1;2\n", b'name\n"' + b"x" * 2_000_000])
def test_what_is_no_list_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(SheetError) as refused:
        read_list(data, headers=HEADERS)
    assert str(refused.value.message)


async def test_the_page_of_runs(portal: Portal) -> None:
    async with portal.work(), running(kind="people", way="command") as run, one_item():
        await run.count(ImportResult(place="x", outcome="quarantined"))
    page = await (await portal.browser(await portal.staff("pilar@obrador.test"))).get("/staff/imports")
    assert page.status_code == 200
    assert "Command" in page.text
    contact = await portal.browser(await portal.contact("ana@acme.test", await portal.customer("Acme SA")))
    assert (await contact.get("/staff/imports")).status_code in {403, 404}


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_what_a_file_was_before_is_found_by_its_content(world: World) -> None:
    """However many files were ever kept: each file of a delivery asks."""
    async with world.first.work():
        with count_queries(keep=True) as counter:
            await earlier_problem(kind="people", sha256="0" * 64)
        (sql,) = counter.statements or []
        plan = await fetch(f"EXPLAIN QUERY PLAN {sql.replace('?', '{}')}", *(["x"] * sql.count("?")))
    assert "ix_import_problem_content" in plan[0]["detail"]
