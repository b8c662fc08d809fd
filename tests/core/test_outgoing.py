"""Addresses that people type in lead to public servers alone, over TLS, and say little and soon."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.config import ConfigError, load_settings, use_settings
from core.outgoing import LARGEST, OutgoingError, address_of, ask, problem_with
from tests.portal_fixtures import settings_for_tests

REFUSED = (
    "http://login.example.com",
    "ftp://login.example.com",
    "file:///etc/passwd",
    "gopher://login.example.com:70/",
    "//login.example.com",
    "login.example.com",
    "",
    "https://",
    "https:///path",
    "https://login.example.com:8443",
    "https://login.example.com:22",
    "https://user:password@login.example.com",
    "https://user@login.example.com",
    "https://login.example.com/#part",
    "https://login.example.com\\@evil.example",
    "https://login.example.com/\r\nx-more: 1",
    "https://login.example.com /",
    "https://lógin.example.com",
    "https://login.example.com:99999",
    "http://127.0.0.1",
    "http://localhost:8080",
    "http://[::1]/",
    "https://[not-an-address",
    "javascript:alert(1)",
)
PRIVATE = (
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",  # noqa: S104 -- an address that must not be asked
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
)
PUBLIC = ("8.8.8.8", "2606:4700:4700::1111")


@pytest.fixture(autouse=True)
def strict(tmp_path: Path) -> None:
    """Nothing on this machine is asked."""
    use_settings(settings_for_tests(tmp_path))


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_not_even_looked_up(url: str) -> None:
    assert problem_with(url) is not None


def test_addresses_that_may_be_looked_up(tmp_path: Path) -> None:
    good = ["https://login.example.com", "https://login.example.com:443/realms/one?x=1", "https://10.0.0.1/"]
    assert [problem_with(url) for url in good] == [None] * 3
    here = ["http://127.0.0.1:9000", "http://localhost:9000/x", "https://idp.localhost", "http://[::1]:1"]
    use_settings(replace(settings_for_tests(tmp_path), allow_loopback=True))
    assert [problem_with(url) for url in here] == [None] * 4
    assert problem_with("http://login.example.com") is not None


@pytest.mark.parametrize("address", PRIVATE)
async def test_private_addresses(address: str) -> None:
    async def resolve(_host: str) -> list[str]:
        return [PUBLIC[0], address]

    with pytest.raises(OutgoingError):
        await address_of(address, resolve)
    with pytest.raises(OutgoingError):  # nor as one of several: the next connection might take it
        await address_of("rebinding.example", resolve)


async def test_public_addresses() -> None:
    async def resolve(_host: str) -> list[str]:
        return [PUBLIC[1], PUBLIC[0]]

    assert [await address_of(address) for address in PUBLIC] == list(PUBLIC)
    assert await address_of("login.example.com", resolve) == PUBLIC[0]


async def test_a_name_is_looked_up_once() -> None:
    """Rebinding: what was looked at is what is connected to."""
    said = iter([[PUBLIC[0]], ["127.0.0.1"]])

    async def resolve(_host: str) -> list[str]:
        return next(said)

    assert await address_of("rebinding.example", resolve) == PUBLIC[0]


async def test_names_that_lead_nowhere() -> None:
    async def fails(_host: str) -> list[str]:
        raise OSError

    async def nothing(_host: str) -> list[str]:
        return []

    for resolve in (fails, nothing):
        with pytest.raises(OutgoingError):
            await address_of("login.example.com", resolve)


@contextmanager
def server(status: int, body: bytes, seconds: float = 0, **headers: str) -> Iterator[str]:
    """A server on this machine that answers everything with the same."""
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            done.wait(seconds)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_address[1]}/"
    finally:
        done.set()
        running.shutdown()
        running.server_close()


async def test_on_this_machine_only_where_that_is_set(tmp_path: Path) -> None:
    with server(200, b'{"a": 1}') as url:
        with pytest.raises(OutgoingError):
            await ask(url)
        use_settings(replace(settings_for_tests(tmp_path), allow_loopback=True))
        answer = await ask(url)
    assert (answer.status, answer.json()) == (200, {"a": 1})


async def test_answers_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_settings(replace(settings_for_tests(tmp_path), allow_loopback=True))
    for status, body, headers in (
        (302, b"", {"location": "http://169.254.169.254/"}),
        (200, b"", {"location": "/elsewhere"}),
        (200, b"x" * (LARGEST + 1), {}),
        (200, b"\x1f\x8b", {"content_encoding": "gzip"}),
    ):
        with server(status, body, **headers) as url, pytest.raises(OutgoingError):
            await ask(url)
    monkeypatch.setattr("core.outgoing.TOTAL_SECONDS", 0.2)
    with server(200, b"{}", seconds=2) as url:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(OutgoingError):
            await ask(url)
        assert asyncio.get_running_loop().time() - begun < 1.5
    for body in (b"[]", b"{", b'"text"', b"\xff"):
        with server(200, body) as url:
            answer = await ask(url)
        with pytest.raises(OutgoingError):
            answer.json()


async def test_a_body_that_is_just_small_enough(tmp_path: Path) -> None:
    use_settings(replace(settings_for_tests(tmp_path), allow_loopback=True))
    with server(200, b"x" * LARGEST) as url:
        assert len((await ask(url)).body) == LARGEST


def test_the_switch_is_off_unless_it_is_set() -> None:
    keys = {"PORTICO_SECRET_KEYS": "k" * 32}
    said = {
        value: load_settings(keys | {"PORTICO_ALLOW_LOOPBACK": value}).allow_loopback for value in ("", "no", "yes")
    }
    assert said == {"": False, "no": False, "yes": True}
    with pytest.raises(ConfigError, match="write yes or no"):
        load_settings(keys | {"PORTICO_ALLOW_LOOPBACK": "perhaps"})
