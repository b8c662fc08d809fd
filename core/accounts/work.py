"""What the worker does for accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.accounts.invitations import send_again
from core.accounts.services import RESET_REQUESTED
from core.messages.queue import work

if TYPE_CHECKING:
    from core.messages.queue import Work


@work(RESET_REQUESTED)
async def answer_reset(item: Work) -> None:
    """Look the address up where nobody can see it, and send what is due; to strangers nothing."""
    await send_again(email=item.payload["email"])
