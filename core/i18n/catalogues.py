"""The catalogues in memory: one dict per language and domain."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from core.i18n.languages import LANGUAGES, SOURCE_LANGUAGE, plural_index
from core.i18n.po import CatalogueError, read_po

__all__ = ["CatalogueError", "catalogue_path", "gettext", "load_catalogues", "ngettext"]

Table: TypeAlias = dict[str, str | tuple[str, ...]]

CORE: Final = Path(__file__).parents[1]
# a checkout keeps `locales/` beside `core/`, a wheel carries it inside
IN_TREE: Final = CORE / "locales" if (CORE / "locales").is_dir() else CORE.parent / "locales"

_tables: dict[str, dict[str, Table]] = {}


def catalogue_path(locales: Path, language: str, domain: str) -> Path:
    """Where a domain's catalogue lies under a `locales` folder."""
    return locales / language / "LC_MESSAGES" / f"{domain}.po"


def _read(path: Path) -> Table:
    """Texts of one file; what is fuzzy or empty is as good as missing."""
    table: Table = {}
    for entry in read_po(path.read_text("utf-8"), name=str(path)):
        if not entry.fuzzy and entry.translated:
            table[entry.msgid] = entry.texts[0] if entry.plural is None else entry.texts
    return table


def load_catalogues(modules: Mapping[str, Path] | None = None, *, in_tree: Path = IN_TREE) -> None:
    """Read every catalogue of core and modules; called once at start, a second call replaces the first.

    `modules` maps module ids to their folders: a module from another wheel brings `locales/` inside its folder, of
    which only the file of its own id counts. Raises CatalogueError, also when a domain comes twice.
    """
    loaded: dict[str, dict[str, Table]] = {}
    for language in LANGUAGES:
        files = {path.stem: path for path in (in_tree / language / "LC_MESSAGES").glob("*.po")}
        for module, folder in (modules or {}).items():
            own = catalogue_path(folder / "locales", language, module)
            if own.is_file():
                if module in files:
                    message = f"the texts of {module} come twice: {files[module]} and {own}"
                    raise CatalogueError(message)
                files[module] = own
        loaded[language] = {domain: _read(path) for domain, path in files.items()}
    for language, facts in LANGUAGES.items():
        base = loaded.get(facts.falls_back_to or "", {})
        for domain in base:
            loaded[language][domain] = base[domain] | loaded[language].get(domain, {})
    _tables.clear()
    _tables.update(loaded)


def _found(domain: str, message: str, language: str) -> str | tuple[str, ...] | None:
    if language == SOURCE_LANGUAGE:
        return None
    if not _tables:
        load_catalogues()  # scripts and single tests, which start no portal
    table = _tables[language].get(domain)
    return table.get(message) if table is not None else None


def gettext(domain: str, message: str, language: str) -> str:
    """Translated text, or the English one where the catalogue has none."""
    found = _found(domain, message, language)
    if found is None:
        return message
    return found if isinstance(found, str) else found[0]


def ngettext(domain: str, singular: str, plural: str, count: float, language: str) -> str:
    """Translated form for a count, or the English one where the catalogue has none."""
    return plural_forms(domain, singular, plural, language)[plural_index(language, count)]


def plural_forms(domain: str, singular: str, plural: str, language: str) -> tuple[str, str]:
    """Forms `one` and `other`."""
    found = _found(domain, singular, language)
    if isinstance(found, tuple) and len(found) == 2:
        return found[0], found[1]
    return singular, plural
