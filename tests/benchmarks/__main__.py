"""Figures in full: `python -m tests.benchmarks pages|reading [options]`; see the modules of these names."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.benchmarks import pages
from tests.benchmarks.data import Size


async def measure_pages(options: argparse.Namespace) -> None:
    """Print what the list of invoices costs against its limit."""
    with tempfile.TemporaryDirectory() as folder:
        size = Size(options.tenants, options.customers)
        async with pages.prepared(Path(folder), size, postgres=not options.sqlite_only) as place:
            print(f"{size.invoices:,} invoices of {size.tenants} tenants, {len(place.readers)} sessions")  # noqa: T201
            rounds = await asyncio.to_thread(pages.measured, place, rounds=options.rounds, seconds=options.seconds)
    found = pages.summary(rounds)
    print(f"{found[pages.LIMIT]['bytes']:,} bytes a page; {options.rounds} rounds of {options.seconds} s")  # noqa: T201
    print(pages.table(found))  # noqa: T201


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    what = parser.add_subparsers(required=True)
    list_ = what.add_parser("pages", help="the list of invoices against its bare limit")
    list_.add_argument("--tenants", type=int, default=50)
    list_.add_argument("--customers", type=int, default=4)
    list_.add_argument("--rounds", type=int, default=7)
    list_.add_argument("--seconds", type=float, default=5)
    list_.add_argument("--sqlite-only", action="store_true")
    list_.set_defaults(run=measure_pages)
    options = parser.parse_args()
    asyncio.run(options.run(options))


if __name__ == "__main__":
    main()
