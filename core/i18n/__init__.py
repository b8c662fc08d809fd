"""Languages, translated text, catalogues."""

from core.i18n.catalogues import CatalogueError, gettext, load_catalogues, ngettext
from core.i18n.languages import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    babel_locale,
    current_language,
    html_lang,
    language_scope,
    negotiate,
    whole_number,
)
from core.i18n.lazy import LazyString, Text, Translator, text_in
from core.i18n.stored import keep_text, kept_text

__all__ = [
    "LANGUAGES",
    "SOURCE_LANGUAGE",
    "CatalogueError",
    "LazyString",
    "Text",
    "Translator",
    "babel_locale",
    "current_language",
    "gettext",
    "html_lang",
    "keep_text",
    "kept_text",
    "language_scope",
    "load_catalogues",
    "negotiate",
    "ngettext",
    "text_in",
    "whole_number",
]
