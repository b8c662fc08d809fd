"""Forms for people: WTForms with the portal's languages, formats and sentences."""

import gettext as library_catalogues
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, ClassVar, Final
from uuid import UUID

from wtforms import Form as LibraryForm
from wtforms.fields import DateField, HiddenField, StringField, TextAreaField
from wtforms.fields import EmailField as LibraryEmailField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the types we have
from wtforms.fields.core import Field
from wtforms.i18n import messages_path
from wtforms.meta import DefaultMeta
from wtforms.validators import StopValidation

from core.formats import FormatError, decimal_text, normalise_email, number, parse_day, parse_money
from core.i18n import LANGUAGES, SOURCE_LANGUAGE, LazyString, Translator, current_language
from core.i18n.languages import plural_index
from core.text import tidy

_ = Translator("core")
SECRET_FIELDS: Final = frozenset({"password", "repeat", "current", "secret"})
"""How fields of passwords and secrets are called, in every form: what stands in them stands on no page again."""

_REQUIRED: Final = _("Please fill this in.")

# The library's sentences that say it worse; facts keep the library's names, which it fills in itself.
_OWN: Final[dict[str, LazyString]] = {
    "This field is required.": _REQUIRED,
    "Field must be equal to %(other_name)s.": _("Both fields must be the same."),
    "Field must be between %(min)d and %(max)d characters long.": _(
        "Write between {min} and {max} characters.",
    ).format(min="%(min)d", max="%(max)d"),
    "Number must be at least %(min)s.": _("This must be {min} or more.").format(min="%(min)s"),
    "Number must be at most %(max)s.": _("This must be {max} or less.").format(max="%(max)s"),
    "Number must be between %(min)s and %(max)s.": _("This must be between {min} and {max}.").format(
        min="%(min)s",
        max="%(max)s",
    ),
    "Invalid input.": _("This cannot be used."),
    "Invalid email address.": _("This is not an e-mail address."),
    "Invalid URL.": _("This is not a web address."),
    "Not a valid choice.": _("Choose one from the list."),
    "Invalid Choice: could not coerce.": _("Choose one from the list."),
    "Invalid choice(s): one or more data inputs could not be coerced.": _("Choose from the list."),
    "Not a valid time value.": _("This is not a time of day."),
    "Not a valid integer value.": _("This is not a whole number."),
    "Not a valid decimal value.": _("This is not a number."),
}
_OWN_PLURALS: Final[dict[str, LazyString]] = {
    "Field must be at least %(min)d character long.": _.plural(
        "Write at least {min} character.", "Write at least {min} characters.", "min"
    ),
    "Field cannot be longer than %(max)d character.": _.plural(
        "Write at most {max} character.", "Write at most {max} characters.", "max"
    ),
    "Field must be exactly %(max)d character long.": _.plural(
        "Write exactly {max} character.", "Write exactly {max} characters.", "max"
    ),
}


@cache
def _library(language: str) -> library_catalogues.NullTranslations:
    """The library's own catalogue; it has one Portuguese."""
    if language == SOURCE_LANGUAGE:
        return library_catalogues.NullTranslations()
    return library_catalogues.translation("wtforms", messages_path(), [LANGUAGES[language].falls_back_to or language])


class _Sentences:
    """Translations for WTForms: ours first, then the library's, in the language of the moment."""

    def gettext(self, string: str) -> str:
        own = _OWN.get(string)
        return str(own) if own is not None else _library(current_language()).gettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        own = _OWN_PLURALS.get(singular)
        if own is not None:
            return str(own.format(**{own.count_name: n}))
        language = current_language()
        if language == SOURCE_LANGUAGE:
            return singular if plural_index(language, n) == 0 else plural
        return _library(language).ngettext(singular, plural, n)


class Form(LibraryForm):
    """Base of every form; takes Litestar's form data as it is. Texts of labels and validators are LazyStrings."""

    class Meta(DefaultMeta):
        sentences: ClassVar[_Sentences] = _Sentences()

        def get_translations(self, form: Any) -> Any:  # noqa: ARG002 -- WTForms' signature
            """One object for all languages: it looks up the current one at each call."""
            return self.sentences


class Required:
    """Something must be typed or chosen; what `tidy()` takes away is nothing, 0 is something. Marks it as required."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, message: LazyString = _REQUIRED) -> None:
        self.message = message

    def __call__(self, form: LibraryForm, field: Field) -> None:  # noqa: ARG002 -- WTForms' signature
        """Stop with the message where nothing came."""
        if not any(tidy(value) if isinstance(value, str) else value for value in field.raw_data or ()):
            field.errors = []
            raise StopValidation(self.message)  # type: ignore[arg-type]  # WTForms passes it on unread


def _typed(valuelist: Sequence[Any]) -> str:
    """First value as text: NFC, without control characters, which PostgreSQL and people's screens refuse."""
    value = valuelist[0] if valuelist else ""
    return tidy(value) if isinstance(value, str) else ""


def _refused(read: Callable[[], Any]) -> Any:
    """Result of reading, or the ValueError that WTForms collects."""
    try:
        return read()
    except FormatError as error:
        raise ValueError(error.message) from error


class TextField(StringField):
    """One line of text; `data` is trimmed, NFC, without line breaks, `""` where nothing came."""

    data: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "StringField"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Trim."""
        self.data = " ".join(_typed(valuelist).splitlines())


class LongTextField(TextAreaField):
    """Text of several lines; `data` is trimmed, NFC, lines end in plain line feeds."""

    data: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "TextAreaField"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Trim."""
        self.data = _typed(valuelist)


class EmailField(LibraryEmailField):
    """E-mail address; `data` in the form that is stored, `""` where nothing came."""

    data: str

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Normalise, or refuse and keep what was typed."""
        typed = self.data = _typed(valuelist)
        if typed:
            self.data = _refused(lambda: normalise_email(typed))


class MoneyField(StringField):
    """Amount typed in the viewer's format; `data` is minor units or None.

    The currency is fixed, or that of another field of the form, which must stand before this one.
    """

    data: int | None  # type: ignore[assignment]  # only the widget is a string's

    def __init__(self, *args: Any, currency: str = "EUR", currency_field: str | None = None, **kwargs: Any) -> None:
        self._fixed_currency = currency
        self._currency_field = currency_field
        self._owner = kwargs["_form"]
        super().__init__(*args, **kwargs)
        self.type = "StringField"
        self.render_kw = {"inputmode": "decimal", "autocomplete": "off"} | (self.render_kw or {})

    @property
    def currency(self) -> str:
        """Currency of the amount."""
        if self._currency_field is None:
            return self._fixed_currency
        return str(self._owner[self._currency_field].data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the amount, or refuse."""
        typed = _typed(valuelist)
        self.data = None
        if typed:
            self.data = _refused(lambda: parse_money(typed, self.currency, current_language()))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else number(decimal_text(self.data, self.currency), current_language())


class DayField(DateField):
    """Day from the browser's own date input (ISO), or typed in the viewer's format; `data` is a date or None."""

    data: date | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "DateField"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day, or refuse."""
        typed = _typed(valuelist)
        self.data = None
        if typed:
            self.data = _refused(lambda: parse_day(typed, current_language()))


class HiddenId(HiddenField):
    """Id that a form carries: of the future record, of the version shown, of the customer; `data` is a UUID or None."""

    data: UUID | None  # type: ignore[assignment]  # only the widget is a string's

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "HiddenField"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the id; a broken one is none of the person's doing."""
        typed = _typed(valuelist)
        self.data = None
        if typed:
            try:
                self.data = UUID(typed)
            except ValueError:
                raise ValueError(_("This form is broken. Please open it again.")) from None


def choices(pairs: Iterable[tuple[str, LazyString | str]]) -> list[Any]:
    """Options of a SelectField or RadioField from (value, label); bare tuples end with the next WTForms."""
    return [SelectChoice(value, label) for value, label in pairs]


def add_problems(form: LibraryForm, fields: Mapping[str, Sequence[LazyString | str]]) -> None:
    """Put what a service refused (`InvalidInputError.fields`) to the fields; unknown names to the whole form."""
    for name, messages in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, *messages]  # type: ignore[list-item]  # lazy texts are printed as text
        else:
            form.form_errors = [*form.form_errors, *messages]  # type: ignore[list-item]  # as above
