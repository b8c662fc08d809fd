"""Upkeep of the catalogues: bring them up to date, find what is missing or wrong, fill them in bulk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.i18n.extraction import Extraction, Message, Source, extract, find_sources
from core.i18n.languages import LANGUAGES, SOURCE_LANGUAGE
from core.i18n.lazy import field_names
from core.i18n.po import Entry, read_po, write_po

TRANSLATED = tuple(code for code in LANGUAGES if code != SOURCE_LANGUAGE)
COMPLETE = tuple(
    code for code in TRANSLATED if LANGUAGES[code].falls_back_to is None
)  # every text; others what differs


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that `portico i18n check` finds; language is empty where the source itself is wrong."""

    language: str
    domain: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.language or 'source'} {self.domain}: {self.kind}: {self.text}"


def _entries(path: Path) -> dict[str, Entry]:
    if not path.is_file():
        return {}
    return {entry.msgid: entry for entry in read_po(path.read_text("utf-8"), name=str(path))}


def _write(path: Path, entries: Iterable[Entry], language: str) -> bool:
    """Write a catalogue if it changes; True if it did. No entry, no file."""
    entries = list(entries)
    if not entries:
        existed = path.is_file()
        path.unlink(missing_ok=True)
        return existed
    text = write_po(entries, language=language)
    if path.is_file() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


def _empty(message: Message) -> tuple[str, ...]:
    return ("",) if message.plural is None else ("", "")


def _merged(message: Message, entry: Entry | None) -> Entry:
    """Entry of a text: the old one while it has the right number of forms, else an empty one."""
    if entry is None or len(entry.texts) != len(_empty(message)):
        return Entry(message.msgid, message.plural, _empty(message), comments=entry.comments if entry else ())
    return Entry(message.msgid, message.plural, entry.texts, entry.fuzzy, entry.comments)


def update(sources: Iterable[Source] | None = None) -> list[Path]:
    """Bring every .po file up to the source: new texts empty, old ones kept, vanished ones dropped.

    Returns the changed files. Raises ExtractionError before anything is written.
    """
    extracted = [(source, extract(source)) for source in sources or find_sources()]
    changed = []
    for source, found in extracted:
        for language in TRANSLATED:
            path = source.catalogue(language)
            old = _entries(path)
            wanted = found.messages if language in COMPLETE else found.messages.keys() & old.keys()
            entries = [_merged(found.messages[msgid], old.get(msgid)) for msgid in wanted]
            if language not in COMPLETE:
                entries = [entry for entry in entries if entry.translated]
            if _write(path, entries, language):
                changed.append(path)
    return changed


def check(sources: Iterable[Source] | None = None) -> list[Problem]:
    """Everything that is wrong with texts and catalogues, sorted by language and domain.

    Raises ExtractionError, CatalogueError.
    """
    problems: list[Problem] = []
    for source in sources or find_sources():
        found = extract(source)
        problems += [Problem("", source.domain, "source", f"{place}: {why}") for place, why in found.problems]
        for language in TRANSLATED:
            problems += _check_catalogue(source, found, language)
    return sorted(problems, key=lambda problem: (problem.language, problem.domain, problem.kind, problem.text))


def _check_catalogue(source: Source, found: Extraction, language: str) -> list[Problem]:
    entries = _entries(source.catalogue(language))
    base_language = LANGUAGES[language].falls_back_to or ""
    base = _entries(source.catalogue(base_language))
    kinds: list[tuple[str, str]] = [("obsolete", msgid) for msgid in entries.keys() - found.messages.keys()]
    for msgid, message in found.messages.items():
        if msgid in entries:
            kinds += [(kind, msgid) for kind in _entry_faults(message, entries[msgid])]
            if msgid in base and base[msgid].texts == entries[msgid].texts:
                kinds.append((f"same as in {base_language}", msgid))
        elif language in COMPLETE:
            kinds.append(("missing", msgid))
    return [Problem(language, source.domain, kind, repr(msgid)) for kind, msgid in kinds]


def _entry_faults(message: Message, entry: Entry) -> list[str]:
    if len(entry.texts) != len(_empty(message)):
        return ["forms"]
    if not entry.translated:
        return ["empty"]
    return ["fuzzy"] if entry.fuzzy else faults(message, entry.texts)


def faults(message: Message, texts: Iterable[str]) -> list[str]:
    """What is wrong with a translation: fields that are not those of the source, spaces at the ends that differ.

    Every plural form has all fields: `one` also stands for 0 in French and Brazilian Portuguese.
    """
    found = []
    for text in texts:
        try:
            same = field_names(text) == message.fields
        except ValueError:
            same = False
        if not same:
            found.append("fields")
        if (text[:1].isspace(), text[-1:].isspace()) != (message.msgid[:1].isspace(), message.msgid[-1:].isspace()):
            found.append("spaces")
    return sorted(set(found))


def missing(language: str, sources: Iterable[Source] | None = None) -> dict[str, list[str | list[str]]]:
    """Texts without a translation by domain, for a translator: the text, or [singular, plural].

    A language that falls back to another lacks nothing.
    """
    result: dict[str, list[str | list[str]]] = {}
    for source in sources or find_sources():
        entries = _entries(source.catalogue(language))
        texts: list[str | list[str]] = []
        for msgid, message in sorted(extract(source).messages.items()):
            entry = entries.get(msgid)
            done = entry is not None and entry.translated and not entry.fuzzy
            if not (done and entry is not None and len(entry.texts) == len(_empty(message))):
                texts.append(msgid if message.plural is None else [msgid, message.plural])
        if texts and language in COMPLETE:
            result[source.domain] = texts
    return result


def fill(
    language: str,
    translations: Mapping[str, Mapping[str, str | list[str]]],
    sources: Iterable[Source] | None = None,
) -> tuple[int, list[Problem]]:
    """Write translations, `{domain: {msgid: text or [one, other]}}`; returns how many, and those that were refused.

    In a language that falls back to another, what is the same there is left out.
    """
    written, problems = 0, []
    by_domain = {source.domain: source for source in sources or find_sources()}
    for domain, texts in translations.items():
        source = by_domain.get(domain)
        if source is None:
            problems.append(Problem(language, domain, "unknown domain", f"{len(texts)} texts"))
            continue
        found = extract(source)
        entries = _entries(source.catalogue(language))
        base = _entries(source.catalogue(LANGUAGES[language].falls_back_to or ""))
        for msgid, text in texts.items():
            forms = (text,) if isinstance(text, str) else tuple(text)
            message = found.messages.get(msgid)
            wrong = _refusals(message, forms)
            problems += [Problem(language, domain, kind, repr(msgid)) for kind in wrong]
            if message is None or wrong:
                continue
            if msgid in base and base[msgid].texts == forms:
                entries.pop(msgid, None)
                continue
            comments = entries[msgid].comments if msgid in entries else ()
            entries[msgid] = Entry(msgid, message.plural, forms, comments=comments)
            written += 1
        _write(source.catalogue(language), entries.values(), language)
    return written, problems


def _refusals(message: Message | None, forms: tuple[str, ...]) -> list[str]:
    if message is None:
        return ["obsolete"]
    if len(forms) != len(_empty(message)):
        return ["forms"]
    if not all(forms):
        return ["empty"]
    return faults(message, forms)
