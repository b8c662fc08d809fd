from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateAssertionError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from markupsafe import Markup

from core.i18n import LANGUAGES, Translator, current_language, load_catalogues
from core.i18n.catalogues import catalogue_path
from core.i18n.po import Entry, write_po
from core.templating import Templates, TemplateSetupError

SPANISH: dict[str, dict[str, Any]] = {
    "core": {
        "Save": "Guardar",
        "Tom & Jerry's <b>": 'Tom & "Jerry" <i>',
        'say "hi"': "di 'hola'",
        "Hello {name}": "Hola, {name}: ¡{name}!",
        "{a} before {b}": "{b} después de {a}",
        ("{n} invoice", "{n} invoices"): ("{n} factura", "{n} facturas"),
        ("{n} invoice of {who}", "{n} invoices of {who}"): ("{who}: {n} factura", "{who}: {n} facturas"),
        "State": "Estado (núcleo)",
    },
    "offers": {"State": "Estado (ofertas)"},
}
CORE = {
    "components/form.html": "{% macro button(text) %}<b>{{ text }}|{{ _('State') }}|{{ at|instant }}</b>{% endmacro %}"
    "{% macro stamp(at) %}{{ at|instant }} {{ 100|money('EUR') }}{% endmacro %}",
    "mail/hello.txt": "{{ _('Hello {name}', name=name) }}\n{{ _(\"Tom & Jerry's <b>\") }}\n",
    "layouts/base.html": "<title>{{ _('State') }}</title>{% block body %}{% endblock %}",
    "page.html": "{{ _('State') }}",
}
OFFERS = {
    "offers/list.html": "{% extends 'layouts/base.html' %}{% from 'components/form.html' import stamp %}"
    "{% block body %}{{ _('State') }} {{ stamp(at) }}{% include 'page.html' %}{% endblock %}",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Folders of a small core and one module, with Spanish catalogues."""
    for domain, texts in SPANISH.items():
        path = catalogue_path(tmp_path / "locales", "es", domain)
        path.parent.mkdir(parents=True, exist_ok=True)
        entries = [
            Entry(key, None, (text,)) if isinstance(key, str) else Entry(key[0], key[1], text)
            for key, text in texts.items()
        ]
        path.write_text(write_po(entries, language="es"), "utf-8")
    load_catalogues(in_tree=tmp_path / "locales")
    write(tmp_path / "offers" / "templates", OFFERS)
    yield {"core": write(tmp_path / "core", CORE), "offers": tmp_path / "offers"}
    load_catalogues()


@pytest.fixture
def templates(tree: dict[str, Path]) -> Templates:
    return Templates({"offers": tree["offers"]}, core=tree["core"])


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("{{ _('Save') }}", "Guardar"),
        ("{{_( 'Save' )}}", "Guardar"),
        ("""{{ _("Tom & Jerry's <b>") }}""", "Tom &amp; &#34;Jerry&#34; &lt;i&gt;"),
        ("""{{ _('Tom & Jerry\\'s <b>') }}""", "Tom &amp; &#34;Jerry&#34; &lt;i&gt;"),
        ("""<a title="{{ _('say "hi"') }}">""", '<a title="di &#39;hola&#39;">'),
        ("{{ _('nobody translated & this') }}", "nobody translated &amp; this"),
        ("""{{ _("Tom & Jerry's <b>")|upper }}""", "TOM &amp; &#34;JERRY&#34; &lt;I&gt;"),
        ("{{ _('Save') ~ x }}", "Guardar&lt;i&gt;"),
        ("""{{ _("Tom & Jerry's <b>") ~ safe }}""", "Tom &amp; &#34;Jerry&#34; &lt;i&gt;<br>"),
        ("{{ _('Hello {name}', name=x) }}", "Hola, &lt;i&gt;: ¡&lt;i&gt;!"),
        ("{{ _('Hello {name}', name=safe) }}", "Hola, <br>: ¡<br>!"),
        ("{{ _('Hello {name}', name=_('Save')) }}", "Hola, Guardar: ¡Guardar!"),
        ("{{ _('Hello {name}', name='{n}') }}", "Hola, {n}: ¡{n}!"),
        ("{{ _('{a} before {b}', a=x, b=1) }}", "1 después de &lt;i&gt;"),
        ("{% set t = _('Hello {name}', name=x) %}{{ t }}", "Hola, &lt;i&gt;: ¡&lt;i&gt;!"),
        ("{% set t = _('Hello {name}', name=safe) %}{{ t }}", "Hola, <br>: ¡<br>!"),
        (
            "{% macro m(t) %}[{{ t }}]{% endmacro %}{{ m(_('Save')) }}{{ m(t=_('Save') ~ x) }}",
            "[Guardar][Guardar&lt;i&gt;]",
        ),
        ("{{ _('Save') if x else '' }}{% if _('Save') == 'Guardar' %}!{% endif %}", "Guardar!"),
        ("{% for t in [_('Save'), 'b'] %}{{ t }}{% endfor %}", "Guardarb"),
        (
            "{% macro m() %}{{ caller(1) }}{% endmacro %}{% call(t) m() %}{{ _('Save') }}{{ t }}{% endcall %}",
            "Guardar1",
        ),
        ("{{ ngettext('{n} invoice', '{n} invoices', n) }}", "12.345 facturas"),
        ("{{ ngettext('{n} invoice', '{n} invoices', 1) }}", "1 factura"),
        ("{{ ngettext('{n} invoice', '{n} invoices', 0) }}", "0 facturas"),
        ("{{ ngettext('{n} invoice of {who}', '{n} invoices of {who}', 2, who=x) }}", "&lt;i&gt;: 2 facturas"),
        ("{% set t = ngettext('{n} invoice', '{n} invoices', [1]|length) %}{{ t }}", "1 factura"),
        ("{{ lazy }} {{ language }} {{ html_lang }}", "Guardar es es"),
        ("{{ _('{n} & more', n='&') }}{{ x }}", "&amp; &amp; more&lt;i&gt;"),
    ],
)
def test_what_translations_become(templates: Templates, source: str, written: str) -> None:
    context = {"x": "<i>", "safe": Markup("<br>"), "n": 12345, "lazy": Translator("core")("Save")}
    assert templates.render_text(source, "es", context) == written


def test_plurals_in_every_language(templates: Templates) -> None:
    source = "{% for n in (0, 1, 2) %}{{ ngettext('{n} x', '{n} xs', n) }} {% endfor %}"
    assert {language: templates.render_text(source, language, {}) for language in LANGUAGES} == {
        "en": "0 xs 1 x 2 xs ",
        "es": "0 xs 1 x 2 xs ",
        "fr": "0 x 1 x 2 xs ",
        "pt": "0 x 1 x 2 xs ",
        "pt_PT": "0 xs 1 x 2 xs ",
    }


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ _(text) }}", "with constant texts"),
        ("{{ _('a' ~ b) }}", "with constant texts"),
        ("{{ _() }}", "with constant texts"),
        ("{{ _('a', 'b') }}", "with constant texts"),
        ("{{ _('a', **facts) }}", "with constant texts"),
        ("{{ ngettext('a', b, 1) }}", "with constant texts"),
        ("{{ ngettext('a', 'b') }}", "with constant texts"),
        ("{{ _('Hello {name}') }}", "'Hello {name}' needs name"),
        ("{{ _('Hello {name}', nam=1) }}", "'Hello {name}' was given nam"),
        ("{{ _('Hello', name=1) }}", "'Hello' was given name"),
        ("{{ ngettext('{n} of {who}', '{n} of {who}', 1) }}", "was given n"),
    ],
)
def test_mistakes_are_found_when_a_template_is_compiled(templates: Templates, source: str, why: str) -> None:
    with pytest.raises(TemplateAssertionError, match=why):
        templates.render_text(source, "en", {})


def test_a_bad_translation_falls_back_to_the_source(tmp_path: Path, tree: dict[str, Path]) -> None:
    path = catalogue_path(tmp_path / "locales", "es", "core")
    path.write_text(write_po([Entry("Hello {name}", None, ("Hola {nombre}",))], language="es"))
    load_catalogues(in_tree=tmp_path / "locales")
    templates = Templates(core=tree["core"])
    assert templates.render_text("{{ _('Hello {name}', name=1) }}", "es", {}) == "Hello 1"


@pytest.mark.parametrize(
    "source", ["{{ nobody }}", "{{ x.nobody }}", "{{ _('Hello {name}', name=nobody) }}", "{% if nobody %}{% endif %}"]
)
def test_undefined_raises(templates: Templates, source: str) -> None:
    with pytest.raises(UndefinedError):
        templates.render_text(source, "es", {"x": {}})


def test_trans_blocks_are_not_ours(templates: Templates) -> None:
    with pytest.raises(TemplateSyntaxError):
        templates.render_text("{% trans %}a{% endtrans %}", "es", {})


def test_each_file_speaks_its_own_domain(templates: Templates) -> None:
    context = {"at": datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "zone": "Europe/Madrid"}
    assert templates.render("offers/list.html", "es", context) == (
        "<title>Estado (núcleo)</title>Estado (ofertas) 02/07/2026 01:30 1,00\u00a0€Estado (núcleo)"
    )
    assert templates.render("offers/list.html", "en", context) == (
        "<title>State</title>State 2 Jul 2026, 01:30 €1.00State"
    )
    assert current_language() == "en"


def test_text_mails_are_not_escaped(templates: Templates) -> None:
    assert templates.render("mail/hello.txt", "es", {"name": "<Ana> & Co"}) == (
        'Hola, <Ana> & Co: ¡<Ana> & Co!\nTom & "Jerry" <i>'
    )


def test_filters(templates: Templates) -> None:
    source = (
        "{{ 123450|money('EUR') }} {{ d|day }} {{ d|long_day }} {{ d|month }} {{ t|instant }} {{ '1.50'|number }}"
        " {{ '21'|percent }} {{ 27000|duration }} {{ 27000|hours }} {{ 27000|clock }} {{ 1500000|filesize }}"
        "[{{ none|money('EUR') }}{{ none|day }}{{ none|instant }}{{ none|number }}{{ none|relative }}]"
    )
    context = {"d": date(2026, 11, 2), "t": datetime(2026, 11, 2, 8, tzinfo=UTC), "zone": "America/Sao_Paulo"}
    assert templates.render_text(source, "pt", context | {"none": None}) == (
        "€\u00a01.234,50 02/11/2026 2 de novembro de 2026 novembro de 2026 02/11/2026 05:00 1,50"
        " 21% 7\u00a0h 30\u00a0min 7,50 7:30 1,5\u00a0MB[]"
    )


def test_shared_names_are_seen_in_macros(tree: dict[str, Path]) -> None:
    write(tree["core"], {"a.html": "{% macro m() %}{{ icon('x') }}{% endmacro %}"})
    templates = Templates(core=tree["core"], shared={"icon": lambda name: Markup("<svg>{}</svg>").format(name)})
    assert templates.render_text("{% from 'a.html' import m %}{{ m() }}", "fr", {}) == "<svg>x</svg>"


@pytest.mark.parametrize(
    "name", ["nothing.html", "../secret.html", "offers/../page.html", "layouts", "offers", "", "/page.html/x"]
)
def test_bad_names_raise(templates: Templates, tree: dict[str, Path], name: str) -> None:
    write(tree["core"].parent, {"secret.html": "secret"})
    with pytest.raises(TemplateNotFound):
        templates.render(name, "es", {})


def test_a_module_cannot_bring_templates_of_others(tree: dict[str, Path]) -> None:
    write(tree["offers"] / "templates", {"layouts/base.html": "mine"})
    with pytest.raises(TemplateSetupError, match=r"only templates/offers/ is its own, not \['layouts'\]"):
        Templates({"offers": tree["offers"]}, core=tree["core"])


def test_a_module_cannot_be_called_as_a_folder_of_core(tree: dict[str, Path]) -> None:
    with pytest.raises(TemplateSetupError, match="module layouts: core has templates of this name"):
        Templates({"layouts": tree["offers"]}, core=tree["core"])


def test_names_and_compile_all(templates: Templates, tree: dict[str, Path]) -> None:
    assert templates.names() == sorted([*CORE, *OFFERS])
    templates.compile_all()
    write(tree["core"], {"broken.html": "{{ _('Hello {name}') }}"})
    with pytest.raises(TemplateAssertionError):
        templates.compile_all()


def test_reload_looks_again(tree: dict[str, Path]) -> None:
    fixed, fresh = Templates(core=tree["core"]), Templates(core=tree["core"], reload=True)
    assert fixed.render("page.html", "en", {}) == fresh.render("page.html", "en", {}) == "State"
    write(tree["core"], {"page.html": "other"})
    assert (fixed.render("page.html", "en", {}), fresh.render("page.html", "en", {})) == ("State", "other")


def test_a_zone_must_be_one(templates: Templates) -> None:
    with pytest.raises(TypeError, match="zone must be the name"):
        templates.render("page.html", "es", {"zone": 1})


def test_constant_texts_cost_nothing_at_run_time(templates: Templates) -> None:
    def program(source: str) -> str:
        return str(templates._environments["es"].compile(source, raw=True))

    assert program("{{ _('Save') }}<br>{{ x }}" * 3) == program("Guardar<br>{{ x }}" * 3)
