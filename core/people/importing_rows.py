"""What a row of a list of people says, read without asking anybody; all that is wrong with it by field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.contributions import Reach
from core.formats import FormatError, normalise_email
from core.i18n import LANGUAGES, Translator
from core.people.importing_words import REACH_WORDS
from core.people.persons_known import Details, tidied, wrong_texts
from core.text import fold

if TYPE_CHECKING:
    from core.i18n import LazyString

_ = Translator("core")

Row = dict[str, str]
Rows = list[tuple[int, Row]]


@dataclass(slots=True)
class Faults:
    """What is wrong with a row, by field, in the order in which it was found."""

    found: dict[str, list[LazyString]] = field(default_factory=dict)

    def add(self, name: str, reason: LazyString) -> None:
        """Note a reason; the same one once."""
        reasons = self.found.setdefault(name, [])
        if reason not in reasons:
            reasons.append(reason)

    def all(self) -> list[LazyString]:
        """Return all reasons."""
        return [reason for reasons in self.found.values() for reason in reasons]


@dataclass(slots=True)
class Reading:
    """A row as it is read."""

    number: int
    row: Row
    details: Details
    reach: Reach
    faults: Faults

    @property
    def name(self) -> str:
        """Name or address, for people to find the row by."""
        return f"{self.details.given_name} {self.details.family_name}".strip() or self.row.get("email", "")

    @property
    def names_customer(self) -> bool:
        """Whether it says at which customer she is."""
        return any(self.row.get(key) for key in ("customer", "customer_number", "tax_id"))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells whom the row is about: her address, else her name at that customer."""
        if self.details.email:
            return (self.details.email,)
        said = (self.row.get(key, "") for key in ("customer", "customer_number", "tax_id"))
        return (fold(f"{self.details.family_name} {self.details.given_name}"), *map(fold, said))


def read_row(number: int, row: Row) -> Reading:
    """Read a row."""
    faults = Faults()
    given, family = _names(row)
    email = row.get("email", "").strip()
    if email:
        try:
            email = normalise_email(email)
        except FormatError as error:
            faults.add("email", error.message)
    details = tidied(
        Details(
            given_name=given,
            family_name=family,
            email=email,
            phone=row.get("phone", ""),
            mobile=row.get("mobile", ""),
            other_contact=row.get("other_contact", ""),
            language=_language(row.get("language", ""), faults),
        )
    )
    for name, reasons in wrong_texts(details).items():
        for reason in reasons:
            faults.add(name, reason)
    return Reading(number, row, details, _reach(row.get("reach", ""), faults), faults)


def _names(row: Row) -> tuple[str, str]:
    given, family = row.get("given_name", ""), row.get("family_name", "")
    if bool(given) != bool(family) and not row.get("name"):
        return _split(given or family)
    if given or family:
        return given, family
    return _split(row.get("name", ""))


def _split(name: str) -> tuple[str, str]:
    """Return given and family name: “López Díaz, Ana” or “Ana López Díaz”."""
    family, comma, given = name.partition(",")
    if comma:
        return given.strip(), family.strip()
    first, _blank, rest = " ".join(name.split()).partition(" ")
    return first, rest


def _language(text: str, faults: Faults) -> str | None:
    if not text:
        return None
    wanted = fold(text).replace("_", "-")
    for code, language in LANGUAGES.items():
        if wanted in {code.lower().replace("_", "-"), language.html.lower(), fold(language.name)}:
            return code
    faults.add("language", _("“{text}” is no language of the portal.").format(text=text))
    return None


def _reach(text: str, faults: Faults) -> Reach:
    if not text:
        return Reach.COMPANY
    found = REACH_WORDS.get(fold(text))
    if found is None:
        faults.add("reach", _("“{text}” is no reach: own, projects, company or group.").format(text=text))
    return found or Reach.COMPANY
