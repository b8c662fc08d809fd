"""A short run of the comparison; its bounds let only regressions fail. In full: `python -m tests.benchmarks pages`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("plugins.invoices", reason="the module of invoices is not installed")

from tests.benchmarks import pages
from tests.benchmarks.data import Size

LEAST = {pages.SQLITE: 0.45, pages.POSTGRES: 0.30}
"""Of the limit, in the better of both measures: what a loaded machine still shows of 0.80 and 0.60."""


@pytest.mark.long
async def test_the_list_of_invoices_against_its_limit(tmp_path: Path) -> None:
    async with pages.prepared(tmp_path, Size(tenants=3, customers=1)) as place:
        rounds = await asyncio.to_thread(pages.measured, place, rounds=3, seconds=0.8)
    found = pages.summary(rounds)
    print(pages.table(found))  # noqa: T201 -- shown where the bound is missed
    assert {name: each["failed"] for name, each in found.items()} == dict.fromkeys(found, 0)
    shares = {name: max(found[name]["most"], found[name]["cpu_ratio"]) for name in LEAST}
    assert {name: share for name, share in shares.items() if share < LEAST[name]} == {}, pages.table(found)
