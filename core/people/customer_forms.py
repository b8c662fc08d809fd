"""Forms about customers, companies and projects; who saves what has changed meanwhile is told what."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from wtforms import HiddenField, SelectField
from wtforms.validators import Length

from core.formats import COUNTRIES, country_name
from core.forms import DayField, EmailField, Form, HiddenId, LongTextField, Required, TextField, choices
from core.i18n import LANGUAGES, Translator, current_language
from core.people.company import Address, Invoicing, read_address, read_invoicing
from core.people.customers import CustomerDetails, ProjectDetails
from core.people.forms import Checkboxes, language_choices, read_id, words
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.people.tables import Customer, Project

_ = Translator("core")


@cache
def country_choices(language: str) -> list[Any]:
    """Return the countries by their names in *language*, none first."""
    named = sorted((fold(country_name(code, language)), code) for code in COUNTRIES)
    return choices([("", "–"), *((code, country_name(code, language)) for _folded, code in named)])


class VersionedForm(Form):
    """A form that carries the version it was shown with."""

    version = HiddenField()

    def shown_version(self) -> int | None:
        """Return that version, None where it is none."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() else None


def differences(filled: Form, stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return label, stored and typed for each field whose stored value is another one by now."""
    found = []
    for field in filled:
        name = field.short_name
        if name in {"id", "version"} or name not in stored:
            continue
        now, typed = stored[name] or "", field.data or ""
        if now == typed:
            continue
        if isinstance(field, Checkboxes):
            if set(now) == set(typed):
                continue
            now, typed = _labels(field, now), _labels(field, typed)
        elif isinstance(field, SelectField):
            now, typed = _labels(field, [now]), _labels(field, [typed])
        found.append({"label": field.label.text, "stored": str(now), "typed": str(typed)})
    return found


def _labels(field: Any, values: Any) -> str:
    labels = {str(choice.value): choice.label for choice in field.choices or ()}
    return ", ".join(str(labels.get(str(value), value)) for value in values)


class _AddressForm(VersionedForm):
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
        "version": customer.version,
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


class ProjectForm(VersionedForm):
    """A project of a customer."""

    id = HiddenId()
    name = TextField(_("Name"), [Required(), Length(max=200)])
    number = TextField(_("Number"), [Length(max=60)])
    starts_on = DayField(_("Start"))
    ends_on = DayField(_("End"))
    state = SelectField(
        words(_("State")), choices=choices([("open", _("Open")), ("closed", _("Closed"))]), default="open"
    )
    people = Checkboxes(_("Contacts on this project"), choices=[], validate_choice=False)

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
        "version": project.version,
        "name": project.name,
        "number": project.number or "",
        "starts_on": project.starts_on,
        "ends_on": project.ends_on,
        "state": project.state,
    }
