"""Whether a password is good enough, in sentences; and the same rules for the page that checks while typing."""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.accounts.guessable import flattened, folded, is_guessable
from core.accounts.hashing import LONGEST, fits, normalized
from core.i18n import LazyString, Translator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.accounts.policies import Policy

_ = Translator("core")

SHORTEST_WORD = 4
"""Letters from which on a word of the person or the portal may not stand in a password."""


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule as the page shows it.

    `test` is what the browser checks: `min:6`, `lower`, `upper`, `digit`, `symbol`, `not:*`. `advice` only warns.
    """

    key: str
    label: LazyString
    test: str
    advice: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Words that an attacker would try first: of the person and of the portal."""

    words: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, *texts: str | None) -> Context:
        """Take the words of four letters or more out of names and e-mail addresses."""
        found: set[str] = set()
        for text in texts:
            local, _at, domain = (text or "").partition("@")
            parts = [local, domain.rpartition(".")[0]] if domain else [local]
            for part in parts:
                found |= set(re.split(r"[^a-z0-9]+", folded(part)))
        return cls(frozenset(word for word in found if len(word) >= SHORTEST_WORD))


def is_symbol(character: str) -> bool:
    """Whether *character* is neither a letter nor a digit, in any script."""
    return unicodedata.category(character)[0] not in "LN"


def _has(text: str, alphabet: str) -> bool:
    return any(character in alphabet for character in text)


def rules(policy: Policy) -> list[Rule]:
    """Return what the page can check by itself while somebody types."""
    found = [
        Rule("minimum", _("At least {minimum} characters").format(minimum=policy.minimum), f"min:{policy.minimum}")
    ]
    if policy.symbol:
        found.append(Rule("symbol", _("A character that is neither a letter nor a digit"), "symbol"))
    if policy.lower:
        found.append(Rule("lower", _("A small letter (a–z)"), "lower"))
    if policy.upper:
        found.append(Rule("upper", _("A capital letter (A–Z)"), "upper"))
    if policy.digit:
        found.append(Rule("digit", _("A digit (0–9)"), "digit"))
    found += [
        Rule(
            "discouraged", _("Better without {character}").format(character=character), f"not:{character}", advice=True
        )
        for character in policy.discouraged
    ]
    return found


def check(password: str, policy: Policy, context: Context | None = None) -> list[LazyString]:
    """Return why *password* is refused, a sentence each; nothing where it is acceptable."""
    if not fits(password):
        return [_("Write at most {longest} characters.").format(longest=LONGEST)]
    text = normalized(password)
    refused: list[LazyString] = []
    if len(text) < policy.minimum:
        refused.append(_("Write at least {minimum} characters.").format(minimum=policy.minimum))
    if policy.symbol and not any(is_symbol(character) for character in text):
        refused.append(_("Use a character that is neither a letter nor a digit."))
    if policy.lower and not _has(text, string.ascii_lowercase):
        refused.append(_("Use a small letter (a–z)."))
    if policy.upper and not _has(text, string.ascii_uppercase):
        refused.append(_("Use a capital letter (A–Z)."))
    if policy.digit and not _has(text, string.digits):
        refused.append(_("Use a digit (0–9)."))
    if policy.guessable and not refused:
        refused += _guesses(text, context)
    return refused


def advice(password: str, policy: Policy) -> list[LazyString]:
    """Return what is discouraged about an acceptable password."""
    return [
        _("Your password holds {character}, which is better avoided. It works; another character is safer.").format(
            character=character
        )
        for character in policy.discouraged
        if character in password
    ]


def _guesses(text: str, context: Context | None) -> Iterable[LazyString]:
    if context is not None:
        flat = {folded(text), flattened(text)}
        for word in sorted(context.words, key=lambda word: (-len(word), word)):
            if any(word in form for form in flat):
                yield _("Leave out “{word}”: names and addresses are what others try first.").format(word=word)
                return
    if is_guessable(text):
        yield _("This is easy to guess. Take several words that do not belong together.")
