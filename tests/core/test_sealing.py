"""Secrets that have to be said again are stored so that a dump without the keys tells nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.config import use_settings
from core.sealing import seal, unseal
from tests.portal_fixtures import settings_for_tests

SECRET = "the client's secret: ñ"


def test_it_opens_for_its_purpose_and_place_alone(tmp_path: Path) -> None:
    use_settings(settings_for_tests(tmp_path))
    sealed = seal("one", SECRET, bound_to="here")
    assert SECRET not in sealed
    assert seal("one", SECRET, bound_to="here") != sealed
    assert unseal("one", sealed, bound_to="here") == SECRET
    assert unseal("two", sealed, bound_to="here") is None
    assert unseal("one", sealed, bound_to="there") is None
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    assert unseal("one", changed, bound_to="here") is None
    assert [unseal("one", text, bound_to="here") for text in ("", "x", "no base64!", "ñ")] == [None] * 4


def test_older_keys_still_open_it(tmp_path: Path) -> None:
    before = settings_for_tests(tmp_path)
    use_settings(before)
    sealed = seal("one", SECRET, bound_to="here")
    newer = "a-newer-key-for-tests-alone-0123456789"
    use_settings(replace(before, secret_keys=(newer, *before.secret_keys)))
    assert unseal("one", sealed, bound_to="here") == SECRET
    use_settings(replace(before, secret_keys=(newer,)))
    assert unseal("one", sealed, bound_to="here") is None
