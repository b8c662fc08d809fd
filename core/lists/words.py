"""Words and figures of lists in a language, remembered where they are asked for on every page."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from core.formats import duration, money, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.i18n import LazyString
    from core.lists.spec import Chip, Sum


@lru_cache(maxsize=8192)
def word(text: LazyString, language: str) -> str:
    """Return a text without changing facts in a language."""
    return text.in_language(language)


@lru_cache(maxsize=2048)
def chip(state: Chip, language: str) -> dict[str, str]:
    """Return a state as templates draw it."""
    return {"label": word(state.label, language), "tone": state.tone, "icon": state.icon}


def sum_text(total: Sum, amounts: Mapping[str | None, int], language: str) -> str:
    """Return a sum in words: amounts of several currencies side by side, never added up."""
    texts = []
    for currency, amount in sorted(amounts.items(), key=lambda item: item[0] or ""):
        if currency is not None:
            texts.append(money(amount, currency, language))
        else:
            texts.append(duration(amount, language) if total.kind == "duration" else number(amount, language))
    return " · ".join(texts)
