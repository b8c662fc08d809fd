"""A missing or wrong setting is a sentence at start."""

from __future__ import annotations

import pytest

from core.config import ConfigError, load_settings

KEYS = {"PORTICO_SECRET_KEYS": "k" * 32}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTICO_BASE_URL", "portal.example.com"),
        ("PORTICO_BASE_URL", "https://portal.example.com:http"),
        ("PORTICO_BASE_URL", "https://[portal"),
        ("PORTICO_BASE_URL", "https://portal.example.com/portals"),
        ("PORTICO_DATABASE_URL", "mysql://db/portico"),
        ("PORTICO_STORAGE_URL", "/srv/files"),
        ("PORTICO_SMTP_URL", "mail.example.com"),
        ("PORTICO_SMTP_URL", "smtp://mail.example.com:mail"),
        ("PORTICO_MAIL_FROM", "Portal <portal@example.com>"),
        ("PORTICO_MAIL_FROM", "portal"),
        ("PORTICO_TRUSTED_PROXIES", "the proxy"),
        ("PORTICO_SECRET_KEYS", "short"),
        ("PORTICO_SECRET_KEYS", ""),
    ],
)
def test_what_is_wrong_is_said_with_its_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name}\b"):
        load_settings(KEYS | {name: value})


def test_what_is_right_is_taken() -> None:
    found = load_settings(
        KEYS
        | {
            "PORTICO_BASE_URL": "https://portal.example.com:8443/",
            "PORTICO_DATABASE_URL": "postgresql://portico@db/portico",
            "PORTICO_STORAGE_URL": "s3://bucket",
            "PORTICO_SMTP_URL": "smtps://me:secret@mail.example.com:465",
            "PORTICO_MAIL_FROM": "portal@example.com",
            "PORTICO_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        }
    )
    assert (found.base_url, found.origin("a.portal.example.com")) == (
        "https://portal.example.com:8443",
        "https://a.portal.example.com:8443",
    )
    assert [str(network) for network in found.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
