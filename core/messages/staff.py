"""The back office's page of mails that could not be sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.errors import NotFoundError
from core.i18n import Translator
from core.messages.failures import failed_mails, retry_mail
from core.web import action, page, render, see_other

_ = Translator("core")

SEE = "core:message:view"


@page("/staff/mail", name="messages:failed", permission=SEE)
async def list_failed() -> Response[Any]:
    """Show which mails failed, to whom, and why."""
    return await render("messages/failed.html", title=_("Mails that could not be sent"), mails=await failed_mails())


@action("/staff/mail/{mail:uuid}/retry", name="messages:retry", permission=SEE)
async def retry(mail: FromPath[UUID]) -> Response[Any]:
    """Try one again."""
    if not await retry_mail(mail=mail):
        raise NotFoundError
    return see_other("/staff/mail", flash_text=_("The mail is on its way again."))


HANDLERS: list[Any] = [list_failed, retry]
