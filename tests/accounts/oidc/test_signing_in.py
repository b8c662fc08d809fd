"""Connecting an identity, signing in with it, and taking it away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.accounts.oidc.tables import SignInAttempt, SignInIdentity
from core.accounts.rate_limits import SIGN_IN_ADDRESS, take
from core.accounts.tables import Account, Session
from core.clock import later
from core.db import bypass_row_security
from core.people.persons import deactivate_person, delete_person
from core.people.tables import Person
from core.tenancy.snapshot import raise_version
from core.tenancy.tables import TenantHost
from tests.accounts.conftest import PASSWORD, happenings, mails_of
from tests.accounts.oidc.conftest import Door
from tests.portal_fixtures import Browser, Portal

WAYS = "/account/sign-in"


async def connect(door: Door, browser: Browser, **changes: Any) -> Any:
    """Connect the provider on one's own page."""
    return await door.through(browser, f"{WAYS}/connect", page=WAYS, data={"provider": str(door.id)}, **changes)


async def identities(portal: Portal) -> list[dict[str, Any]]:
    async with portal.work():
        return [dict(row) for row in await SignInIdentity.select().order_by(SignInIdentity.id)]


async def test_the_sign_in_page_offers_it(door: Door) -> None:
    page = (await (await door.portal.browser()).get("/")).text
    assert f'action="/sign-in/with/{door.id}"' in page
    assert "Continue with Acme ID" in page


async def test_what_the_provider_is_asked(door: Door) -> None:
    sent = await door.leave(await door.portal.browser())
    asked = sent.asked
    assert sent.url.startswith(f"http://127.0.0.1:{door.fake.port}/authorize?theme=plain&")
    assert {name: value for name, value in asked.items() if name not in {"state", "nonce", "code_challenge"}} == {
        "theme": "plain",
        "response_type": "code",
        "client_id": "portico-client",
        "redirect_uri": f"http://obrador.portal.test:8000/sign-in/with/{door.id}/callback",
        "scope": "openid email profile",
        "code_challenge_method": "S256",
    }
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) == 43


async def test_connected_it_signs_in(door: Door, ana: Person) -> None:
    assert (await connect(door, await door.portal.browser(ana))).headers["location"] == WAYS
    (row,) = await identities(door.portal)
    assert (row["person"], row["issuer"], row["subject"], row["label"]) == (
        ana.id,
        door.fake.issuer,
        "subject-1",
        "ana@example.net",
    )
    browser = await door.portal.browser()
    answer = await door.through(browser, data={"next": "/profile"}, email="other@example.net")
    assert (answer.status_code, answer.headers["location"]) == (303, "/profile")
    assert "Ana Prueba" in (await browser.get("/profile")).text
    told = await happenings(door.portal, "core.identity_connected", "core.signed_in")
    assert [(kind, by, facts.get("how") or facts.get("provider")) for kind, by, facts in told] == [
        ("core.identity_connected", str(ana.id), "Acme ID"),
        ("core.signed_in", str(ana.id), "identity"),
    ]
    assert [
        (mail.template, mail.to, mail.facts["provider"]) for mail in await mails_of(door.portal, "identity_connected")
    ] == [("identity_connected", "ana@acimos.example", "Acme ID")]
    page = (await browser.get(WAYS)).text
    assert "Acme ID" in page
    assert "other@example.net" in page


async def test_an_address_never_signs_in(door: Door, ana: Person) -> None:
    """Classic-federated merge: somebody's verified address at a provider opens nothing here."""
    answer = await door.through(await door.portal.browser(), email="ana@acimos.example")
    assert answer.status_code == 403
    assert "nobody signs in here" in answer.text
    assert await identities(door.portal) == []


async def test_an_identity_is_one_tenant_s(door: Door, ana: Person, world: Any) -> None:
    await connect(door, await door.portal.browser(ana))
    from tests.accounts.oidc.conftest import add  # noqa: PLC0415 -- used here alone

    other = Door(world.second, await add(world.second, door.fake.issuer), door.fake)
    assert (await other.through(await world.second.browser())).status_code == 403
    # nor is one tenant's provider, or its answer, good at another's
    browser = await world.second.browser()
    assert (await browser.post(f"/sign-in/with/{door.id}")).status_code == 404
    sent = await door.leave(await door.portal.browser())
    back = await browser.get(f"/sign-in/with/{door.id}/callback", params={"code": "x", "state": sent.asked["state"]})
    assert back.status_code == 404


async def test_nobody_else_may_connect_it(door: Door, ana: Person) -> None:
    await connect(door, await door.portal.browser(ana))
    other = await door.portal.contact("eva@acimos.example", name="Eva Otra")
    answer = await connect(door, await door.portal.browser(other))
    assert answer.status_code == 409
    assert [row["person"] for row in await identities(door.portal)] == [ana.id]
    assert (await connect(door, await door.portal.browser(ana))).status_code == 303  # again is no harm
    assert len(await identities(door.portal)) == 1


async def test_after_a_while_the_password_is_asked(door: Door, ana: Person) -> None:
    browser = await door.portal.browser(ana)
    with later(timedelta(minutes=20)):
        for typed in ({}, {"password": "wrong"}):
            answer = await browser.post(f"{WAYS}/connect", {"provider": str(door.id)} | typed, page=WAYS)
            assert answer.status_code == 422
        path = f"{WAYS}/connect"
        data = {"provider": str(door.id), "password": PASSWORD}
        assert (await door.through(browser, path, page=WAYS, data=data)).headers["location"] == WAYS
        (row,) = await identities(door.portal)
        gone = f"{WAYS}/{row['id']}/disconnect"
        assert (await browser.post(gone, {"password": "wrong"}, page=WAYS)).status_code == 422
        assert (await browser.post(gone, {"password": PASSWORD}, page=WAYS)).status_code == 303
    assert await identities(door.portal) == []
    assert [mail.template for mail in await mails_of(door.portal)] == ["identity_connected", "identity_disconnected"]


async def test_disconnected_it_opens_nothing_and_its_sessions_end(door: Door, ana: Person) -> None:
    own = await door.portal.browser(ana)
    await connect(door, own)
    elsewhere = await door.portal.browser()
    await door.through(elsewhere)
    (row,) = await identities(door.portal)
    assert (await own.post(f"{WAYS}/{row['id']}/disconnect", page=WAYS)).status_code == 303
    assert (await elsewhere.get("/profile")).headers["location"] == "/?next=%2Fprofile"
    assert (await door.through(await door.portal.browser())).status_code == 403
    assert (await own.get("/profile")).status_code == 200


async def test_the_only_way_in_stays(door: Door, ana: Person) -> None:
    own = await door.portal.browser(ana)
    await connect(door, own)
    async with door.portal.work():
        await Account.update({Account.password_hash: None, Account.password_state: "unset"}).where(
            Account.id == (await Person.select().where(Person.id == ana.id).first())["account"]
        )
    (row,) = await identities(door.portal)
    answer = await own.post(f"{WAYS}/{row['id']}/disconnect", page=WAYS)
    assert answer.status_code == 422
    assert "your only way to sign in" in answer.text
    assert len(await identities(door.portal)) == 1
    await connect(door, own, sub="subject-2", email="second@example.net")
    assert (await own.post(f"{WAYS}/{row['id']}/disconnect", page=WAYS)).status_code == 303


async def test_another_s_identity_cannot_be_taken_away(door: Door, ana: Person) -> None:
    await connect(door, await door.portal.browser(ana))
    (row,) = await identities(door.portal)
    other = await door.portal.browser(await door.portal.contact("eva@acimos.example"))
    assert (await other.post(f"{WAYS}/{row['id']}/disconnect", page=WAYS)).status_code == 404
    assert len(await identities(door.portal)) == 1


@pytest.mark.parametrize("how", ["deactivated", "deleted", "disabled"])
async def test_who_is_out_stays_out(door: Door, ana: Person, how: str) -> None:
    await connect(door, await door.portal.browser(ana))
    browser = await door.portal.browser()
    await door.through(browser)
    async with door.portal.work():
        if how == "deactivated":
            await deactivate_person(person=ana.id)
        elif how == "deleted":
            await delete_person(person=ana.id)
        else:
            row = await Person.select(Person.account).where(Person.id == ana.id).first()
            await Account.update({Account.disabled_at: ana.created_at}).where(Account.id == row["account"])
    assert (await browser.get("/profile")).status_code == 303
    assert (await door.through(await door.portal.browser())).status_code == 403
    assert len(await identities(door.portal)) == (0 if how == "deleted" else 1)


async def test_staff_sign_in_as_everybody_does(door: Door) -> None:
    pilar = await door.portal.staff("pilar@obrador.example")
    await connect(door, await door.portal.browser(pilar))
    browser = await door.portal.browser()
    assert (await door.through(browser)).status_code == 303
    assert (await browser.get("/staff")).status_code == 200


async def test_a_session_that_was_there_before_is_replaced(door: Door, ana: Person) -> None:
    await connect(door, await door.portal.browser(ana))
    other = await door.portal.contact("eva@acimos.example", name="Eva Otra")
    browser = await door.portal.browser(other)
    before = browser.client.cookies.get("portico_session")
    assert (await door.through(browser, page="/profile")).status_code == 303
    assert browser.client.cookies.get("portico_session") != before
    async with door.portal.work():
        assert not await Session.exists().where(Session.person == other.id)


async def test_whoever_stops_on_the_way_is_told_so(door: Door) -> None:
    browser = await door.portal.browser()
    sent = await door.leave(browser)
    answer = await door.back(browser, error="access_denied", state=sent.asked["state"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "You have stopped on the way to Acme ID" in (await browser.get("/")).text


async def test_nothing_that_opens_anything_is_stored(door: Door) -> None:
    browser = await door.portal.browser()
    sent = await door.leave(browser)
    async with door.portal.work():
        (row,) = await SignInAttempt.select()
    secret = browser.client.cookies.get("portico_provider")
    assert secret
    for text in (sent.asked["state"], sent.asked["nonce"], secret):
        assert text not in str(row)


async def test_a_provider_that_does_not_answer(door: Door) -> None:
    from core.accounts.oidc.discovery import forget_providers  # noqa: PLC0415 -- used here alone

    forget_providers()
    door.fake.status = 500
    answer = await (await door.portal.browser()).post(f"/sign-in/with/{door.id}")
    assert answer.status_code == 409
    assert "does not answer at the moment" in answer.text


async def test_who_comes_back_rightly_uses_up_nobody_s_attempts(door: Door, ana: Person) -> None:
    """Many people of one network sign in within a minute; only what fails is counted."""
    await connect(door, await door.portal.browser(ana))
    async with door.portal.work():
        for _each in range(SIGN_IN_ADDRESS.burst - 1):
            await take(SIGN_IN_ADDRESS, "127.0.0.1")
    answers = [await door.through(await door.portal.browser()) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    wrong = [await door.through(await door.portal.browser(), aud="somebody else") for _twice in range(2)]
    assert [answer.status_code for answer in wrong] == [401, 429]


async def test_of_two_ways_taken_away_at_once_one_stays(door: Door, ana: Person) -> None:
    own = await door.portal.browser(ana)
    await connect(door, own)
    await connect(door, own, sub="subject-2", email="second@example.net")
    async with door.portal.work():
        await Account.update({Account.password_hash: None, Account.password_state: "unset"}).where(
            Account.id == (await Person.select().where(Person.id == ana.id).first())["account"]
        )
    token = await own.form_token(WAYS)
    rows = await identities(door.portal)
    answers = await asyncio.gather(
        *(own.client.post(f"{WAYS}/{row['id']}/disconnect", data={"csrf_token": token}) for row in rows)
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert len(await identities(door.portal)) == 1


async def test_from_another_host_of_the_tenant_one_goes_to_its_own_first(door: Door, ana: Person) -> None:
    """The provider leads back to the canonical origin alone, where the cookie of another host would not be."""
    async with door.portal.work():
        with bypass_row_security():
            domain = TenantHost(tenant=door.portal.tenant.id, host="portal.obrador.example", kind="domain")
            await TenantHost.insert(domain)
            await raise_version(door.portal.tenant.id)
    own, link = "0; url=http://portal.obrador.example:8000", "/invitation/something"
    browser = await door.portal.browser(ana)
    ways = [
        await (await door.portal.browser()).post(f"/sign-in/with/{door.id}"),
        await (await door.portal.browser()).post(f"{link}/with/{door.id}"),
        await browser.post(f"{WAYS}/connect", {"provider": str(door.id)}, page=WAYS),
    ]
    assert [answer.headers["refresh"] for answer in ways] == [f"{own}/", own + link, own + WAYS]
