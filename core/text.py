"""Texts as searches compare them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DANGEROUS: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What spreadsheets take for the start of a formula, the full-width signs too (OWASP, CSV injection)."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that NFKD does not take apart."""


def tidy(text: str) -> str:
    """Return what somebody typed as it is stored: NFC, plain line feeds, no control characters, nothing around it."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    return "".join(sign for sign in plain if sign in "\n\t" or unicodedata.category(sign) != "Cc").strip()


def fold(text: str | None) -> str:
    """Return *text* without accents, case and surplus spaces: what folded columns hold and searches look for."""
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    folded = unicodedata.normalize("NFKD", plain.casefold()).translate(_LETTERS)
    return " ".join("".join(letter for letter in folded if not unicodedata.combining(letter)).split())


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula. A plain number is none."""
    return bool(_DANGEROUS.match(text)) and not _NUMBER.fullmatch(text)


def harmless(text: str) -> str:
    """Return the text as a file of text may hold it: an apostrophe before what a spreadsheet took for a formula."""
    return f"'{text}" if is_dangerous(text) else text
