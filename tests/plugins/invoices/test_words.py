"""What the readers say in English is what the module has translated, word for word."""

from __future__ import annotations

from plugins.invoices import reading
from plugins.invoices.reading.errors import FIELDS, MESSAGES
from plugins.invoices.reading.invoice import DocumentType
from plugins.invoices.reasons import BY_HAND, HOSTILE, READING, SUMS
from plugins.invoices.reasons import FIELDS as FIELD_WORDS
from plugins.invoices.words import CATEGORIES, KINDS, UNITS


def test_the_readers_sentences() -> None:
    assert {code: text.message for code, text in READING.items()} == MESSAGES
    assert {code: text.message for code, text in SUMS.items()} == reading.MISMATCHES
    assert sorted(text.message for text in FIELD_WORDS) == sorted(FIELDS)
    assert set(MESSAGES) >= HOSTILE | BY_HAND


def test_the_readers_labels() -> None:
    assert {code: text.message for code, text in CATEGORIES.items()} == reading.CATEGORIES
    assert {code: reading.UNITS.get(code) for code in UNITS} == {code: text.message for code, text in UNITS.items()}
    assert set(KINDS) == set(DocumentType.__args__)  # type: ignore[attr-defined]  # a Literal's values
