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
    status, template, context = 200, "demo/index.html", {"logins": _logins(), "mails": []}
    if path == "/mailbox":
        template, context = "demo/mailbox.html", {"mails": read_mailbox()}
    elif path.startswith("/mailbox/"):
        name = path.removeprefix("/mailbox/")
        found = [mail for mail in read_mailbox() if mail.name == name]
        template, context = ("demo/mail.html", {"mail": found[0]}) if found else ("demo/mailbox.html", {"mails": read_mailbox()})
        status = 200 if found else 404
    elif path != "/":
        status = 404
    page = _page(language) | context | {"base_url": settings().base_url, "port_suffix": settings().port_suffix}
    body = templates().render(template, language, page).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"vary", b"Accept-Language"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False})


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
