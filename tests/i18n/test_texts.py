import copy
import pickle
import time
from pathlib import Path
from typing import Any

import pytest

from core.formats import lazily, money
from core.i18n import (
    CatalogueError,
    Translator,
    gettext,
    keep_text,
    kept_text,
    language_scope,
    load_catalogues,
    ngettext,
)
from core.i18n.catalogues import catalogue_path
from core.i18n.po import Entry, write_po

_ = Translator("core")
INVOICES = ("{n} invoice", "{n} invoices")


def test_a_text_speaks_the_language_of_the_moment(catalogue: Any) -> None:
    catalogue("es", {"Save": "Guardar"})
    save = _("Save")
    assert str(save) == "Save"
    with language_scope("es"):
        assert str(save) == f"{save}" == "Guardar"
    assert save.in_language("es") == "Guardar"
    assert save.in_language("fr") == "Save"


def test_facts_wait_for_the_language(catalogue: Any) -> None:
    catalogue("es", {"{sum} from {who}": "{who}: {sum}", "nobody": "nadie"})
    text = _("{sum} from {who}").format(sum=lazily(money, 123456, "EUR"), who=_("nobody"))
    assert text.in_language("en") == "€1,234.56 from nobody"
    assert text.in_language("es") == "nadie: 1.234,56\u00a0€"


def test_a_kept_text_is_read_in_any_language(catalogue: Any) -> None:
    catalogue(
        "es",
        {"{a} or {b}: {sum}": "{a} o {b}: {sum}", "nobody": "nadie", INVOICES: ("{n} factura", "{n} facturas")},
    )
    plain = _("{a} or {b}: {sum}").format(a=_("nobody"), b="{x}", sum=12)
    assert kept_text(keep_text(plain)) == plain
    assert kept_text(keep_text(plain)).in_language("es") == "nadie o {x}: 12"  # type: ignore[union-attr]  # compared above
    many = _.plural(*INVOICES).format(n=2)
    assert kept_text(keep_text(many)) == many
    worded = _("{a} or {b}: {sum}").format(a="", b="", sum=lazily(money, 1250, "EUR"))
    assert str(kept_text(keep_text(worded))) == " or : €12.50"
    assert kept_text("") is None


def test_plural_forms_by_language(catalogue: Any) -> None:
    for language, forms in {
        "es": ("{n} factura", "{n} facturas"),
        "fr": ("{n} facture", "{n} factures"),
        "pt": ("{n} fatura", "{n} faturas"),
    }.items():
        catalogue(language, {INVOICES: forms})
    text = _.plural(*INVOICES)
    written = {
        language: [text.format(n=n).in_language(language) for n in (0, 1, 2, 12345)]
        for language in ("en", "es", "fr", "pt", "pt_PT")
    }
    assert written == {
        "en": ["0 invoices", "1 invoice", "2 invoices", "12,345 invoices"],
        "es": ["0 facturas", "1 factura", "2 facturas", "12.345 facturas"],
        "fr": ["0 facture", "1 facture", "2 factures", "12\u202f345 factures"],
        "pt": ["0 fatura", "1 fatura", "2 faturas", "12.345 faturas"],
        "pt_PT": ["0 faturas", "1 fatura", "2 faturas", "12\u00a0345 faturas"],
    }


def test_another_name_for_the_count() -> None:
    text = _.plural("{days} day left", "{days} days left", "days").format(days=1)
    assert text.in_language("en") == "1 day left"


def test_a_plural_without_its_count_is_an_error() -> None:
    with pytest.raises(KeyError):
        _.plural(*INVOICES).in_language("en")
    with pytest.raises(TypeError, match="n must be a number"):
        _.plural(*INVOICES).format(n="3").in_language("en")


def test_texts_are_values() -> None:
    text = _("Hello {name}").format(name="Ana")
    assert text == _("Hello {name}").format(name="Ana")
    assert text != _("Hello {name}").format(name="Eva")
    assert text != Translator("invoices")("Hello {name}").format(name="Ana")
    assert _("Hello {name}").facts == ()
    assert len({text, copy.deepcopy(text), pickle.loads(pickle.dumps(text))}) == 1  # noqa: S301 -- our own bytes
    assert repr(text) == "LazyString(core: 'Hello {name}', name='Ana')"
    assert not _("")
    with pytest.raises(AttributeError):
        text.message = "x"


def test_a_fact_cannot_reach_into_objects() -> None:
    assert _("{name}").format(name="{name.__class__} {0}").in_language("en") == "{name.__class__} {0}"
    with pytest.raises(ValueError, match="a brace that stands alone"):
        _("{name.__class__}").format(name="x").in_language("en")


def test_a_forgotten_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        _("Hello {name}").format(nam="Ana").in_language("en")


def test_a_mistake_in_a_catalogue_does_not_break_a_page(catalogue: Any) -> None:
    catalogue("es", {"Hello {name}": "Hola {nombre}", "Bye {name}": "Adiós {"})
    assert _("Hello {name}").format(name="Ana").in_language("es") == "Hello Ana"
    assert _("Bye {name}").format(name="Ana").in_language("es") == "Bye Ana"


def test_portugal_says_only_what_it_says_otherwise(catalogue: Any) -> None:
    catalogue("pt", {"User": "Usuário", "Save": "Salvar"})
    catalogue("pt_PT", {"User": "Utilizador"})
    assert [gettext("core", text, language) for text in ("User", "Save") for language in ("pt", "pt_PT")] == [
        "Usuário",
        "Utilizador",
        "Salvar",
        "Salvar",
    ]


def test_domains_are_apart(catalogue: Any) -> None:
    catalogue("es", {"Open": "Abierta"}, domain="invoices")
    catalogue("es", {"Open": "Abrir"})
    assert [gettext(domain, "Open", "es") for domain in ("core", "invoices", "offers")] == ["Abrir", "Abierta", "Open"]


def test_ngettext_without_a_translation_speaks_english() -> None:
    assert [ngettext("nowhere", "one", "many", n, "fr") for n in (1, 2)] == ["one", "many"]


def test_a_module_from_elsewhere_brings_its_own_catalogue(tmp_path: Path) -> None:
    entries = [Entry("Hello", None, ("Hola",))]
    for domain in ("dummy", "core"):  # of core's texts it may say nothing
        path = catalogue_path(tmp_path / "dummy" / "locales", "es", domain)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_po(entries, language="es"), "utf-8")
    try:
        load_catalogues({"dummy": tmp_path / "dummy"}, in_tree=tmp_path / "locales")
        assert gettext("dummy", "Hello", "es") == "Hola"
        assert gettext("core", "Hello", "es") == "Hello"
    finally:
        load_catalogues()


def test_a_domain_that_comes_twice_stops_the_start(tmp_path: Path) -> None:
    for locales in (tmp_path / "locales", tmp_path / "dummy" / "locales"):
        path = catalogue_path(locales, "es", "dummy")
        path.parent.mkdir(parents=True)
        path.write_text(write_po([Entry("Hello", None, ("Hola",))], language="es"), "utf-8")
    with pytest.raises(CatalogueError, match="the texts of dummy come twice"):
        load_catalogues({"dummy": tmp_path / "dummy"}, in_tree=tmp_path / "locales")


def test_thirty_catalogues_load_in_no_time(tmp_path: Path) -> None:
    for language in ("es", "fr", "pt"):
        for domain in range(10):
            path = catalogue_path(tmp_path, language, f"module{domain}")
            path.parent.mkdir(parents=True, exist_ok=True)
            entries = [
                Entry(f'A sentence of usual length, number {n}, with "quotes"', None, (f"Una frase «normal», {n}",))
                for n in range(600)
            ]
            path.write_text(write_po(entries, language=language), "utf-8")
    try:
        began = time.process_time()
        load_catalogues(in_tree=tmp_path)
        assert time.process_time() - began < 0.4
    finally:
        load_catalogues()
