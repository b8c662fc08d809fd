"""What could not be taken in: kept with its bytes and the reason until somebody decides."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from core.clock import now
from core.db import uuid7
from core.errors import NotFoundError, WrongStateError
from core.i18n import Translator
from core.imports.tables import ImportProblem
from core.people.actor import actor_or_none
from core.records.files import FileUnavailableError
from core.records.storage import MissingContentError, get_content, put_content
from core.records.tables import File

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.imports.runs import Run

_ = Translator("core")

DISCARDED = "discarded"
TAKEN_BACK_WITHIN = timedelta(days=90)
"""How long a discarded file can be taken back."""


class AlreadyDecidedError(WrongStateError):
    """Somebody was quicker."""

    default = _("Somebody has decided this already.")


def facts_of(problem: ImportProblem) -> dict[str, Any]:
    """Return what was kept beside the reason."""
    data: Any = problem.data
    return msgspec.json.decode(data, type=dict[str, Any]) if isinstance(data, str | bytes) else dict(data or {})


def is_open(problem: ImportProblem) -> bool:
    """Whether a problem waits for a decision."""
    decided: object = problem.resolved_at
    return decided is None


async def quarantine(
    *, run: Run, place: str, reason: str, data: Mapping[str, Any], content: bytes | None = None, part: int = 0
) -> UUID:
    """
    Keep a file or row for a decision and return the problem's id.

    *reason* is a stable code. The same content (its *part*-th document) that waits already is not kept twice: the
    problem that is there gets the present reason.
    """
    sha256 = await put_content(content) if content is not None else None
    facts = msgspec.json.encode({**data, "part": part}).decode()
    if sha256 is not None:
        waiting = await earlier_problem(kind=run.kind, sha256=sha256, part=part)
        if waiting is not None and is_open(waiting):
            values: dict[Any, Any] = {
                ImportProblem.reason: reason,
                ImportProblem.data: facts,
                ImportProblem.run: run.id,
            }
            await ImportProblem.update(values).where(ImportProblem.id == waiting.id)
            return waiting.id
    problem = ImportProblem(
        id=uuid7(),
        run=run.id,
        kind=run.kind,
        place=place,
        reason=reason,
        data=facts,
        sha256=sha256,
        created_at=now(),
    )
    await ImportProblem.insert(problem)
    return problem.id


async def earlier_problem(*, kind: str, sha256: str, part: int = 0) -> ImportProblem | None:
    """Return what was last noted about this content, decided or not."""
    found = (
        await ImportProblem.objects()
        .where(ImportProblem.kind == kind, ImportProblem.sha256 == sha256)
        .order_by(ImportProblem.id, ascending=False)
    )
    return next((problem for problem in found if facts_of(problem).get("part", 0) == part), None)


async def open_problems(*, kind: str, limit: int = 200) -> list[ImportProblem]:
    """Return what waits for a decision, newest first."""
    found: list[ImportProblem] = (
        await ImportProblem.objects()
        .where(ImportProblem.kind == kind, ImportProblem.resolved_at.is_null())
        .order_by(ImportProblem.id, ascending=False)
        .limit(limit)
    )
    return found


async def discarded_problems(*, kind: str, limit: int = 200) -> list[ImportProblem]:
    """Return what was discarded and can still be taken back, newest first."""
    found: list[ImportProblem] = (
        await ImportProblem.objects()
        .where(
            ImportProblem.kind == kind,
            ImportProblem.resolution == DISCARDED,
            ImportProblem.resolved_at > now() - TAKEN_BACK_WITHIN,
        )
        .order_by(ImportProblem.resolved_at, ascending=False)
        .limit(limit)
    )
    return found


async def take_back(problem: UUID) -> None:
    """
    Let a discarded file wait for a decision again.

    Raises:
        WrongStateError: it is not discarded, or was discarded too long ago.

    """
    values: dict[Any, Any] = {
        ImportProblem.resolved_at: None,
        ImportProblem.resolution: None,
        ImportProblem.resolved_by: None,
    }
    won = (
        await ImportProblem.update(values)
        .where(
            ImportProblem.id == problem,
            ImportProblem.resolution == DISCARDED,
            ImportProblem.resolved_at > now() - TAKEN_BACK_WITHIN,
        )
        .returning(ImportProblem.id)
    )
    if not won:
        raise WrongStateError(_("This file cannot be taken back any more."))


def is_discarded(problem: ImportProblem) -> bool:
    """Whether somebody has decided that the file is not wanted."""
    return problem.resolution == DISCARDED


async def load_problem(problem: UUID, *, kind: str) -> ImportProblem:
    """
    Return a problem of that kind, decided or not.

    Raises:
        NotFoundError: there is none with that id.

    """
    found = await ImportProblem.objects().where(ImportProblem.id == problem, ImportProblem.kind == kind).first()
    if found is None:
        raise NotFoundError
    return found


async def resolve(problem: UUID, *, resolution: str) -> None:
    """
    Mark a problem as decided, by the current actor.

    Raises:
        AlreadyDecidedError: somebody was quicker.

    """
    actor = actor_or_none()
    values: dict[Any, Any] = {
        ImportProblem.resolved_at: now(),
        ImportProblem.resolution: resolution,
        ImportProblem.resolved_by: actor.person if actor else None,
    }
    won = (
        await ImportProblem.update(values)
        .where(ImportProblem.id == problem, ImportProblem.resolved_at.is_null())
        .returning(ImportProblem.id)
    )
    if not won:
        raise AlreadyDecidedError


async def discard(problem: UUID) -> None:
    """
    Decide that a file is not wanted; the same bytes stay out from then on.

    Raises:
        AlreadyDecidedError: somebody was quicker.

    """
    await resolve(problem, resolution=DISCARDED)


async def content_of(problem: ImportProblem) -> bytes:
    """
    Return the bytes that are in quarantine.

    Raises:
        NotFoundError: the problem has none.
        FileUnavailableError: they are gone or damaged.

    """
    if problem.sha256 is None:
        raise NotFoundError
    try:
        return await get_content(problem.sha256)
    except MissingContentError as error:
        raise FileUnavailableError from error


async def records_with(*, kind: str, sha256: str) -> list[UUID]:
    """Return the records of that kind that have a file with these bytes, set aside ones too."""
    rows = await File.select(File.record).where(File.sha256 == sha256, File.record_kind == kind).order_by(File.id)
    return [row["record"] for row in rows]


async def set_files_aside(*, record: tuple[str, UUID]) -> None:
    """Keep the delivered files of a record for staff alone: a newer delivery takes their place."""
    await File.update({File.internal: True, File.role: "superseded"}).where(
        File.record_kind == record[0], File.record == record[1], File.role.is_in(["original", "readable", "xml"])
    )
