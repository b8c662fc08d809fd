"""Behind an invitation, and by registering: the first time somebody comes, with an identity instead of a password."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from core.accounts.invitations import invite_person, reset_access
from core.accounts.oidc.providers import Wanted, change_provider, find_provider
from core.accounts.oidc.tables import SignInIdentity
from core.accounts.rate_limits import LINK_FORM
from core.accounts.tables import Account, Registration, Session
from core.db import fetch
from core.people.persons import deactivate_person, reactivate_person
from core.people.registrations import ASKED, CONFIRM_LASTS, issue_confirmation
from core.people.tables import Customer, Person
from tests.accounts.conftest import PASSWORD, happenings, link_in, mails_of, prefer, run_queue, state_of
from tests.accounts.oidc.conftest import Door
from tests.accounts.oidc.test_signing_in import connect
from tests.portal_fixtures import Browser, Portal

FORM = {
    "given_name": "Nova",
    "family_name": "Persona",
    "email": "nova@acimos.example",
    "company": "Alimentos Ácimos",
}


async def invitation(portal: Portal, person: Person) -> str:
    async with portal.work():
        await invite_person(person=person.id)
    path = await link_in(portal, (await mails_of(portal, "invitation"))[-1])
    assert path
    return path


async def people_with_identities(portal: Portal) -> list[tuple[Any, str]]:
    async with portal.work():
        return [(row["person"], row["subject"]) for row in await SignInIdentity.select().order_by(SignInIdentity.id)]


# -- invitations -------------------------------------------------------------------------------------------------------


async def test_an_invitation_is_accepted_without_a_password(door: Door, invited: Person) -> None:
    path = await invitation(door.portal, invited)
    browser = await door.portal.browser()
    assert f'formaction="{path}/with/{door.id}"' in (await browser.get(path)).text
    answer = await door.through(browser, f"{path}/with/{door.id}", page=path, email="private@gmail.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await browser.get("/profile")).status_code == 200
    assert await people_with_identities(door.portal) == [(invited.id, "subject-1")]
    row = await state_of(door.portal, invited)
    assert row["state"] == "active"
    async with door.portal.work():
        account = await Account.select().where(Account.id == row["account"]).first()
    assert (account["password_hash"], account["email_verified_at"] is not None) == (None, True)
    assert (await (await door.portal.browser()).get(path)).status_code == 410
    assert (await door.through(await door.portal.browser())).status_code == 303
    told = await happenings(door.portal, "core.identity_connected", "core.signed_in")
    assert [(kind, by) for kind, by, _ in told][:2] == [
        ("core.identity_connected", str(invited.id)),
        ("core.signed_in", str(invited.id)),
    ]


async def test_an_invitation_counts_once_and_only_while_it_stands(door: Door, invited: Person) -> None:
    path = await invitation(door.portal, invited)
    browsers = [await door.portal.browser() for _ in range(2)]
    ways = [await door.leave(browser, f"{path}/with/{door.id}", page=path) for browser in browsers]
    codes = [door.fake.grant(sent, sub=f"subject-{number}") for number, sent in enumerate(ways)]
    answers = [
        await door.back(browser, code=code, state=sent.asked["state"])
        for browser, code, sent in zip(browsers, codes, ways, strict=True)
    ]
    assert [answer.status_code for answer in answers] == [303, 410]
    assert await people_with_identities(door.portal) == [(invited.id, "subject-0")]


async def test_a_newer_invitation_ends_the_way_that_an_older_one_began(door: Door, invited: Person) -> None:
    path = await invitation(door.portal, invited)
    browser = await door.portal.browser()
    sent = await door.leave(browser, f"{path}/with/{door.id}", page=path)
    await invitation(door.portal, invited)
    answer = await door.back(browser, code=door.fake.grant(sent), state=sent.asked["state"])
    assert answer.status_code == 410
    assert await people_with_identities(door.portal) == []


async def test_an_identity_that_is_somebody_s_accepts_no_other_s_invitation(
    door: Door, ana: Person, invited: Person
) -> None:
    await connect(door, await door.portal.browser(ana))
    path = await invitation(door.portal, invited)
    browser = await door.portal.browser()
    assert (await door.through(browser, f"{path}/with/{door.id}", page=path)).status_code == 409
    assert (await browser.get(path)).status_code == 200  # the invitation stays as it is
    assert (await state_of(door.portal, invited))["state"] == "invited"


async def test_where_the_address_is_asked_again_it_is_asked(door: Door, invited: Person) -> None:
    await prefer(door.portal, "accounts.reset_mode", "confirm_email")
    path = await invitation(door.portal, invited)
    browser = await door.portal.browser()
    with_it = f"{path}/with/{door.id}"
    answer = await browser.post(with_it, {"email": "somebody@else.example"}, page=path)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    email = str((await state_of(door.portal, invited))["email"])
    assert (await door.through(browser, with_it, page=path, data={"email": email})).status_code == 303


async def test_the_address_cannot_be_guessed_behind_an_invitation(door: Door, invited: Person) -> None:
    await prefer(door.portal, "accounts.reset_mode", "confirm_email")
    path = await invitation(door.portal, invited)
    browser, with_it = await door.portal.browser(), f"{path}/with/{door.id}"
    guesses = [await browser.post(with_it, {"email": f"{n}@else.example"}, page=path) for n in range(LINK_FORM.burst)]
    assert {(answer.status_code, answer.headers["location"]) for answer in guesses} == {(303, path)}
    email = str((await state_of(door.portal, invited))["email"])
    for typed in ("one@more.example", email):
        assert (await browser.post(with_it, {"email": typed}, page=path)).status_code == 429
    passwords = {"email": email, "password": PASSWORD, "repeat": PASSWORD}
    assert (await browser.post(path, passwords, page=path)).status_code == 429  # one count for both ways


async def test_what_was_there_before_an_invitation_goes(door: Door, invited: Person) -> None:
    """Trojan identifier: access begins anew without the identities of whoever had it, and so does a reset by staff."""
    path = await invitation(door.portal, invited)
    await door.through(await door.portal.browser(), f"{path}/with/{door.id}", page=path, sub="mallory")
    async with door.portal.work():
        await reset_access(person=invited.id)
    assert await people_with_identities(door.portal) == []
    assert (await door.through(await door.portal.browser(), sub="mallory")).status_code == 403


async def test_who_has_no_password_comes_back_after_a_pause(door: Door, invited: Person) -> None:
    path = await invitation(door.portal, invited)
    await door.through(await door.portal.browser(), f"{path}/with/{door.id}", page=path)
    async with door.portal.work():
        await deactivate_person(person=invited.id)
        await reactivate_person(person=invited.id)
    assert (await state_of(door.portal, invited))["state"] == "active"
    assert (await door.through(await door.portal.browser())).status_code == 303


# -- registering -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def open_door(door: Door) -> Door:
    """People may register by themselves."""
    await prefer(door.portal, "accounts.registration", value=True)
    return door


async def trust(door: Door) -> None:
    """The tenant trusts addresses that the provider has verified."""
    async with door.portal.work():
        known = await find_provider(door.id)
        wanted = Wanted(name=known.name, client_id=known.client_id, registers=True, trusts_email=True)
        await change_provider(provider=door.id, wanted=wanted)


async def to_form(door: Door, browser: Browser, **claims: Any) -> str:
    """Come from the provider to the form; its address."""
    answer = await door.through(browser, **({"email": FORM["email"]} | claims))
    assert answer.status_code == 303
    path = answer.headers["location"]
    assert path.startswith("/register?with=")
    return str(path)


async def register(browser: Browser, path: str, **changes: str) -> Any:
    return await browser.post("/register", FORM | {"with": path.partition("=")[2]} | changes, page=path)


async def registrations(portal: Portal) -> list[dict[str, Any]]:
    await run_queue(ASKED)
    async with portal.work():
        return [dict(row) for row in await Registration.select().order_by(Registration.id)]


async def approved(portal: Portal) -> UUID:
    """Let the staff approve the one registration; the contact's id."""
    (row,) = await registrations(portal)
    async with portal.work():
        customer = await Customer.objects().first()
    staff = await portal.browser(await portal.staff("pilar@obrador.example"))
    page = f"/staff/registrations/{row['id']}"
    shown = (await staff.get(page)).text
    assert ("Wants to sign in with" in shown) is (row["identity"] != "{}")
    seat = {"customer": str(customer.id), "role": str(portal.roles["viewer"].id), "reach": "company"}
    names = {"given_name": FORM["given_name"], "family_name": FORM["family_name"]}
    answer = await staff.post(f"{page}/approve", seat | names, page=page)
    assert answer.status_code == 303, answer.text
    return UUID(answer.headers["location"].rpartition("/")[2])


async def queued(portal: Portal, kind: str) -> list[str]:
    async with portal.work():
        rows = await fetch(
            "SELECT payload FROM queue WHERE kind = {} AND tenant = {} ORDER BY id", kind, portal.tenant.id
        )
    return [json.loads(row["payload"])["template"] for row in rows]


async def test_with_a_verified_address_nothing_is_confirmed(open_door: Door) -> None:
    door = open_door
    await door.portal.customer("Alimentos Ácimos")
    await trust(door)
    browser = await door.portal.browser()
    assert f'action="/sign-in/with/{door.id}"' in (await browser.get("/register")).text
    path = await to_form(door, browser)
    page = (await browser.get(path)).text
    for text in ('value="Ana"', 'value="Prueba"', 'value="nova@acimos.example"', "You are registering with Acme ID"):
        assert text in page
    answer = await register(browser, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (row,) = await registrations(door.portal)
    assert (row["state"], row["confirmed_at"] is not None) == ("waiting", True)
    assert [kind for kind, _, _ in await happenings(door.portal, "core.registration_confirmed")] == [
        "core.registration_confirmed"
    ]
    assert await queued(door.portal, "core.registration_mail") == []
    assert await people_with_identities(door.portal) == []  # nothing before staff have decided

    person = await approved(door.portal)
    assert await people_with_identities(door.portal) == [(person, "subject-1")]
    assert [(mail.template, mail.to) for mail in await mails_of(door.portal)] == [("access_open", FORM["email"])]
    assert (await door.through(browser)).headers["location"] == "/"
    assert "Nova Persona" in (await browser.get("/profile")).text


async def test_another_address_than_the_verified_one_is_confirmed(open_door: Door) -> None:
    await trust(open_door)
    browser = await open_door.portal.browser()
    path = await to_form(open_door, browser)
    assert (await register(browser, path, email="another@acimos.example")).status_code == 200
    (row,) = await registrations(open_door.portal)
    assert (row["state"], row["email"]) == ("unconfirmed", "another@acimos.example")
    assert await queued(open_door.portal, "core.registration_mail") == ["registration_confirm"]


async def confirmation(portal: Portal) -> str:
    (row,) = await registrations(portal)
    async with portal.work():
        issued = await issue_confirmation(registration=row["id"])
    assert issued
    return issued[0]


async def test_an_unverified_address_is_confirmed_in_the_same_browser(open_door: Door) -> None:
    door = open_door
    await door.portal.customer("Alimentos Ácimos")
    browser = await door.portal.browser()
    asked = await browser.post(f"/sign-in/with/{door.id}")
    assert f"; Max-Age={int(CONFIRM_LASTS.total_seconds())}" in asked.headers["set-cookie"]
    assert (await register(browser, await to_form(door, browser))).status_code == 200
    link = await confirmation(door.portal)
    assert (await browser.post(link, page=link)).status_code == 303
    person = await approved(door.portal)
    assert await people_with_identities(door.portal) == [(person, "subject-1")]
    assert (await door.through(await door.portal.browser())).status_code == 303


async def test_in_another_browser_only_the_address_is_confirmed(open_door: Door) -> None:
    """Non-verifying provider: Mallory's has Ana's address, Ana confirms it, and Mallory's identity stays outside."""
    door = open_door
    await door.portal.customer("Alimentos Ácimos")
    mallory, nova = await door.portal.browser(), await door.portal.browser()
    await register(mallory, await to_form(door, mallory, sub="mallory"))
    link = await confirmation(door.portal)
    assert (await nova.post(link, page=link)).status_code == 303
    await approved(door.portal)
    assert await people_with_identities(door.portal) == []
    assert [mail.template for mail in await mails_of(door.portal)] == ["invitation"]
    assert (await door.through(mallory, sub="mallory")).headers["location"].startswith("/register?with=")


async def test_a_known_address_stays_a_secret_and_whose_it_is(open_door: Door, ana: Person) -> None:
    door = open_door
    await trust(door)
    browser = await door.portal.browser()
    path = await to_form(door, browser, email="ana@acimos.example")
    answer = await register(browser, path, email="ana@acimos.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await registrations(door.portal) == []
    assert [(mail.template, mail.to) for mail in await mails_of(door.portal)] == [
        ("already_known", "ana@acimos.example")
    ]
    assert await people_with_identities(door.portal) == []


async def test_nobody_registers_as_what_another_browser_has_proved(open_door: Door) -> None:
    path = await to_form(open_door, await open_door.portal.browser())
    other = await open_door.portal.browser()
    assert "You are registering with" not in (await other.get(path)).text
    assert (await register(other, path)).status_code == 422
    assert (await other.get("/register?with=nothing")).status_code == 200


@pytest.mark.parametrize("off", ["provider", "taken"])
async def test_where_the_identity_cannot_be_had_any_more_she_is_invited(open_door: Door, ana: Person, off: str) -> None:
    door = open_door
    await trust(door)
    browser = await door.portal.browser()
    await register(browser, await to_form(door, browser))
    if off == "taken":
        await connect(door, await door.portal.browser(ana))
    else:
        async with door.portal.work():
            await change_provider(provider=door.id, wanted=Wanted(name="Acme ID", client_id="x", enabled=False))
    person = await approved(door.portal)
    assert [mail.template for mail in await mails_of(door.portal)][-1] == "invitation"
    assert person not in [whose for whose, _ in await people_with_identities(door.portal)]


async def test_where_nobody_may_register_an_unknown_identity_is_told_neutrally(door: Door) -> None:
    answer = await door.through(await door.portal.browser())
    assert answer.status_code == 403
    await prefer(door.portal, "accounts.registration", value=True)
    async with door.portal.work():
        known = await find_provider(door.id)
        await change_provider(provider=door.id, wanted=Wanted(name=known.name, client_id=known.client_id))
    browser = await door.portal.browser()
    assert f"/sign-in/with/{door.id}" not in (await browser.get("/register")).text
    assert (await door.through(browser)).status_code == 403
    async with door.portal.work():
        assert await Session.count() == 0


async def test_who_has_no_password_is_told_how_to_get_one(door: Door, invited: Person) -> None:
    path = await invitation(door.portal, invited)
    browser = await door.portal.browser()
    await door.through(browser, f"{path}/with/{door.id}", page=path)
    for page in ("/account/password", "/account/email"):
        shown = (await browser.get(page)).text
        assert 'action="/forgot-password"' in shown
        assert 'name="current"' not in shown
    email = str((await state_of(door.portal, invited))["email"])
    assert (await browser.post("/forgot-password", {"email": email}, page="/account/password")).status_code == 200
    await run_queue("core.reset_requested")
    assert [mail.template for mail in await mails_of(door.portal)][-1] == "reset"
