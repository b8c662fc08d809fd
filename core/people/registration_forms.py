"""Forms of registering, and of deciding about it."""

from __future__ import annotations

from wtforms.validators import Length

from core.forms import EmailField, Form, LongTextField, Required, TextField
from core.i18n import Translator
from core.people.forms import SeatForm, words
from core.people.registrations import LONGEST, Asked

_ = Translator("core")


class RegisterForm(Form):
    """Who asks for access. The company is a plain text: no list shows who the tenant's customers are."""

    given_name = TextField(_("First name"), [Required(), Length(max=LONGEST["given_name"])])
    family_name = TextField(_("Last name"), [Required(), Length(max=LONGEST["family_name"])])
    email = EmailField(words(_("E-mail")), [Required()])
    company = TextField(_("Company"), [Required(), Length(max=LONGEST["company"])])
    phone = TextField(_("Telephone"), [Length(max=LONGEST["phone"])])
    message = LongTextField(_("Your message to us"), [Length(max=LONGEST["message"])])

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


class ApproveForm(SeatForm):
    """Where the new contact belongs: only customers that there are can be chosen."""


class RejectForm(Form):
    """A refusal; the reason goes into the mail."""

    reason = LongTextField(_("Reason, if you want to give one"), [Length(max=LONGEST["message"])])
