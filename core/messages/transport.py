"""The way out of a mail: an SMTP server, or a folder where there is none (demo)."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.policy import default as default_policy
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import aiosmtplib

from core.config import settings
from core.messages.queue import PermanentError

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT = 30.0
"""Seconds for each step of the conversation with the server."""

_PERMANENT = range(500, 600)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class MailRefusedError(PermanentError):
    """The server will never take this mail: no such address, too large."""


class MailNotSentError(Exception):
    """The server cannot be reached, or says: later."""


async def deliver(message: EmailMessage, *, sender: str, recipient: str) -> None:
    """
    Hand *message* over.

    Raises:
        MailRefusedError: for good.
        MailNotSentError: for now.

    """
    url = settings().smtp_url
    if url is None:
        await asyncio.to_thread(_keep, message)
        return
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    encrypted = parts.scheme == "smtps"
    username = unquote(parts.username) if parts.username else None
    # A password goes over the wire encrypted or not at all; without one STARTTLS is taken where the server offers it.
    upgrade = None if encrypted or not username or host in _LOOPBACK else True
    try:
        await aiosmtplib.send(
            message.as_bytes(policy=SMTP),
            sender=sender,
            recipients=[recipient],
            hostname=host,
            port=parts.port or (465 if encrypted else 25),
            username=username,
            password=unquote(parts.password) if parts.password else None,
            use_tls=encrypted,
            start_tls=False if encrypted else upgrade,
            timeout=TIMEOUT,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [refused.code for refused in error.recipients]
        raise _problem(error, permanent=all(code in _PERMANENT for code in codes)) from error
    except aiosmtplib.SMTPAuthenticationError as error:
        raise _problem(error, permanent=False) from error  # a wrong password is mended by the vendor; the mail can wait
    except aiosmtplib.SMTPResponseException as error:
        raise _problem(error, permanent=error.code in _PERMANENT) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _problem(error, permanent=False) from error


def _problem(error: Exception, *, permanent: bool) -> Exception:
    words = " ".join(str(error).split()) or type(error).__name__
    return MailRefusedError(words) if permanent else MailNotSentError(words)


# -- the folder --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A mail in the demo's mailbox."""

    name: str
    date: str
    recipient: str
    subject: str
    text: str
    html: str
    attachments: tuple[str, ...] = ()
    """Names of the files that went along."""


def mailbox_folder() -> Path:
    """Return where mails lie that no server takes."""
    return settings().home / "mailbox"


def _keep(message: EmailMessage) -> None:
    folder = mailbox_folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]  # one file per mail, also after a second try
    unfinished = folder / f".{name}.part"
    unfinished.write_bytes(message.as_bytes(policy=SMTP))
    os.replace(unfinished, folder / f"{name}.eml")  # noqa: PTH105 -- atomic on every system


def read_mailbox() -> list[KeptMail]:
    """Return the kept mails, newest first."""
    folder = mailbox_folder()
    if not folder.is_dir():
        return []
    return [_read(path) for path in sorted(folder.glob("*.eml"), reverse=True)]


def _read(path: Path) -> KeptMail:
    message = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default_policy)
    bodies = {kind: message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")}
    texts = {kind: body.get_content() if body is not None else "" for kind, body in bodies.items()}
    return KeptMail(
        name=path.stem,
        date=str(message["Date"]),
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        text=texts["plain"],
        html=texts["html"],
        attachments=tuple(part.get_filename() or "" for part in message.iter_attachments()),
    )
