"""Which invoice it is: by tenant, seller, number, document type and year of issue."""

import re
import unicodedata
from typing import Final

from plugins.invoices.reading.invoice import Party, ReadInvoice

_VAT_PREFIXES: Final = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU"),
        *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI", "GB", "NO", "IS", "LI", "SM"),
    }
)
_SAME_COUNTRY: Final = {"EL": "GR", "XI": "GB"}
_SUFFIXES: Final = re.compile(r"(?:MWST|MVA|TVA|IVA)$")
_NOT_ALPHANUMERIC: Final = re.compile(r"[^0-9A-Z]")
_SWISS: Final = re.compile(r"CHE(\d{9})")
_SHORTEST: Final = 4


def tax_key(tax_id: str, *, country: str) -> str | None:
    """`country:number` of a tax number, the same with and without country prefix, blanks and dots; None where empty.

    `country` (ISO alpha-2) is that of the address; a VAT prefix in the number outweighs it, for a seller may be
    registered abroad.
    """
    plain = _SUFFIXES.sub("", _NOT_ALPHANUMERIC.sub("", unicodedata.normalize("NFKC", tax_id).upper()))
    if not any(sign.isdigit() for sign in plain):
        return None
    if swiss := _SWISS.fullmatch(plain):
        return f"CH:{swiss[1]}"
    prefix, rest = plain[:2], plain[2:]
    here = _SAME_COUNTRY.get(country.upper(), country.upper())
    known = prefix in _VAT_PREFIXES or (prefix == country.upper() and prefix.isalpha())
    if known and len(rest) >= _SHORTEST and any(sign.isdigit() for sign in rest):
        return f"{_SAME_COUNTRY.get(prefix, prefix)}:{rest}"
    return f"{here}:{plain}"


def fold_name(name: str) -> str:
    """A name as people recognise it: no accents, no case, no punctuation, single blanks."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())


def party_key(party: Party) -> str:
    """`tax:…` where the party has a tax number, else `name:…`; never both kinds for one spelling."""
    if key := tax_key(party.tax_id, country=party.country):
        return f"tax:{key}"
    return f"name:{fold_name(party.name)}"


def seller_key(invoice: ReadInvoice) -> str:
    """The seller as part of an invoice's identity."""
    return party_key(invoice.seller)


def number_folded(number: str) -> str:
    """The number without blanks and case; signs between digits and leading zeros count."""
    return "".join(unicodedata.normalize("NFKC", number).casefold().split())


def issue_year(invoice: ReadInvoice) -> int:
    """The year of issue: numbers start again each year."""
    return invoice.issued_on.year
