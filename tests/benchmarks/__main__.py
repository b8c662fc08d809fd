"""Figures in full: `python -m tests.benchmarks pages|reading|timing|hours|writers [options]`; each module says more."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from tests.benchmarks import data, hours, pages, reading, timing, writers
from tests.benchmarks.data import Size
from tests.db_fixtures import MEMORY


async def measure_pages(options: argparse.Namespace) -> None:
    """Print what the list of invoices costs against its limit."""
    with tempfile.TemporaryDirectory() as folder:
        size = Size(options.tenants, options.customers)
        async with pages.prepared(Path(folder), size, postgres=not options.sqlite_only) as place:
            print(f"{size.invoices:,} invoices of {size.tenants} tenants, {len(place.readers)} sessions")  # noqa: T201 -- a command's output
            rounds = await asyncio.to_thread(pages.measured, place, rounds=options.rounds, seconds=options.seconds)
    found = pages.summary(rounds)
    print(f"{found[pages.LIMIT]['bytes']:,} bytes a page; {options.rounds} rounds of {options.seconds} s")  # noqa: T201 -- a command's output
    print(pages.table(found))  # noqa: T201 -- a command's output


async def measure_reading(options: argparse.Namespace) -> None:
    """Print how fast e-invoices are read and taken in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("big", "many"):
            (folder / part).mkdir()
        corpus = os.environ.get("PORTICO_CORPUS")
        if corpus:
            print(reading.line("PORTICO_CORPUS", reading.read_apart(Path(corpus))))  # noqa: T201 -- a command's output
        else:
            print("PORTICO_CORPUS is not set: its files are not read")  # noqa: T201 -- a command's output
        reading.write_big(folder / "big")
        print(reading.line("a PDF of 20 MB", reading.read_apart(folder / "big")))  # noqa: T201 -- a command's output
        reading.write_many(folder / "many", options.files)
        settings = data.settings_at(folder, f"sqlite:///{folder / 'portal.sqlite'}")
        await data.fill(settings, Size(tenants=1, customers=0))
        found = reading.import_folder(
            folder / "many", tenant="tenant0", environment=data.environment_of(settings), files=options.files
        )
        print(reading.line("portico import invoices", found))  # noqa: T201 -- a command's output


async def measure_timing(options: argparse.Namespace) -> None:
    """Print whether the time of an answer tells known addresses from unknown ones; exit with 1 where it does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings, host = await timing.fill(folder, options.calls)
        found = await asyncio.to_thread(timing.serve_and_measure, settings, host, folder, options.calls)
    print(timing.table(found))  # noqa: T201 -- a command's output
    if not all(each.alike for each in found):
        raise SystemExit(1)


async def measure_hours(options: argparse.Namespace) -> None:
    """Print what registered work costs. Its databases lie in memory, where there is room."""
    dialects = tuple(options.database or ("sqlite", "postgres"))
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        if options.at_once:
            lines = hours.measure_at_once(folder, dialects=dialects)
        else:
            lines = hours.measure(
                folder,
                dialects=dialects,
                customers=options.customers,
                rounds=options.rounds,
                parts=options.only or hours.PARTS,
                only=options.pages,
            )
        async for line in lines:
            print(line, flush=True)  # noqa: T201 -- a command's output


async def measure_writers(options: argparse.Namespace) -> None:
    """Print how long writes take where many write at once; exit with 1 where one failed or took too long."""
    good = True
    with tempfile.TemporaryDirectory() as name:
        for processes in options.processes:
            url = f"sqlite:///{Path(name) / f'{processes}.sqlite'}"
            found = await writers.write_at_once(url, processes=processes, seconds=options.seconds)
            for line in found.lines():
                print(line, flush=True)  # noqa: T201 -- a command's output
            good = good and found.good
    if not good:
        raise SystemExit(1)


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
    read = what.add_parser("reading", help="e-invoices: rate and memory")
    read.add_argument("--files", type=int, default=2_000)
    read.set_defaults(run=measure_reading)
    alike = what.add_parser("timing", help="known and unknown addresses: how long the answers take")
    alike.add_argument("--calls", type=int, default=320)
    alike.set_defaults(run=measure_timing)
    work = what.add_parser("hours", help="registered work: approving, sheets, the list among a million")
    work.add_argument("--customers", type=int, default=1_000)
    work.add_argument("--rounds", type=int, default=5)
    work.add_argument("--database", action="append", choices=("sqlite", "postgres"))
    work.add_argument("--only", action="append", choices=hours.PARTS)
    work.add_argument("--pages", default="", help="only pages whose reader and path have this in them")
    work.add_argument("--at-once", action="store_true")
    work.set_defaults(run=measure_hours)
    many = what.add_parser("writers", help="twenty writers at once on SQLite, in one process and in two")
    many.add_argument("--seconds", type=float, default=60)
    many.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    many.set_defaults(run=measure_writers)
    options = parser.parse_args()
    asyncio.run(options.run(options))


if __name__ == "__main__":
    main()
