"""Texts that are kept until somebody reads them: as message and facts, so that she reads them in her own language."""

from typing import Any

import msgspec

from core.i18n.languages import SOURCE_LANGUAGE
from core.i18n.lazy import LazyString, text_in


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True, tag="text", tag_field="is"):
    domain: str
    message: str
    plural: str | None = None
    count: str = "n"
    facts: dict[str, Any] = {}


def keep_text(text: LazyString) -> str:
    """Return a text as it is kept. Facts are numbers, texts and LazyStrings; any other stands in it in English."""
    return msgspec.json.encode(_packed(text)).decode()


def _packed(text: LazyString) -> _Kept:
    facts = {name: _fact(value) for name, value in text.facts}
    return _Kept(text.domain, text.message, text.plural, text.count_name, facts)


def _fact(value: object) -> object:
    if isinstance(value, LazyString):
        return _packed(value)
    return value if type(value) in {str, int, float, bool} else text_in(value, SOURCE_LANGUAGE)


def kept_text(kept: str) -> LazyString | None:
    """
    Return the text that was kept, None for "".

    Raises:
        msgspec.MsgspecError: it is none.

    """
    return _unpacked(msgspec.json.decode(kept, type=_Kept)) if kept else None


def _unpacked(kept: _Kept) -> LazyString:
    facts = {
        name: _unpacked(msgspec.convert(value, _Kept)) if isinstance(value, dict) else value
        for name, value in kept.facts.items()
    }
    return LazyString(kept.domain, kept.message, kept.plural, kept.count).format(**facts)
