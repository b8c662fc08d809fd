"""Forms with which a customer's manager keeps colleagues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import RadioField, SelectField

from core.contributions import Audience, Reach
from core.forms import EmailField, Form, Required, add_problems, choices
from core.i18n import Translator
from core.people.forms import REACH_CHOICES, PersonForm, known_role, role_choices, words
from core.people.persons import Seat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from core.tenancy.snapshot import RoleGrants

_ = Translator("core")


class RightsForm(Form):
    """A colleague's role at the company, and how far it goes."""

    role = RadioField(words(_("Role")), [Required(_("Choose one from the list."))], validate_choice=False)
    reach = RadioField(words(_("How far it goes")), default=Reach.COMPANY.word)

    def offer(self, roles: Sequence[RoleGrants], widest: Reach) -> None:
        """Offer these roles, and what does not go further than *widest*."""
        self.role.choices = role_choices(roles)
        self.reach.choices = choices((word, label) for word, label in REACH_CHOICES if Reach.parse(word) <= widest)

    def seat(self, customer: UUID) -> Seat | None:
        """Return the place at *customer*, None where something of it is none."""
        role = known_role(self.role.data, Audience.CONTACT)
        if role is None:
            if not self.role.errors:
                add_problems(self, {"role": [_("Choose one from the list.")]})
            return None
        return Seat(customer=customer, role=role, reach=Reach.parse(self.reach.data))


class ColleagueForm(PersonForm):
    """What is known of a colleague."""


class NewColleagueForm(PersonForm, RightsForm):
    """A new colleague: who she is, and as what she is invited."""

    email = EmailField(words(_("E-mail")), [Required()])


class HeirForm(Form):
    """Who takes over what is addressed to a person."""

    heir = SelectField(words(_("Who takes over the records")), validate_choice=False)
