"""A small tree of catalogues, put back to the real ones afterwards."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from core.i18n import load_catalogues
from core.i18n.catalogues import catalogue_path
from core.i18n.po import Entry, write_po


class Writer(Protocol):
    """Writes one catalogue of the small tree and loads all of them."""

    def __call__(self, language: str, texts: Mapping[str, object], *, domain: str = "core") -> Path: ...


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Writer]:
    """Write `{msgid: text}` or `{(singular, plural): (one, other)}` as a catalogue under `tmp_path/locales`."""

    def write(language: str, texts: Mapping[str, object], *, domain: str = "core") -> Path:
        path = catalogue_path(tmp_path / "locales", language, domain)
        path.parent.mkdir(parents=True, exist_ok=True)
        entries = [
            Entry(key, None, (str(text),)) if isinstance(key, str) else Entry(key[0], key[1], tuple(text))  # type: ignore[arg-type]  # a table of both kinds reads better than two
            for key, text in texts.items()
        ]
        path.write_text(write_po(entries, language=language), "utf-8")
        load_catalogues(in_tree=tmp_path / "locales")
        return path

    yield write
    load_catalogues()
