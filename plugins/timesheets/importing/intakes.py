"""
Taking a list in: a short one at once, a long one by the worker, portion by portion.

How far it has come is written down in the transaction of each portion, so that a worker who dies leaves nothing half
done: who goes on begins behind the last portion, and of two at once only one gets on.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from core.sdk import LazyString, Translator, errors, imports, now, transaction, work
from plugins.timesheets.reading import DateOrder, Options, ReadEntry, read_grid, read_rows
from plugins.timesheets.services import KIND, Placement, Receipt, receive_portion
from plugins.timesheets.states import IntakeState
from plugins.timesheets.tables import Intake, RefusedRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.sdk import Actor
    from plugins.timesheets.reading import Grid, RowProblem

_ = Translator("timesheets")

PREVIEW: Final = "preview"
"""The reason of lists that wait to be taken in."""
AT_ONCE: Final = 1_000
"""Rows that are taken in while somebody waits; longer lists are the worker's."""
PORTION: Final = 200
GOES_ON: Final = timedelta(minutes=2)
"""When the worker looks whether what was taken in at once is through."""
MOST_ATTEMPTS: Final = 6


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """As staff has said a list is to be read, and what may be made of it."""

    columns: dict[str, str]
    head: list[str]
    """The names of all columns."""
    zone: str
    order: str = ""
    create_customers: bool = False
    create_projects: bool = False
    fallback: UUID | None = None
    draft: bool = False


class IntakeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How far a list has come, and what became of its rows."""

    id: UUID
    problem: UUID
    name: str
    state: IntakeState
    rows: int | None
    rows_done: int
    counts: dict[str, int]
    at: datetime
    head: list[str]
    said: LazyString | None
    """Why nothing more can come of it."""


def rows_in(grid: Grid) -> int:
    """Return how many rows a list has, with those that cannot be read."""
    return len(grid.problems) + len(grid.rows)


class TakenOverError(errors.StaleError):
    """Somebody else goes on with this list."""


async def begin_intake(*, problem: imports.ImportProblem, wanted: Wanted, by: Actor, later: bool) -> UUID:
    """
    Begin to take a list in, and return the intake's id; *later* by the worker. One that has begun goes on alone.

    What is taken in at once is put down for the worker too: it goes on where a request broke off.

    Raises:
        InvalidInputError: its time zone is none.

    """
    async with transaction():
        await imports.wait_for_others()
        begun = await (
            Intake.objects()
            .where(Intake.problem == problem.id, Intake.state.is_in([IntakeState.WAITING, IntakeState.RUNNING]))
            .first()
        )
        if begun is not None:
            return begun.id
        row = Intake(
            problem=problem.id,
            name=problem.place,
            by=by.person,
            wanted=msgspec.json.encode(wanted).decode(),
            state=IntakeState.WAITING.value,
        )
        await Intake.insert(row)
        at = now() + (timedelta(0) if later else GOES_ON)
        await work.enqueue(take_in, {"intake": str(row.id)}, once_key=str(row.id), run_at=at)
        return row.id


@work.handler("timesheets.take_in", atomic=False)
async def take_in(item: work.Item) -> None:
    """Take a long list in, from where it stands."""
    intake = UUID(item.payload["intake"])
    if item.attempts > MOST_ATTEMPTS:
        await _fail(intake, _("Something went wrong again and again. What had been taken in by then is there."))
        return
    found = await Intake.objects().where(Intake.id == intake).first()
    if found is None:
        return
    who: UUID | None = found.by
    by = await imports.as_person(who) if who is not None else None
    if by is None:  # she has left meanwhile: what she had begun is ended all the same
        await take_now(intake)
        return
    with imports.as_actor(by):
        await take_now(intake, by=by)


async def take_now(intake: UUID, *, by: Actor | None = None) -> None:
    """Take the rows of a list in that are not taken in yet; why nothing can come of it is noted with it."""
    found = await Intake.objects().where(Intake.id == intake).first()
    if found is None or found.state not in {IntakeState.WAITING, IntakeState.RUNNING}:
        return
    problem = await imports.load_problem(found.problem, kind=KIND)
    try:
        grid = await asyncio.to_thread(read_grid, await imports.content_of(problem))
    except (imports.SheetError, errors.NotFoundError) as error:
        await _fail(intake, error.message)
        return
    async with imports.running(kind=KIND, way="page", again=found.run) as run:
        async with imports.one_item():
            await Intake.update(
                {Intake.state: IntakeState.RUNNING.value, Intake.rows: rows_in(grid), Intake.run: run.id}
            ).where(Intake.id == intake)
        await _Taking(found, grid, run, by).go()
    async with imports.one_item():
        ended = await Intake.objects().where(Intake.id == intake).first()
        if ended is not None and not ended.refused and imports.is_open(problem):
            await imports.resolve(problem.id, resolution="taken")
        values: dict[Any, Any] = {Intake.state: IntakeState.DONE.value, Intake.ended_at: now()}
        await Intake.update(values).where(Intake.id == intake)


async def _fail(intake: UUID, why: LazyString) -> None:
    async with imports.one_item():
        found = await Intake.objects().where(Intake.id == intake).first()
        if found is not None:
            values: dict[Any, Any] = {
                Intake.state: IntakeState.FAILED.value,
                Intake.problem_text: imports.keep_text(why),
                Intake.ended_at: now(),
            }
            await Intake.update(values).where(Intake.id == intake)


class _Taking:
    """A list while it is taken in."""

    def __init__(self, intake: Intake, grid: Grid, run: imports.Run, by: Actor | None) -> None:
        said = _wanted(intake)
        self._intake, self._run, self._by = intake, run, by
        self._done = intake.rows_done
        unread: list[tuple[int, tuple[str, ...]]] = [(line, ()) for line, _why in grid.problems]
        self._lines = [*unread, *grid.rows]
        """As `read_rows()` yields them."""
        self._placement = Placement(
            create_customers=said.create_customers,
            create_projects=said.create_projects,
            fallback=said.fallback,
            draft=said.draft,
        )
        options = Options(zone=said.zone, order=DateOrder(said.order) if said.order else None)
        self._rows: Iterator[ReadEntry | RowProblem] = read_rows(grid, said.columns, options)

    async def go(self) -> None:
        """Take in what is left."""
        if self._done:  # rows that are wholly alike are told apart by counting them, so those before are read too
            await asyncio.to_thread(lambda: sum(1 for _row in islice(self._rows, self._done)))
        while portion := await asyncio.to_thread(lambda: list(islice(self._rows, PORTION))):

            async def note(receipts: list[Receipt], rows: list[ReadEntry | RowProblem] = portion) -> None:
                await self._note(rows, receipts)

            await receive_portion(run=self._run, rows=portion, placement=self._placement, by=self._by, note=note)
            self._done += len(portion)
            await asyncio.sleep(0)  # others want to write as well

    async def _note(self, rows: list[ReadEntry | RowProblem], receipts: list[Receipt]) -> None:
        """
        Write down how far it has come.

        Raises:
            TakenOverError: somebody else has come as far already.

        """
        lines = self._lines[self._done : self._done + len(rows)]
        refused = [
            RefusedRow(
                intake=self._intake.id,
                line=line,
                reason=imports.keep_text(receipt.result.reason) if receipt.result.reason else "",
                cells=msgspec.json.encode(cells).decode(),
            )
            for (line, cells), receipt in zip(lines, receipts, strict=True)
            if receipt.result.outcome == "refused"
        ]
        if refused:
            await RefusedRow.insert(*refused)
        counts = [receipt.result.outcome for receipt in receipts]
        values: dict[Any, Any] = {
            Intake.rows_done: self._done + len(rows),
            Intake.created: Intake.created + counts.count("created"),
            Intake.updated: Intake.updated + counts.count("updated"),
            Intake.unchanged: Intake.unchanged + counts.count("unchanged"),
            Intake.refused: Intake.refused + counts.count("refused"),
        }
        won = (
            await Intake.update(values)
            .where(Intake.id == self._intake.id, Intake.rows_done == self._done)
            .returning(Intake.id)
        )
        if not won:
            raise TakenOverError


def _wanted(intake: Intake) -> Wanted:
    stored: Any = intake.wanted
    return msgspec.json.decode(stored, type=Wanted)


# -- reads -------------------------------------------------------------------------------------------------------------


def _facts(row: Intake) -> IntakeFacts:
    return IntakeFacts(
        id=row.id,
        problem=row.problem,
        name=row.name,
        state=IntakeState(row.state),
        rows=row.rows,
        rows_done=row.rows_done,
        counts={name: getattr(row, name) for name in ("created", "updated", "unchanged", "refused")},
        at=row.created_at,
        head=_wanted(row).head,
        said=imports.kept_text(row.problem_text),
    )


async def intake_of(intake: UUID) -> IntakeFacts:
    """
    Return how far a list has come.

    Raises:
        NotFoundError: there is no such intake.

    """
    found = await Intake.objects().where(Intake.id == intake).first()
    if found is None:
        raise errors.NotFoundError
    return _facts(found)


async def latest_intakes(*, limit: int = 10) -> list[IntakeFacts]:
    """Return the lists that are being taken in or were, the latest first."""
    rows = await Intake.objects().order_by(Intake.id, ascending=False).limit(limit)
    return [_facts(row) for row in rows]


async def refused_rows(intake: UUID, *, limit: int | None = None) -> list[tuple[int, LazyString | None, list[str]]]:
    """Return the rows of a list that were not taken in: line, reason, and what stood in it."""
    query = RefusedRow.select(RefusedRow.line, RefusedRow.reason, RefusedRow.cells).where(RefusedRow.intake == intake)
    rows = await (query if limit is None else query.limit(limit)).order_by(RefusedRow.line)
    return [
        (row["line"], imports.kept_text(row["reason"]), msgspec.json.decode(row["cells"], type=list[str]))
        for row in rows
    ]
