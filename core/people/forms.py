"""Forms about people, customers and roles."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from babel import Locale
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from core.contributions import Reach
from core.db import uuid7
from core.errors import DomainError, InvalidInputError, WrongStateError
from core.forms import DayField, EmailField, Form, HiddenId, LongTextField, Required, TextField, add_problems, choices
from core.i18n import LANGUAGES, LazyString, Translator, current_language
from core.i18n.languages import babel_locale
from core.people.company import Address, Invoicing, read_address, read_invoicing
from core.people.customers import CustomerDetails, ProjectDetails
from core.people.persons import Details, Seat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from core.people.tables import Customer, Person, Project, Role

_ = Translator("core")

REACHES = (
    (Reach.OWN, _("Only what is addressed to this person")),
    (Reach.PROJECTS, _("The projects this person is assigned to")),
    (Reach.COMPANY, _("Everything of the company")),
    (Reach.GROUP, _("Everything of the company and its subsidiaries")),
)
REACH_CHOICES = [(reach.word, label) for reach, label in REACHES]
SHORT_REACHES = {
    Reach.OWN.word: _("Own"),
    Reach.PROJECTS.word: _("Projects"),
    Reach.COMPANY.word: _("Company"),
    Reach.GROUP.word: _("Group"),
}


@cache
def country_choices(language: str) -> list[Any]:
    """Return the countries by their names in *language*, none first."""
    names: Locale = babel_locale(language)
    found = [(code, name) for code, name in names.territories.items() if len(code) == 2 and code.isalpha()]
    unreal = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    return choices(
        [("", "–"), *sorted(((code, name) for code, name in found if code not in unreal), key=lambda pair: pair[1])]
    )


def language_choices(languages: Sequence[str], *, default: LazyString) -> list[Any]:
    """Return languages by their own names; the empty one is *default*."""
    return choices([("", default), *((code, LANGUAGES[code].name) for code in languages)])


class _Checkboxes(SelectMultipleField):
    """Several of a list, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "SelectMultipleField"


def read_id(text: str | None) -> UUID | None:
    """Return what a select sends as an id; None where it is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def words(text: LazyString) -> Any:
    """Return *text* as the types of WTForms want it: they say str, and pass it on unread."""
    return text


class refused_into:  # noqa: N801 -- reads like the sentence it is used in
    """Run verbs; what they refuse ends up in the form, at *field* where a state forbids it, and the block ends."""

    def __init__(self, form: Form, field: str = "") -> None:
        self.error: DomainError | None = None
        self._form = form
        self._field = field

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, InvalidInputError | WrongStateError):
            return False
        self.error = error
        fields = error.fields if isinstance(error, InvalidInputError) else {}
        add_problems(self._form, fields or {self._field: [error.message]})
        return True


class PersonForm(Form):
    """What is known of a person."""

    id = HiddenId()
    given_name = TextField(_("First name"), [Required(), Length(max=100)])
    family_name = TextField(_("Last name"), [Required(), Length(max=100)])
    email = EmailField(words(_("E-mail")))
    phone = TextField(_("Telephone"), [Length(max=100)])
    mobile = TextField(_("Mobile"), [Length(max=100)])
    other_contact = TextField(
        _("Other contact"), [Length(max=100)], description=words(_("For example a user name in a chat."))
    )
    language = SelectField(words(_("Language")), validate_choice=False)

    def details(self) -> Details:
        """Return what was typed."""
        return Details(
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            email=self.email.data,
            phone=self.phone.data,
            mobile=self.mobile.data,
            other_contact=self.other_contact.data,
            language=self.language.data or None,
        )


class SeatForm(Form):
    """A contact's place at one customer."""

    customer = SelectField(words(_("Customer")), [Required(_("Choose one from the list."))], validate_choice=False)
    role = RadioField(words(_("Role")), [Required(_("Choose one from the list."))], validate_choice=False)
    reach = RadioField(words(_("How far it goes")), choices=choices(REACH_CHOICES), default=Reach.COMPANY.word)
    projects = _Checkboxes(_("Projects"), choices=[], validate_choice=False)

    def seat(self) -> Seat | None:
        """Return the place, or None with the reason at its field where something of it is no id."""
        customer, role = read_id(self.customer.data), read_id(self.role.data)
        for field, value in ((self.customer, customer), (self.role, role)):
            if value is None and not field.errors:
                add_problems(self, {field.name: [_("Choose one from the list.")]})
        if customer is None or role is None:
            return None
        return Seat(customer=customer, role=role, reach=Reach.parse(self.reach.data))

    def project_ids(self) -> set[UUID]:
        """Return the projects that are ticked."""
        return {found for found in map(read_id, self.projects.data or []) if found is not None}


class NewContactForm(PersonForm, SeatForm):
    """A new contact: who she is, where, as what, and whether she is invited."""

    email = EmailField(words(_("E-mail")))
    access = RadioField(
        words(_("Access to the portal")),
        choices=choices(
            [
                ("none", _("Not yet: keep in the address book")),
                ("login", _("Create the login now, send the invitation later")),
                ("invite", _("Send the invitation now")),
            ]
        ),
        default="invite",
    )


class StaffForm(PersonForm):
    """A member of the staff."""

    email = EmailField(words(_("E-mail")), [Required()])
    role = RadioField(words(_("Role")), [Required(_("Choose one from the list."))], validate_choice=False)


class ProfileForm(Form):
    """One's own data."""

    given_name = TextField(_("First name"), [Required(), Length(max=100)])
    family_name = TextField(_("Last name"), [Required(), Length(max=100)])
    phone = TextField(_("Telephone"), [Length(max=100)])
    mobile = TextField(_("Mobile"), [Length(max=100)])
    other_contact = TextField(_("Other contact"), [Length(max=100)])
    language = SelectField(words(_("Language")), validate_choice=False)


class _AddressForm(Form):
    """A postal address and invoicing preferences."""

    lines = LongTextField(_("Street and number"), [Length(max=500)])
    postal_code = TextField(_("Postal code"), [Length(max=20)])
    city = TextField(_("Town"), [Length(max=100)])
    region = TextField(_("Region"), [Length(max=100)])
    country = SelectField(words(_("Country")), default="")
    invoice_email = EmailField(words(_("E-mail for invoices")))
    reference = TextField(_("Your reference on invoices"), [Length(max=200)])
    invoice_format = SelectField(
        words(_("Preferred format")),
        default="",
        choices=choices([("", _("No preference")), ("pdf", "PDF"), ("xml", "XML"), ("pdf+xml", "PDF + XML")]),
    )
    invoice_language = SelectField(words(_("Language of invoices")), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices(current_language())
        self.invoice_language.choices = language_choices(tuple(LANGUAGES), default=_("No preference"))

    def address(self) -> Address:
        """Return what was typed as an address."""
        return Address(
            lines=tuple(line.strip() for line in self.lines.data.splitlines() if line.strip()),
            postal_code=self.postal_code.data,
            city=self.city.data,
            region=self.region.data,
            country=self.country.data or "",
        )

    def invoicing(self) -> Invoicing:
        """Return what was chosen for invoices."""
        return Invoicing(
            email=self.invoice_email.data,
            reference=self.reference.data,
            format=self.invoice_format.data or "",
            language=self.invoice_language.data or "",
        )


def address_data(customer: Customer) -> dict[str, Any]:
    """Return a customer's address and invoicing preferences as forms show them."""
    address, invoicing = read_address(customer.address), read_invoicing(customer.invoicing)
    return {
        "lines": "\n".join(address.lines),
        "postal_code": address.postal_code,
        "city": address.city,
        "region": address.region,
        "country": address.country,
        "invoice_email": invoicing.email,
        "reference": invoicing.reference,
        "invoice_format": invoicing.format,
        "invoice_language": invoicing.language,
    }


class CompanyForm(_AddressForm):
    """What the company's own people may change."""


class CustomerForm(_AddressForm):
    """A customer."""

    id = HiddenId()
    name = TextField(_("Name"), [Required(), Length(max=200)])
    number = TextField(_("Customer number"), [Length(max=60)])
    tax_id = TextField(_("Tax number"), [Length(max=40)])
    language = SelectField(words(_("Language")), validate_choice=False)
    parent = SelectField(
        words(_("Parent company")),
        validate_choice=False,
        description=words(_("Where this customer belongs to another one; one level.")),
    )

    def details(self) -> CustomerDetails:
        """Return what was typed."""
        return CustomerDetails(
            name=self.name.data,
            number=self.number.data or None,
            tax_id=self.tax_id.data or None,
            language=self.language.data or None,
            parent=read_id(self.parent.data),
            address=self.address(),
            invoicing=self.invoicing(),
        )


def customer_data(customer: Customer) -> dict[str, Any]:
    """Return a customer as its form shows it."""
    return address_data(customer) | {
        "id": customer.id,
        "name": customer.name,
        "number": customer.number or "",
        "tax_id": customer.tax_id or "",
        "language": customer.language or "",
        "parent": str(customer.parent) if customer.parent else "",
    }


class ProjectForm(Form):
    """A project of a customer."""

    id = HiddenId()
    name = TextField(_("Name"), [Required(), Length(max=200)])
    number = TextField(_("Number"), [Length(max=60)])
    starts_on = DayField(_("Start"))
    ends_on = DayField(_("End"))
    state = SelectField(
        words(_("State")), choices=choices([("open", _("Open")), ("closed", _("Closed"))]), default="open"
    )
    people = _Checkboxes(_("Contacts on this project"), choices=[], validate_choice=False)

    def details(self) -> ProjectDetails:
        """Return what was typed."""
        return ProjectDetails(
            name=self.name.data,
            number=self.number.data or None,
            state=self.state.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
        )

    def people_ids(self) -> set[UUID]:
        """Return the contacts that are ticked."""
        return {found for found in map(read_id, self.people.data or []) if found is not None}


def project_data(project: Project) -> dict[str, Any]:
    """Return a project as its form shows it."""
    return {
        "id": project.id,
        "name": project.name,
        "number": project.number or "",
        "starts_on": project.starts_on,
        "ends_on": project.ends_on,
        "state": project.state,
    }


def person_data(person: Person) -> dict[str, Any]:
    """Return a person as the forms show her."""
    return {
        "id": person.id,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email or "",
        "phone": person.phone or "",
        "mobile": person.mobile or "",
        "other_contact": person.other_contact or "",
        "language": person.language or "",
    }


class RoleForm(Form):
    """The name of a role; its grants are beside it in the matrix."""

    id = HiddenId()
    label = TextField(_("Name of the role"), [Required(), Length(max=80)])


def fresh_id() -> dict[str, UUID]:
    """Return the id of a future record, for a form: sent twice, it makes one."""
    return {"id": uuid7()}


def role_choices(roles: Sequence[Role]) -> list[Any]:
    """Return roles as a form's choices."""
    return choices([(str(role.id), role.label) for role in roles])
