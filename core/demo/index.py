"""The demo's front page on the base host: portals, people, the mailbox of all mail sent, the API pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.config import settings
from core.i18n import html_lang, negotiate
from core.messages.transport import read_mailbox
from core.rendering import templates

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Receive, Send

LANGUAGES = ("en", "es", "fr", "pt")
ACCOUNTS = "accounts.json"


def _logins() -> list[dict[str, Any]]:
    file = settings().home / ACCOUNTS
    return json.loads(file.read_text()) if file.is_file() else []


async def answer_index(scope: HTTPScope, _receive: Receive, send: Send) -> None:
    """Answer the demo's own pages; everything else is 404."""
    path = scope["path"]
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    language = negotiate(enabled=LANGUAGES, default="en", signed_in=False, accept_language=accepted)
    status, template, context = _answer(path)
    body = templates().render(template, language, _page(language) | context).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"vary", b"Accept-Language"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False})


def _answer(path: str) -> tuple[int, str, dict[str, Any]]:
    if path == "/":
        return 200, "demo/index.html", {"logins": _logins()}
    mails = read_mailbox()
    found = [mail for mail in mails if path == f"/mailbox/{mail.name}"]
    if found:
        return 200, "demo/mail.html", {"mail": found[0]}
    return 200 if path == "/mailbox" else 404, "demo/mailbox.html", {"mails": mails}


def _page(language: str) -> dict[str, Any]:
    return {
        "lang": html_lang(language),
        "dir": "ltr",
        "title": "Portico",
        "tenant": None,
        "theme_url": None,
        "theme_choice": "auto",
        "csrf": "",
        "flashes": [],
        "zone": "UTC",
    }
