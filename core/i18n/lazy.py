"""Texts that find their language when they are read."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Protocol, runtime_checkable

from core.i18n.catalogues import gettext, ngettext
from core.i18n.languages import current_language, whole_number

_FIELD = re.compile(r"\{\{|\}\}|\{([a-zA-Z_][a-zA-Z0-9_]*)\}|[{}]")


@runtime_checkable
class Text(Protocol):
    """What can say itself in a language: a LazyString, a lazily formatted amount or day."""

    def in_language(self, language: str) -> str:
        """Text in that language."""
        ...


def text_in(value: object, language: str) -> str:
    """Any value as text: what knows languages in this one, the rest by `str()`."""
    if type(value) is str:  # most facts are; asking for a protocol takes 10 µs
        return value
    return value.in_language(language) if isinstance(value, Text) else str(value)


@lru_cache(maxsize=8192)
def split_fields(message: str) -> tuple[tuple[str, str | None], ...]:
    """A message as pairs (literal text, name of the field after it or None).

    Fields are plain names, so neither a translation nor a value can reach attributes, as `str.format` would let it.
    Raises ValueError for a brace that stands alone; `{{` and `}}` are literal braces.
    """
    parts: list[tuple[str, str | None]] = []
    literal = ""
    position = 0
    for match in _FIELD.finditer(message):
        literal += message[position : match.start()]
        position = match.end()
        if match[1]:
            parts.append((literal, match[1]))
            literal = ""
        elif len(match[0]) == 1:
            problem = f"a brace that stands alone in {message!r}"
            raise ValueError(problem)
        else:
            literal += match[0][0]
    parts.append((literal + message[position:], None))
    return tuple(parts)


def field_names(message: str) -> frozenset[str]:
    """Names of the `{name}` fields in a message."""
    return frozenset(field for _, field in split_fields(message) if field)


def before_stop(value: object) -> object:
    """Return a fact as it stands before the sentence's full stop: names that end in one (`S.A.`) need no second."""
    ends = isinstance(value, str) and value.endswith(".") and not value.endswith("..")
    return value[:-1] if ends and isinstance(value, str) else value


def _fill(message: str, facts: dict[str, str]) -> str:
    if "}." in message:
        parts = split_fields(message)
        stopped = {field for (_, field), (after, _next) in pairwise(parts) if field and after.startswith(".")}
        if any(facts[field].endswith(".") for field in stopped):
            return "".join(
                literal
                if field is None
                else f"{literal}{before_stop(facts[field]) if parts[number + 1][0].startswith('.') else facts[field]}"
                for number, (literal, field) in enumerate(parts)
            )
    return "".join(literal if field is None else literal + facts[field] for literal, field in split_fields(message))


@dataclass(frozen=True, slots=True, repr=False)
class LazyString:
    """A translatable text with its facts; immutable, equal by value, in a language only when asked."""

    domain: str
    message: str
    plural: str | None = None
    count_name: str = "n"
    facts: tuple[tuple[str, object], ...] = ()

    def format(self, **facts: object) -> "LazyString":
        """Copy that knows these facts too; they are put into words when the text is read."""
        return replace(self, facts=tuple(sorted((dict(self.facts) | facts).items())))

    def in_language(self, language: str) -> str:
        """Text in that language.

        Raises KeyError for a fact that the English text names and nobody gave.
        """
        if not self.facts and self.plural is None:  # most texts: a tenth of the time
            return gettext(self.domain, self.message, language)
        facts = dict(self.facts)
        if self.plural is None:
            message, source = gettext(self.domain, self.message, language), self.message
        else:
            count = facts[self.count_name]
            if not isinstance(count, int | float):
                problem = f"{self.count_name} must be a number, not {count!r}"
                raise TypeError(problem)
            message = ngettext(self.domain, self.message, self.plural, count, language)
            source = self.message if count == 1 else self.plural
            if isinstance(count, int):
                facts[self.count_name] = whole_number(count, language)
        words = {name: text_in(value, language) for name, value in facts.items()}
        try:
            return _fill(message, words)
        except (KeyError, ValueError):
            if message == source:
                raise
            return _fill(source, words)  # a mistake in a catalogue must not break a page

    def __str__(self) -> str:
        """Text in the current language."""
        return self.in_language(current_language())

    def __hash__(self) -> int:
        """Two texts that differ in their facts alone are rare, and asked for with the facts in hand."""
        return hash((self.domain, self.message))

    def __repr__(self) -> str:
        """Never in a language: for logs and failing tests."""
        facts = "".join(f", {name}={value!r}" for name, value in self.facts)
        return f"LazyString({self.domain}: {self.plural or self.message!r}{facts})"

    def __bool__(self) -> bool:
        """False for the empty text, as of a str."""
        return bool(self.message)


@dataclass(frozen=True, slots=True)
class Translator:
    """`_ = Translator("invoices")`: marks texts of one domain for translation.

    The domain is `core` or the module's id, that of the folder the file lies in; `portico i18n check` compares them.
    """

    domain: str

    def __call__(self, message: str) -> LazyString:
        """Mark a constant text: `_("Hello {name}").format(name=…)`."""
        return LazyString(self.domain, message)

    def plural(self, singular: str, plural: str, n_name: str = "n") -> LazyString:
        """Mark a text with a count, shown with grouped digits: `_.plural("{n} file", "{n} files").format(n=3)`."""
        return LazyString(self.domain, singular, plural, n_name)
