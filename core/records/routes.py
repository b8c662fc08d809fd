"""Files, comments and first views of every kind of record: one route each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery

from core.errors import InvalidInputError
from core.people.actor import current_actor
from core.records.comments import add_comment
from core.records.files import content_disposition, open_file
from core.records.kinds import kind_of, load_record
from core.records.views import note_view
from core.web import Download, action, flash, page, see_other, visit

_INLINE = frozenset({"application/pdf"})


@page("/files/{file:uuid}", name="records:file", signed_in="the record's own access check decides")
async def download(file: FromPath[UUID]) -> Download:
    """Send a file's bytes as they were stored; opening one counts as the first view of its record."""
    actor = current_actor()
    opened = await open_file(actor=actor, file=file)
    if visit().scope["method"] == "GET":
        await note_view(actor=actor, kind=opened.file.record_kind, record=opened.record)
    return Download(
        opened.portions,
        media_type=opened.file.media_type if opened.file.media_type in _INLINE else "application/octet-stream",
        headers={
            "Content-Disposition": content_disposition(opened.file.name),
            "Content-Length": str(opened.file.size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "ETag": f'"{opened.file.sha256}"',
            "Cache-Control": "private, no-store",
        },
    )


@action(
    "/records/{kind:str}/{record:uuid}/comments", name="records:comment", signed_in="may_comment decides per record"
)
async def comment(
    request: Request[Any, Any, Any], kind: FromPath[str], record: FromPath[UUID], new: FromQuery[UUID | None] = None
) -> Response[Any]:
    """Write a comment and return to the record; *new* is its future id, so that a second submit changes nothing."""
    actor = current_actor()
    loaded = await load_record(actor, kind, record)
    declared = kind_of(kind, actor)
    sent = await request.form()
    back = (declared.staff_url or declared.url)(loaded) if actor.is_staff else declared.url(loaded)
    try:
        await add_comment(
            actor=actor,
            kind=kind,
            record=loaded,
            text=str(sent.get("text", "")),
            internal=bool(sent.get("internal")),
            comment=new,
        )
    except InvalidInputError as error:
        reasons = [str(reason) for texts in error.fields.values() for reason in texts]
        flash(reasons[0] if reasons else error.message, kind="error")
    return see_other(f"{back}#timeline")


@action(
    "/records/{kind:str}/{record:uuid}/seen", name="records:seen", signed_in="the record's own access check decides"
)
async def seen(kind: FromPath[str], record: FromPath[UUID]) -> Response[None]:
    """Note that the reader has the record before her eyes: the page says so once it is visible."""
    actor = current_actor()
    await note_view(actor=actor, kind=kind, record=await load_record(actor, kind, record))
    return Response(None, status_code=204)


HANDLERS: list[Any] = [download, comment, seen]
