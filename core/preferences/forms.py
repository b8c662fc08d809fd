"""Forms of preferences: one is made from the declared settings of each section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.fields import IntegerField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from core.forms import EmailField, Form, LongTextField, Required, TextField, choices
from core.i18n import LANGUAGES, Translator
from core.people.forms import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.contributions import Setting

_ = Translator("core")


def _field(setting: Setting) -> Any:
    said: dict[str, Any] = {"label": setting.label, "description": setting.help or ""}
    match setting.kind:
        case "boolean":
            return BooleanField(**said)
        case "long_text":
            return LongTextField(**said, render_kw={"rows": 4})
        case "choice":
            return SelectField(**said, choices=choices(setting.choices))
        case "integer":
            limits = {"min": setting.minimum, "max": setting.maximum}
            return IntegerField(**said, render_kw={key: value for key, value in limits.items() if value is not None})
        case "email":
            return EmailField(**said)
        case _:
            return TextField(**said)


def settings_form(settings: Sequence[Setting]) -> type[Form]:
    """Return a form with one field per setting, named by its key."""
    return type("SettingsForm", (Form,), {setting.key: _field(setting) for setting in settings})


def answers_of(settings: Sequence[Setting], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is answered now, defaults where nothing is."""
    return {setting.key: stored.get(setting.key, setting.default) for setting in settings}


class PortalForm(Form):
    """The company's name, the portal's languages and time zone."""

    name = TextField(_("Name of your company"), [Required(), Length(max=120)])
    language = SelectField(
        words(_("First language")), choices=choices((code, one.name) for code, one in LANGUAGES.items())
    )
    languages = SelectMultipleField(
        words(_("Languages that the portal offers")),
        choices=choices((code, one.name) for code, one in LANGUAGES.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    zone = SelectField(
        words(_("Time zone")), choices=choices((zone, zone) for zone in sorted(available_timezones()) if "/" in zone)
    )

    def chosen_languages(self) -> list[str]:
        """Return the languages, the first one first."""
        rest = [code for code in self.languages.data or [] if code != self.language.data]
        return [self.language.data, *rest]


class NameForm(Form):
    """The portal's name in its address."""

    portal_name = TextField(_("Portal name"), [Required(), Length(max=63)])
