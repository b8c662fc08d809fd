"""Attempts to sign in, as verbs."""

from __future__ import annotations

import pytest

from core.accounts import services
from core.accounts.entering import SignedIn
from core.accounts.errors import WrongCredentialsError
from core.accounts.invitations import send_again
from core.accounts.sessions import Device
from core.db import request_scope
from core.messages.queue import lease
from core.messages.running import run_item
from tests.accounts.conftest import PASSWORD, link_in, mails_of
from tests.portal_fixtures import Portal

HERE = Device(agent="tests", address="192.0.2.1")


THERE = Device(agent="tests", address="198.51.100.9")


async def sign_in(
    portal: Portal, email: str = "ana@acimos.example", password: str = PASSWORD, device: Device = HERE
) -> SignedIn:
    async with portal.work():
        return await services.sign_in(email=email, password=password, device=device)


async def refused(portal: Portal, email: str, password: str, device: Device = HERE) -> str:
    with pytest.raises(WrongCredentialsError) as error:
        await sign_in(portal, email, password, device)
    return str(error.value.message)


async def run_queue(kind: str) -> int:
    """Do the work of *kind* that was put down, as the worker does; how much it was."""
    async with request_scope(tenant=None):
        items = await lease(50, kinds=[kind])
    for item in items:
        await run_item(item)
    return len(items)


async def ask(portal: Portal, email: str, device: Device = HERE) -> None:
    async with portal.work():
        await services.request_reset(email=email, device=device)


async def reset_token(portal: Portal) -> str:
    async with portal.work():
        await send_again(email="ana@acimos.example")
    path = await link_in(portal, (await mails_of(portal, "reset"))[-1])
    assert path is not None
    return path.removeprefix("/reset/")
