"""Settings of one installation, read from the environment once at start."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

MINIMUM_KEY_LENGTH = 32
"""Characters of a secret key: 32 of a random URL-safe text are 192 bits."""
_ADDRESS = re.compile(r"[^\s@<>\",;:\\()\[\]]+@[^\s@<>\",;:\\()\[\]]+")


class ConfigError(Exception):
    """A setting is missing or wrong. The text says which one and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between installations. See the README's table of settings."""

    base_url: str = "http://localhost:8000"
    database_url: str = "sqlite:///var/portico.sqlite3"
    home: Path = Path("var")
    storage_url: str = "file://var/files"
    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "portal@localhost"
    tsa_url: str | None = None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    corpus: Path | None = None
    allow_loopback: bool = False
    """Whether sign-in providers may live on this machine, without TLS: for tests and trials alone."""
    demo: bool = False

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return urlsplit(self.base_url).scheme

    @property
    def base_host(self) -> str:
        """The host under which portals live as sub-hosts, without a port."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def port_suffix(self) -> str:
        """`:8000` where the base URL names a port, else nothing."""
        port = urlsplit(self.base_url).port
        return f":{port}" if port else ""

    @property
    def secure(self) -> bool:
        """Whether cookies are `Secure` with the `__Host-` prefix and HSTS is sent."""
        return self.scheme == "https"

    def origin(self, host: str) -> str:
        """Return the origin (scheme, host, port) of a portal that lives on *host*."""
        return f"{self.scheme}://{host}{self.port_suffix}"


def _taken_apart(value: str) -> SplitResult | None:
    """Return the parts of a URL, or None where it is none: brackets that do not close, a port that is no number."""
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        return None
    return parts


def _base_url(value: str) -> str:
    parts = _taken_apart(value)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"PORTICO_BASE_URL is {value!r}; write scheme and host, for example https://portal.example.com"
        raise ConfigError(message)
    if parts.path.strip("/") or parts.query:
        message = f"PORTICO_BASE_URL is {value!r}; it may have no path: portals live on sub-hosts of it"
        raise ConfigError(message)
    return value.rstrip("/")


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://")):
        message = f"PORTICO_DATABASE_URL starts with {value.split(':', 1)[0]!r}; write sqlite:///FILE or postgresql://…"
        raise ConfigError(message)
    return value


def _storage_url(value: str) -> str:
    if not value.startswith(("file://", "s3://")):
        message = f"PORTICO_STORAGE_URL starts with {value.split(':', 1)[0]!r}; write file://FOLDER or s3://BUCKET"
        raise ConfigError(message)
    return value


def _mail_from(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        message = f"PORTICO_MAIL_FROM is {value!r}; write an address alone, for example portal@example.com"
        raise ConfigError(message)
    return value


def _smtp_url(value: str) -> str:
    parts = _taken_apart(value)
    if parts is None or parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        message = "PORTICO_SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465"
        raise ConfigError(message)
    return value


def _proxies(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        message = f"PORTICO_TRUSTED_PROXIES: {error}; write addresses or networks separated by commas"
        raise ConfigError(message) from error


def _switch(name: str, value: str) -> bool:
    if value.lower() not in {"", "0", "no", "1", "yes"}:
        message = f"{name} is {value!r}; write yes or no"
        raise ConfigError(message)
    return value.lower() in {"1", "yes"}


def _secret_keys(value: str) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in value.split(",") if part.strip())
    for key in keys:
        if len(key) < MINIMUM_KEY_LENGTH:
            message = (
                f"PORTICO_SECRET_KEYS has a key of {len(key)} characters; at least {MINIMUM_KEY_LENGTH} are needed. "
                'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
            raise ConfigError(message)
    return keys


def load_settings(environment: Mapping[str, str] | None = None, *, demo: bool = False) -> Settings:
    """
    Read the settings from *environment* (the process' own by default).

    Raises:
        ConfigError: a setting is missing or wrong; the text says what to write.

    """
    env = os.environ if environment is None else environment
    home = Path(env.get("PORTICO_HOME") or "var")
    keys = _secret_keys(env.get("PORTICO_SECRET_KEYS", ""))
    if not keys and not demo:
        message = (
            "PORTICO_SECRET_KEYS is not set; it signs links and forms. "
            'Make a key with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
        raise ConfigError(message)
    smtp = env.get("PORTICO_SMTP_URL")
    corpus = env.get("PORTICO_CORPUS")
    return Settings(
        base_url=_base_url(env.get("PORTICO_BASE_URL") or "http://localhost:8000"),
        database_url=_database_url(env.get("PORTICO_DATABASE_URL") or f"sqlite:///{home / 'portico.sqlite3'}"),
        home=home,
        storage_url=_storage_url(env.get("PORTICO_STORAGE_URL") or f"file://{home / 'files'}"),
        secret_keys=keys,
        smtp_url=_smtp_url(smtp) if smtp else None,
        mail_from=_mail_from(env.get("PORTICO_MAIL_FROM") or "portal@localhost"),
        tsa_url=env.get("PORTICO_TSA_URL") or None,
        trusted_proxies=_proxies(env.get("PORTICO_TRUSTED_PROXIES", "")),
        corpus=Path(corpus) if corpus else None,
        allow_loopback=_switch("PORTICO_ALLOW_LOOPBACK", env.get("PORTICO_ALLOW_LOOPBACK", "")),
        demo=demo,
    )


_current: Settings | None = None


def use_settings(settings: Settings) -> None:
    """Make *settings* those of this process."""
    global _current  # noqa: PLW0603 -- the one process-wide value, set by the composition root and by tests
    _current = settings


def settings() -> Settings:
    """
    Return the settings of this process.

    Raises:
        RuntimeError: nothing has been set up yet.

    """
    if _current is None:
        message = "settings are not set up: call use_settings() first"
        raise RuntimeError(message)
    return _current
