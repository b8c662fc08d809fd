"""Documents of a project: staff puts them there, its customer finds them on the project's page."""

from __future__ import annotations

import mimetypes
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from core.sdk import Translator, action, add_file, current_actor, load, see_other, transaction, write_activity
from plugins.timesheets.pages import AnyRequest
from plugins.timesheets.permissions import MANAGE_PROJECTS
from plugins.timesheets.services import PROJECT
from plugins.timesheets.tables import Undertaking

_ = Translator("timesheets")

LARGEST = 25 * 1024 * 1024


@action(
    "/projects/{undertaking:uuid}/documents",
    name="timesheets:add-document",
    permission=MANAGE_PROJECTS,
    request_max_body_size=LARGEST + 1024 * 1024,
)
async def add_document(request: AnyRequest, undertaking: FromPath[UUID]) -> Response[str]:
    """Keep a file with the project; whoever sees the project can download it."""
    actor = current_actor()
    found = await load(actor, Undertaking, undertaking)
    back = f"/staff/timesheets/projects/{undertaking}"
    file = (await request.form()).get("file")
    data = await file.read() if isinstance(file, UploadFile) and file.filename else b""
    if not isinstance(file, UploadFile) or not data:
        return see_other(back, flash_text=_("Choose a file that is not empty."), kind="error")
    media_type = mimetypes.guess_type(file.filename)[0] or "application/octet-stream"
    async with transaction():
        kept = await add_file(
            record=(PROJECT, found.id), data=data, name=file.filename, media_type=media_type, by=actor.person
        )
        await write_activity(
            kind="timesheets.document_added", by=actor, record=(PROJECT, found), data={"name": kept.name}
        )
    return see_other(back, flash_text=_("The document was added."))


HANDLERS: list[Any] = [add_document]
