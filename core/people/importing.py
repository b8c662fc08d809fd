"""Lists of people from the tenant's own system, good rows in, the others named with their reasons."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.contributions import ImportResult
from core.imports import SheetError, one_item, running
from core.people.importing_files import read_people
from core.people.importing_known import known_here
from core.people.importing_taking import take_portion

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from core.i18n import LazyString
    from core.imports import Run, Way
    from core.people.importing_known import Known
    from core.people.importing_rows import Rows
    from core.people.importing_taking import Taken

PORTION = 100
"""Rows of a transaction."""


async def import_people(
    *, files: Sequence[Path], create_customers: bool = False, way: Way = "command"
) -> AsyncIterator[ImportResult]:
    """
    Read contacts from *files*; one result per row. A row whose e-mail is known changes that contact.

    Each row is all or nothing; a row that is refused does not stop the others. Nothing is sent to anybody, but to
    the first contact of a customer that is made, where the tenant invites with saving (`new_customers`).
    """
    known = await known_here(create_customers=create_customers)
    async with running(kind="people", way=way) as run:
        for file in files:
            try:
                sheet = await asyncio.to_thread(read_people, file)
            except SheetError as error:
                results = [_refused(file.name, [error.message])]
            else:
                results = [_refused(f"{file.name}:{number}", [reason]) for number, reason in sheet.problems]
                async for taken in take_rows(sheet.rows, known, run):
                    yield result_of(taken, file.name)
            async with one_item():
                await run.count_all(results)
            for result in results:
                yield result


async def take_rows(rows: Sequence[tuple[int, dict[str, str]]], known: Known, run: Run) -> AsyncIterator[Taken]:
    """Take rows in, portion by portion, and count them."""
    for portion in portions(rows):
        async with one_item():
            taken = await take_portion(portion, known)
            await run.count_all(result_of(one, "") for one in taken)
        for one in taken:
            yield one
        await asyncio.sleep(0)  # others want to write as well


def portions(rows: Sequence[tuple[int, dict[str, str]]]) -> Iterator[Rows]:
    """Yield rows by as many as a transaction takes."""
    for start in range(0, len(rows), PORTION):
        yield list(rows[start : start + PORTION])


def result_of(taken: Taken, name: str) -> ImportResult:
    """Return what became of a row of the list *name*."""
    place = f"{name}:{taken.number}"
    if taken.outcome != "refused":
        return ImportResult(place=place, outcome=taken.outcome)
    return _refused(place, [reason for reasons in taken.faults.values() for reason in reasons])


def _refused(place: str, reasons: Sequence[LazyString]) -> ImportResult:
    return ImportResult(place=place, outcome="refused", reason=reasons[0], also=tuple(reasons[1:]))
