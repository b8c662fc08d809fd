"""The leaky bucket: its sums, its keys, and that nobody slips through beside others."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.accounts.rate_limits import Limit, attempt, forget_past_attempts, give_back, prefix_of, reset, take
from core.clock import later
from core.db import fetch, outside, request_scope
from core.errors import TooManyAttemptsError
from core.tenancy.scope import tenant_scope
from tests.portal_fixtures import Portal, World

FIVE = Limit(name="five", burst=5, period=timedelta(minutes=15))


async def test_five_at_once_then_one_every_three_minutes(portal: Portal) -> None:
    async with portal.work():
        assert [await attempt(FIVE, "a") for _ in range(7)] == [True] * 5 + [False] * 2
        with later(timedelta(minutes=2, seconds=58)):
            assert not await attempt(FIVE, "a")
        with later(timedelta(minutes=3, seconds=1)):
            assert [await attempt(FIVE, "a") for _ in range(2)] == [True, False]
        with later(timedelta(minutes=31)):
            assert [await attempt(FIVE, "a") for _ in range(6)] == [True] * 5 + [False]


async def test_it_says_when_to_come_back(portal: Portal) -> None:
    async with portal.work():
        for _ in range(5):
            await take(FIVE, "a")
        with pytest.raises(TooManyAttemptsError) as refused:
            await take(FIVE, "a")
    assert 178 <= refused.value.retry_after <= 180


async def test_keys_do_not_touch_each_other(world: World) -> None:
    async with world.first.work():
        for _ in range(5):
            await take(FIVE, "a", "b")
        assert not await attempt(FIVE, "a", "b")
        assert await attempt(FIVE, "ab")
        assert await attempt(FIVE, "a", "c")
        assert await attempt(Limit(name="other", burst=5, period=timedelta(minutes=15)), "a", "b")
    async with world.second.work():
        assert await attempt(FIVE, "a", "b")


async def test_what_was_rightful_is_given_back(portal: Portal) -> None:
    async with portal.work():
        for _ in range(12):
            await take(FIVE, "a")
            await give_back(FIVE, "a")
        for _ in range(5):
            await take(FIVE, "a")
        assert not await attempt(FIVE, "a")
        await reset(FIVE, "a")
        assert await attempt(FIVE, "a")


async def test_attempts_stay_counted_when_the_request_fails(portal: Portal) -> None:
    async def fail() -> None:
        async with portal.work():
            await take(FIVE, "a")
            raise ZeroDivisionError

    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await fail()
    async with portal.work():
        assert not await attempt(FIVE, "a")


async def test_of_twenty_at_once_five_come_through(portal: Portal) -> None:
    async def one() -> bool:
        with tenant_scope(portal.tenant.id):
            async with request_scope(tenant=portal.tenant.id):
                return await attempt(FIVE, "a")

    tasks = [asyncio.create_task(one(), context=outside()) for _ in range(20)]
    assert sorted(await asyncio.gather(*tasks)) == [False] * 15 + [True] * 5


async def test_past_attempts_are_forgotten_and_typed_addresses_never_stored(portal: Portal) -> None:
    async with portal.work():
        await take(FIVE, "ana@acimos.example")
        assert "ana" not in str(await fetch("SELECT key FROM rate_limit"))
        await forget_past_attempts()
        assert len(await fetch("SELECT key FROM rate_limit")) == 1
        with later(timedelta(minutes=4)):
            await forget_past_attempts()
        assert await fetch("SELECT key FROM rate_limit") == []


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_the_network_of_an_address(address: str, prefix: str) -> None:
    assert prefix_of(address) == prefix
