"""Finds words that stand in a template without being marked for translation."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Final

from jinja2 import nodes

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_READ_ALOUD: Final = {"alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"}
_NO_PROSE: Final = {"code", "kbd", "pre", "script", "style"}
# the same in every language
_NAMES: Final = {"BIC", "CSV", "IBAN", "JSON", "PDF", "Portico", "SHA", "UBL", "XLSX", "XML", "html", "https"}
_ATTRIBUTE_BLOCKS: Final = ("_class", "_id", "_url")  # a block of such a name stands inside an attribute
_GAP: Final = "\ufffc"  # stands where an expression was


def unmarked_words(tree: nodes.Template, *, plain: bool) -> list[str]:
    """Texts of a template that people would read in English whatever their language; `plain` for text mails."""
    silent = {id(data) for block in tree.find_all(nodes.Block) for data in _attribute_data(block)}
    parts = ("" if id(data) in silent else data.data for data in tree.find_all(nodes.TemplateData))
    text = _GAP.join(parts)
    if plain:
        return [line.strip() for line in text.replace(_GAP, " ").splitlines() if _prose(line)]
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.found


def _attribute_data(block: nodes.Block) -> Iterable[nodes.TemplateData]:
    return block.find_all(nodes.TemplateData) if block.name.endswith(_ATTRIBUTE_BLOCKS) else ()


def _prose(text: str) -> bool:
    return any(word not in _NAMES for word in _WORD.findall(text))


class _Reader(HTMLParser):
    """Collects what is seen or read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NO_PROSE:
            self.silent += 1
        self.found += [f'{name}="{value}"' for name, value in attrs if name in _READ_ALOUD and value and _prose(value)]

    def handle_endtag(self, tag: str) -> None:
        if tag in _NO_PROSE:
            self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        if not self.silent and _prose(data):
            self.found.append(" ".join(data.replace(_GAP, " ").split()))
