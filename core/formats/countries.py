"""Countries by their names."""

from functools import lru_cache

from core.i18n.languages import babel_locale

_UNREAL = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
"""Two letters that name no country: unions, and what Unicode uses for tests."""
COUNTRIES = frozenset(
    code
    for code in map(str, babel_locale("en").territories)
    if len(code) == 2 and code.isascii() and code.isalpha() and code not in _UNREAL
)
"""ISO 3166-1 alpha-2 codes."""


@lru_cache(maxsize=2048)
def country_name(code: str, language: str) -> str:
    """Name of an ISO 3166-1 alpha-2 code, such as `FR`; the code itself where it names none."""
    return str(babel_locale(language).territories.get(code.upper(), code))
