"""Sign-in providers as staff keep them: added when they answer, with a secret that is never shown again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.accounts.oidc.tables import SignInIdentity, SignInProvider
from core.people.tables import Person
from tests.accounts.conftest import happenings
from tests.accounts.oidc.conftest import Door, add
from tests.accounts.oidc.fake import CLIENT, SECRET, FakeProvider
from tests.accounts.oidc.test_signing_in import connect
from tests.portal_fixtures import Browser, Portal

PATH = "/staff/preferences/providers"
GUID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
async def boss(portal: Portal) -> Browser:
    """Who keeps the preferences."""
    return await portal.browser(await portal.staff("boss@obrador.example"))


async def rows(portal: Portal) -> list[dict[str, Any]]:
    async with portal.work():
        return [dict(row) for row in await SignInProvider.select().order_by(SignInProvider.id)]


async def new(boss: Browser, kind: str, **typed: str) -> Any:
    """Fill in the form of a new provider."""
    page = f"{PATH}/new/{kind}"
    shown = (await boss.get(page)).text
    id = re.search(r'name="id"[^>]*value="([^"]+)"', shown)
    assert id
    assert f"http://obrador.portal.test:8000/sign-in/with/{id[1]}/callback" in shown
    data = {"kind": kind, "id": id[1], "name": "Acme ID", "client_id": CLIENT, "secret": SECRET, "enabled": "y"}
    return await boss.post(PATH, data | typed, page=page)


async def test_a_provider_is_added_changed_and_removed(portal: Portal, boss: Browser, fake: FakeProvider) -> None:
    answer = await new(boss, "other", issuer=fake.issuer, registers="y", trusts_email="y")
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    (row,) = await rows(portal)
    assert SECRET not in str(row)
    known = {
        name: row[name] for name in ("name", "kind", "issuer", "client_id", "registers", "trusts_email", "enabled")
    }
    assert known == {
        "name": "Acme ID",
        "kind": "other",
        "issuer": fake.issuer,
        "client_id": CLIENT,
        "registers": True,
        "trusts_email": True,
        "enabled": True,
    }
    path = f"{PATH}/{row['id']}"
    for page in ((await boss.get(PATH)).text, (await boss.get(path)).text):
        assert "Acme ID" in page
        assert row["client_secret"] not in page
    answer = await boss.post(path, {"name": "Acme", "client_id": "other", "enabled": "y"}, page=path)
    assert answer.status_code == 303
    (changed,) = await rows(portal)
    assert changed == row | {"name": "Acme", "client_id": "other", "registers": False, "trusts_email": False}
    assert (await boss.post(f"{path}/remove", page=path)).status_code == 303
    assert await rows(portal) == []
    told = await happenings(portal, "core.provider_changed")
    assert [facts for _, _, facts in told] == [
        {"name": "Acme ID", "what": "added"},
        {"name": "Acme", "what": "changed"},
        {"name": "Acme", "what": "removed"},
    ]


async def test_what_does_not_answer_is_not_added(portal: Portal, boss: Browser, fake: FakeProvider) -> None:
    fake.metadata = {"issuer": "https://evil.example"}
    for issuer in (fake.issuer, f"{fake.issuer}/elsewhere", "http://login.example.com", "https://10.0.0.1", "nonsense"):
        answer = await new(boss, "other", issuer=issuer)
        assert (issuer, answer.status_code) == (issuer, 422)
    assert (await new(boss, "other", issuer=fake.issuer, name=" ")).status_code == 422
    assert (await new(boss, "microsoft", directory="one", directory_id="contoso.onmicrosoft.com")).status_code == 422
    assert (await boss.get(f"{PATH}/new/facebook")).status_code == 404
    fake.metadata = {}
    assert (await new(boss, "other", issuer=fake.issuer)).status_code == 303
    assert "in the list already" in (await new(boss, "other", issuer=fake.issuer)).text
    assert len(await rows(portal)) == 1


async def test_off_whom_it_let_in_is_out(door: Door, boss: Browser, ana: Person) -> None:
    own = await door.portal.browser(ana)
    await connect(door, own)
    with_it = await door.portal.browser()
    await door.through(with_it)
    path = f"{PATH}/{door.id}"
    assert "1 person signs in with it" in (await boss.get(path)).text
    on_its_way = await door.portal.browser()
    sent = await door.leave(on_its_way)
    assert (await boss.post(path, {"name": "Acme ID", "client_id": CLIENT}, page=path)).status_code == 303
    assert (await with_it.get("/profile")).status_code == 303
    assert (await own.get("/profile")).status_code == 200
    assert (await door.back(on_its_way, code=door.fake.grant(sent), state=sent.asked["state"])).status_code == 404
    browser = await door.portal.browser()
    assert "Acme ID" not in (await browser.get("/")).text
    assert (await browser.post(path.replace(PATH, "/sign-in/with"))).status_code == 404
    assert "Switched off by the portal" in (await own.get("/account/sign-in")).text
    # on again, it works as before: identities are kept
    assert (
        await boss.post(path, {"name": "Acme ID", "client_id": CLIENT, "enabled": "y"}, page=path)
    ).status_code == 303
    assert (await door.through(browser)).status_code == 303
    assert (await boss.post(f"{path}/remove", page=path)).status_code == 303
    assert (await browser.get("/profile")).status_code == 303
    async with door.portal.work():
        assert await SignInIdentity.count() == 0


async def test_only_who_keeps_preferences_keeps_providers(door: Door, ana: Person, world: Any) -> None:
    contact = await door.portal.browser(ana)
    assert (await contact.get(PATH)).status_code == 403
    stranger = await world.second.browser(await world.second.staff("sara@lumiere.example"))
    path = f"{PATH}/{door.id}"
    assert "Acme ID" not in (await stranger.get(PATH)).text
    assert (await stranger.get(path)).status_code == 404
    for target in (path, f"{path}/remove"):
        assert (await stranger.post(target, {"name": "x", "client_id": "x"}, page=PATH)).status_code == 404
    taken = {"kind": "other", "id": str(door.id), "name": "x", "client_id": "x", "issuer": door.fake.issuer}
    assert (await stranger.post(PATH, taken, page=PATH)).status_code == 404
    assert [row["name"] for row in await rows(door.portal)] == ["Acme ID"]


async def test_there_is_an_end_of_providers(portal: Portal, boss: Browser, fake: FakeProvider) -> None:
    async with portal.work():
        for number in range(10):
            issuer = f"https://{number}.example"
            await SignInProvider.insert(SignInProvider(name="x", kind="other", issuer=issuer, client_id="x"))
    assert "There are 10 providers already" in (await new(boss, "other", issuer=fake.issuer)).text
    assert "Remove one first" in (await boss.get(PATH)).text


async def test_microsoft_and_google_need_no_issuer(boss: Browser) -> None:
    """Their addresses are known."""
    shown = (await boss.get(f"{PATH}/new/microsoft")).text
    assert "People of any company" in shown
    assert 'name="issuer"' not in shown + (await boss.get(f"{PATH}/new/google")).text


async def test_a_secret_sealed_under_a_lost_key_is_no_way_in(door: Door) -> None:
    async with door.portal.work():
        await SignInProvider.update({SignInProvider.client_secret: "lost"}).where(SignInProvider.id == door.id)
    answer = await door.through(await door.portal.browser())
    assert answer.status_code == 409


async def test_a_public_client_has_no_secret(portal: Portal, fake: FakeProvider) -> None:
    from core.accounts.oidc.providers import find_provider  # noqa: PLC0415 -- for this alone

    async with portal.work():
        id = await add(portal, fake.issuer)
    async with portal.work():
        await SignInProvider.update({SignInProvider.client_secret: ""}).where(SignInProvider.id == id)
        assert (await find_provider(id)).secret == ""
