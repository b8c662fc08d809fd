"""Payments: states at their boundaries, each payment once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import later, now
from core.sdk import errors
from core.tenancy.snapshot import raise_version
from core.tenancy.tables import Tenant
from plugins.invoices.services import PaymentConflictError, record_payment, set_paid
from plugins.invoices.states import DueState, PaymentState, due_state, payment_state, signed
from plugins.invoices.tables import Payment
from tests.plugins.invoices.made import activities, deliver_ubl, stored
from tests.portal_fixtures import Portal

DAY = date(2026, 11, 20)


@pytest.fixture
async def one(portal: Portal) -> Any:
    await portal.customer("Acme SA", tax_id="A58818501")
    async with portal.work():
        return (await deliver_ubl()).invoice


@pytest.mark.parametrize(
    ("amounts", "state", "due"),
    [
        ([], "pending", 121_000),
        ([1], "partial", 120_999),
        ([120_999], "partial", 1),
        ([121_000], "collected", 0),
        ([100_000, 21_000], "collected", 0),
        ([121_001], "collected", -1),
    ],
)
async def test_the_state_follows_the_cents(portal: Portal, one: Any, amounts: list[int], state: str, due: int) -> None:
    async with portal.work():
        for amount in amounts:
            await record_payment(invoice=one, amount=amount, paid_on=DAY)
        (found,) = await stored()
    assert (found.payment_state, found.due, found.signed_due, found.paid) == (state, due, due, sum(amounts))
    assert found.version == 1 + len(amounts)


async def test_a_payment_with_its_key_counts_once(portal: Portal, one: Any) -> None:
    async with portal.work():
        for _ in range(3):
            await record_payment(invoice=one, amount=1_000, paid_on=DAY, external_id="bank-1")
        (found,) = await stored()
        assert (found.paid, found.version) == (1_000, 2)
        assert len(await activities("invoices.payment_recorded")) == 1
        with pytest.raises(PaymentConflictError):
            await record_payment(invoice=one, amount=1_001, paid_on=DAY, external_id="bank-1")
        other = (await deliver_ubl("F-2")).invoice
        with pytest.raises(PaymentConflictError):
            await record_payment(invoice=other, amount=1_000, paid_on=DAY, external_id="bank-1")  # type: ignore[arg-type]  # it is there


async def test_payments_at_once_all_count(portal: Portal, one: Any) -> None:
    async def pay(key: str) -> None:
        async with portal.work():
            await record_payment(invoice=one, amount=10_000, paid_on=DAY, external_id=key)

    await asyncio.gather(*(pay(f"bank-{number}") for number in (1, 2, 3, 1)))
    async with portal.work():
        (found,) = await stored()
    assert (found.paid, found.due, found.payment_state) == (30_000, 91_000, "partial")


@pytest.mark.parametrize("amount", [0, -1, 10**16])
async def test_what_is_no_amount_is_refused(portal: Portal, one: Any, amount: int) -> None:
    async with portal.work():
        with pytest.raises(errors.InvalidInputError):
            await record_payment(invoice=one, amount=amount, paid_on=DAY)


async def test_an_unknown_invoice_takes_no_payment(portal: Portal, one: Any) -> None:
    async with portal.work():
        with pytest.raises(errors.NotFoundError):
            await record_payment(invoice=uuid4(), amount=1, paid_on=DAY)


async def test_the_total_paid_as_other_systems_say_it(portal: Portal, one: Any) -> None:
    async with portal.work():
        for paid in (21_000, 21_000, 121_000, 1_000):
            await set_paid(invoice=one, paid=paid)
        (found,) = await stored()
        assert (found.paid, found.due, found.payment_state, found.version) == (1_000, 120_000, "partial", 4)
        assert len(await activities("invoices.payment_recorded")) == 3


async def test_a_credit_note_is_settled(portal: Portal) -> None:
    await portal.customer("Acme SA", tax_id="A58818501")
    async with portal.work():
        credit = (await deliver_ubl("R-1", credit_note=True)).invoice
        await record_payment(invoice=credit, amount=21_000, paid_on=DAY)  # type: ignore[arg-type]  # it is there
        (found,) = await stored()
        assert (found.payment_state, found.signed_due) == ("partial", -100_000)
        await record_payment(invoice=credit, amount=100_000, paid_on=DAY)  # type: ignore[arg-type]  # as above
        (found,) = await stored()
        assert (found.payment_state, found.signed_due) == ("collected", 0)


async def test_another_tenants_invoice_takes_no_payment(world: Any, one: Any) -> None:
    async with world.second.work():
        with pytest.raises(errors.NotFoundError):
            await record_payment(invoice=one, amount=1, paid_on=DAY)


# -- the two axes ----------------------------------------------------------------------------------------------------

amounts = st.integers(min_value=-(10**9), max_value=10**9)


@given(gross=amounts, due=amounts)
def test_every_invoice_has_exactly_one_state(gross: int, due: int) -> None:
    state = payment_state(gross=gross, due=due)
    assert state == payment_state(gross=-gross, due=-due) or gross == 0
    if gross > 0:
        assert (state is PaymentState.COLLECTED) == (due <= 0)
        assert (state is PaymentState.PENDING) == (due >= gross)


@pytest.mark.parametrize(
    ("state", "days", "credit", "expected"),
    [
        (PaymentState.PENDING, 0, False, DueState.NOT_DUE),
        (PaymentState.PENDING, 1, False, DueState.OVERDUE),
        (PaymentState.PENDING, -1, False, DueState.NOT_DUE),
        (PaymentState.PARTIAL, 1, False, DueState.OVERDUE),
        (PaymentState.COLLECTED, 400, False, DueState.NOT_DUE),
        (PaymentState.PENDING, 400, True, DueState.NOT_DUE),
        (PaymentState.PENDING, None, False, DueState.NOT_DUE),
    ],
)
def test_due_today_is_not_late(state: PaymentState, days: int | None, credit: bool, expected: DueState) -> None:
    due_on = None if days is None else DAY - timedelta(days=days)
    assert due_state(state=state, due_on=due_on, today=DAY, credit=credit) is expected


def test_credit_notes_count_negative_whatever_sign_their_file_uses() -> None:
    sides = [(100, True, 100), (-100, True, -100), (100, False, 100), (-100, False, -100)]
    assert [signed(amount, credit=credit, total=total) for amount, credit, total in sides] == [-100, -100, 100, -100]


async def test_what_was_given_back_too_much_is_still_due(portal: Portal) -> None:
    await portal.customer("Acme SA", tax_id="A58818501")
    async with portal.work():
        credit = (await deliver_ubl("R-1", credit_note=True)).invoice
        await record_payment(invoice=credit, amount=125_000, paid_on=DAY)  # type: ignore[arg-type]  # it is there
        (found,) = await stored()
    assert (found.payment_state, found.due, found.signed_due) == ("collected", -4_000, 4_000)


async def test_a_payment_without_a_day_is_of_today_where_the_tenant_is(portal: Portal, one: Any) -> None:
    async with portal.work():
        await Tenant.update({Tenant.zone: "Pacific/Kiritimati"}).where(Tenant.id == portal.tenant.id)
        await raise_version(portal.tenant.id)
    noon = now().replace(hour=12, minute=0) + timedelta(days=1)
    with later(noon - now()):  # there it is tomorrow already: 14 hours ahead
        async with portal.work():
            await set_paid(invoice=one, paid=1)
            rows = await Payment.select(Payment.paid_on)
    assert rows == [{"paid_on": noon.date() + timedelta(days=1)}]
