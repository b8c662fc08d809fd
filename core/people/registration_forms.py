"""Forms of registering, and of deciding about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms.fields import HiddenField
from wtforms.validators import Length

from core.forms import EmailField, Form, LongTextField, Required, TextField
from core.i18n import Translator
from core.people.contact_options import required_of
from core.people.forms import SeatForm, words
from core.people.registrations import LONGEST, Asked

if TYPE_CHECKING:
    from core.tenancy.snapshot import TenantSnapshot

_ = Translator("core")


class RegisterForm(Form):
    """Who asks for access. The company is a plain text: no list shows who the tenant's customers are."""

    given_name = TextField(_("First name"), [Required(), Length(max=LONGEST["given_name"])])
    family_name = TextField(_("Last name"), [Required(), Length(max=LONGEST["family_name"])])
    email = EmailField(words(_("E-mail")), [Required()])
    company = TextField(_("Company"), [Required(), Length(max=LONGEST["company"])])
    phone = TextField(_("Telephone"), [Length(max=LONGEST["phone"])])
    message = LongTextField(_("Your message to us"), [Length(max=LONGEST["message"])])
    attempt = HiddenField(name="with")

    def asked(self, language: str) -> Asked:
        """Return what was typed, by a reader of *language*."""
        return Asked(
            email=self.email.data,
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            company=self.company.data,
            phone=self.phone.data,
            message=self.message.data,
            language=language,
        )


class RegisterWithPhoneForm(RegisterForm):
    """The same where the tenant wants another way to reach each contact."""

    phone = TextField(_("Telephone"), [Required(), Length(max=LONGEST["phone"])])


def register_form(tenant: TenantSnapshot) -> type[RegisterForm]:
    """Return the form that asks for what the tenant must know of a contact."""
    return RegisterWithPhoneForm if required_of(tenant) == "memoq" else RegisterForm


class ApproveForm(SeatForm):
    """Where the new contact belongs: only customers that there are can be chosen. What was typed can be put right."""

    given_name = TextField(_("First name"), [Required(), Length(max=LONGEST["given_name"])])
    family_name = TextField(_("Last name"), [Required(), Length(max=LONGEST["family_name"])])
    phone = TextField(_("Telephone"), [Length(max=LONGEST["phone"])])


class ApproveKnownForm(SeatForm):
    """The same for somebody whom staff have in their contacts: what they wrote of her stays."""


class RejectForm(Form):
    """A refusal; the reason goes into the mail."""

    reason = LongTextField(_("Reason, if you want to give one"), [Length(max=LONGEST["message"])])
