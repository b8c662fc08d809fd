"""A portal that lets people sign in with a provider of the tests."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from core.accounts.oidc.discovery import forget_providers
from core.accounts.oidc.kinds import Kind
from core.accounts.oidc.providers import Wanted, add_provider
from core.config import settings, use_settings
from core.db import uuid7
from tests.accounts.oidc.fake import CLIENT, SECRET, FakeProvider, Sent
from tests.portal_fixtures import Browser, Portal, World


@pytest.fixture(scope="session")
def _serving() -> Iterator[FakeProvider]:
    provider = FakeProvider()
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def fake(_serving: FakeProvider) -> FakeProvider:
    """The provider, honest as long as a test says nothing else."""
    _serving.reset()
    forget_providers()
    return _serving


@pytest.fixture
async def portal(world: World) -> AsyncIterator[Portal]:
    """The first of two tenants, in a process that may ask providers on this machine."""
    before = settings()
    use_settings(replace(before, allow_loopback=True))
    yield world.first
    use_settings(before)


@dataclass
class Door:
    """A provider of a tenant as tests go through it."""

    portal: Portal
    id: UUID
    fake: FakeProvider

    async def leave(self, browser: Browser, path: str = "", *, page: str = "/", **data: Any) -> Sent:
        """Press the button; where it leads."""
        answer = await browser.post(path or f"/sign-in/with/{self.id}", data, page=page)
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])
        return sent_to(answer)

    async def back(self, browser: Browser, **answer: str) -> httpx.Response:
        """Come back with what the provider says."""
        return await browser.get(f"/sign-in/with/{self.id}/callback", params=answer)

    async def through(
        self, browser: Browser, path: str = "", *, page: str = "/", data: Any = None, **changes: Any
    ) -> httpx.Response:
        """The whole way, with an honest provider; *changes* are to the claims."""
        sent = await self.leave(browser, path, page=page, **(data or {}))
        return await self.back(browser, code=self.fake.grant(sent, **changes), state=sent.asked["state"])


def sent_to(answer: httpx.Response) -> Sent:
    """Where a page goes on to by itself."""
    found = re.fullmatch(r"0; url=(.+)", answer.headers["refresh"])
    assert found
    return Sent(found[1])


async def add(portal: Portal, issuer: str, *, kind: Kind = Kind.OTHER, name: str = "Acme ID", **more: Any) -> UUID:
    """Let the tenant add a provider."""
    id = uuid7()
    async with portal.work():
        wanted = Wanted(name=name, client_id=CLIENT, secret=SECRET, **more)
        await add_provider(id=id, kind=kind, issuer=issuer, wanted=wanted)
    return id


@pytest.fixture
async def door(portal: Portal, fake: FakeProvider) -> Door:
    """A provider with which people may register, too."""
    return Door(portal, await add(portal, fake.issuer, registers=True), fake)
