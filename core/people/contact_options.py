"""What a tenant has decided about its contacts: the shape of their form, what is required, when they are invited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from core.contributions import Setting
from core.i18n import Translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tenancy.snapshot import TenantSnapshot

_ = Translator("core")

CONTACT_FORM = "people.contact_form"
INVITATION = "people.invitation"
REQUIRED_FIELDS = "people.required_fields"
ONE_CUSTOMER = "people.one_customer"

Invitation = Literal["on_save", "ask", "by_hand"]
Required = Literal["simple", "memoq", "onvio"]


def is_wizard(tenant: TenantSnapshot) -> bool:
    """Whether contacts are added step by step instead of on one page."""
    return bool(tenant.setting(CONTACT_FORM) == "wizard")


def invitation_of(tenant: TenantSnapshot) -> Invitation:
    """Return when a new contact is invited: with saving, when staff says so there, or from the contact's page only."""
    return cast("Invitation", tenant.setting(INVITATION))


def required_of(tenant: TenantSnapshot) -> Required:
    """Return which preset of required fields holds."""
    return cast("Required", tenant.setting(REQUIRED_FIELDS))


def has_one_customer(tenant: TenantSnapshot) -> bool:
    """Whether a contact belongs to one customer only."""
    return bool(tenant.setting(ONE_CUSTOMER))


def settings() -> Sequence[Setting]:
    """How a tenant keeps its contacts."""
    return [
        Setting(
            key=CONTACT_FORM,
            label=_("Adding a contact"),
            kind="choice",
            default="page",
            section="people",
            choices=(("page", _("Everything on one page")), ("wizard", _("Step by step"))),
            weight=10,
        ),
        Setting(
            key=INVITATION,
            label=_("Invitations to new contacts"),
            help=_("Whatever is chosen, an invitation can be sent and sent again from the contact’s page."),
            kind="choice",
            default="by_hand",
            section="people",
            choices=(
                ("on_save", _("Sent with saving the contact")),
                ("ask", _("The form asks each time")),
                ("by_hand", _("Only from the contact’s page: adding somebody sends nothing")),
            ),
            weight=20,
        ),
        Setting(
            key=REQUIRED_FIELDS,
            label=_("What must be known of a contact"),
            kind="choice",
            default="simple",
            section="people",
            choices=(
                ("simple", _("A name")),
                ("memoq", _("First and last name, and a telephone number, mobile or other contact detail")),
                ("onvio", _("First and last name")),
            ),
            weight=30,
        ),
        Setting(
            key=ONE_CUSTOMER,
            label=_("A contact belongs to one customer only"),
            help=_("Contacts who belong to several customers already keep them."),
            kind="boolean",
            default=False,
            section="people",
            weight=40,
        ),
    ]
