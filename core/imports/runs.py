"""Import runs: one per delivery, with what became of its files. A transaction per file, so a kill loses one at most."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.clock import now
from core.db import commit_request, current, transaction
from core.db.scope import running_of, scope_of
from core.imports.tables import ImportRun
from core.people.actor import acting_as, actor_or_none
from core.records.activity import write_activity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from uuid import UUID

    from core.contributions import ImportResult

Way = Literal["command", "page", "api"]

as_actor = acting_as


@dataclass(frozen=True, slots=True)
class Run:
    """A delivery that is being read."""

    id: UUID
    kind: str
    way: Way

    async def count(self, result: ImportResult) -> None:
        """Count *result*, in the transaction of what was done."""
        await self.count_all([result])

    async def count_all(self, results: Iterable[ImportResult]) -> None:
        """Count *results*, in the transaction of what was done: one statement, however many there are."""
        counts = Counter(result.outcome for result in results)
        values: dict[Any, Any] = {}
        for outcome, number in sorted(counts.items()):
            column = getattr(ImportRun, outcome)
            values[column] = column + number
        if values:
            await ImportRun.update(values).where(ImportRun.id == self.id)


async def _commit() -> None:
    """Commit where a request or command holds one transaction open for all its work (PostgreSQL)."""
    database = current()
    if scope_of(database) is not None and running_of(database) is None:
        await commit_request()


@asynccontextmanager
async def one_item() -> AsyncIterator[None]:
    """Do one file or row: all of it or nothing, committed before the next begins."""
    async with transaction():
        yield
    await _commit()


@asynccontextmanager
async def running(*, kind: str, way: Way, again: UUID | None = None) -> AsyncIterator[Run]:
    """
    Read a delivery. Mails about what it brings wait for its end and come as one per person.

    An exception ends the run all the same: what was done by then stays. *again* is the run of a delivery that was
    broken off and goes on.
    """
    actor = actor_or_none()
    started = ImportRun(kind=kind, way=way, by=actor.person if actor else None, started_at=now())
    async with one_item():
        if again is not None:
            started.id = again
            values: dict[Any, Any] = {ImportRun.ended_at: None, ImportRun.started_at: started.started_at}
            await ImportRun.update(values).where(ImportRun.id == again)
        else:
            await ImportRun.insert(started)
    try:
        yield Run(started.id, kind, way)
    finally:
        async with one_item():
            await ImportRun.update({ImportRun.ended_at: now()}).where(ImportRun.id == started.id)
            await write_activity(kind="core.import_finished", data={"batch": str(started.id), "import": kind})
