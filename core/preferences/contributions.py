"""Preferences of the portal itself, and what is written down when preferences change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contributions import ActivityKind, Setting
from core.i18n import Translator
from core.people import contributions as people

if TYPE_CHECKING:
    from collections.abc import Sequence

_ = Translator("core")


def activity_kinds() -> Sequence[ActivityKind]:
    """What happens to a tenant's configuration beside its settings, modules and roles."""
    return [
        ActivityKind(
            key="core.portal_renamed",
            label=_("Changed portal addresses"),
            sentence=_("{by} changed the address of the portal from {before} to {after}"),
            icon="world",
            channel="none",
            shared=False,
        ),
        ActivityKind(
            key="core.provider_changed",
            label=_("Changed sign-in providers"),
            sentence=_("{by} changed the sign-in provider {name}"),
            icon="key",
            channel="none",
            shared=False,
        ),
        ActivityKind(
            key="core.customer_module_switched",
            label=_("Modules switched for one customer"),
            sentence=_("{by} switched {module} for {name}"),
            icon="puzzle",
            channel="none",
            shared=False,
        ),
    ]


def settings() -> Sequence[Setting]:
    """What a tenant decides about its portal, and about what its customers may change themselves."""
    return [
        Setting(
            key="portal.banner",
            label=_("Banner on the start page"),
            help=_("Plain text; line breaks are kept. Empty: no banner."),
            kind="long_text",
            default="",
            section="portal",
            weight=10,
        ),
        Setting(
            key="portal.contact_email",
            label=_("E-mail for questions"),
            help=_("Stands beside the sign-in form and on error pages. Empty: the e-mail of your brand."),
            kind="email",
            default="",
            section="portal",
            weight=20,
        ),
        Setting(
            key="portal.edit_personal",
            label=_("Contacts may change their own data"),
            help=_("Name, telephone numbers. Language and looks are always their own choice."),
            kind="boolean",
            default=True,
            section="rights",
            weight=10,
        ),
        Setting(
            key="portal.edit_company",
            label=_("Contacts may change the company's address and invoicing preferences"),
            help=_("Only those whose role allows it."),
            kind="boolean",
            default=True,
            section="rights",
            weight=20,
        ),
        *people.settings(),
    ]
