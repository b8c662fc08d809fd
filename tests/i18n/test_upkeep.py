from pathlib import Path

import pytest

from core.i18n import upkeep
from core.i18n.extraction import ExtractionError, Message, Source, extract
from core.i18n.po import CatalogueError, read_po

PYTHON = """
from core.sdk import Translator
_ = Translator("offers")
SAVE = _("Save")
HELLO = _(
    "Hello "
    "{name}"
).format(name=1)
FILES = _.plural("{n} file", "{n} files")
for _unused in range(3):
    print("not marked")
"""
TEMPLATE = """{% from "x.html" import y %}
<h1 title="{{ _('Save') }}">{{ _("It's {name}", name=_('nested')) }}</h1>
{% set t = ngettext('{n} offer', '{n} offers', rows|length) %}<p>{{ t if _('in a test') else '' }}</p>
"""


@pytest.fixture
def offers(tmp_path: Path) -> Source:
    folder = tmp_path / "offers"
    (folder / "templates" / "offers").mkdir(parents=True)
    (folder / "migrations").mkdir()
    (folder / "lists.py").write_text(PYTHON)
    (folder / "migrations" / "m.py").write_text('_("frozen")')
    (folder / "templates" / "offers" / "list.html").write_text(TEMPLATE)
    return Source("offers", folder, tmp_path / "locales")


ALL_TEXTS = ["Hello {name}", "It's {name}", "Save", "in a test", "nested", "{n} file", "{n} offer"]
SPANISH: dict[str, str | list[str]] = {
    "Hello {name}": "Hola {name}",
    "It's {name}": "Es {name}",
    "Save": "Guardar",
    "in a test": "en una prueba",
    "nested": "anidado",
    "{n} file": ["{n} fichero", "{n} ficheros"],
    "{n} offer": ["{n} oferta", "{n} ofertas"],
}


def lines(source: Source) -> list[str]:
    return [str(problem) for problem in upkeep.check([source])]


def test_extract_finds_python_and_templates(offers: Source) -> None:
    found = extract(offers)
    assert sorted(found.messages) == ALL_TEXTS
    assert found.messages["{n} offer"] == Message("{n} offer", "{n} offers")
    assert found.messages["It's {name}"].fields == {"name"}
    assert found.problems == []


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ('_(f"Hi {1}")', "offers/x.py:1: the text of a translation must be a constant"),
        ("_(text)", "offers/x.py:1: the text of a translation must be a constant"),
        ('_.plural("one", text)', "offers/x.py:1: the text of a translation must be a constant"),
        ('_("half {")', "offers/x.py:1: a brace that stands alone in 'half {'"),
        ('_("{0}")', "offers/x.py:1: a brace that stands alone in '{0}'"),
        ('_ = Translator("core")', "offers/x.py:1: write Translator(\"offers\") here, not 'core'"),
        ('_.plural("a", "b"); _.plural("a", "c")', "offers/x.py:1: 'a' has two plurals"),
    ],
)
def test_mistakes_in_python_are_named(offers: Source, code: str, problem: str) -> None:
    (offers.folder / "x.py").write_text(code)
    assert extract(offers).problems == [("offers/x.py:1", problem.partition(": ")[2])]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Pay now</p>", ["Pay now"]),
        ('<img alt="a photo" title="{{ x }}"><i class="big red"></i>', ['alt="a photo"']),
        ("{% block body_class %}page framed{% endblock %}<code>x = spam</code>", []),
        ("<p>{{ n }} PDF · {{ x }} % {# a note #}</p>", []),
        ("{% if x %}<p>Due{% else %}{{ y }}{% endif %} on {{ day }}</p>", ["Due on"]),
    ],
)
def test_words_that_nobody_marked_are_named(offers: Source, template: str, words: list[str]) -> None:
    (offers.folder / "templates" / "offers" / "x.html").write_text(template)
    problems = extract(offers).problems
    assert problems == [("offers/x.html", f"not marked for translation: {word!r}") for word in words]


def test_words_in_text_mails_too(offers: Source) -> None:
    (offers.folder / "templates" / "offers" / "x.txt").write_text("{{ _('Save') }}\nBest regards\n-- \n")
    assert extract(offers).problems == [("offers/x.txt", "not marked for translation: 'Best regards'")]


@pytest.mark.parametrize(("path", "text"), [("x.py", "_(("), ("templates/offers/x.html", "{{ _( }}")])
def test_a_broken_file_stops_everything(offers: Source, path: str, text: str) -> None:
    upkeep.update([offers])
    before = offers.catalogue("es").read_text()
    (offers.folder / path).write_text(text)
    with pytest.raises(ExtractionError, match=r"x\.(py|html)"):
        upkeep.update([offers])
    assert offers.catalogue("es").read_text() == before


def test_update_fill_and_check(offers: Source) -> None:
    assert [path.parent.parent.name for path in upkeep.update([offers])] == ["es", "fr", "pt"]
    assert upkeep.update([offers]) == []
    assert not offers.catalogue("pt_PT").exists()
    assert upkeep.missing("es", [offers]) == {
        "offers": [
            "Hello {name}",
            "It's {name}",
            "Save",
            "in a test",
            "nested",
            ["{n} file", "{n} files"],
            ["{n} offer", "{n} offers"],
        ]
    }
    for language in ("es", "fr", "pt"):
        assert upkeep.fill(language, {"offers": SPANISH}, [offers]) == (7, [])
        assert upkeep.missing(language, [offers]) == {}
    assert lines(offers) == []
    assert upkeep.update([offers]) == []
    assert upkeep.missing("pt_PT", [offers]) == {}


def test_fill_refuses_what_check_would_report(offers: Source) -> None:
    written, problems = upkeep.fill(
        "es",
        {
            "offers": {
                "Hello {name}": "Hola {nombre}",
                "It's {name}": "Es {name} ",
                "Save": "",
                "{n} file": "{n} ficheros",
                "{n} offer": ["una oferta", "{n} ofertas"],
                "vanished": "x",
                "nested": "anidado",
            },
            "elsewhere": {"a": "b"},
        },
        [offers],
    )
    assert written == 1
    assert [str(problem) for problem in problems] == [
        "es offers: fields: 'Hello {name}'",
        'es offers: spaces: "It\'s {name}"',
        "es offers: empty: 'Save'",
        "es offers: forms: '{n} file'",
        "es offers: fields: '{n} offer'",
        "es offers: obsolete: 'vanished'",
        "es elsewhere: unknown domain: 1 texts",
    ]
    assert [entry.msgid for entry in read_po(offers.catalogue("es").read_text())] == ["nested"]


def test_portugal_keeps_only_what_differs(offers: Source) -> None:
    for language in ("es", "fr", "pt"):
        upkeep.fill(language, {"offers": SPANISH}, [offers])
    assert upkeep.fill("pt_PT", {"offers": {"Save": "Gravar", "nested": "anidado"}}, [offers]) == (1, [])
    assert [entry.msgid for entry in read_po(offers.catalogue("pt_PT").read_text())] == ["Save"]
    assert lines(offers) == []
    upkeep.fill("pt", {"offers": {"Save": "Gravar"}}, [offers])
    assert lines(offers) == ["pt_PT offers: same as in pt: 'Save'"]
    upkeep.fill("pt_PT", {"offers": {"Save": "Gravar"}}, [offers])
    assert lines(offers) == []
    assert not offers.catalogue("pt_PT").exists()


def test_check_names_every_kind_of_fault(offers: Source) -> None:
    for language in ("es", "fr", "pt"):
        upkeep.fill(language, {"offers": SPANISH}, [offers])
    path = offers.catalogue("es")
    text = path.read_text()
    for right, wrong in {
        'msgstr "Hola {name}"': 'msgstr "Hola"',
        'msgstr "Es {name}"': 'msgstr "Es {name"',
        'msgid "Save"': '#, fuzzy\nmsgid "Save"',
        'msgstr "en una prueba"': 'msgstr ""',
        'msgid "nested"': 'msgid "nasted"',
        'msgid_plural "{n} files"\nmsgstr[0] "{n} fichero"\nmsgstr[1] "{n} ficheros"': 'msgstr "{n} ficheros"',
    }.items():
        assert right in text
        text = text.replace(right, wrong)
    path.write_text(text)
    assert lines(offers) == [
        "es offers: empty: 'in a test'",
        'es offers: fields: "It\'s {name}"',
        "es offers: fields: 'Hello {name}'",
        "es offers: forms: '{n} file'",
        "es offers: fuzzy: 'Save'",
        "es offers: missing: 'nested'",
        "es offers: obsolete: 'nasted'",
    ]
    assert upkeep.update([offers]) == [path]
    assert lines(offers) == [
        "es offers: empty: 'in a test'",
        "es offers: empty: 'nested'",
        "es offers: empty: '{n} file'",
        'es offers: fields: "It\'s {name}"',
        "es offers: fields: 'Hello {name}'",
        "es offers: fuzzy: 'Save'",
    ]


def test_an_unreadable_catalogue_is_named(offers: Source) -> None:
    offers.catalogue("fr").parent.mkdir(parents=True)
    offers.catalogue("fr").write_text("<<<<<<<\n")
    with pytest.raises(CatalogueError, match=r"offers\.po:1: cannot read"):
        upkeep.check([offers])
