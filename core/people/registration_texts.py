"""What a tenant says in its own words to people who register: plain text with a few names to be filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.contributions import Setting
from core.errors import InvalidInputError
from core.i18n import LANGUAGES, Translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tenancy.snapshot import TenantSnapshot

_ = Translator("core")

SECTION = "registration"
ENABLED = "accounts.registration"
COUNTRY_REQUIRED = "accounts.registration_country"
PAGE_TEXT = "accounts.registration_page"
MAIL_TEXT = "accounts.registration_mail"
NAMES = ("{portal}", "{company}")
"""What may stand in the texts: the portal's name, and the tenant's. Nothing that a stranger has typed."""
_BRACES = re.compile(r"\{[^{}]*\}|[{}]")


def settings() -> Sequence[Setting]:
    """Return what a tenant decides about people who register; the texts once per language."""
    return [
        Setting(
            key=ENABLED,
            label=_("People may register by themselves"),
            help=_(
                "The sign-in page offers it. Who registers has no access: you decide on each, and choose the customer. "
                "Your customers are listed nowhere."
            ),
            kind="boolean",
            default=False,
            section=SECTION,
            weight=10,
        ),
        Setting(
            key=COUNTRY_REQUIRED,
            label=_("The country must be given"),
            kind="boolean",
            default=False,
            section=SECTION,
            weight=20,
        ),
        *(_text(PAGE_TEXT, _("Text above the form, in {language}"), code, weight=30) for code in LANGUAGES),
        *(_text(MAIL_TEXT, _("Text of the confirmation mail, in {language}"), code, weight=40) for code in LANGUAGES),
    ]


def _text(key: str, label: object, language: str, *, weight: int) -> Setting:
    return Setting(
        key=f"{key}.{language}",
        label=label.format(language=LANGUAGES[language].name),  # type: ignore[attr-defined]  # a LazyString
        help=_("Empty: our own text. {names} are filled in.").format(names=", ".join(NAMES)),
        kind="long_text",
        default="",
        section=SECTION,
        language=language,
        weight=weight,
    )


def check_text(typed: str) -> str:
    """
    Return a text as it is stored.

    Raises:
        InvalidInputError: something in braces is none of the names that are filled in.

    """
    unknown = [found for found in _BRACES.findall(typed) if found not in NAMES]
    if unknown:
        reason = _("“{word}” cannot be filled in. These can: {names}.").format(word=unknown[0], names=", ".join(NAMES))
        raise InvalidInputError(fields={"": [reason]})
    return typed


def asks_country(tenant: TenantSnapshot) -> bool:
    """Whether who registers must give the country."""
    return bool(tenant.setting(COUNTRY_REQUIRED))


def own_page_text(tenant: TenantSnapshot, language: str) -> list[list[str]]:
    """Return the tenant's text above the form as paragraphs of lines; none where it has written none."""
    return _filled(tenant, f"{PAGE_TEXT}.{language}")


def own_mail_text(tenant: TenantSnapshot, language: str) -> list[list[str]]:
    """Return the tenant's text of the confirmation mail in the same way."""
    return _filled(tenant, f"{MAIL_TEXT}.{language}")


def _filled(tenant: TenantSnapshot, key: str) -> list[list[str]]:
    text = str(tenant.setting(key)).strip()
    title = str(tenant.setting("brand.portal_title")) or tenant.name
    for name, value in zip(NAMES, (title, tenant.name), strict=True):
        text = text.replace(name, value)
    return [paragraph.split("\n") for paragraph in re.split(r"\n{2,}", text) if paragraph.strip()]
