"""A module that is off is absent: at each switch, on every path, for every method, and wherever it would show."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.contributions import Reach
from core.db import execute, request_scope
from core.people.actor import acting_as
from core.people.roles import change_role, write_grants
from core.people.tables import Membership, Role
from core.preferences.switches import disable_module, enable_module, switch_for_customer
from core.preferences.values import save_settings
from core.registry import registry
from core.tenancy.snapshot import load_snapshot, raise_version
from tests.contract.canaries import changed, fingerprints
from tests.contract.test_crawl import UNKNOWN, UNSAFE, handlers, part
from tests.contract.town import Town, Visitor, normal

EVERY_METHOD = ("GET", "HEAD", "OPTIONS", *UNSAFE)


async def _entitlement(town: Town, module: str, *, on: bool) -> None:
    """The vendor's: it ended yesterday."""
    yesterday = (now() - timedelta(days=2)).date()
    async with request_scope(tenant=None, bypass=True):
        sql = "UPDATE entitlement SET valid_until = {} WHERE tenant = {} AND module = {}"
        await execute(sql, None if on else yesterday, town.first.tenant.id, module)
        await raise_version(town.first.tenant.id)


async def _tenant(town: Town, module: str, *, on: bool) -> None:
    """The tenant's own."""
    async with town.first.work():
        await (enable_module(module) if on else disable_module(module))


async def _customer(town: Town, module: str, *, on: bool) -> None:
    """The one for a company."""
    async with town.first.work():
        await switch_for_customer(customer=town.customers["a"].id, module=module, granted=None if on else False)


SWITCHES: dict[str, tuple[Callable[..., Awaitable[None]], tuple[str, ...]]] = {
    "entitlement ended": (_entitlement, ("anonymous", "owner", "staff", "key")),
    "disabled by the tenant": (_tenant, ("anonymous", "owner", "staff", "key")),
    "not granted to the customer": (_customer, ("owner",)),
}


@asynccontextmanager
async def off(town: Town, switch: str, module: str) -> AsyncIterator[None]:
    """Switch a module off for the block."""
    flip, _ = SWITCHES[switch]
    await flip(town, module, on=False)
    try:
        yield
    finally:
        await flip(town, module, on=True)


def own_paths(town: Town, module: str) -> list[str]:
    """Every path of a module, with ids of A's, and some that it does not have."""
    url = registry().modules[module].meta.url
    found: list[str] = []
    for method in ("GET", *UNSAFE):
        for route, _ in handlers(town, method):
            if re.match(rf"^(/staff|/api/v1)?/{url}(/|$)", route.path):
                found += town.paths(route, "a")
    tricks = [
        f"/{url}/",
        f"/{url}//",
        f"//{url}",
        f"/staff//{url}",
        f"/api//v1/{url}",
        f"//api/v1/{url}",
        f"/{url}/no-such",
    ]
    return list(dict.fromkeys([*found, *tricks]))


def modules() -> list[str]:
    return ["bookings", *(module for module in sorted(registry().modules) if module != "bookings")]


@pytest.mark.parametrize("switch", SWITCHES)
async def test_a_module_that_is_off_is_absent(town: Town, switch: str) -> None:
    wrong: list[str] = []
    _, names = SWITCHES[switch]
    for module in modules():
        paths = own_paths(town, module)
        owner = town.visitors["owner"]
        assert (await owner.browser.get(f"/{registry().modules[module].meta.url}")).status_code == 200
        async with off(town, switch, module):
            before = await fingerprints()
            for name in names:
                # keys are the tenant's: a company's switch does not concern them
                of_tenant = [path for path in paths if switch != "not granted to the customer" or "/api/" not in path]
                wrong += await _absent(town.visitors[name], of_tenant)
                wrong += await _silent(town, town.visitors[name], module)
            assert changed(before, await fingerprints()) == []
        assert (await owner.browser.get(f"/{registry().modules[module].meta.url}")).status_code == 200
    assert not wrong, "\n" + "\n".join(wrong)


async def _absent(visitor: Visitor, paths: list[str]) -> list[str]:
    found = []
    known: dict[tuple[str, str, bool], Any] = {}
    client = visitor.browser.client
    data = None if visitor.kind == "api" else {"csrf_token": await visitor.browser.form_token("/")}
    for path in paths:
        if visitor.kind == "api" and not path.startswith("/api"):
            continue
        for method in EVERY_METHOD:
            for sent in (None, data) if method in UNSAFE else (None,):
                answer = await client.request(method, f"http://{visitor.portal.host}{path}", data=sent)
                key = (method, part(path), sent is None)
                if key not in known:
                    known[key] = await client.request(method, UNKNOWN[part(path)], data=sent)
                unknown = known[key]
                if normal(answer) != normal(unknown) or dict(_plain(answer)) != dict(_plain(unknown)):
                    found.append(
                        f"{visitor.name}: {method} {path} {answer.status_code}, an unknown URL {unknown.status_code}"
                    )
    return found


def _plain(answer: Any) -> list[tuple[str, str]]:
    return [
        (name, value) for name, value in answer.headers.items() if name not in {"set-cookie", "content-length", "date"}
    ]


async def _silent(town: Town, visitor: Visitor, module: str) -> list[str]:
    """Nothing of the module on any other page: menu, cards, bell, timelines, files, comments."""
    found = []
    url = registry().modules[module].meta.url
    if visitor.kind == "api":
        return []
    for route, handler in handlers(town, "GET"):
        if part(route.path) != {"contact": "portal", "staff": "staff"}.get(visitor.kind, "portal"):
            continue
        if handler.name.startswith("preferences:") or handler.name in {
            "people:role",
            "people:roles",
            "messages:failed",
        }:
            continue  # the tenant's own switchboard names what it can switch; failed mail is the core's to send again
        for path in town.paths(route, "a"):
            answer = await visitor.browser.get(path)
            if re.search(rf'(href|action)="(/staff)?/{url}\b', answer.text):
                found.append(f"{visitor.name}: GET {path} ({handler.name}) links to {module}")
            tables = {place for place in town.marks.places(answer.text, "ab") if place[2:].startswith(f"{module}_")}
            if tables:
                found.append(f"{visitor.name}: GET {path} ({handler.name}) shows {tables}")
    records = [
        (key, row["id"])
        for key, owned in registry().record_kinds.items()
        if owned.owner == module
        for row in town.published(owned.item.table._meta.tablename, "a")[:1]
    ]
    token = await visitor.browser.form_token("/")
    for key, record in records:
        files = [row["id"] for row in town.published("file", "a") if str(row["record"]) == str(record)]
        for file in files:
            status = (await visitor.browser.get(f"/files/{file}")).status_code
            if status != (303 if visitor.kind == "anonymous" else 404):
                found.append(f"{visitor.name}: a file of {module} answers {status}")
        for verb in ("comments", "seen"):
            data = {"csrf_token": token, "text": "x"}
            answer = await visitor.browser.client.post(f"/records/{key}/{record}/{verb}", data=data)
            # a signed-out form is kept until after signing in; then it meets the 404
            if answer.status_code not in ({303, 401} if visitor.kind == "anonymous" else {404}):
                found.append(f"{visitor.name}: POST {verb} on a record of {module} answers {answer.status_code}")
    return found


async def test_the_fourth_switch_is_the_role(town: Town) -> None:
    """Without the permission the module's pages are there and say no; menu and home do not name them."""
    portal, owner = town.first, town.visitors["owner"]
    booking = town.published("bookings_booking", "a")[0]["id"]
    file = next(row["id"] for row in town.published("file", "a") if str(row["record"]) == str(booking))
    assert (await owner.browser.get(f"/files/{file}")).status_code == 200
    async with portal.work():
        await change_role(role=portal.roles["manager"].id, label="x", grants={"bookings:booking:view": None})
    statuses = {path: (await owner.browser.get(path)).status_code for path in ("/bookings", f"/bookings/{booking}")}
    assert statuses == {"/bookings": 403, f"/bookings/{booking}": 403}
    assert (await owner.browser.get(f"/files/{file}")).status_code == 404
    assert 'href="/bookings"' not in (await owner.browser.get("/")).text


# -- a change holds at the next request --------------------------------------------------------------------------------


async def test_a_change_holds_at_the_next_request(town: Town) -> None:
    portal, owner, other = town.first, town.visitors["owner"], town.visitors["other tenant"]

    async def status(path: str = "/bookings") -> int:
        return (await owner.browser.get(path)).status_code

    manager = portal.roles["manager"]
    assert await status() == 200
    async with portal.work():
        await change_role(role=manager.id, label="x", grants={"bookings:booking:view": None})
    assert await status() == 403
    async with portal.work():
        await change_role(role=manager.id, label="x", grants={"bookings:booking:view": Reach.GROUP})
    assert await status() == 200
    async with portal.work():
        await Membership.update({Membership.role: portal.roles["bare"].id}).where(
            Membership.customer == town.customers["a"].id
        )
    assert await status() == 403
    async with portal.work():
        await Membership.update({Membership.role: manager.id}).where(Membership.customer == town.customers["a"].id)
    assert await status() == 200
    async with portal.work():
        await Membership.delete().where(Membership.customer == town.customers["a"].id)
    assert await status() == 404  # no company of hers has the module any more
    async with portal.work():
        await save_settings({"bookings.longest": 99})
        assert (await load_snapshot(portal.tenant.id)).setting("bookings.longest") == 99
    assert (await other.browser.get("/bookings")).status_code == 200


async def test_what_is_off_keeps_its_data_and_is_audited(town: Town) -> None:
    portal = town.first
    before = await fingerprints()
    async with portal.work():
        with acting_as(None):
            await disable_module("bookings")
            await enable_module("bookings")
    after = changed(before, await fingerprints())
    assert set(after) <= {"tenant", "tenant_module", "activity", "bookings_heard"}
    assert {"activity", "tenant"} <= set(after)


async def test_the_first_enabling_grants_once(town: Town) -> None:
    portal = town.first
    role = portal.roles["manager"].id
    async with portal.work():
        await Role.update({Role.grants: write_grants({"core:company:view": Reach.GROUP})}).where(Role.id == role)
        await disable_module("bookings")
        assert await enable_module("bookings") is None
        assert (await Role.select(Role.grants).where(Role.id == role))[0]["grants"] == '{"core:company:view":"group"}'
