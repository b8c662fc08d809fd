"""Pages of the back office."""

from typing import Any

from plugins.timesheets.staff import adding, documents, entries, jobs, projects, uploads

HANDLERS: list[Any] = [
    *entries.HANDLERS,
    *adding.HANDLERS,
    *uploads.HANDLERS,
    *jobs.HANDLERS,
    *projects.HANDLERS,
    *documents.HANDLERS,
]
