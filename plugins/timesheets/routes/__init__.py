"""Pages of the contacts."""

from typing import Any

from plugins.timesheets.routes import approvals, deputies, entries, jobs, projects, registering

HANDLERS: list[Any] = [
    *entries.HANDLERS,
    *registering.HANDLERS,
    *approvals.HANDLERS,
    *deputies.HANDLERS,
    *jobs.HANDLERS,
    *projects.HANDLERS,
]
