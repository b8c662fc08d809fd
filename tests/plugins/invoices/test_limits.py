"""What somebody may do only so often: 429 with Retry-After, and a page that says what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.accounts import rate_limits
from core.accounts.api_keys import USED_EVERY, create_api_key
from core.accounts.rate_limits import Limit
from core.accounts.tables import ApiKey
from core.people.tables import Person
from tests.portal_fixtures import Browser, Portal

FILE = {"file": ("a.txt", b"x", "text/plain")}


def few(monkeypatch: pytest.MonkeyPatch, name: str, burst: int = 2) -> None:
    """Let a limit be reached quickly."""
    known: Limit = getattr(rate_limits, name)
    monkeypatch.setattr(rate_limits, name, Limit(name=known.name, burst=burst, period=known.period, says=known.says))


@pytest.fixture
async def boss(portal: Portal) -> Person:
    return await portal.staff("boss@a.example")


@pytest.fixture
async def browser(portal: Portal, boss: Person) -> Browser:
    return await portal.browser(boss)


def test_the_limits_of_the_security_plan() -> None:
    minute = timedelta(minutes=1)
    assert {limit.name: (limit.burst, limit.period) for limit in (rate_limits.EXPORT, rate_limits.UPLOAD)} == {
        "export": (5, minute),
        "upload": (30, minute),
    }
    assert rate_limits.PER_PERSON == {"invitation": rate_limits.INVITATION}


async def test_downloads_of_lists(portal: Portal, browser: Browser) -> None:
    paths = ["/staff/log/export.csv", "/staff/invoices/export.csv?period=all", "/staff/invoices/export.xlsx?period=all"]
    for number in range(5):
        assert (await browser.get(paths[number % 3])).status_code == 200
        assert (await browser.client.head(paths[number % 3])).status_code == 200
    refused = await browser.get(paths[0], headers={"referer": f"http://{portal.host}/staff/log"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "12")
    assert "widen the filters of the list" in refused.text
    assert "You can try again in" in refused.text
    assert 'href="/staff/log"' in refused.text
    other = await portal.browser(await portal.staff("other@a.example"))
    assert (await other.get(paths[0])).status_code == 200
    with clock.later(timedelta(seconds=13)):
        assert (await browser.get(paths[0])).status_code == 200


async def test_uploads_wherever_they_go(monkeypatch: pytest.MonkeyPatch, browser: Browser) -> None:
    few(monkeypatch, "UPLOAD")
    token = await browser.form_token("/staff/invoices/upload")
    statuses = []
    for path in ("/staff/invoices/upload", "/theme", "/staff/invoices/upload"):
        answer = await browser.client.post(path, data={"csrf_token": token, "theme": "dark"}, files=FILE)
        statuses.append(answer.status_code)
    assert statuses == [422, 303, 429]  # the file is none, but it was counted
    assert "several files can go together" in answer.text
    assert (await browser.client.post("/theme", data={"csrf_token": token, "theme": "dark"})).status_code == 303


async def test_a_stranger_s_upload_is_not_counted(portal: Portal, browser: Browser) -> None:
    nobody = await portal.browser()
    token = await nobody.form_token("/")
    answer = await nobody.client.post("/staff/invoices/upload", data={"csrf_token": token}, files=FILE)
    assert answer.status_code in {303, 401}


async def test_invitations(monkeypatch: pytest.MonkeyPatch, portal: Portal, browser: Browser) -> None:
    few(monkeypatch, "INVITATION")
    monkeypatch.setitem(rate_limits.PER_PERSON, "invitation", rate_limits.INVITATION)
    person = await portal.contact("new@a.example", await portal.customer("A"), state="pending")
    answers = [await browser.post(f"/staff/people/{person.id}/invite", page="/staff/people") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "several people can be invited together" in answers[2].text


async def key_of(portal: Portal) -> dict[str, str]:
    async with portal.work():
        key = await create_api_key(name="k", permissions=["invoices:invoice:read"])
    return {"authorization": f"Bearer {key}"}


async def used_at(portal: Portal) -> Any:
    async with portal.work():
        rows = await ApiKey.select(ApiKey.used_at)
    return rows[0]["used_at"]


async def test_requests_of_a_key(monkeypatch: pytest.MonkeyPatch, portal: Portal) -> None:
    few(monkeypatch, "API")
    client = (await portal.browser()).client
    first, second = await key_of(portal), await key_of(portal)
    answers = [await client.get("/api/v1/invoices", headers=first) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) == 30
    assert answers[2].json() == {
        "status": 429,
        "title": "This key has asked too often. Wait as long as Retry-After says.",
    }
    assert (await client.get("/api/v1/invoices", headers=second)).status_code == 200


async def test_when_a_key_was_used_is_known_to_five_minutes(portal: Portal) -> None:
    client = (await portal.browser()).client
    header = await key_of(portal)
    assert await used_at(portal) is None
    await client.get("/api/v1/no-such-page", headers=header)
    first = await used_at(portal)
    assert first is not None
    with clock.later(USED_EVERY - timedelta(seconds=30)):
        await client.get("/api/v1/invoices", headers=header)
        assert await used_at(portal) == first
    with clock.later(USED_EVERY + timedelta(seconds=1)):
        await client.get("/api/v1/invoices", headers=header)
        assert await used_at(portal) > first


async def test_what_does_not_fit_has_a_title_for_people_and_details_for_programs(portal: Portal) -> None:
    client = (await portal.browser()).client
    answer = await client.get("/api/v1/invoices?after=x", headers=await key_of(portal))
    assert answer.status_code == 400
    assert answer.json()["title"] == "This does not fit what the address expects."
    assert answer.json()["errors"] != []
