"""What the module does about what happens elsewhere: each project has its sheet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.sdk import imports
from plugins.timesheets.services import follow_project

PROJECT_CHANGED = "core.project_changed"


async def heard(activity: Any) -> None:
    """Keep a project's sheet in step with the project."""
    project, name = activity.data.get("project"), activity.data.get("name")
    if activity.kind == PROJECT_CHANGED and project and name and activity.customer is not None:
        await follow_project(project=UUID(str(project)), customer=activity.customer, name=str(name))


async def switched(module: str, *, enabled: bool) -> None:
    """Give every project that was there before this module its sheet."""
    if module != "timesheets" or not enabled:
        return
    for project, customer, name in await imports.all_projects():
        await follow_project(project=project, customer=customer, name=name)
