"""What staff decide on those who registered: once, and only who may; a contact comes of it, or a mail that says no."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core import clock
from core.accounts.tables import Registration
from core.db import uuid7
from core.errors import NotFoundError
from core.messages import worker  # noqa: F401 -- it registers what it does
from core.people import registrations, registrations_deciding
from core.people.persons import EmailTakenError
from core.people.registrations_deciding import DecidedError, reject_registration
from core.people.tables import Customer, Membership, Person
from core.preferences.values import save_settings
from tests.people.registering import (
    ANA,
    SAID,
    acting,
    approve,
    ask,
    mails,
    offer,
    people,
    queued,
    text_of,
    waiting,
)
from tests.portal_fixtures import Portal


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
