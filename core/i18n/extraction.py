"""Finds the texts to translate: Python by its syntax tree, templates by Jinja's."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, TemplateError, nodes

from core.i18n.catalogues import CORE, IN_TREE, catalogue_path
from core.i18n.jinja import SYNTAX, translation_call
from core.i18n.lazy import field_names
from core.i18n.literals import unmarked_words
from core.kept import KeptExtension


class ExtractionError(Exception):
    """A file that cannot be read as Python or as a template."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the texts of one domain are written and where their translations lie."""

    domain: str
    folder: Path
    locales: Path

    def catalogue(self, language: str) -> Path:
        """Path of this domain's .po file."""
        return catalogue_path(self.locales, language, self.domain)


@dataclass(frozen=True, slots=True)
class Message:
    """One text of the source; `plural` where it has a count."""

    msgid: str
    plural: str | None = None

    @property
    def fields(self) -> frozenset[str]:
        """Fields that every form of a translation must have."""
        return field_names(self.plural or self.msgid)


@dataclass(slots=True)
class Extraction:
    """Texts of one domain by msgid, and what is wrong with how they are written (file and line, sentence)."""

    messages: dict[str, Message] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: str, texts: list[str]) -> None:
        """Take one text, singular and plural where there are two."""
        message = Message(*texts)
        try:
            _ = message.fields
        except ValueError as error:
            self.problems.append((place, str(error)))
            return
        known = self.messages.get(message.msgid)
        if known is not None and known.plural and message.plural and known.plural != message.plural:
            self.problems.append((place, f"{message.msgid!r} has two plurals"))
        if known is None or message.plural:
            self.messages[message.msgid] = message


def find_sources(modules: Mapping[str, Path] | None = None) -> list[Source]:
    """Core and each module; without `modules`, those of the tree.

    A module inside the tree has its texts in the tree's `locales/`, another one in its own folder.
    """
    if modules is None:
        folders = sorted((CORE.parent / "plugins").glob("*/"))
        modules = {folder.name: folder for folder in folders if any(folder.glob("*.py"))}
    plugins = CORE.parent / "plugins"
    sources = [Source("core", CORE, IN_TREE)]
    for module, folder in sorted(modules.items()):
        sources.append(Source(module, folder, IN_TREE if folder.parent == plugins else folder / "locales"))
    return sources


def extract(source: Source) -> Extraction:
    """All texts of a domain.

    Raises ExtractionError for a file that cannot be parsed, so that nobody mistakes half a tree for the whole.
    """
    found = Extraction()
    for path in sorted(source.folder.rglob("*.py")):
        if "migrations" not in path.parts:
            _read_python(path, source, found)
    templates = source.folder / "templates"
    for path in sorted(templates.rglob("*")):
        if path.is_file():
            _read_template(path, path.relative_to(templates).as_posix(), found)
    return found


def _constants(call: ast.Call, count: int) -> list[str] | None:
    texts = [node.value for node in call.args[:count] if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return texts if len(texts) == count else None


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _read_python(path: Path, source: Source, found: Extraction) -> None:
    text = path.read_text("utf-8")
    if "Translator(" not in text and "_(" not in text and "_.plural(" not in text:
        return
    try:
        tree = ast.parse(text, str(path))
    except SyntaxError as error:
        raise ExtractionError(f"{path}: {error}") from error
    for call in _calls(tree):
        place = f"{path.relative_to(source.folder.parent)}:{call.lineno}"
        texts: list[str] | None
        match call.func:
            case ast.Name(id="_"):
                texts = _constants(call, 1)
            case ast.Attribute(value=ast.Name(id="_"), attr="plural"):
                texts = _constants(call, 2)
            case ast.Name(id="Translator"):
                domain = _constants(call, 1)
                if domain is not None and domain != [source.domain]:
                    found.problems.append((place, f'write Translator("{source.domain}") here, not {domain[0]!r}'))
                continue
            case _:
                continue
        if texts is None:
            found.problems.append((place, "the text of a translation must be a constant"))
        else:
            found.add(place, texts)


def _read_template(path: Path, name: str, found: Extraction) -> None:
    try:
        tree = Environment(autoescape=True, extensions=[KeptExtension], **SYNTAX).parse(
            path.read_text("utf-8"), name, str(path)
        )
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in {"_", "ngettext"}:
                texts, _arguments = translation_call(call, name=name)
                found.add(f"{name}:{call.lineno}", texts)
        words = unmarked_words(tree, plain=name.endswith(".txt"))
        found.problems += [(name, f"not marked for translation: {text!r}") for text in words]
    except (TemplateError, UnicodeDecodeError) as error:
        raise ExtractionError(f"{path}: {error}") from error
