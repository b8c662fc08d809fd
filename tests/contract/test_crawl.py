"""Every route of core and modules, asked by everybody: who gets an answer, and whose words are in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
from litestar.routes import HTTPRoute

from tests.contract.canaries import changed, fingerprints, markable, tables
from tests.contract.town import ABSENT, Town, Visitor, normal

UNKNOWN = {
    "portal": "/no-such-page-at-all",
    "staff": "/staff/no-such-page-at-all",
    "api": "/api/v1/no-such-page-at-all",
}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
BY_LINK = {
    "accounts:back_from_provider",
    "accounts:confirm_email_page",
    "accounts:hand_over",
    "accounts:invitation",
    "accounts:join_link_page",
    "accounts:linking_password",
    "accounts:reset",
    "accounts:sign_in_link",
    "messages:unsubscribe",
    "people:registration",
}
"""Pages behind a secret in the path: without it there is nothing to show."""
ELSEWHERE = {"accounts:customer_login", "accounts:sign_in_again"}
"""Addresses that only lead to another page."""


def handlers(town: Town, method: str) -> Iterator[tuple[HTTPRoute, Any]]:
    """Every handler for a method."""
    for route in town.routes:
        for handler in route.route_handlers:
            if method in handler.http_methods and not route.path.startswith("/_/"):
                yield route, handler


def part(path: str) -> str:
    """Return which part of the application a path is in."""
    return "api" if path.startswith("/api/") else "staff" if path.startswith("/staff") else "portal"


def audience(route: HTTPRoute) -> str:
    """Return the visitor who may."""
    return {"api": "key", "staff": "staff", "portal": "owner"}[part(route.path)]


async def nowhere(town: Town, visitor: Visitor, path: str) -> tuple[int, str, str]:
    """Return how an unknown URL of the same part is answered."""
    key = (visitor.name, part(path))
    if key not in town.unknown:
        town.unknown[key] = normal(await visitor.browser.get(UNKNOWN[part(path)]))
    return town.unknown[key]


# -- there is something that could leak --------------------------------------------------------------------------------

NOT_PEOPLE_S = {
    "tenant_module",
    "role",
    "setting",
    "sign_in_attempt",
    "sign_in_provider",
    "api_key",
    "chain_head",
    "import_run",
    "import_problem",
    "registration",
    "bookings_heard",
    "timesheets_column_plan",
    "timesheets_intake",
    "timesheets_refused_row",
    "timesheets_worker",
}
"""Tables about a tenant as a whole, or about staff."""


async def test_every_table_has_rows_that_could_leak(town: Town) -> None:
    empty = []
    for table in tables():
        name = table._meta.tablename
        if not town.planted.of(name, "s") and not town.planted.of(name, "y"):
            empty.append(f"{name}: nothing of the other tenant")
        if name not in NOT_PEOPLE_S and not town.planted.of(name, "b"):
            empty.append(f"{name}: nothing of the other customer")
    assert empty == []
    assert sum(len(markable(table)) for table in tables()) > 40


# -- who sees what -----------------------------------------------------------------------------------------------------


async def test_who_sees_what(town: Town) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    for route, handler in handlers(town, "GET"):
        owner = town.visitors[audience(route)]
        for path in town.paths(route, "a"):
            answer = await owner.browser.get(path)
            places = town.marks.places(answer.text, "abfys")
            seen |= places
            fine = {200} if handler.name not in ELSEWHERE | BY_LINK else {303, 404, 410, 200}
            if ABSENT in path:
                fine = {404}
            if answer.status_code not in fine:
                wrong.append(f"{owner.name}: GET {path} ({handler.name}) {answer.status_code}: {answer.text[:300]!r}")
            head = await owner.browser.client.head(path)
            same = {answer.status_code} | (
                {200} if handler.name == "accounts:sign_in_link" else set()
            )  # looks up nothing
            if head.status_code not in same or head.content:
                wrong.append(f"{owner.name}: HEAD {path} {head.status_code}, GET {answer.status_code}")
            for visitor in town.visitors.values():
                wrong += await _ask(town, visitor, route, handler, path)
    assert not wrong, "\n" + "\n".join(wrong)
    # what must not leak is there for those who may see it
    assert {
        "a:customer.name",
        "a:bookings_booking.title",
        "a:bookings_guest.name",
        "a:comment.body",
        "a:file.name",
        "a:project.name",
        "a:person.email",
        "a:mail.recipient",
        "b:customer.name",
        "b:bookings_booking.title",
        "b:person.email",
    } <= seen


async def _ask(town: Town, visitor: Visitor, route: HTTPRoute, handler: Any, path: str) -> list[str]:
    answer = await visitor.browser.get(path)
    found = [f"{visitor.name}: GET {path} shows {place}" for place in sorted(town.leaks(visitor, answer))]
    says = _expected(visitor, route, handler)
    if answer.status_code >= 500:
        found.append(f"{visitor.name}: GET {path} {answer.status_code}")
    if says is not None and answer.status_code not in says:
        found.append(f"{visitor.name}: GET {path} ({handler.name}) answers {answer.status_code}, not {says}")
    if answer.status_code == 404 and normal(answer) != await nowhere(town, visitor, path):
        found.append(f"{visitor.name}: GET {path} answers another 404 than an unknown URL")
    if answer.status_code == 303 and visitor.kind == "anonymous" and "public" not in handler.opt:
        target = answer.headers["location"]
        if not target.startswith("/?next="):
            found.append(f"{visitor.name}: GET {path} leads to {target}")
    return found


BELONGS = {"portal": "contact", "staff": "staff", "api": "api"}
"""Who a part of the application is for."""


def _expected(visitor: Visitor, route: HTTPRoute, handler: Any) -> set[int] | None:
    """Return the statuses that are right; None where any but a server error is."""
    where = part(route.path)
    if "public" in handler.opt:
        return None
    if visitor.kind == "anonymous" or (visitor.kind == "api") != (where == "api"):
        return {401} if where == "api" else {303}
    # a part of pages names the reader's own company by itself; everything else carries an id of A's
    foreign = visitor.name.startswith("other") and bool(re.findall(r"\{(\w+):uuid", route.path))
    if "permission" not in handler.opt:
        return {404} if foreign else None
    if "without permission" in visitor.name or visitor.kind != BELONGS[where]:
        return {403}
    return {404} if foreign else {200}


async def test_a_session_of_another_portal_is_nobody_s(town: Town) -> None:
    """Sibling portals share a site, not people."""
    stranger = town.visitors["other tenant"].browser.token
    client = town.visitors["anonymous"].browser.client
    anonymous = normal(await client.get("/company"))
    client.cookies.set("portico_session", stranger, domain=town.first.host.split(":")[0])
    assert normal(await client.get("/company")) == anonymous
    assert (await client.get("/company")).headers["location"] == "/?next=%2Fcompany"


# -- looking changes nothing -------------------------------------------------------------------------------------------


async def test_looking_changes_nothing(town: Town) -> None:
    everything = [path for route, _ in handlers(town, "GET") for side in "ab" for path in town.paths(route, side)]
    for visitor in town.visitors.values():
        for path in everything:
            if path.startswith("/files/"):  # opening a file is a first view: once
                await visitor.browser.get(path)
    before = await fingerprints()
    for visitor in town.visitors.values():
        # ids of A's and B's for the two who see most; the others get no further than the check
        sides = everything if visitor.name in {"owner", "staff"} else everything[::2]
        for path in dict.fromkeys(sides):
            for method in ("GET", "HEAD", "OPTIONS") if visitor.name in {"owner", "staff", "key"} else ("GET",):
                await visitor.browser.client.request(method, path)
    for _, handler in handlers(town, "POST"):
        assert "GET" not in handler.http_methods
    assert changed(before, await fingerprints()) == []


# -- forged and foreign forms ------------------------------------------------------------------------------------------

CROSS_SITE = {
    "another site": {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    "another site, old browser": {"origin": "https://evil.example"},
    "a page without origin": {"origin": "null", "sec-fetch-site": "cross-site"},
    "a page without origin, old browser": {"origin": "null"},
    "a sibling portal": {"origin": "http://lumiere.portal.test:8000", "sec-fetch-site": "same-site"},
    "a sibling portal, old browser": {"origin": "http://lumiere.portal.test:8000"},
    "the base host": {"origin": "http://portal.test:8000", "sec-fetch-site": "same-site"},
    "another port": {"origin": "http://obrador.portal.test:9000", "sec-fetch-site": "same-site"},
    "another scheme": {"origin": "https://obrador.portal.test:8000"},
    "a lookalike": {"origin": "http://obrador.portal.test:8000.evil.example"},
    "no origin told": {"sec-fetch-site": "cross-site"},
}
WITHOUT_FORM_TOKEN = {"messages:unsubscribe_now"}
"""Forms that programs post: the proof is in the link."""


async def test_forms_of_other_sites_are_refused_everywhere(town: Town) -> None:
    wrong: list[str] = []
    before = await fingerprints()
    without = set()
    for name in ("owner", "staff", "anonymous"):
        visitor = town.visitors[name]
        token = await visitor.browser.form_token("/")
        client = visitor.browser.client
        for method in UNSAFE:
            for route, handler in handlers(town, method):
                whose = "anonymous" if "public" in handler.opt else audience(route)
                if part(route.path) == "api" or whose != name:
                    continue
                for path in town.paths(route, "a"):
                    for what, headers in CROSS_SITE.items():
                        answer = await client.request(method, path, data={"csrf_token": token}, headers=headers)
                        if answer.status_code != 403:
                            wrong.append(f"{name}: {what}: {method} {path} answers {answer.status_code}")
                    if handler.opt.get("no_form_token"):
                        without.add(handler.name)
                        continue
                    forged = f"{token[:-4]}AAAA"
                    for data in ({}, {"csrf_token": ""}, {"csrf_token": forged}, {"csrf_token": "x" * 3000}):
                        answer = await client.request(method, path, data=data)
                        if answer.status_code != 403:
                            wrong.append(f"{name}: without token: {method} {path} answers {answer.status_code}")
    assert not wrong, "\n" + "\n".join(wrong)
    assert without == WITHOUT_FORM_TOKEN
    assert changed(before, await fingerprints()) == []


async def test_a_form_token_is_good_for_one_session(town: Town) -> None:
    stranger = await town.visitors["other customer"].browser.form_token("/")
    before = await fingerprints()
    answer = await town.visitors["owner"].browser.client.post("/theme", data={"csrf_token": stranger, "theme": "dark"})
    assert answer.status_code == 403
    assert changed(before, await fingerprints()) == []


async def test_nobody_changes_what_is_not_theirs(town: Town) -> None:
    """Every form with an id in its path, with ids of A's, by people who have all permissions at their own place."""
    wrong: list[str] = []
    before = await fingerprints()
    for name in ("other customer", "other tenant", "other tenant's staff", "other tenant's key"):
        visitor = town.visitors[name]
        token = "" if visitor.kind == "api" else await visitor.browser.form_token("/")
        for method in UNSAFE:
            for route, handler in handlers(town, method):
                of_visitor = BELONGS[part(route.path)] == visitor.kind
                if "{" not in route.path or "public" in handler.opt or not of_visitor:
                    continue
                if not re.findall(r"\{(\w+):uuid\}", route.path):
                    continue
                for path in town.paths(route, "a"):
                    answer = await visitor.browser.client.request(method, path, data={"csrf_token": token})
                    leaked = sorted(town.leaks(visitor, answer))
                    if answer.status_code not in {404, 400} or leaked:
                        wrong.append(f"{name}: {method} {path} ({handler.name}) answers {answer.status_code} {leaked}")
    assert not wrong, "\n" + "\n".join(wrong)
    assert changed(before, await fingerprints()) == []


async def test_without_permission_no_form_does_anything(town: Town) -> None:
    wrong: list[str] = []
    before = await fingerprints()
    for name in ("without permission", "staff without permission", "key without permission"):
        visitor = town.visitors[name]
        token = "" if visitor.kind == "api" else await visitor.browser.form_token("/profile")
        for method in UNSAFE:
            for route, handler in handlers(town, method):
                if "permission" not in handler.opt:
                    continue
                of_visitor = BELONGS[part(route.path)] == visitor.kind
                if not of_visitor:
                    continue
                for path in town.paths(route, "a"):
                    answer = await visitor.browser.client.request(method, path, data={"csrf_token": token})
                    if answer.status_code != 403:
                        wrong.append(f"{name}: {method} {path} ({handler.name}) answers {answer.status_code}")
    assert not wrong, "\n" + "\n".join(wrong)
    assert changed(before, await fingerprints()) == []


# -- headers -----------------------------------------------------------------------------------------------------------

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def faults_of(answer: httpx.Response, *, secure: bool = False) -> list[str]:
    """Return what a browser would miss in an answer's headers."""
    found = [
        f"{name}: {answer.headers.get(name)}" for name, value in ALWAYS.items() if answer.headers.get(name) != value
    ]
    if answer.headers.get("referrer-policy") not in {"same-origin", "no-referrer"}:
        found.append(f"referrer-policy: {answer.headers.get('referrer-policy')}")
    policy = answer.headers.get("content-security-policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy:
        found.append(f"content-security-policy: {policy}")
    if "cache-control" not in answer.headers:
        found.append("no cache-control")
    if "access-control-allow-origin" in answer.headers:
        found.append("says that other sites may read it")
    if secure and "max-age=31536000" not in answer.headers.get("strict-transport-security", ""):
        found.append("no strict-transport-security")
    for cookie in answer.headers.get_list("set-cookie"):
        name, *attributes = (piece.strip() for piece in cookie.split(";"))
        wanted = {"Path=/", "HttpOnly", "SameSite=Lax"} | ({"Secure"} if secure else set())
        if not wanted <= set(attributes) or any(each.startswith("Domain") for each in attributes):
            found.append(f"cookie {cookie}")
        if secure and not name.startswith("__Host-"):
            found.append(f"cookie {name} is not bound to its host")
    return [f"{answer.request.method} {answer.request.url.path} {answer.status_code}: {fault}" for fault in found]


async def test_every_answer_carries_the_headers(town: Town) -> None:
    for route, _ in handlers(town, "GET"):
        for path in town.paths(route, "a"):
            for visitor in town.visitors.values():
                await visitor.browser.get(path)
    client = town.visitors["anonymous"].browser.client
    await client.get("/static/no-such-file.css")
    await client.get("/health/live")
    await client.get("/api/schema/openapi.json")
    await client.get("/", headers={"host": "nobody.portal.test:8000"})
    await client.request("TRACE", "/")
    await client.request("BREW", "/")
    page = await client.get("/")
    for path in re.findall(r'"(/static/[^"#]+)', page.text):
        assert (await client.get(path)).status_code == 200
    assert {answer.status_code for answer in town.answers} >= {200, 303, 401, 403, 404}
    faults = sorted({fault for answer in town.answers for fault in faults_of(answer)})
    assert not faults, "\n" + "\n".join(faults)
