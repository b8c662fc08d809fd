"""Comments on records: shared with the customer, or internal to staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.db import transaction, uuid7
from core.errors import InvalidInputError, NotFoundError, NotPermittedError
from core.i18n import Translator
from core.records.activity import write_activity
from core.records.kinds import kind_of
from core.records.tables import Comment
from core.text import tidy

if TYPE_CHECKING:
    from uuid import UUID

    from core.people.actor import Actor
    from core.records.base import CustomerRecord

_ = Translator("core")

LONGEST_COMMENT = 5000
"""Characters."""


def may_comment(actor: Actor, kind: str, record: CustomerRecord) -> bool:
    """Whether *actor* may write on *record*."""
    allowed = kind_of(kind, actor).comments
    if not (allowed(actor) if callable(allowed) else allowed):
        return False
    if actor.is_contact:
        return actor.can("core:comment:write", customer=getattr(record.customer, "id", record.customer))
    return actor.is_staff and actor.can("core:record:comment")


async def add_comment(
    *,
    actor: Actor,
    kind: str,
    record: CustomerRecord,
    text: str,
    internal: bool = False,
    comment: UUID | None = None,
) -> None:
    """
    Write *text* on *record*; the same *comment* id again adds nothing.

    *internal* is for staff alone and never leaves the back office.

    Raises:
        NotPermittedError: the actor may not write here.
        InvalidInputError: the text is empty or longer than 5,000 characters.

    """
    if not may_comment(actor, kind, record):
        raise NotPermittedError
    if actor.person is None:
        raise NotFoundError
    body = tidy(text)
    if not body:
        raise InvalidInputError(fields={"text": [_("Write something first.")]})
    if len(body) > LONGEST_COMMENT:
        raise InvalidInputError(fields={"text": [_("Write at most {n} characters.").format(n=LONGEST_COMMENT)]})
    hidden = internal and actor.is_staff
    async with transaction():
        written = Comment(
            id=comment or uuid7(), record_kind=kind, record=record.id, by=actor.person, body=body, internal=hidden
        )
        if not await Comment.insert(written).on_conflict(action="DO NOTHING"):
            return
        await write_activity(
            kind="core.note_added" if hidden else "core.comment_added",
            by=actor,
            record=(kind, record),
            data={"comment": str(written.id)},
        )
