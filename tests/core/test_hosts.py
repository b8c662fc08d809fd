"""Which portal a request is for: the host alone says so, and a host without a portal says nothing."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from core.config import settings, use_settings
from core.db import execute, request_scope
from core.layers import Portal, normal_host
from core.preferences.portal import rename_portal
from core.web import visit
from tests.portal_fixtures import World, _Separately


async def ask(world: World, host: str, path: str = "/", *, client: str = "127.0.0.1", **headers: str) -> httpx.Response:
    """Ask with exactly these headers, from an address."""
    transport = _Separately(app=world.app, raise_app_exceptions=False, client=(client, 50_000))
    sent = {"host": host, "accept-language": "en", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with httpx.AsyncClient(transport=transport, base_url="http://ignored.test") as browser:
        return await browser.get(path, headers=sent)


def named(answer: httpx.Response) -> str:
    """Say whose portal answered."""
    names = [name for name in ("Obrador", "Lumière") if name in answer.text]
    return f"{answer.status_code} {' '.join(names)}".strip()


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("obrador.portal.test", "obrador.portal.test"),
        ("OBRADOR.Portal.Test", "obrador.portal.test"),
        ("obrador.portal.test:8000", "obrador.portal.test"),
        ("obrador.portal.test.", "obrador.portal.test"),
        ("obrador.portal.test.:8000", "obrador.portal.test"),
        ("OBRADOR.portal.test.:443", "obrador.portal.test"),
        (" obrador.portal.test ", "obrador.portal.test"),
        ("lumière.example", "xn--lumire-6ua.example"),
        ("", None),
        (".", None),
        (":8000", None),
        ("-obrador.portal.test", None),
        ("obrador.portal.test/path", None),
        ("obrador.portal.test\x00", None),
        ("obrador.portal.test, lumiere.portal.test", None),
        ("obrador.portal.test@evil.example", None),
        ("obrador_portal.test", None),
        ("[::1]:8000", None),
        ("obrador.portal.test:80:80", None),
        ("x" * 300, None),
        ("obrador.portal.test' OR 1=1 --", None),
        ("%6fbrador.portal.test", None),
    ],
)
def test_a_host_header_becomes_a_name_or_nothing(header: str, host: str | None) -> None:
    assert normal_host(header) == host


async def test_the_host_says_which_portal_it_is(world: World) -> None:
    for host in ("obrador.portal.test", "OBRADOR.portal.test:8000", "obrador.portal.test.", "obrador.portal.test.:443"):
        assert named(await ask(world, host)) == "200 Obrador"
    assert named(await ask(world, "lumiere.portal.test")) == "200 Lumière"


NOWHERE = (
    "nobody.portal.test",
    "portal.test",
    "obrador.example",
    "obrador",
    "127.0.0.1",
    "x.obrador.portal.test",
    "",
    "obrador.portal.test, lumiere.portal.test",
)


async def test_a_host_without_a_portal_says_nothing(world: World) -> None:
    known = await ask(world, "nobody.portal.test")
    assert named(known) == "404"
    for host in NOWHERE:
        for path in ("/", "/bookings", "/sign-in", "/theme.css", "/staff", "/no-such-page"):
            answer = await ask(world, host, path)
            found = (host, path, answer.status_code, answer.text, answer.headers.get("set-cookie"))
            assert found == (host, path, 404, known.text, None)
        api = await ask(world, host, "/api/v1/bookings", authorization="Bearer portico_x")
        assert (api.status_code, api.text) == (404, '{"status":404}')


async def test_a_portal_appears_and_goes_without_a_restart(world: World) -> None:
    assert named(await ask(world, "kontor.example")) == "404"
    tenant = world.first.tenant.id
    async with request_scope(tenant=None, bypass=True):
        await execute(
            "INSERT INTO tenant_host (id, host, tenant, kind) VALUES ({}, {}, {}, 'domain')",
            world.second.tenant.id,
            "kontor.example",
            tenant,
        )
    assert named(await ask(world, "kontor.example")) == "200 Obrador"
    async with request_scope(tenant=None, bypass=True):
        await execute("UPDATE tenant_host SET kind = 'former' WHERE host = {}", "kontor.example")
    assert (await ask(world, "kontor.example")).status_code == 307
    async with request_scope(tenant=None, bypass=True):
        await execute(
            "UPDATE tenant_host SET kind = 'domain', tenant = {} WHERE host = {}",
            world.second.tenant.id,
            "kontor.example",
        )
    assert named(await ask(world, "kontor.example")) == "200 Lumière"


async def test_a_former_address_leads_to_the_present_one_and_says_nothing_else(world: World) -> None:
    unknown = await ask(world, "nobody.portal.test")
    async with world.first.work():
        await rename_portal("norte")
    for path in ("/", "/invitation/abc?x=1&next=%2Fa", "/no-such-page", "/ä%0D%0Ax"):
        answer = await ask(world, "obrador.portal.test", path)
        found = (answer.status_code, answer.headers["location"], answer.text, answer.headers.get("set-cookie"))
        where = path.replace("ä", "%C3%A4")
        assert found == (307, f"http://norte.portal.test:8000{where}", "", None)
        assert answer.headers["cache-control"] == "no-store"
    api = await ask(world, "obrador.portal.test", "/api/v1/bookings")
    assert (api.status_code, api.text) == (404, '{"status":404}')
    async with request_scope(tenant=None, bypass=True):
        await execute("UPDATE tenant SET status = 'suspended' WHERE id = {}", world.first.tenant.id)
    gone = await ask(world, "obrador.portal.test")
    assert (gone.status_code, gone.text) == (404, unknown.text)


async def test_a_host_that_moves_to_another_tenant_answers_for_that_one(world: World) -> None:
    assert named(await ask(world, "obrador.portal.test")) == "200 Obrador"
    async with request_scope(tenant=None, bypass=True):
        await execute("UPDATE tenant_host SET host = 'old.portal.test' WHERE host = 'lumiere.portal.test'")
        await execute("UPDATE tenant_host SET tenant = {} WHERE host = 'obrador.portal.test'", world.second.tenant.id)
    found = [named(await ask(world, "obrador.portal.test")) for _ in range(2)]
    assert "200 Obrador" not in found
    assert found[-1] == "200 Lumière"


async def test_a_suspended_tenant_is_as_if_it_were_not_there(world: World) -> None:
    staff = await world.first.staff("sam@first.example")
    browser = await world.first.browser(staff)
    assert (await browser.get("/staff/bookings")).status_code == 200
    unknown = await ask(world, "nobody.portal.test")
    async with request_scope(tenant=None, bypass=True):
        await execute("UPDATE tenant SET status = 'suspended' WHERE id = {}", world.first.tenant.id)
    for path in ("/", "/staff/bookings", "/bookings/rules", "/theme.css"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.text) == (404, unknown.text)
    assert named(await ask(world, "lumiere.portal.test")) == "200 Lumière"
    async with request_scope(tenant=None, bypass=True):
        await execute("UPDATE tenant SET status = 'active' WHERE id = {}", world.first.tenant.id)
    assert (await browser.get("/staff/bookings")).status_code == 200


FORWARDED = {"x_forwarded_host": "lumiere.portal.test", "x_forwarded_for": "203.0.113.9", "x_forwarded_proto": "https"}


async def test_forwarded_headers_of_strangers_count_for_nothing(world: World) -> None:
    assert named(await ask(world, "obrador.portal.test", **FORWARDED)) == "200 Obrador"
    assert named(await ask(world, "nobody.portal.test", **FORWARDED)) == "404"


async def test_forwarded_headers_of_a_trusted_proxy_count(world: World) -> None:
    use_settings(replace(settings(), trusted_proxies=(ip_network("10.1.0.0/16"),)))
    assert named(await ask(world, "inside", client="10.1.2.3", **FORWARDED)) == "200 Lumière"
    assert named(await ask(world, "obrador.portal.test", client="10.1.2.3")) == "200 Obrador"
    assert named(await ask(world, "obrador.portal.test", client="10.2.2.3", **FORWARDED)) == "200 Obrador"


async def test_the_address_of_the_reader_is_told_by_the_trusted_proxy_alone(world: World) -> None:
    async def address(client: str, forwarded: str) -> Any:
        seen: list[str] = []

        async def look(scope: Any, receive: Any, send: Any) -> None:
            seen.append(visit().address)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        await ask(replace(world, app=Portal(look)), "obrador.portal.test", client=client, x_forwarded_for=forwarded)
        return seen[0]

    assert await address("10.1.2.3", "203.0.113.9") == "10.1.2.3"
    use_settings(replace(settings(), trusted_proxies=(ip_network("10.1.0.0/16"),)))
    assert await address("10.1.2.3", "6.6.6.6, 203.0.113.9") == "203.0.113.9"
    assert await address("192.0.2.7", "203.0.113.9") == "192.0.2.7"


async def test_links_never_come_from_the_host_header(world: World) -> None:
    answer = await ask(world, "obrador.portal.test:6666")
    assert "6666" not in answer.text


async def test_over_tls_every_cookie_is_bound_to_its_host(world: World) -> None:
    use_settings(replace(settings(), base_url="https://portal.test"))
    answer = await ask(world, "obrador.portal.test")
    cookies = answer.headers.get_list("set-cookie")
    assert cookies
    for cookie in cookies:
        name, *attributes = (piece.strip() for piece in cookie.split(";"))
        assert name.startswith("__Host-")
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(attributes)
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
