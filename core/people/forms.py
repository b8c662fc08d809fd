"""Forms about people, customers and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from core.contributions import Audience, Reach
from core.db import uuid7
from core.errors import DomainError, InvalidInputError, TooManyAttemptsError, WrongStateError
from core.forms import EmailField, Form, HiddenId, Required, TextField, add_problems, choices
from core.i18n import LANGUAGES, LazyString, Translator
from core.people.actor import current_actor
from core.people.contact_options import required_of
from core.people.personal_numbers import number_label
from core.people.persons import Details, Seat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from litestar import Response

    from core.people.tables import Person, Role
    from core.tenancy.snapshot import RoleGrants

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


def language_choices(languages: Sequence[str], *, default: LazyString) -> list[Any]:
    """Return languages by their own names; the empty one is *default*."""
    return choices([("", default), *((code, LANGUAGES[code].name) for code in languages)])


class Checkboxes(SelectMultipleField):
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


def known_role(text: str | None, audience: Audience) -> UUID | None:
    """Return the role that a radio button sends, None where the tenant has no such role for *audience*."""
    role = read_id(text)
    held = current_actor().tenant.roles.get(role) if role is not None else None
    return role if held is not None and held.audience is audience else None


def words(text: LazyString) -> Any:
    """Return *text* as the types of WTForms want it: they say str, and pass it on unread."""
    return text


class refused_into:  # noqa: N801 -- reads like the sentence it is used in
    """
    Run verbs; what they refuse ends up in the form, at *field* where a state forbids it, and the block ends.

    With *limits* also that it is too often: for forms in which somebody has written more than a few words.
    """

    def __init__(self, form: Form, field: str = "", *, limits: bool = False) -> None:
        self.error: DomainError | None = None
        self._form = form
        self._field = field
        self._kinds = (InvalidInputError, WrongStateError, *((TooManyAttemptsError,) if limits else ()))

    def answered(self, page: Response[str]) -> Response[str]:
        """Return the page with the form, as an answer to what was refused: with when to come back, if it says so."""
        if isinstance(self.error, TooManyAttemptsError):
            page.status_code = self.error.status
            page.headers["Retry-After"] = str(self.error.retry_after)
        return page

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, DomainError) or not isinstance(error, self._kinds):
            return False
        self.error = error
        fields = error.fields if isinstance(error, InvalidInputError) else {}
        add_problems(self._form, fields or {self._field: [error.message]})
        return True


class PersonForm(Form):
    """What is known of a person."""

    for_contacts: ClassVar[bool] = True
    """Whether the tenant's choice of required fields holds; of staff both names are known."""

    id = HiddenId()
    version = HiddenField()
    given_name = TextField(_("First name"), [Required(), Length(max=100)])
    family_name = TextField(_("Last name"), [Required(), Length(max=100)])
    email = EmailField(words(_("E-mail")))
    phone = TextField(_("Telephone"), [Length(max=100)])
    mobile = TextField(_("Mobile"), [Length(max=100)])
    other_contact = TextField(
        _("Other contact"), [Length(max=100)], description=words(_("For example a user name in a chat."))
    )
    tax_id = TextField(_("Tax number"), [Length(max=40)])
    language = SelectField(words(_("Language")), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tenant = current_actor().tenant
        self.tax_id.label.text = words(number_label(tenant.country))
        if self.for_contacts and required_of(tenant) == "simple":
            self.family_name.validators = [Length(max=100)]
            self.family_name.flags.required = False

    def shown_version(self) -> int | None:
        """Return the version of the person that the form was shown with."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() else None

    def details(self) -> Details:
        """Return what was typed."""
        return Details(
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            email=self.email.data,
            phone=self.phone.data,
            mobile=self.mobile.data,
            other_contact=self.other_contact.data,
            tax_id=self.tax_id.data,
            language=self.language.data or None,
        )


class RecipientForm(PersonForm):
    """What is known of a recipient of forwarded documents: the address, and what somebody adds to it."""

    given_name = TextField(_("First name"), [Length(max=100)])
    family_name = TextField(_("Last name"), [Length(max=100)])
    email = EmailField(words(_("E-mail")), [Required()])


class SeatForm(Form):
    """A contact's place at one customer."""

    customer = SelectField(words(_("Customer")), [Required(_("Choose one from the list."))], validate_choice=False)
    role = RadioField(words(_("Role")), [Required(_("Choose one from the list."))], validate_choice=False)
    reach = RadioField(words(_("How far it goes")), choices=choices(REACH_CHOICES), default=Reach.COMPANY.word)
    projects = Checkboxes(_("Projects"), choices=[], validate_choice=False)

    def seat(self) -> Seat | None:
        """Return the place, or None with the reason at its field where something of it is no id."""
        customer, role = read_id(self.customer.data), known_role(self.role.data, Audience.CONTACT)
        for field, value in ((self.customer, customer), (self.role, role)):
            if value is None and not field.errors:
                add_problems(self, {field.name: [_("Choose one from the list.")]})
        if customer is None or role is None:
            return None
        return Seat(customer=customer, role=role, reach=Reach.parse(self.reach.data))

    def project_ids(self) -> set[UUID]:
        """Return the projects that are ticked."""
        return {found for found in map(read_id, self.projects.data or []) if found is not None}


class StaffDataForm(PersonForm):
    """What is known of a member of the staff."""

    for_contacts = False


class StaffForm(StaffDataForm):
    """A new member of the staff."""

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
        "tax_id": person.tax_id or "",
        "version": person.version,
        "language": person.language or "",
    }


class RoleForm(Form):
    """The name of a role; its grants are beside it in the matrix."""

    id = HiddenId()
    label = TextField(_("Name of the role"), [Required(), Length(max=80)])


def fresh_id() -> dict[str, UUID]:
    """Return the id of a future record, for a form: sent twice, it makes one."""
    return {"id": uuid7()}


def role_choices(roles: Sequence[Role] | Sequence[RoleGrants]) -> list[Any]:
    """Return roles as a form's choices."""
    return choices([(str(role.id), role.label) for role in roles])
