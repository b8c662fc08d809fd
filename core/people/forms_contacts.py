"""The form of a new contact, whole or by steps; what a step does not show travels with it unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.core import Field

from core.forms import EmailField, TextField, add_problems, choices
from core.i18n import Translator
from core.people.actor import current_actor
from core.people.contact_options import invitation_of, is_wizard
from core.people.forms import Checkboxes, PersonForm, SeatForm, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.i18n import LazyString
    from core.people.persons import Access

_ = Translator("core")

Step = Literal["data", "seen", "access", "told", "send", "check"]

STEPS: dict[Step, LazyString] = {
    "data": _("Who it is"),
    "seen": _("What is seen"),
    "access": _("Access"),
    "told": _("Notifications"),
    "send": _("Invitation"),
    "check": _("Check and complete"),
}
_FIELDS: dict[Step, frozenset[str]] = {
    "data": frozenset(
        {"given_name", "family_name", "tax_id", "phone", "mobile", "other_contact", "language"}
        | {"customer", "customer_search", "role", "reach", "projects"}
    ),
    "seen": frozenset(),
    "access": frozenset({"activate", "email", "somebody_else"}),
    "told": frozenset({"mails", "told"}),
    "send": frozenset({"send"}),
    "check": frozenset(),
}
_NEVER_CARRIED = frozenset({"id", "version", "access", "customer_search"})


class NewContactForm(PersonForm, SeatForm):
    """A new contact: who she is, where, as what, and whether she is invited."""

    customer_search = TextField(_("Find a customer"))
    email = EmailField(words(_("E-mail")))
    somebody_else = BooleanField(words(_("This is somebody else: a new contact who inherits nothing")))
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
        validate_choice=False,
    )
    activate = RadioField(
        words(_("Access to the portal")),
        choices=choices([("yes", _("Activate")), ("no", _("Without access: keep in the address book"))]),
        default="yes",
        validate_choice=False,
    )
    send = RadioField(
        words(_("Invitation")),
        choices=choices([("now", _("Send now")), ("later", _("Send later"))]),
        default="now",
        validate_choice=False,
    )

    mails = Checkboxes(_("Mails that the contact gets"), choices=[], validate_choice=False)
    told = HiddenField()
    """Whether the mails have been shown: none ticked is an answer then."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tenant = current_actor().tenant
        if not is_wizard(tenant) and invitation_of(tenant) == "on_save":
            self.email.flags.required = True

    def wanted_access(self) -> Access:
        """Return what the contact is to have, by the tenant's settings and what was chosen."""
        tenant = current_actor().tenant
        invitation = invitation_of(tenant)
        if is_wizard(tenant):
            if self.activate.data != "yes":
                return "none"
            now = invitation == "on_save" or (invitation == "ask" and self.send.data == "now")
            return "invite" if now else "login"
        if invitation == "by_hand":
            return "none"
        if invitation == "on_save":
            return "invite"
        chosen = str(self.access.data)
        return "login" if chosen == "login" else "none" if chosen == "none" else "invite"

    def check_customer(self) -> None:
        """Say at the field that a name which is typed and not chosen is no customer."""
        typed = self.customer_search.data
        if typed and not self.customer.data:
            text = _("“{text}” is typed, but not chosen. Choose a customer from the list.").format(text=typed)
            self.customer.errors = []
            add_problems(self, {"customer": [text]})

    # -- steps ---------------------------------------------------------------------------------------------------------

    def steps(self) -> list[Step]:
        """Return the steps there are, by what was chosen so far."""
        gets_in = self.activate.data == "yes"
        asks = gets_in and invitation_of(current_actor().tenant) == "ask"
        return ["data", "seen", "access", *(["told"] if gets_in else []), *(["send"] if asks else []), "check"]  # type: ignore[list-item]  # literals

    def step_of(self, text: str) -> Step:
        """Return the step that *text* names, the first where it names none of them."""
        return next((step for step in self.steps() if step == text), "data")

    def refused_at(self, step: Step) -> Step | None:
        """Return the first step up to *step* with something wrong; what later steps lack is not told yet."""
        steps = self.steps()
        passed = steps[: steps.index(step) + 1]
        for later in [one for one in _FIELDS if one not in passed]:
            for name in _FIELDS[later]:
                self[name].errors = []
        self.form_errors = [*self.form_errors]
        return next((one for one in passed if any(self[name].errors for name in _FIELDS[one])), None)

    def carried(self, step: Step) -> Iterator[tuple[str, str]]:
        """Yield name and value of everything that *step* does not show."""
        for field in self:
            name = str(field.short_name)
            if name in _FIELDS[step] or name in _NEVER_CARRIED:
                continue
            for value in _values(field):
                yield name, value


def _values(field: Field) -> Sequence[str]:
    data: Any = field.data
    if isinstance(field, BooleanField):
        return ["y"] if data else []
    if isinstance(data, list | tuple | set):
        return [str(one) for one in data]
    return [str(data)] if data else []
