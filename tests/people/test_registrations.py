"""Registering by oneself: the same answer for everybody, and a link that confirms."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

from core import clock
from core.accounts.tables import Registration
from core.db import fetch
from core.messages import worker  # noqa: F401 -- it registers what it does
from core.messages.mail import Letter, compose
from core.people import registrations
from core.people.tables import Customer
from tests.people.registering import (
    ANA,
    ask,
    link_of,
    mails,
    offer,
    people,
    text_of,
    waiting,
)
from tests.portal_fixtures import Portal

# -- off: absent -------------------------------------------------------------------------------------------------------


async def test_where_it_is_off_the_address_is_an_unknown_one(portal: Portal) -> None:
    browser = await portal.browser()
    for path in ("/register", "/register/" + "A" * 43):
        unknown = await browser.get("/no-such-page")
        page = await browser.get(path)
        assert (page.status_code, text_of(page)) == (404, text_of(unknown))
        for data in ({}, {"csrf_token": "x"}, ANA):
            unknown = await browser.client.post("/no-such-page", data=data)
            page = await browser.client.post(path, data=data)
            assert (page.status_code, text_of(page)) == (unknown.status_code, text_of(unknown))
    assert "/register" not in (await browser.get("/")).text
    await offer(portal)
    assert 'href="/register"' in (await browser.get("/")).text
    assert (await browser.get("/register")).status_code == 200


# -- the same answer ---------------------------------------------------------------------------------------------------


async def test_unknown_known_waiting_and_disabled_addresses_get_the_same_answer(
    portal: Portal, acimos: Customer
) -> None:
    await offer(portal)
    await portal.contact("active@a.example", acimos)
    await portal.contact("invited@a.example", acimos, state="invited")
    await portal.contact("disabled@a.example", acimos, state="deactivated")
    await portal.contact("listed@a.example", acimos, state="address_book")
    await portal.staff("staff@a.example")
    await waiting(portal, email="waiting@a.example")
    before = len(await mails(portal))
    pages = {}
    for name in ("unknown", "active", "invited", "disabled", "listed", "staff", "waiting"):
        answer = await ask(portal, email=f"{name}@a.example")
        pages[name] = (answer.status_code, text_of(answer).replace(f"{name}@", "x@"), sorted(answer.headers))
    assert pages["unknown"][0] == 200
    assert all(page == pages["unknown"] for page in pages.values())
    assert "Alimentos" not in pages["unknown"][1]
    assert sorted((await mails(portal))[before:]) != []
    assert sorted(await mails(portal)) == sorted(
        [
            ("registration_confirm", "waiting@a.example"),
            ("registration_confirm", "unknown@a.example"),
            ("registration_confirm", "listed@a.example"),
            ("registration_waiting", "waiting@a.example"),
            ("already_known", "active@a.example"),
            ("already_known", "invited@a.example"),
            ("already_known", "staff@a.example"),
        ]
    )
    async with portal.work():
        assert await Registration.count() == 3


async def test_no_page_lists_customers(portal: Portal, acimos: Customer) -> None:
    await offer(portal)
    browser = await portal.browser()
    assert "cimos" not in (await browser.get("/register")).text
    assert (await browser.get("/staff/customers/suggest?q=alim")).status_code == 303
    sent = await browser.post("/register", {**ANA, "company": "", "email": "no"}, page="/register")
    assert sent.status_code == 422
    assert "cimos" not in sent.text
    assert text_of(sent).count("Please fill this in.") == 2
    assert 'value="Nueva"' in sent.text


async def test_an_address_and_a_network_have_their_limits(portal: Portal) -> None:
    await offer(portal)
    for _ in range(3):
        assert (await ask(portal)).status_code == 200
    refused = await ask(portal)
    assert (refused.status_code, int(refused.headers["retry-after"]) > 3600) == (429, True)
    assert "Too many attempts" in refused.text
    assert 'value="Nueva"' in refused.text
    statuses = [(await ask(portal, email=f"other{number}@a.example")).status_code for number in range(8)]
    assert statuses == [200] * 6 + [429] * 2


# -- the link ----------------------------------------------------------------------------------------------------------


async def test_looking_confirms_nothing_and_of_twenty_one_confirms(portal: Portal) -> None:
    await offer(portal)
    await ask(portal)
    path = await link_of(portal)
    scanner = await portal.browser()
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        await scanner.client.request(method, path)
    page = await scanner.get(path)
    assert (page.status_code, page.headers["referrer-policy"], page.headers["x-robots-tag"]) == (
        200,
        "no-referrer",
        "noindex",
    )
    assert (await scanner.client.post(path, data={})).status_code == 403
    browsers = [await portal.browser() for _ in range(20)]
    tokens = [await browser.form_token(path) for browser in browsers]
    answers = await asyncio.gather(
        *(
            browser.client.post(path, data={"csrf_token": token})
            for browser, token in zip(browsers, tokens, strict=True)
        )
    )
    assert [answer.status_code for answer in answers].count(303) == 1
    assert (await scanner.get(path)).status_code == 410
    async with portal.work():
        rows = await fetch(
            "SELECT kind, data FROM activity WHERE tenant = {} AND kind LIKE 'core.reg%'", portal.tenant.id
        )
        found = await registrations.waiting_for(ANA["email"])
    assert [row["kind"] for row in rows] == ["core.registration_confirmed"]
    assert json.loads(rows[0]["data"]) == {
        "registration": str(found),
        "name": "Ana Nueva",
        "company": "Alimentos Ácimos",
    }


async def test_the_newest_link_wins_and_an_old_one_expires(portal: Portal) -> None:
    await offer(portal)
    await ask(portal)
    first = await link_of(portal)
    await ask(portal)
    second = await link_of(portal)
    browser = await portal.browser()
    assert [(await browser.get(path)).status_code for path in (first, second)] == [410, 200]
    with clock.later(timedelta(hours=49)):
        assert (await browser.get(second)).status_code == 410
        assert (await browser.post(second, page="/")).status_code == 410
        async with portal.work():
            await registrations.forget_old_registrations()
            assert await Registration.count() == 0


async def test_what_was_not_confirmed_cannot_sign_in_and_waits_for_nobody(portal: Portal) -> None:
    await offer(portal)
    await ask(portal)
    boss = await portal.browser(await portal.staff("boss@a.example"))
    assert "Ana Nueva" not in (await boss.get("/staff/registrations?show=all")).text
    async with portal.work():
        row = await Registration.objects().first()
    assert row is not None
    assert (await boss.get(f"/staff/registrations/{row.id}")).status_code == 404
    await waiting(portal)
    signed_in = await (await portal.browser()).post(
        "/sign-in", {"email": ANA["email"], "password": "tres perros verdes cantan"}
    )
    assert signed_in.status_code == 422
    assert [row["email"] for row in await people(portal)] == ["boss@a.example"]


async def test_the_mails_say_what_they_are_about(portal: Portal) -> None:
    tenant = await portal.snapshot()
    link = f"{tenant.origin}/register/abc"
    said = {
        "registration_confirm": ("confirm that this address is yours", link),
        "registration_waiting": ("registered for Obrador Temporal already", ""),
        "registration_rejected": ("cannot give you access", "No la conocemos."),
        "already_known": ("sign in with ana@nueva.example", link),
    }
    for template, wanted in said.items():
        context = {"url": link, "expires_at": None, "reason": "No la conocemos.", "to": ANA["email"]}
        for language in ("en", "es", "fr", "pt", "pt_PT"):
            mail = compose(
                tenant,
                Letter(template=template, subject="x", context=context),
                to=ANA["email"],
                name="",
                language=language,
                message_id="<x@portal.test>",
                date=clock.now(),
            )
            parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
            assert len(parts) == 2
            for part in parts:
                assert wanted[1] in part
                assert language != "en" or wanted[0] in " ".join(part.split())
