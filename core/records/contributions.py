"""What can happen to records of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contributions import ActivityKind, Audience
from core.i18n import Translator

if TYPE_CHECKING:
    from collections.abc import Sequence

_ = Translator("core")


def activity_kinds() -> Sequence[ActivityKind]:
    """Return internal notes and missing files; comments and first views are told by messages."""
    return [
        ActivityKind(
            key="core.note_added",
            label=_("Internal notes"),
            sentence=_("{by} wrote an internal note on {title}"),
            icon="lock",
            channel="none",
            shared=False,
        ),
        ActivityKind(
            key="core.file_missing",
            label=_("Files that cannot be opened"),
            sentence=_("The file {name} cannot be opened"),
            subject=_("A file of {title} cannot be opened"),
            body=_("Somebody wanted to open {name} of {title}, but it is gone or damaged. Please store it again."),
            icon="alert-triangle",
            notify=(Audience.STAFF,),
            channel="mail",
            shared=False,
        ),
    ]
