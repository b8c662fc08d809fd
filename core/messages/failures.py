"""Mails that were given up: the staff sees them, and may try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.db import transaction
from core.i18n import Translator
from core.messages.queue import retry
from core.messages.tables import Mail
from core.registry import registry

if TYPE_CHECKING:
    from uuid import UUID

    from core.i18n import LazyString

_ = Translator("core")

SHOWN = 200
"""Mails on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedMail:
    """A mail that could not be sent, and why."""

    id: UUID
    recipient: str
    subject: str
    label: LazyString
    error: str
    at: datetime


async def failed_mails() -> list[FailedMail]:
    """Return the tenant's failed mails, newest first."""
    rows = (
        await Mail.select(Mail.id, Mail.recipient, Mail.subject, Mail.kind, Mail.error, Mail.created_at)
        .where(Mail.state == "failed")
        .order_by(Mail.id, ascending=False)
        .limit(SHOWN)
    )
    return [
        FailedMail(
            id=row["id"],
            recipient=row["recipient"],
            subject=row["subject"],
            label=_label(row["kind"]),
            error=row["error"] or "",
            at=row["created_at"],
        )
        for row in rows
    ]


def _label(kind: str) -> LazyString:
    owned = registry().activity_kinds.get(kind)
    return owned.item.label if owned else _("Account")


async def retry_mail(*, mail: UUID) -> bool:
    """Send a failed mail again, under the same Message-ID; False where there is no such failed mail."""
    async with transaction():
        changed = (
            await Mail.update({Mail.state: "queued", Mail.error: None})
            .where((Mail.id == mail) & (Mail.state == "failed"))
            .returning(Mail.id)
        )
        return bool(changed) and await retry(mail)
