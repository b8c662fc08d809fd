import pytest
from babel.numbers import format_decimal

from core.i18n import LANGUAGES, babel_locale, current_language, html_lang, language_scope, negotiate, whole_number
from core.i18n.languages import plural_index

ALL = list(LANGUAGES)


def test_the_current_language_is_english_until_somebody_says() -> None:
    assert current_language() == "en"
    with language_scope("fr"):
        with language_scope("pt_PT"):
            assert current_language() == "pt_PT"
        assert current_language() == "fr"
    assert current_language() == "en"


def test_a_language_we_do_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown language: 'de'"), language_scope("de"):
        pass


def test_html_lang_names_brazil() -> None:
    assert {language: html_lang(language) for language in ALL} == {
        "en": "en",
        "es": "es",
        "fr": "fr",
        "pt": "pt-BR",
        "pt_PT": "pt-PT",
    }


@pytest.mark.parametrize("language", ALL)
def test_plural_forms_are_those_of_cldr(language: str) -> None:
    cldr = babel_locale(language).plural_form
    for count in [*range(200), 1_000, 999_999, 2_000_001]:
        assert plural_index(language, count) == (0 if cldr(count) == "one" else 1), count


def test_zero_is_one_in_french_and_in_brazil_only() -> None:
    assert {language: plural_index(language, 0) for language in ALL} == {"en": 1, "es": 1, "fr": 0, "pt": 0, "pt_PT": 1}


@pytest.mark.parametrize("language", ALL)
@pytest.mark.parametrize("value", [0, 999, 1000, 9999, 10000, 1234567, -999, -1000, -12345])
def test_counts_are_grouped_as_babel_does(language: str, value: int) -> None:
    assert whole_number(value, language) == format_decimal(value, locale=babel_locale(language))


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        # signed in: her own, then the tenant's; what the browser says does not count
        ({"signed_in": True, "own": "fr", "cookie": "es", "accept_language": "pt"}, "fr"),
        ({"signed_in": True, "own": None, "cookie": "fr", "accept_language": "fr"}, "es"),
        ({"signed_in": True, "own": "de", "cookie": "fr"}, "es"),
        ({"signed_in": True, "own": "en"}, "es"),
        ({"signed_in": True, "own": "fr", "chosen": "pt"}, "pt"),
        # signed out: cookie, browser, tenant
        ({"signed_in": False, "own": "pt", "cookie": "fr", "accept_language": "pt"}, "fr"),
        ({"signed_in": False, "accept_language": "de, fr-CA;q=0.8, es;q=0.9"}, "es"),
        ({"signed_in": False, "accept_language": "de, fr-CA;q=0.8, es;q=0.1"}, "fr"),
        ({"signed_in": False, "accept_language": "pt-BR"}, "pt"),
        ({"signed_in": False, "accept_language": "pt-PT"}, "pt"),
        ({"signed_in": False, "accept_language": "fr;q=0, pt"}, "pt"),
        ({"signed_in": False, "accept_language": "en, de"}, "es"),
        ({"signed_in": False, "cookie": "../../etc", "accept_language": ";;q=x,,=,*"}, "es"),
        ({"signed_in": False, "accept_language": "fr," * 100_000}, "fr"),
        ({"signed_in": False}, "es"),
    ],
)
def test_negotiation(wishes: dict[str, object], language: str) -> None:
    assert negotiate(enabled=["es", "fr", "pt"], default="es", **wishes) == language


def test_portuguese_of_both_kinds() -> None:
    both = ["es", "pt", "pt_PT"]
    assert negotiate(enabled=both, default="es", signed_in=False, accept_language="pt-PT") == "pt_PT"
    assert negotiate(enabled=both, default="es", signed_in=False, accept_language="pt-AO") == "pt"
    assert negotiate(enabled=["es", "pt_PT"], default="es", signed_in=False, accept_language="pt-BR") == "pt_PT"


def test_a_default_that_is_not_enabled_does_not_count() -> None:
    assert negotiate(enabled=["fr"], default="es", signed_in=True) == "fr"
    assert negotiate(enabled=[], default="es", signed_in=True) == "en"
