"""The languages of the portal, the current one, and how one is chosen."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Final

from babel import Locale
from babel.numbers import format_decimal

SOURCE_LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its tags, its own name, where its texts come from."""

    code: str
    name: str
    html: str
    locale: str
    falls_back_to: str | None = None
    zero_is_one: bool = False  # CLDR: category `one` holds 0 and fractions below 2 (fr, pt-BR)


LANGUAGES: Final[dict[str, Language]] = {
    language.code: language
    for language in (
        Language("en", "English", "en", "en_GB"),
        Language("es", "Español", "es", "es"),
        Language("fr", "Français", "fr", "fr", zero_is_one=True),
        Language("pt", "Português (Brasil)", "pt-BR", "pt_BR", zero_is_one=True),
        Language("pt_PT", "Português (Portugal)", "pt-PT", "pt_PT", falls_back_to="pt"),
    )
}

_current: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)
_LONGEST_HEADER = 500  # characters; browsers send well under 200


def current_language() -> str:
    """Language of this request, mail or job; English where nobody said."""
    return _current.get()


@contextmanager
def language_scope(language: str) -> Iterator[None]:
    """Everything inside speaks this language.

    Raises ValueError for a language that the portal does not have.
    """
    if language not in LANGUAGES:
        message = f"unknown language: {language!r}"
        raise ValueError(message)
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def html_lang(language: str) -> str:
    """Tag for `<html lang>` and Content-Language (`pt` is Brazilian: `pt-BR`)."""
    return LANGUAGES[language].html


@cache
def babel_locale(language: str) -> Locale:
    """Locale object of the formats; English dates and money are British."""
    return Locale.parse(LANGUAGES[language].locale)


def plural_index(language: str, count: float) -> int:
    """0 for the form `one`, 1 for `other`.

    CLDR also knows `many` (1 000 000 exactly) in es, fr and pt; catalogues keep two forms, as gettext's do there.
    """
    if LANGUAGES[language].zero_is_one:
        return 0 if 0 <= count < 2 else 1
    return 0 if count == 1 else 1


@cache
def _group(language: str) -> tuple[str, int]:
    """Group separator and how many digits a number needs to show it."""
    locale = babel_locale(language)
    for digits in (4, 5):
        sample = format_decimal(int("9" * digits), locale=locale)
        if len(sample) > digits:
            return sample[-4], digits
    return "", 4


def whole_number(value: int, language: str) -> str:
    """Count with the language's group separator: 12345 → `12.345`."""
    if -1000 < value < 1000:
        return str(value)
    separator, digits = _group(language)
    if len(str(abs(value))) < digits:
        return str(value)
    return f"{value:,}".replace(",", separator)


def _accepted(header: str) -> list[str]:
    """Language tags of an Accept-Language header, most wanted first."""
    wanted: list[tuple[float, int, str]] = []
    for position, item in enumerate(header[:_LONGEST_HEADER].split(",")):
        tag, _, parameter = item.partition(";")
        name, _, number = parameter.strip().partition("=")
        try:
            quality = float(number) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if tag.strip() and 0 < quality <= 1:
            wanted.append((-quality, position, tag.strip()))
    return [tag for _, _, tag in sorted(wanted)]


def _match(tag: str, enabled: Sequence[str]) -> str | None:
    """Enabled language for a tag: the same one, else another of the same base (`pt-BR` → `pt`, `fr-CA` → `fr`)."""
    parts = tag.replace("-", "_").lower().split("_")
    base = parts[0]
    code = "pt_PT" if parts[:2] == ["pt", "pt"] else base
    if code in enabled:
        return code
    return next((language for language in enabled if language.split("_")[0] == base), None)


def negotiate(
    *,
    enabled: Sequence[str],
    default: str,
    signed_in: bool,
    chosen: str | None = None,
    own: str | None = None,
    cookie: str | None = None,
    accept_language: str | None = None,
) -> str:
    """Language to answer in, always one of the tenant's enabled ones.

    Signed in and mails: the person's own, then the tenant's default; a browser setting never overrides either.
    Signed out: cookie, Accept-Language, the tenant's default. `chosen` (`?lang=`) comes first in both.
    """
    offered = [language for language in enabled if language in LANGUAGES] or [SOURCE_LANGUAGE]
    wishes = [chosen]
    wishes += [own, default] if signed_in else [cookie, *_accepted(accept_language or ""), default]
    found = (_match(wish, offered) for wish in wishes if wish)
    return next((language for language in found if language), offered[0])
