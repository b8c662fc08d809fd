"""Countries by their names."""

from functools import lru_cache

from core.i18n.languages import babel_locale


@lru_cache(maxsize=2048)
def country_name(code: str, language: str) -> str:
    """Name of an ISO 3166-1 alpha-2 code, such as `FR`; the code itself where it names none."""
    return str(babel_locale(language).territories.get(code.upper(), code))
