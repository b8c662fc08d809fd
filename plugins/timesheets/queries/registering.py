"""For whom, for what and where a contact may register hours: what her form offers is what the service takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from core.sdk import Reach, fold, imports
from plugins.timesheets.permissions import REGISTER, VIEW
from plugins.timesheets.queries.places import JobChoice, job_choices
from plugins.timesheets.tables import Entry, Job

if TYPE_CHECKING:
    from core.sdk import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a contact may register at a customer: who worked there, on which projects and jobs, by id."""

    reach: Reach
    workers: dict[UUID, str]
    projects: dict[UUID, str]
    jobs: list[JobChoice]

    @property
    def needs_project(self) -> bool:
        """Whether hours without a project would be out of her reach."""
        return self.reach == Reach.PROJECTS

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that she could register."""
        return not self.workers or (self.needs_project and not self.projects)


def register_at(by: Actor) -> dict[UUID, str]:
    """Return the customers where *by* may register hours, with their names: where she sees them as well."""
    return {
        place.customer: place.name
        for place in by.places
        if by.can(REGISTER, customer=place.customer) and by.can(VIEW, customer=place.customer)
    }


async def offer_to(by: Actor, customer: UUID) -> Offer | None:
    """Return what *by* may register at *customer*: within what she sees and may register; None where nothing."""
    sees, may = by.reach(VIEW, customer), by.reach(REGISTER, customer)
    if by.person is None or sees is None or may is None:
        return None
    reach = min(sees, may)
    here = {customer: reach}
    jobs = await job_choices(customer, within=Job.within_reach(here, by.person))
    rows = await (
        Entry.select(Entry.worker, Entry.worker.name.as_alias("name"))
        .where(Entry.customer == customer)
        .where(Entry.within_reach(here, by.person))
        .distinct()
    )
    workers = {job.worker_id: job.worker for job in jobs} | {row["worker"]: row["name"] for row in rows}
    projects = await imports.projects_of(customer, assigned_to=None if reach >= Reach.COMPANY else by.person)
    return Offer(
        reach=reach,
        workers=dict(sorted(workers.items(), key=lambda each: (fold(each[1]), each[0]))),
        projects={UUID(id): name for id, name in projects},
        jobs=jobs,
    )
