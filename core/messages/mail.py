"""A mail in the recipient's language with the tenant's brand: text and HTML, from templates in `templates/mails`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from core.config import settings
from core.i18n import html_lang, negotiate
from core.messages.texts import one_line, portal_name
from core.rendering import templates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.tenancy.snapshot import TenantSnapshot

ACCENT = "#2450a8"
"""Where the tenant has chosen no colour."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_WEB = re.compile(r"https?://[^\s\"'<>]+")
_ADDRESS = re.compile(r"[^\s@<>\",;:\\()\[\]]+@[^\s@<>\",;:\\()\[\]]+")
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of a mail about several things."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a mail; the name is clean already."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says, in words already: which template draws it, and its context."""

    template: str
    subject: str
    context: Mapping[str, object] = field(default_factory=dict)
    unsubscribe: str | None = None
    """Full URL for one-click unsubscription (RFC 8058), where somebody may want no more of the kind."""
    reply_to: tuple[str, str] | None = None
    """Name and address to which answers go, where that is not the tenant."""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """How to reach the tenant: at the foot of every mail."""

    name: str
    phones: tuple[str, ...]
    email: str
    website: str
    address: tuple[str, ...]
    social: tuple[str, ...]


def mail_language(tenant: TenantSnapshot, *wishes: str | None) -> str:
    """Return the recipient's language: the first wish that the tenant's portal speaks, else the tenant's default."""
    own = next((wish for wish in wishes if wish), None)
    return negotiate(enabled=tenant.languages, default=tenant.language, signed_in=True, own=own)


def footer(tenant: TenantSnapshot) -> Footer:
    """Return the tenant's contact block; links that are none are left out."""
    website = _answer(tenant, "brand.website")
    if website and "://" not in website:
        website = f"https://{website}"
    return Footer(
        name=tenant.name,
        phones=_lines(tenant, "brand.phone"),
        email=_answer(tenant, "brand.email"),
        website=website if _WEB.fullmatch(website) else "",
        address=_lines(tenant, "brand.address"),
        social=tuple(line for line in _lines(tenant, "brand.social") if _WEB.fullmatch(line)),
    )


def _answer(tenant: TenantSnapshot, key: str) -> str:
    return one_line(str(tenant.setting(key)))


def _lines(tenant: TenantSnapshot, key: str) -> tuple[str, ...]:
    return tuple(one_line(line) for line in str(tenant.setting(key)).splitlines() if line.strip())


def colours(tenant: TenantSnapshot) -> tuple[str, str]:
    """Return the accent and the colour of text on it: black or white, whichever stands out more."""
    chosen = str(tenant.setting("brand.accent")).strip()
    accent = chosen if _COLOUR.fullmatch(chosen) else ACCENT
    light = _luminance(accent)
    return accent, "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#111111"


def _luminance(colour: str) -> float:
    """Return WCAG's relative luminance, 0 to 1."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def is_address(text: str) -> bool:
    """Whether *text* can stand in a To header as it is."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def compose(
    tenant: TenantSnapshot,
    letter: Letter,
    *,
    to: str,
    name: str,
    language: str,
    message_id: str,
    date: datetime,
) -> EmailMessage:
    """
    Return the message. Headers are built from addresses and single lines only: nothing can add another header.

    Raises:
        ValueError: *to* is no address.

    """
    if not is_address(to):
        message = "not an e-mail address"
        raise ValueError(message)
    accent, on_accent = colours(tenant)
    context: dict[str, Any] = {
        "lang": html_lang(language),
        "subject": letter.subject,
        "tenant_name": tenant.name,
        "portal": portal_name(tenant),
        "origin": tenant.origin,
        "accent": accent,
        "on_accent": on_accent,
        "closing": _answer(tenant, "brand.closing"),
        "footer": footer(tenant),
        "zone": tenant.zone,
        "greeting_name": "",
        "greeting_customer": "",
        "why": "",
        "choices_url": "",
        **letter.context,
    }
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox(portal_name(tenant), settings().mail_from)
    mail["To"] = _mailbox(one_line(name), to)
    mail["Subject"] = one_line(letter.subject)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    answers, reply_to = letter.reply_to or (tenant.name, _answer(tenant, "brand.email"))
    if is_address(reply_to):
        mail["Reply-To"] = _mailbox(one_line(answers), reply_to)
    if letter.unsubscribe:
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text = templates().render(f"mails/{letter.template}.txt", language, context)
    mail.set_content(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")
    mail.add_alternative(templates().render(f"mails/{letter.template}.html", language, context), subtype="html")
    for attachment in letter.attachments:
        maintype, _slash, subtype = attachment.media_type.partition("/")
        mail.add_attachment(attachment.data, maintype=maintype, subtype=subtype, filename=attachment.name)
    mail["Content-Language"] = html_lang(language)  # last: setting the content takes such headers off
    return mail


def _mailbox(name: str, address: str) -> Address | str:
    if not address.isascii():  # an internationalised local part: as it is, the server decides
        return address
    return Address(display_name=name, addr_spec=address)
