"""Jobs: who works where, from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sdk import Translator, errors, load, now, transaction, write_activity
from plugins.timesheets.states import JobState
from plugins.timesheets.tables import Job
from plugins.timesheets.values import search_text

if TYPE_CHECKING:
    from core.sdk import Actor

_ = Translator("timesheets")

JOB = "timesheets_job"
"""The kind of record."""
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDetails:
    """What is known of a job. `planned_seconds` are per week."""

    customer: UUID
    worker: UUID
    worker_name: str
    title: str
    starts_on: date
    ends_on: date | None = None
    project: UUID | None = None
    addressee: UUID | None = None
    place: str = ""
    planned_seconds: int = 0
    state: JobState = JobState.ACTIVE
    external_id: str | None = None


def _checked(details: JobDetails) -> dict[Any, Any]:
    title = " ".join(details.title.split())
    if not title:
        raise errors.InvalidInputError(fields={"title": [_("Give the job a name.")]})
    if len(title) > LONGEST_TITLE:
        raise errors.InvalidInputError(fields={"title": [_("Write at most {n} characters.").format(n=LONGEST_TITLE)]})
    if details.ends_on is not None and details.ends_on < details.starts_on:
        raise errors.InvalidInputError(fields={"ends_on": [_("The last day is before the first.")]})
    if details.planned_seconds < 0:
        raise errors.InvalidInputError(fields={"planned": [_("Hours cannot be less than nothing.")]})
    return {
        Job.worker: details.worker,
        Job.title: title,
        Job.search_folded: search_text(details.worker_name, title, details.place),
        Job.place: " ".join(details.place.split())[:LONGEST_TITLE],
        Job.starts_on: details.starts_on,
        Job.ends_on: details.ends_on,
        Job.planned_seconds: details.planned_seconds,
        Job.state: details.state.value,
        Job.project: details.project,
        Job.addressee: details.addressee,
    }


async def add_job(*, details: JobDetails, by: Actor | None = None, job: UUID | None = None) -> Job:
    """
    Add a job, visible to the customer at once; the same *job* id again adds nothing.

    Raises:
        InvalidInputError: something of it cannot be used.

    """
    values = _checked(details)
    async with transaction():
        if job is not None and (known := await Job.objects().where(Job.id == job).first()):
            return known
        row = Job(
            customer=details.customer,
            published_at=now(),
            external_id=details.external_id,
            **{column._meta.name: value for column, value in values.items()},
        )
        if job is not None:
            row.id = job
        await Job.insert(row)
        await write_activity(kind="timesheets.job_added", by=by, record=(JOB, row), data={"job": row.title})
    return row


async def change_job(*, job: UUID, version: int, details: JobDetails, by: Actor) -> None:
    """
    Change a job; its customer stays.

    Raises:
        NotFoundError: no such job.
        InvalidInputError: something of it cannot be used.
        StaleError: somebody has changed it meanwhile.

    """
    values = _checked(details)
    async with transaction():
        found = await load(by, Job, job)
        won = (
            await Job.update({**values, Job.version: found.version + 1})
            .where(Job.id == job, Job.version == version)
            .returning(Job.id)
        )
        if not won:
            raise errors.StaleError
        await write_activity(kind="timesheets.job_changed", by=by, record=(JOB, found), data={"job": values[Job.title]})
