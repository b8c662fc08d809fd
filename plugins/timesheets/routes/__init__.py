"""Pages of the contacts."""

from typing import Any

from plugins.timesheets.routes import approvals, deputies, entries, jobs, projects

HANDLERS: list[Any] = [
    *entries.HANDLERS,
    *approvals.HANDLERS,
    *deputies.HANDLERS,
    *jobs.HANDLERS,
    *projects.HANDLERS,
]
