"""What goes in comes out, with the same Python types on both databases."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from piccolo.columns import BigInt
from piccolo.query.functions import Max, Min, Sum

from core.db import (
    Database,
    P,
    Table,
    UnstorableTextError,
    autonomous,
    count_queries,
    create_table,
    execute,
    fetch,
    fetch_one,
    insert_many,
    long_reads,
    query_count,
    request_scope,
    statement,
    stream,
    transaction,
    uuid7,
)
from tests.db.sample import Invoice, Office, Tenant


class Money(Table, tablename="money"):
    amount = BigInt()


DAY = dt.date(2026, 2, 28)
NOON = dt.datetime(2026, 2, 28, 12, 0, tzinfo=dt.UTC)


def plain(value: Any) -> tuple[type, Any]:
    kind = uuid.UUID if isinstance(value, uuid.UUID) else type(value)
    return kind, value


@pytest.fixture
async def invoice(offices: tuple[Office, Office]) -> dict[str, Any]:
    office = offices[0]
    values = {
        "id": office.invoice,
        "tenant": office.tenant,
        "customer": office.customer,
        "number": "1",
        "gross": 2**62,
        "paid": True,
        "issued_on": DAY,
        "due_on": None,
        "created_at": NOON.replace(microsecond=5),
        "extra": '{"n":5.0}',
    }
    async with request_scope(tenant=office.tenant), transaction():
        await Invoice.update({Invoice._meta.get_column_by_name(name): value for name, value in values.items()}).where(
            Invoice.id == office.invoice
        )
    return values


async def test_values_are_the_same_whichever_way_they_are_read(invoice: dict[str, Any]) -> None:
    expected = {name: plain(value) for name, value in invoice.items()}
    compiled = statement("types", lambda: Invoice.select().where(Invoice.id == P("id")))

    async def ways() -> list[dict[str, Any]]:
        found = await Invoice.objects().get(Invoice.id == invoice["id"])
        assert found is not None
        return [
            await Invoice.select().where(Invoice.id == invoice["id"]).first(),
            await compiled.first(id=invoice["id"]),
            await fetch_one("SELECT * FROM invoice WHERE id = {}", invoice["id"]),
            (
                await Invoice.update({Invoice.gross: invoice["gross"]})
                .where(Invoice.id == invoice["id"])
                .returning(*Invoice._meta.columns)
            )[0],
            {name: getattr(found, name) for name in invoice},
            [row async for rows in stream(Invoice.select().where(Invoice.id == invoice["id"])) for row in rows][0],  # noqa: RUF015 -- a row, not the first of many
        ]

    async with request_scope(tenant=invoice["tenant"]):
        outside = await ways()
        with long_reads():
            threaded = await ways()
        async with transaction():
            inside = await ways()
        async with autonomous():
            apart = await compiled.first(id=invoice["id"])
    for row in [*outside, *threaded, *inside, apart]:
        assert {name: plain(value) for name, value in (row or {}).items()} == expected


async def test_instances_come_back_with_keys_not_text(tables: Database) -> None:
    row = Tenant(name="a")
    made = row.id
    await row.save()
    assert plain(row.id) == (uuid.UUID, made)
    row.name = "b"
    await row.save()
    assert await Tenant.select(Tenant.id, Tenant.name) == [{"id": made, "name": "b"}]


async def test_compiled_aggregates_convert_like_their_columns(invoice: dict[str, Any]) -> None:
    async with request_scope(tenant=invoice["tenant"]):
        row = await statement(
            "aggregates",
            lambda: Invoice.select(
                Max(Invoice.created_at).as_alias("last"),
                Min(Invoice.issued_on).as_alias("first"),
                Sum(Invoice.gross).as_alias("gross"),
            ).where(Invoice.id == P("id")),
        ).first(id=invoice["id"])
    assert row == {"last": invoice["created_at"], "first": DAY, "gross": 2**62}
    assert type(row["gross"]) is int


async def test_joined_columns_convert(invoice: dict[str, Any]) -> None:
    async with request_scope(tenant=invoice["tenant"]):
        row = await statement(
            "joined",
            lambda: Invoice.select(Invoice.customer.id.as_alias("customer"), Invoice.customer.tenant).where(
                Invoice.id == P("id")
            ),
        ).first(id=invoice["id"])
    assert row == {"customer": invoice["customer"], "customer.tenant": invoice["tenant"]}


async def test_json_that_looks_like_a_number_stays_text(invoice: dict[str, Any]) -> None:
    for text in ("5", "5.0", "1e3", "true", '"x"', "null", "[1]"):
        async with request_scope(tenant=invoice["tenant"]):
            await execute("UPDATE invoice SET extra = {} WHERE id = {}", text, invoice["id"])
            assert await fetch("SELECT extra FROM invoice WHERE id = {}", invoice["id"]) == [{"extra": text}]


async def test_structures_are_written_as_json(invoice: dict[str, Any]) -> None:
    async with request_scope(tenant=invoice["tenant"]):
        await execute("UPDATE invoice SET extra = {} WHERE id = {}", {"a": [1]}, invoice["id"])
        (row,) = await Invoice.select(Invoice.extra).where(Invoice.id == invoice["id"]).output(load_json=True)
    assert row == {"extra": {"a": [1]}}


async def test_other_zones_are_stored_as_utc(invoice: dict[str, Any]) -> None:
    there = dt.timezone(dt.timedelta(hours=-3))
    async with request_scope(tenant=invoice["tenant"]):
        await Invoice.update({Invoice.created_at: NOON.astimezone(there)}).where(Invoice.id == invoice["id"])
        assert await fetch("SELECT created_at FROM invoice WHERE created_at = {}", NOON) == [{"created_at": NOON}]


async def test_instants_sort_with_and_without_fractions(tables: Database) -> None:
    moments = [NOON + dt.timedelta(microseconds=step) for step in (0, 1, 500_000, 999_999, 1_000_000)]
    async with request_scope(bypass=True), transaction():
        await create_table("moment", columns={"id": "bigint", "at": "timestamptz"})
        for number, moment in enumerate(reversed(moments)):
            await execute("INSERT INTO moment (id, at) VALUES ({}, {})", number, moment)
    assert [row["at"] for row in await fetch("SELECT at FROM moment ORDER BY at")] == moments
    assert await fetch("SELECT count(*) AS n FROM moment WHERE at > {}", NOON) == [{"n": 4}]


@pytest.mark.parametrize("value", [NOON.replace(tzinfo=None), Decimal("0.10"), 0.5])
async def test_what_would_lose_meaning_is_refused(tables: Database, value: object) -> None:
    with pytest.raises(TypeError):
        await fetch("SELECT {} AS value", value)


async def test_a_text_with_nul_is_refused_alike(tables: Database) -> None:
    with pytest.raises(UnstorableTextError):
        await fetch("SELECT {} AS value", "a\x00b")


async def test_enums_bind_their_value(invoice: dict[str, Any]) -> None:
    class Number(enum.Enum):
        ONE = "1"

    async with request_scope(tenant=invoice["tenant"]):
        found = await fetch("SELECT id FROM invoice WHERE number = {} AND id = {}", Number.ONE, invoice["id"])
    assert found == [{"id": invoice["id"]}]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(-(2**52), 2**52), min_size=1, max_size=40))
async def test_sums_of_money_are_exact_integers(tables: Database, amounts: list[int]) -> None:
    async with request_scope(bypass=True):
        await execute("DROP TABLE IF EXISTS money")
        async with transaction():
            await create_table("money", columns={"amount": "bigint"})
        await Money.insert(*(Money(amount=amount) for amount in amounts))
        (row,) = await fetch("SELECT sum(amount) AS total FROM money")
        assert (row["total"], type(row["total"])) == (sum(amounts), int)
        assert await Money.select(Sum(Money.amount)) == [{"sum": sum(amounts)}]


async def test_many_rows_at_once_all_or_none(tables: Database) -> None:
    known = uuid7()
    await insert_many(Tenant, [{"id": known, "name": "a"}, *({"name": str(n)} for n in range(2_000))])
    assert await Tenant.count() == 2_001
    with pytest.raises(Exception, match=r"(?i)unique"):
        await insert_many(Tenant, [{"name": "lost"}, {"id": known, "name": "again"}])
    assert await Tenant.count() == 2_001
    await insert_many(Tenant, [])


async def test_statements_are_counted(tables: Database) -> None:
    with count_queries(keep=True) as outer:
        async with request_scope():
            await Tenant.count()
            async with transaction():
                async with transaction():
                    await fetch("SELECT 1 AS one")
                await Tenant(name="x").save()
            assert query_count() == 3
        assert query_count() == 3
    assert outer.value == 3
    assert outer.statements is not None
    assert [sql.split()[0] for sql in outer.statements] == ["SELECT", "SELECT", "INSERT"]
    assert query_count() == 0


async def test_stream_reads_in_portions(tables: Database) -> None:
    await insert_many(Tenant, [{"name": str(n)} for n in range(25)])
    assert [len(rows) async for rows in stream(Tenant.select(), size=10)] == [10, 10, 5]
    async with request_scope(), transaction():
        assert [len(rows) async for rows in stream("SELECT id FROM tenant", size=10)] == [10, 10, 5]
    async with await Tenant.select().batch(batch_size=20) as batch:
        assert [len(rows) async for rows in batch] == [20, 5]


def test_keys_rise_and_are_version_seven() -> None:
    keys = [uuid7() for _ in range(10_000)]
    assert keys == sorted(keys)
    assert len(set(keys)) == 10_000
    assert {(key.version, key.variant) for key in keys} == {(7, uuid.RFC_4122)}
    made = (keys[0].int >> 80) / 1000
    assert abs(made - dt.datetime.now(dt.UTC).timestamp()) < 5
