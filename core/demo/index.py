"""The demo's front page on the base host: portals, people, the mailbox of all mail sent, the API pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.config import settings
from core.demo import identity
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


async def answer_index(scope: HTTPScope, receive: Receive, send: Send) -> None:
    """Answer the demo's own pages, and those of its sign-in provider; everything else is 404."""
    path = scope["path"]
    published = identity.documents().get(path) if path.startswith(identity.PATH) else None
    if published is not None or path == f"{identity.PATH}/token":
        status, said = (200, published) if published is not None else await identity.redeem(scope, receive)
        await _send(scope, send, status, "application/json", json.dumps(said).encode())
        return
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    language = negotiate(enabled=LANGUAGES, default="en", signed_in=False, accept_language=accepted)
    status, template, context = _answer(path, scope["query_string"].decode("latin-1"))
    body = templates().render(template, language, _page(language) | context).encode()
    await _send(scope, send, status, "text/html; charset=utf-8", body)


async def _send(scope: HTTPScope, send: Send, status: int, media_type: str, body: bytes) -> None:
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"vary", b"Accept-Language"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False})


def _answer(path: str, query: str) -> tuple[int, str, dict[str, Any]]:
    if path == "/":
        return 200, "demo/index.html", {"logins": _logins()}
    if path == f"{identity.PATH}/authorize":
        people = identity.choices(query)
        return 200 if people else 400, "demo/identity.html", {"name": identity.NAME, "people": people}
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
