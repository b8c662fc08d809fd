"""Pages of the back office."""

from typing import Any

from plugins.timesheets.staff import entries, jobs, projects, uploads

HANDLERS: list[Any] = [*entries.HANDLERS, *uploads.HANDLERS, *jobs.HANDLERS, *projects.HANDLERS]
