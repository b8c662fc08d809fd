"""Pages of the back office."""

from typing import Any

from plugins.timesheets.staff import adding, choosing, documents, entries, intakes, jobs, projects, uploads

HANDLERS: list[Any] = [
    *entries.HANDLERS,
    *adding.HANDLERS,
    *choosing.HANDLERS,
    *uploads.HANDLERS,
    *intakes.HANDLERS,
    *jobs.HANDLERS,
    *projects.HANDLERS,
    *documents.HANDLERS,
]
