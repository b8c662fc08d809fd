"""Statements compiled once say what the built ones say, and refuse what they would bake in."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial

import pytest
from piccolo.query.functions import Count
from piccolo.querystring import QueryString

from core.db import (
    Database,
    P,
    StatementError,
    ambient,
    building,
    each,
    fetch,
    insert_many,
    request_scope,
    statement,
    uuid7,
)
from core.db import statements as module
from tests.db.sample import Customer, Invoice, Office, Tenant


async def test_the_same_rows_as_the_built_query(offices: tuple[Office, Office]) -> None:
    mine, other = offices
    built_times = 0

    def build() -> object:
        nonlocal built_times
        built_times += 1
        return (
            Invoice.select(Invoice.id, Invoice.number, Invoice.customer.name.as_alias("customer"))
            .where(
                (Invoice.tenant == P("tenant"))
                & (Invoice.gross >= P("least"))
                & ((Invoice.number == P("number")) | Invoice.number.like(P("like")))
                & Invoice.id.is_in(each("ids"))
                & (Invoice.paid == False)  # noqa: E712 -- becomes SQL
            )
            .order_by(Invoice.issued_on, Invoice.id)
            .limit(20)
        )

    for office in (*offices, *offices):
        async with request_scope(tenant=office.tenant):
            rows = await statement(("same", 20), build).run(
                tenant=office.tenant, least=1, number="1", like="x%", ids=[mine.invoice, other.invoice, uuid7()]
            )
            expected = await (
                Invoice.select(Invoice.id, Invoice.number, Invoice.customer.name.as_alias("customer"))
                .where((Invoice.tenant == office.tenant) & Invoice.id.is_in([mine.invoice, other.invoice]))
                .order_by(Invoice.issued_on, Invoice.id)
            )
        assert rows == expected
        assert len(rows) == 1
    assert built_times == 1


async def test_writes(offices: tuple[Office, Office]) -> None:
    mine = offices[0]
    insert = statement(
        "customer:insert",
        lambda: Customer.insert(Customer(id=P("id"), tenant=P("tenant"), name=P("name"))).returning(Customer.id),
    )
    update = statement(
        "invoice:extra",
        lambda: (
            Invoice.update({Invoice.extra: P("extra"), Invoice.due_on: P("due")})
            .where(Invoice.id == P("id"))
            .returning(Invoice.extra, Invoice.due_on)
        ),
    )
    delete = statement("customer:delete", lambda: Customer.delete().where(Customer.id == P("id")))
    async with request_scope(tenant=mine.tenant):
        key = uuid7()
        assert await insert.run(id=key, tenant=mine.tenant, name="new") == [{"id": key}]
        day = dt.date(2026, 3, 1)
        assert await update.run(id=mine.invoice, extra='{"a":1}', due=day) == [{"extra": '{"a":1}', "due_on": day}]
        (row,) = await update.run(id=mine.invoice, extra={"a": [1, 2]}, due=None)
        assert (json.loads(row["extra"]), row["due_on"]) == ({"a": [1, 2]}, None)
        await delete.run(id=key)
        assert await Customer.exists().where(Customer.id == key) is False


async def test_other_shapes(offices: tuple[Office, Office]) -> None:
    mine = offices[0]
    async with request_scope(tenant=mine.tenant):
        assert await statement("n", lambda: Invoice.count().where(Invoice.tenant == P("t"))).value(t=mine.tenant) == 1
        assert await statement(
            "grouped",
            lambda: Invoice.select(Invoice.paid, Count()).where(Invoice.tenant == P("t")).group_by(Invoice.paid),
        ).run(t=mine.tenant) == [{"paid": False, "count": 1}]
        raw = statement(
            "raw", lambda: QueryString("SELECT id, gross FROM invoice WHERE id = {} AND 'a' = {}", P("id"), "a")
        )
        assert await raw.run(id=mine.invoice) == [{"id": mine.invoice, "gross": 100}]
        assert await raw.first(id=uuid7()) is None
        assert await raw.value(id=uuid7()) is None
        loaded = statement(
            "json", lambda: Invoice.select(Invoice.extra).where(Invoice.id == P("id")).output(load_json=True)
        )
        assert await loaded.run(id=mine.invoice) == [{"extra": {}}]
        kept = await statement("kept", lambda: Invoice.select(Invoice.id).where(Invoice.id == P("id"))).run_raw(
            id=mine.invoice
        )
        assert str(kept[0]["id"]) == str(mine.invoice)


async def test_lists_of_any_length_and_type(tables: Database) -> None:
    await insert_many(Tenant, [{"name": name} for name in "abc"])
    by_name = statement(
        "names",
        lambda: Tenant.select(Tenant.name).where(Tenant.name.is_in(each("names", "text"))).order_by(Tenant.name),
    )
    assert await by_name.run(names=["a", "c", "x"]) == [{"name": "a"}, {"name": "c"}]
    assert await by_name.run(names=[]) == []
    with pytest.raises(StatementError, match="each"):
        Tenant.name.is_in(P("names"))  # type: ignore[arg-type]  # what it refuses


@pytest.mark.parametrize("value", [uuid7(), dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)])
async def test_values_of_this_call_are_not_baked_in(tables: Database, value: object) -> None:
    with pytest.raises(StatementError, match="baked"):
        await statement("baked", lambda: Tenant.select().where(Tenant.id == value)).run()


async def test_names_must_match(tables: Database) -> None:
    one = statement(
        "one", lambda: Tenant.select().where((Tenant.name == P("name")) & (Tenant.id == P("id", nullable=True)))
    )
    with pytest.raises(StatementError, match="needs a value for 'name'"):
        await one.run(id=uuid7())
    with pytest.raises(StatementError, match="no place for nme"):
        await one.run(id=uuid7(), name="x", nme="x")
    with pytest.raises(StatementError, match="nothing equals NULL"):
        await one.run(id=uuid7(), name=None)
    assert await one.run(id=None, name="x") == []


async def test_ambient_values(offices: tuple[Office, Office], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ambient", {})
    here = offices[0].tenant
    ambient("tenant", lambda: here)
    seen: list[bool] = []

    def build() -> object:
        seen.append(building())
        return Invoice.select(Invoice.id).where(Invoice.tenant == P("tenant"))

    found = statement("ambient", build)
    for office in offices:
        here = office.tenant
        async with request_scope(tenant=office.tenant):
            assert await found.run() == [{"id": office.invoice}]
    assert (seen, building()) == ([True], False)


async def test_the_cache_is_bounded(tables: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CACHE_SIZE", 5)
    for limit in range(1, 20):
        await statement(("bounded", limit), partial(Tenant.select().limit, limit)).run()
    assert len(module._caches[tables.dialect]) == 5


async def test_each_database_has_its_own_text(tables: Database) -> None:
    found = statement("text", lambda: Tenant.select(Tenant.id).where(Tenant.name == P("name")))
    assert ("?" if tables.dialect == "sqlite" else "$1") in found.compiled(tables).sql
    assert await fetch("SELECT 1 AS one") == [{"one": 1}]
