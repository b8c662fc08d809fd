"""Password policies as data, one per tenant."""

from __future__ import annotations

from dataclasses import dataclass

from core.i18n import LazyString, Translator

_ = Translator("core")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    What a tenant asks of passwords.

    `minimum` counts Unicode characters after NFC. `lower` and `upper` mean a–z and A–Z alone, `symbol` anything that
    is neither a letter nor a digit. `discouraged` characters bring a warning, never a refusal. `guessable` refuses
    common passwords and patterns, and words of the person and the portal.
    """

    key: str
    label: LazyString
    minimum: int
    lower: bool = False
    upper: bool = False
    digit: bool = False
    symbol: bool = False
    discouraged: str = ""
    guessable: bool = False

    def covers(self, other: Policy) -> bool:
        """Whether every password that is acceptable here is acceptable under *other* too, but for words of a portal."""
        demands = ("lower", "upper", "digit", "symbol", "guessable")
        return self.minimum >= other.minimum and all(getattr(self, name) >= getattr(other, name) for name in demands)


NIST = Policy(
    key="nist",
    label=_("Long: at least 15 characters of any kind, no common passwords (recommended, NIST SP 800-63B-4)"),
    minimum=15,  # NIST SP 800-63B-4, 3.1.1.2: 15 where the password is the only factor; no rules of composition
    guessable=True,
)
LINK = Policy(
    key="link",
    label=_("Short: at least 6 characters, with a capital letter, a small letter and a symbol (weaker)"),
    minimum=6,
    lower=True,
    upper=True,
    symbol=True,
    discouraged="*",
)
MEMOQ = Policy(
    key="memoq",
    label=_("Medium: at least 8 characters, with a capital letter, a small letter and a digit (weaker)"),
    minimum=8,
    lower=True,
    upper=True,
    digit=True,
)
POLICIES = {policy.key: policy for policy in (NIST, LINK, MEMOQ)}
