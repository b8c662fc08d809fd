"""A portal whose sheets have files, and forms that forward them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from core.clock import later
from core.messages.transport import mailbox_folder
from core.messages.worker import drain
from core.people.roles import read_grants
from core.people.roles_known import write_grants
from core.people.tables import Customer, Person, Role
from core.preferences.values import save_settings
from core.records.base import beyond_reach
from core.records.files import add_file
from core.records.tables import Activity
from core.tenancy.snapshot import raise_version
from tests.people.sheets import Sheet, add_sheets
from tests.portal_fixtures import Browser, Portal

PDF = b"%PDF-1.7 the sheet"


@dataclass(frozen=True, slots=True)
class Paper:
    """A published sheet and its files."""

    id: UUID
    files: tuple[UUID, ...]

    @property
    def path(self) -> str:
        """Where it is forwarded."""
        return f"/records/sheet/{self.id}/forward"


async def allow(portal: Portal, **more: Any) -> None:
    """Let contacts forward."""
    async with portal.work():
        await save_settings({"messages.forwarding": True, **more})


async def a_sheet(
    portal: Portal,
    customer: Customer,
    title: str = "S-1",
    *,
    size: int = 0,
    internal: bool = True,
    addressee: Person | None = None,
) -> Paper:
    """Publish a sheet with a file, and one that is for staff alone."""
    await add_sheets(portal, customer, addressee, [title])
    async with portal.work():
        with beyond_reach("tests look behind"):
            row = await Sheet.select(Sheet.id).where(Sheet.title == title).first()
        assert row is not None
        record, data = ("sheet", row["id"]), PDF + b" " * size
        shown = await add_file(record=record, data=data, name=f"{title}.pdf", media_type="application/pdf")
        await add_file(record=record, data=b"secret", name="own.txt", media_type="text/plain", internal=True)
    return Paper(row["id"], (shown.id,))


async def send(who: Browser, paper: Paper, to: str, **more: Any) -> httpx.Response:
    """Fill the form in and send it."""
    data = {"id": str(uuid4()), "to": to, "message": "", "files": [str(file) for file in paper.files], **more}
    return await who.post(paper.path, data)


async def letters() -> dict[str, EmailMessage]:
    """What the worker has sent so far, by recipient."""
    with later(timedelta(minutes=10)):
        await drain()
    found = [
        message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
        for path in sorted(mailbox_folder().glob("*.eml"))
    ]
    return {letter["To"].addresses[0].addr_spec: letter for letter in found}


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    """The text, or the HTML, of a mail."""
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


async def told(portal: Portal, kind: str) -> list[dict[str, Any]]:
    """What the stream says of a kind."""
    async with portal.work():
        rows = await Activity.select().where(Activity.kind == kind).order_by(Activity.id)
    return [{"by": row["by"], "record": row["record"], **msgspec.json.decode(row["data"])} for row in rows]


async def staff_who_sees(portal: Portal) -> Person:
    """A member of the staff who sees sheets."""
    async with portal.work():
        role = await Role.objects().where(Role.key == "administrator").first()
        assert role is not None
        grants = read_grants(role.grants) | {Sheet.staff_view: read_grants(role.grants)["core:document:send"]}
        await Role.update({Role.grants: write_grants(grants)}).where(Role.id == role.id)
        await raise_version(portal.tenant.id)
    return await portal.staff("pilar@obrador.example")
