"""Forms of registering, and of deciding about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms.fields import HiddenField, RadioField, SelectField
from wtforms.validators import Length

from core.db import uuid7
from core.forms import EmailField, Form, LongTextField, Required, TextField, choices
from core.i18n import Translator, current_language
from core.people.contact_options import required_of
from core.people.customer_forms import country_choices
from core.people.forms import SeatForm, words
from core.people.registration_texts import asks_country
from core.people.registrations import LONGEST, Asked
from core.web import tenant as snapshot_of_host

if TYPE_CHECKING:
    from core.people.persons import Seat
    from core.tenancy.snapshot import TenantSnapshot

_ = Translator("core")


class RegisterForm(Form):
    """Who asks for access. The company is a plain text: no list shows who the tenant's customers are."""

    given_name = TextField(_("First name"), [Required(), Length(max=LONGEST["given_name"])])
    family_name = TextField(_("Last name"), [Required(), Length(max=LONGEST["family_name"])])
    email = EmailField(words(_("E-mail")), [Required()])
    company = TextField(_("Company"), [Required(), Length(max=LONGEST["company"])])
    country = SelectField(words(_("Country")), default="")
    phone = TextField(_("Telephone"), [Length(max=LONGEST["phone"])])
    message = LongTextField(_("Your message to us"), [Length(max=LONGEST["message"])])
    attempt = HiddenField(name="with")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices(current_language())
        if asks_country(snapshot_of_host()):
            self.country.validators = [Required(_("Choose one from the list."))]
            self.country.flags.required = True

    def asked(self, language: str) -> Asked:
        """Return what was typed, by a reader of *language*."""
        return Asked(
            email=self.email.data,
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            company=self.company.data,
            country=self.country.data or "",
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


class _PlaceForm(SeatForm):
    """Where who registered belongs: at a customer that there is, or at a new one of the name that was typed."""

    place = RadioField(
        words(_("Customer")),
        choices=choices([("known", _("One of our customers")), ("new", _("A new customer"))]),
        default="known",
    )
    company = TextField(_("Name of the new customer"), [Length(max=LONGEST["company"])])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer.flags.required = False  # a browser would insist on it where a new one is chosen

    def is_new(self) -> bool:
        """Whether the customer is to be made."""
        return bool(self.place.data == "new")

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the customer that was chosen, or for the name of the new one."""
        if self.is_new():
            self.customer.validators = []
            self.company.validators = [Required(), Length(max=LONGEST["company"])]
        return bool(super().validate(extra_validators))

    def seat(self) -> Seat | None:
        """Return the place; where the customer is new, it has got its id."""
        if self.is_new():
            self.customer.data = str(uuid7())
        return super().seat()


class ApproveForm(_PlaceForm):
    """Only customers that there are can be chosen, or a new one made. What was typed can be put right."""

    given_name = TextField(_("First name"), [Required(), Length(max=LONGEST["given_name"])])
    family_name = TextField(_("Last name"), [Required(), Length(max=LONGEST["family_name"])])
    phone = TextField(_("Telephone"), [Length(max=LONGEST["phone"])])


class ApproveKnownForm(_PlaceForm):
    """The same for somebody whom staff have in their contacts: what they wrote of her stays."""


class RejectForm(Form):
    """A refusal; the reason goes into the mail."""

    reason = LongTextField(_("Reason, if you want to give one"), [Length(max=LONGEST["message"])])
