"""Real programs for the browser tests: the server, the commands, a mail server, Chromium."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.smtp import SMTP
from playwright.async_api import Browser, async_playwright

PROGRAM = Path(sys.executable).parent / "portico"
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP *.portal.localhost 127.0.0.1")
GO_BETWEEN = Path(__file__).with_name("go_between.py")
START_SECONDS = 180
MAIL_SECONDS = 60


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """The environment of a started program: nothing of the surrounding installation's settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTICO_")}
    return {**kept, "PYTHONWARNINGS": "default", "NO_COLOR": "1", "COLUMNS": "200", **more}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser that PORTICO_TEST_BROWSER names, or the system's."""
    path = os.environ.get("PORTICO_TEST_BROWSER") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(CHROMIUM))
        yield browser
        await browser.close()


def find_firefox() -> str:
    """The Firefox that PORTICO_TEST_FIREFOX names, or the system's."""
    named = os.environ.get("PORTICO_TEST_FIREFOX") or shutil.which("firefox") or shutil.which("firefox-esr")
    assert named, (
        "These tests drive a Firefox, and none is here.\n"
        "Install it (Debian: sudo apt-get install firefox-esr; Ubuntu, whose own is a snap: Mozilla's package),\n"
        "or name one: PORTICO_TEST_FIREFOX=/path/to/firefox"
    )
    return named


@asynccontextmanager
async def firefox(theme: str = "light") -> AsyncIterator[Browser]:
    """A Firefox as people have it, in a system with that colour scheme and little motion."""
    found = find_firefox()
    wishes = {
        "ui.systemUsesDarkTheme": int(theme == "dark"),
        "ui.prefersReducedMotion": 1,
        "pdfjs.disabled": True,  # its reader opens what was downloaded, and says things of its own
        "browser.download.alwaysOpenPanel": False,  # the list of downloads takes the keyboard
    }
    with tempfile.TemporaryDirectory(prefix="portico-firefox-") as folder:
        program = Path(folder) / "firefox"
        program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(GO_BETWEEN), found])} "$@"\n')
        program.chmod(0o700)
        async with async_playwright() as playwright:
            browser = await playwright.firefox.launch(
                channel="moz-firefox", executable_path=program, firefox_user_prefs=wishes
            )
            yield browser
            await browser.close()


@dataclass(slots=True)
class Postbox:
    """An SMTP server that keeps what it gets."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ARG002 -- aiosmtpd's name
        """Take a mail."""
        self.mails.append(message_from_bytes(envelope.content, _class=EmailMessage, policy=default_policy))
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to an address, in the order of their arrival."""
        return [mail for mail in self.mails if address in str(mail["To"])]

    async def next(self, address: str, number: int) -> EmailMessage:
        """Wait for the mail with that number (from 0) to an address."""
        end = time.monotonic() + MAIL_SECONDS
        while len(self.to(address)) <= number:
            assert time.monotonic() < end, (
                f"no mail {number} to {address}; there are {[str(m['To']) for m in self.mails]}"
            )
            await asyncio.sleep(0.05)
        return self.to(address)[number]


@asynccontextmanager
async def mail_server() -> AsyncIterator[Postbox]:
    """A real SMTP server in this process."""
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="localhost"), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


@dataclass(slots=True)
class Installation:
    """One installation of Portico: its settings, its commands, its server."""

    home: Path
    port: int
    settings: dict[str, str]

    def url(self, portal: str, path: str = "/") -> str:
        """A portal's URL."""
        return f"http://{portal}.localhost:{self.port}{path}"

    async def run(self, *command: str, code: int = 0) -> str:
        """Run `portico …`; returns what it prints."""
        process = await asyncio.create_subprocess_exec(
            str(PROGRAM),
            *command,
            env=environment(**self.settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        text = said.decode()
        assert process.returncode == code, f"portico {' '.join(command)}: {process.returncode}\n{text}"
        return text

    @asynccontextmanager
    async def serving(self, *command: str) -> AsyncIterator[Path]:
        """Run a server until the end of the block; gives its log."""
        log = self.home / "server.log"
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                str(PROGRAM),
                *command,
                env=environment(**self.settings),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                await self._until_ready(process, log)
                yield log
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)
                try:
                    await asyncio.wait_for(process.wait(), 20)
                except TimeoutError:
                    process.kill()
                    await process.wait()

    async def _until_ready(self, process: asyncio.subprocess.Process, log: Path) -> None:
        end = time.monotonic() + START_SECONDS
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                assert process.returncode is None, _said(log)
                assert time.monotonic() < end, _said(log)
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"http://127.0.0.1:{self.port}/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.1)


def _said(log: Path) -> str:
    return log.read_text()


def installation(home: Path, **settings: str) -> Installation:
    """An installation with everything below *home*."""
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    own = {
        "PORTICO_HOME": str(home),
        "PORTICO_BASE_URL": f"http://localhost:{port}",
        "PORTICO_SECRET_KEYS": "a-secret-key-for-browser-tests-alone-0123456789",
    }
    return Installation(home, port, own | settings)


@dataclass(slots=True)
class Demo:
    """A running demo and who can sign in."""

    site: Installation
    logins: list[dict[str, str]]

    def login(self, email: str, tenant: str) -> dict[str, str]:
        """The entry of somebody at a portal."""
        return next(entry for entry in self.logins if entry["email"] == email and f"//{tenant}." in entry["url"])


@asynccontextmanager
async def running_demo(home: Path) -> AsyncIterator[Demo]:
    """`portico demo` in a folder of its own."""
    site = installation(home)
    site.settings.clear()
    accounts = home / "who.json"
    command = ("demo", "--port", str(site.port), "--home", str(home / "demo"), "--accounts", str(accounts))
    async with site.serving(*command):
        yield Demo(site, json.loads(accounts.read_text()))
