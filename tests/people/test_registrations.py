"""Registering by oneself: the same answer for everybody, a link that confirms, and staff who decide."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest

from core import clock
from core.accounts.tables import Registration
from core.contributions import Reach
from core.db import fetch, uuid7
from core.errors import NotFoundError
from core.messages import worker  # noqa: F401 -- it registers what it does
from core.messages.mail import Letter, compose
from core.messages.queue import Work, handler_of
from core.people import registrations, registrations_deciding
from core.people.actor import Actor, ActorKind, acting_as
from core.people.persons import EmailTakenError
from core.people.registrations_deciding import DecidedError, approve_registration, reject_registration
from core.people.tables import Customer, Membership, Person
from core.preferences.values import save_settings
from core.tenancy.snapshot import load_snapshot
from tests.portal_fixtures import Portal

ANA = {
    "given_name": "Ana",
    "family_name": "Nueva",
    "email": "ana@nueva.example",
    "company": "Alimentos Ácimos",
    "phone": "+34 600",
    "message": "Quiero ver mis facturas.",
}


SAID = {key: ANA[key] for key in ("given_name", "family_name", "phone")}


def text_of(response: httpx.Response) -> str:
    """What the page says, without what differs each time."""
    page = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", response.text)
    return unescape(re.sub(r"\s+", " ", page))


async def queued(portal: Portal, kind: str) -> list[Work]:
    """The work of a kind that was put down."""
    async with portal.work():
        rows = await fetch(
            "SELECT id, payload FROM queue WHERE kind = {} AND tenant = {} ORDER BY id", kind, portal.tenant.id
        )
    return [
        Work(
            id=UUID(str(row["id"])), kind=kind, payload=json.loads(row["payload"]), tenant=portal.tenant.id, attempts=1
        )
        for row in rows
    ]


async def do(portal: Portal, items: Sequence[Work]) -> None:
    """Do what was put down, as the worker does."""
    for item in items:
        async with portal.work():
            await handler_of(item.kind).run(item)


async def offer(portal: Portal) -> None:
    """Let people register."""
    async with portal.work():
        await save_settings({"accounts.registration": True})


async def ask(portal: Portal, **typed: str) -> httpx.Response:
    """Send the form from a browser of one's own, and do the worker's part."""
    browser = await portal.browser()
    before = {item.id for item in await queued(portal, registrations.ASKED)}
    answer = await browser.post("/register", {**ANA, **typed}, page="/register")
    await do(portal, [item for item in await queued(portal, registrations.ASKED) if item.id not in before])
    return answer


async def link_of(portal: Portal) -> str:
    """The path in the newest confirmation mail."""
    mail = (await queued(portal, registrations.MAIL))[-1]
    assert mail.payload["template"] == "registration_confirm"
    async with portal.work():
        made = await registrations.issue_confirmation(registration=UUID(mail.payload["registration"]))
    assert made is not None
    return made[0]


async def waiting(portal: Portal, **typed: str) -> UUID:
    """Register and confirm; the id of what waits."""
    assert (await ask(portal, **typed)).status_code == 200
    path = await link_of(portal)
    answer = await (await portal.browser()).post(path, page=path)
    assert answer.status_code == 303
    async with portal.work():
        found = await registrations.waiting_for({**ANA, **typed}["email"])
    assert found is not None
    return found


async def people(portal: Portal) -> list[dict[str, Any]]:
    async with portal.work():
        rows: list[dict[str, Any]] = await Person.select(
            Person.email, Person.kind, Person.state, Person.source, Person.given_name, Person.language
        ).order_by(Person.email)
    return rows


async def mails(portal: Portal) -> list[tuple[str, str]]:
    """Which mails about accounts and registrations were put down, and for whom."""
    found = [(item.payload["template"], item.payload["to"]) for item in await queued(portal, "core.account_mail")]
    for item in await queued(portal, registrations.MAIL):
        async with portal.work():
            row = await Registration.objects().where(Registration.id == item.payload["registration"]).first()
        found.append((item.payload["template"], row.email if row else "gone"))
    return found


@pytest.fixture
async def acimos(portal: Portal) -> Customer:
    return await portal.customer("Alimentos Ácimos")


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


# -- deciding ----------------------------------------------------------------------------------------------------------


async def test_approving_makes_a_contact_and_sends_the_invitation(portal: Portal, acimos: Customer) -> None:
    await offer(portal)
    registration = await waiting(portal)
    boss = await portal.browser(await portal.staff("boss@a.example"))
    home = await boss.get("/staff")
    assert "Registrations waiting for a decision" in home.text
    queue = text_of(await boss.get("/staff/registrations"))
    assert ("Ana Nueva" in queue, "ana@nueva.example" in queue) == (True, True)
    page = text_of(await boss.get(f"/staff/registrations/{registration}"))
    assert "Quiero ver mis facturas." in page
    sent = {**SAID, "customer": str(acimos.id), "role": str(portal.roles["viewer"].id), "reach": "company"}
    path = f"/staff/registrations/{registration}/approve"
    refused = await boss.post(
        path, {**sent, "customer": "A new company"}, page="/staff/registrations/" + str(registration)
    )
    assert refused.status_code == 422
    answer = await boss.post(path, sent, page=f"/staff/registrations/{registration}")
    assert answer.status_code == 303
    async with portal.work():
        made = await Person.objects().where(Person.email == ANA["email"]).first()
        assert made is not None
        seats = await Membership.select(Membership.customer, Membership.role, Membership.reach).where(
            Membership.person == made.id
        )
        row = await Registration.objects().where(Registration.id == registration).first()
    assert answer.headers["location"] == f"/staff/people/{made.id}"
    assert (made.source, made.state, made.phone, made.language) == ("registration", "invited", "+34 600", "en")
    assert seats == [{"customer": acimos.id, "role": portal.roles["viewer"].id, "reach": "company"}]
    assert row is not None
    assert (row.state, row.person) == ("approved", made.id)
    assert ("invitation", ANA["email"]) in await mails(portal)
    assert "Ana Nueva" not in (await boss.get("/staff/registrations")).text.split('id="list"')[1]
    assert "Ana Nueva" in (await boss.get("/staff/registrations?show=all")).text
    again = await boss.post(path, sent, page="/staff/people")
    assert again.status_code == 409
    assert "has been decided already" in again.text


async def test_two_who_approve_at_once_make_one_contact(portal: Portal, acimos: Customer) -> None:
    await offer(portal)
    registration = await waiting(portal)
    browsers = [await portal.browser(await portal.staff(f"boss{number}@a.example")) for number in range(4)]
    sent = {**SAID, "customer": str(acimos.id), "role": str(portal.roles["viewer"].id), "reach": "company"}
    tokens = [await browser.form_token("/staff/people") for browser in browsers]
    answers = await asyncio.gather(
        *(
            browser.client.post(f"/staff/registrations/{registration}/approve", data={**sent, "csrf_token": token})
            for browser, token in zip(browsers, tokens, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    assert len([row for row in await people(portal) if row["kind"] == "contact"]) == 1
    assert [mail for mail in await mails(portal) if mail[0] == "invitation"] == [("invitation", ANA["email"])]


async def test_refusing_says_so_in_a_mail(portal: Portal) -> None:
    await offer(portal)
    registration = await waiting(portal)
    boss = await portal.browser(await portal.staff("boss@a.example"))
    answer = await boss.post(
        f"/staff/registrations/{registration}/reject", {"reason": "No la conocemos."}, page="/staff/people"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/registrations")
    mail = (await queued(portal, registrations.MAIL))[-1]
    assert (mail.payload["template"], mail.payload["facts"]) == (
        "registration_rejected",
        {"reason": "No la conocemos."},
    )
    assert [row["kind"] for row in await people(portal)] == ["staff"]
    async with portal.work():
        assert await registrations.waiting_for(ANA["email"]) is None
    with clock.later(timedelta(days=91)):
        async with portal.work():
            await registrations.forget_old_registrations()
            assert await Registration.count() == 0


async def test_who_is_in_the_address_book_is_not_added_twice(portal: Portal, acimos: Customer) -> None:
    await offer(portal)
    other = await portal.customer("Otra")
    await portal.contact(ANA["email"], other, state="address_book", name="Ana Conocida")
    registration = await waiting(portal)
    boss = await portal.staff("boss@a.example")
    page = await (await portal.browser(boss)).get(f"/staff/registrations/{registration}")
    assert "Ana Conocida" in page.text
    async with acting(portal, boss):
        await approve(portal, registration, acimos)
        seats = await Membership.select(Membership.customer)
    assert {row["customer"] for row in seats} == {acimos.id, other.id}
    assert [(row["given_name"], row["state"], row["source"]) for row in await people(portal)] == [
        ("Ana", "invited", "staff"),
        ("Pilar", "active", "staff"),
    ]


async def test_staff_is_never_made_a_contact(portal: Portal, acimos: Customer) -> None:
    await offer(portal)
    registration = await waiting(portal)
    boss = await portal.staff("boss@a.example")
    await portal.staff(ANA["email"], name="Ana Colega")
    with pytest.raises(EmailTakenError):
        async with acting(portal, boss):
            await approve(portal, registration, acimos)
    async with portal.work():
        assert await registrations.waiting_for(ANA["email"]) == registration
        with pytest.raises(NotFoundError):
            await registrations_deciding.find_registration(uuid7())


@asynccontextmanager
async def acting(portal: Portal, staff: Person) -> AsyncIterator[None]:
    """Work as a member of the staff."""
    async with portal.work():
        with acting_as(Actor(kind=ActorKind.STAFF, tenant=await load_snapshot(portal.tenant.id), person=staff.id)):
            yield


async def approve(portal: Portal, registration: UUID, customer: Customer) -> None:
    await approve_registration(
        registration=registration, customer=customer.id, role=portal.roles["viewer"].id, reach=Reach.COMPANY
    )


async def test_without_the_permission_nobody_sees_or_decides(portal: Portal, acimos: Customer) -> None:
    await offer(portal)
    registration = await waiting(portal)
    contact = await portal.browser(await portal.contact("c@a.example", acimos))
    for path in ("/staff/registrations", f"/staff/registrations/{registration}"):
        assert (await contact.get(path)).status_code == 403
    answer = await contact.post(f"/staff/registrations/{registration}/reject", {}, page="/profile")
    assert answer.status_code == 403
    async with portal.work():
        assert await registrations.waiting_for(ANA["email"]) == registration


async def test_what_is_decided_stays_decided(portal: Portal, acimos: Customer) -> None:
    await offer(portal)
    registration = await waiting(portal)
    async with acting(portal, await portal.staff("boss@a.example")):
        await reject_registration(registration=registration)
        with pytest.raises(DecidedError):
            await approve(portal, registration, acimos)


async def test_what_the_tenant_must_know_is_asked_for_and_can_be_added(portal: Portal, acimos: Customer) -> None:
    await offer(portal)
    registration = await waiting(portal, phone="")
    async with portal.work():
        await save_settings({"people.required_fields": "memoq"})
    refused = await ask(portal, email="other@a.example", phone="")
    assert (refused.status_code, "Please fill this in." in refused.text) == (422, True)
    boss = await portal.browser(await portal.staff("boss@a.example"))
    path = f"/staff/registrations/{registration}"
    assert 'value="Nueva"' in (await boss.get(path)).text
    sent = {"customer": str(acimos.id), "role": str(portal.roles["viewer"].id), "reach": "company"}
    said = {"given_name": "Ana María", "family_name": "Nueva"}
    answer = await boss.post(f"{path}/approve", {**sent, **said, "phone": ""}, page=path)
    assert answer.status_code == 422
    assert "Ana María" in answer.text
    answer = await boss.post(f"{path}/approve", {**sent, **said, "phone": "+34 611"}, page=path)
    assert answer.status_code == 303
    async with portal.work():
        rows = await Person.select(Person.given_name, Person.phone).where(Person.email == ANA["email"])
    assert rows == [{"given_name": "Ana María", "phone": "+34 611"}]


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
