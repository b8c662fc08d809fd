"""Form tokens: bound to a session, different each time, and they say whose form it was, also once that has ended."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

from core.config import use_settings
from core.signing import form_token, is_form_of, is_form_token
from tests.portal_fixtures import KEYS, settings_for_tests


def test_a_token_is_of_one_session_and_one_person(tmp_path: Path) -> None:
    here = settings_for_tests(tmp_path)
    use_settings(here)
    tokens = [form_token("session", "ana") for _twice in range(2)]
    assert tokens[0] != tokens[1]
    for token in tokens:
        assert [is_form_token(token, bound) for bound in ("session", "another", "")] == [True, False, False]
        assert [is_form_of(token, whose) for whose in ("ana", "eva", "")] == [True, False, False]
    raw = urlsafe_b64decode(tokens[0])
    for wrong in ("", "é", "AAAA", urlsafe_b64encode(bytes(64)).decode(), urlsafe_b64encode(raw[:-1]).decode()):
        assert (is_form_token(wrong, "session"), is_form_of(wrong, "ana")) == (False, False)

    newer = "a-newer-key-for-tests-alone-0123456789"
    for keys, counts in (((newer, *KEYS), True), ((newer,), False)):
        use_settings(replace(here, secret_keys=keys))
        assert (is_form_token(tokens[0], "session"), is_form_of(tokens[0], "ana")) == (counts, counts)
    use_settings(here)
