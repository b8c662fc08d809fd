import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar.datastructures import FormMultiDict
from markupsafe import Markup
from wtforms.fields import IntegerField, SelectField
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange, Optional, Regexp

from core import forms
from core.forms import (
    DayField,
    EmailField,
    Form,
    HiddenId,
    LongTextField,
    MoneyField,
    Required,
    TextField,
    add_problems,
    choices,
)
from core.i18n import LANGUAGES, Translator, language_scope

_ = Translator("core")


class Offer(Form):
    id = HiddenId()
    title = TextField(_("Title"), [Required(), Length(max=10)])
    note = LongTextField(_("Note"))
    email = EmailField(_("E-mail"), [Optional()])
    currency = SelectField(_("Currency"), choices=choices([("EUR", _("Euro")), ("JPY", "Yen")]), default="EUR")
    total = MoneyField(_("Total"), [Required()], currency_field="currency")
    due = DayField(_("Due"))


def filled(**values: str) -> Offer:
    return Offer(FormMultiDict(list(values.items())))


def wrong(form: Form) -> dict[str, list[str]]:
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}


def test_what_was_typed_comes_out_clean() -> None:
    key = uuid4()
    form = filled(
        id=str(key),
        title="  Cafe\u0301\x00 \r\nbar ",
        note=" one \r\ntwo\x07\n ",
        email=" ANA@Example.ORG ",
        currency="EUR",
        total="0",
        due="2026-11-21",
    )
    with language_scope("es"):
        assert form.validate(), form.errors
    assert form.data == {
        "id": key,
        "title": "Café  bar",
        "note": "one \ntwo",
        "email": "ana@example.org",
        "currency": "EUR",
        "total": 0,
        "due": date(2026, 11, 21),
    }


@pytest.mark.parametrize("nothing", [{}, {"title": "\x00", "total": "\x7f \x1b"}])
def test_nothing_typed(nothing: dict[str, str]) -> None:
    form = filled(**nothing)
    assert not form.validate()
    assert wrong(form) == {
        "title": ["Please fill this in."],
        "total": ["Please fill this in."],
    }
    assert form.data == {
        "id": None,
        "title": "",
        "note": "",
        "email": "",
        "currency": "EUR",
        "total": None,
        "due": None,
    }


def test_refused_values_are_kept_as_typed() -> None:
    with language_scope("es"):
        form = filled(id="x", title="   ", email="Ana@", currency="JPY", total="1,5", due="31/02/2026")
        assert not form.validate()
        shown = {name: re.findall(r'value="([^"]*)"', str(form[name]())) for name in ("email", "total", "due")}
    assert wrong(form) == {
        "id": ["This form is broken. Please open it again."],
        "title": ["Please fill this in."],
        "email": ["This is not an e-mail address."],
        "total": ["JPY has 0 decimals."],
        "due": ["There is no such day."],
    }
    assert shown == {"email": ["Ana@"], "total": ["1,5"], "due": ["31/02/2026"]}


def test_money_is_shown_and_read_in_the_viewers_format() -> None:
    with language_scope("fr"):
        form = Offer(data={"total": 123450, "currency": "EUR"})
        assert form.total() == Markup(
            '<input autocomplete="off" id="total" inputmode="decimal" name="total" required type="text"'
            ' value="1\u202f234,50">'
        )
        assert filled(title="x", currency="EUR", total="1\u202f234,50").total.data == 123450
    with language_scope("en"):
        assert filled(title="x", currency="EUR", total="1,234.50").total.data == 123450
        assert Offer(data={"total": 7, "currency": "JPY"}).total._value() == "7"


def test_day_uses_the_browsers_own_input_and_reads_typed_days() -> None:
    form = Offer(data={"due": date(2026, 1, 2)})
    assert form.due() == Markup('<input id="due" name="due" type="date" value="2026-01-02">')
    with language_scope("pt"):
        assert filled(due="02/01/2026").due.data == date(2026, 1, 2)


def test_hidden_id() -> None:
    key = UUID("01900000-0000-7000-8000-000000000000")
    assert str(Offer(data={"id": key}).id()) == f'<input id="id" name="id" type="hidden" value="{key}">'


def test_types_are_those_that_components_know() -> None:
    assert {field.name: field.type for field in Offer()} == {
        "id": "HiddenField",
        "title": "StringField",
        "note": "TextAreaField",
        "email": "EmailField",
        "currency": "SelectField",
        "total": "StringField",
        "due": "DateField",
    }


class Library(Form):
    a = TextField(validators=[InputRequired()])
    b = TextField(validators=[Length(min=2)])
    c = TextField(validators=[Length(max=1)])
    d = TextField(validators=[Length(min=2, max=3)])
    e = IntegerField(validators=[NumberRange(min=5)])
    f = IntegerField()
    g = TextField(validators=[Regexp("x")])
    h = TextField(validators=[EqualTo("g")])
    i = SelectField(choices=choices([("x", "x")]))


def test_the_librarys_sentences_are_ours() -> None:
    form = Library(FormMultiDict([("b", "1"), ("c", "12"), ("d", "1"), ("e", "4"), ("f", "x"), ("g", "y"), ("i", "z")]))
    assert not form.validate()
    assert wrong(form) == {
        "a": ["Please fill this in."],
        "b": ["Write at least 2 characters."],
        "c": ["Write at most 1 character."],
        "d": ["Write between 2 and 3 characters."],
        "e": ["This must be 5 or more."],
        "f": ["This is not a whole number."],
        "g": ["This cannot be used."],
        "h": ["Both fields must be the same."],
        "i": ["Choose one from the list."],
    }


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_what_we_do_not_say_the_library_says_in_every_language(language: str) -> None:
    sentences = forms._Sentences()
    with language_scope(language):
        assert sentences.gettext("Invalid IP address.") != "Invalid IP address."
        assert "'%(value)s' is not" not in sentences.ngettext(
            "'%(value)s' is not a valid choice for this field.", "'%(value)s' are not valid choices for this field.", 1
        )


def test_our_sentences_replace_sentences_that_the_library_has() -> None:
    template = Path(forms.messages_path(), "wtforms.pot").read_text("utf-8")
    known = {json.loads(line) for line in re.findall(r'^msgid (".+")$', template, re.MULTILINE)}
    assert set(forms._OWN) | set(forms._OWN_PLURALS) <= known


def test_problems_of_services_stand_at_their_fields() -> None:
    form = filled(title="x", currency="EUR", total="1")
    assert form.validate()
    problems: dict[str, Any] = {"title": [_("Taken.")], "": [_("Closed.")], "elsewhere": ["Odd."]}
    add_problems(form, problems)
    assert (list(form.form_errors), list(form.title.errors)) == ([_("Closed."), "Odd."], [_("Taken.")])
    assert set(form.errors) == {"title", ""}
