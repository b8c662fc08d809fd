"""Two sign-ins of one person become one, later: both are proved, the other one is gone, and nobody else learns it."""

from __future__ import annotations

import asyncio

import pytest

from core.accounts.errors import NoSuchSignInError
from core.accounts.hand_over import hand_over
from core.accounts.joining import join_by_password
from core.accounts.offices import offices_of
from core.accounts.sessions import COOKIE
from core.accounts.tables import Account
from core.clock import now
from core.db import outside
from core.errors import TooManyAttemptsError
from core.people.persons import deactivate_person
from core.people.tables import Person
from core.preferences.values import save_settings
from tests.accounts.conftest import OTHER, PASSWORD, mails_of, prefer, whole_database
from tests.accounts.joining import EVERYTHING, FORM, THERE, asked, opens, two
from tests.accounts.offices import (
    EMAIL,
    accounts,
    everything_of,
    linked,
    office_rows,
    person_of,
    token_in,
    with_password,
)
from tests.accounts.switching import actor_at
from tests.portal_fixtures import Portal, World


async def test_with_the_other_password(world: World) -> None:
    first, second = await two(world)
    browser, elsewhere = await world.first.browser(first), await world.first.browser(first)
    there = await world.second.browser(second)
    before = browser.client.cookies.get(COOKIE)
    assert 'href="/account/offices"' in (await browser.get("/profile/settings")).text
    assert f'href="{FORM}"' in (await browser.get("/account/offices")).text

    status, said = await asked(world.first, browser)

    assert (status, "Linked. One password opens these portals" in said) == (303, True)
    assert [world.first.tenant.name in said, world.second.tenant.name in said] == [True, True]
    assert await accounts() == [{"id": first.account, "email": EMAIL, "offices": 2}]
    assert (await person_of(world.second, second)).account == first.account
    assert (await person_of(world.second, second)).email == THERE
    assert browser.client.cookies.get(COOKIE) not in {before, None}
    pages = [(await each.get("/profile")).status_code for each in (browser, elsewhere, there)]
    assert pages == [200, 303, 303]
    opened = [
        await opens(portal, email, password)
        for portal in (world.first, world.second)
        for email, password in ((EMAIL, PASSWORD), (THERE, OTHER), (THERE, PASSWORD), (EMAIL, OTHER))
    ]
    assert opened == [True, False, False, False] * 2
    told = [(mail.template, mail.to, mail.facts) for mail in await mails_of(world.second, "linked")]
    assert told == [("linked", THERE, {"email": EMAIL})]
    assert [(mail.template, mail.to) for mail in await mails_of(world.first, "linked")] == [("linked", EMAIL)]
    actor = await actor_at(world.first, browser)
    office = next(office for office in await offices_of(first.account) if office.tenant == world.second.tenant.id)
    async with world.first.work():
        assert world.second.host in await hand_over(office=office.id, by=actor)


async def test_pages_name_the_address_with_which_one_signs_in(world: World) -> None:
    """At the portal that came along, the tenant knows another address: mails go there, nobody signs in with it."""
    first, second = await two(world)
    await asked(world.first, await world.first.browser(first))
    browser = await world.second.browser(await person_of(world.second, second))
    pages = {
        path: (await browser.get(f"{path}?lang=en")).text
        for path in ("/account/email", FORM, "/account/sign-in", "/account/password")
    }
    assert {path: (EMAIL in page, THERE in page) for path, page in pages.items()} == {
        "/account/email": (True, True),
        FORM: (True, False),
        "/account/sign-in": (True, False),
        "/account/password": (True, False),
    }
    assert f"You sign in with {EMAIL}. Our messages go to {THERE}." in pages["/account/email"]


async def test_who_has_no_password_here_is_told_how_to_get_one(world: World) -> None:
    first, _second = await two(world)
    await Account.update({Account.password_hash: None, Account.password_state: "unset"}).where(
        Account.id == first.account
    )
    browser = await world.first.browser(first)
    filled = {"email": THERE, "password": OTHER, "current": PASSWORD}
    for page in (await browser.get(FORM), await browser.post(FORM, filled, page=FORM)):
        assert (page.status_code, 'name="current"' in page.text) == (200, False)
        assert f"To set one, have a link sent to {EMAIL}." in page.text
    assert [account["offices"] for account in await accounts()] == [1, 1]


async def test_staff_of_the_other_portal_learns_nothing(world: World) -> None:
    first, second = await two(world)
    at_first = await everything_of(world.first)
    async with world.second.work():
        before = await Person.select(*_shown()).where(Person.id == second.id).first()
    await asked(world.first, await world.first.browser(first))
    async with world.second.work():
        assert await Person.select(*_shown()).where(Person.id == second.id).first() == before
    for word in (THERE, str(second.id), world.second.tenant.name):
        assert word not in at_first
        assert word not in await everything_of(world.first)
    assert world.first.tenant.name not in await everything_of(world.second)


def _shown() -> list[object]:
    return [column for column in Person._meta.columns if column._meta.name != "account"]


@pytest.mark.parametrize(
    ("email", "password"),
    [(THERE, "wrong"), ("nobody@casa.example", OTHER), (EMAIL, PASSWORD), (THERE, PASSWORD)],
)
async def test_one_answer_for_all_that_opens_nothing(world: World, email: str, password: str) -> None:
    first, _second = await two(world)
    browser = await world.first.browser(first)
    before = await whole_database(EVERYTHING)
    status, page = await asked(world.first, browser, email=email, password=password)
    assert (status, "With this e-mail address and password nothing can be linked." in page) == (422, True)
    assert await whole_database(EVERYTHING) == before


@pytest.mark.parametrize("refusing", ["the other tenant", "staff there", "not verified", "disabled", "known here"])
async def test_the_same_answer_where_it_may_not_be_linked(world: World, refusing: str) -> None:
    first, second = await two(world)
    if refusing == "the other tenant":
        await prefer(world.second, "accounts.linking", False)
    elif refusing == "known here":
        await with_password(world.first, "eva@acimos.example")
        second = await with_password(world.first, THERE, OTHER)
    async with world.second.work():
        if refusing == "staff there":
            await Person.update({Person.kind: "staff"}).where(Person.id == second.id)
        elif refusing == "not verified":
            await Account.update({Account.email_verified_at: None}).where(Account.id == second.account)
        elif refusing == "disabled":
            await Account.update({Account.disabled_at: now()}).where(Account.id == second.account)
    actor = await actor_at(world.first, await world.first.browser(first))
    if refusing == "known here":
        async with world.second.work():
            await deactivate_person(person=(await _at(world.second, THERE)).id)
    async with world.first.work():
        with pytest.raises(NoSuchSignInError):
            await join_by_password(current=PASSWORD, email=THERE, password=OTHER, by=actor)
    assert await office_rows() == set()


async def _at(portal: Portal, email: str) -> Person:
    found = await Person.objects().where(Person.email_folded == email).first()
    assert found is not None
    return found


async def test_ones_own_password_comes_first(world: World) -> None:
    first, _second = await two(world)
    browser = await world.first.browser(first)
    for current, reason in (("wrong", "not your current password"), ("", "fill this in")):
        status, page = await asked(world.first, browser, current=current)
        assert (status, reason in page) == (422, True)
        assert "With this e-mail address and password" not in page


async def test_guessing_stops(world: World) -> None:
    first, _second = await two(world)
    actor = await actor_at(world.first, await world.first.browser(first))
    for _attempt in range(5):
        async with world.first.work():
            with pytest.raises(NoSuchSignInError):
                await join_by_password(current=PASSWORD, email=THERE, password="a guess", by=actor)
    async with world.first.work():
        with pytest.raises(TooManyAttemptsError):
            await join_by_password(current=PASSWORD, email=THERE, password=OTHER, by=actor)


async def test_a_tenant_that_refuses_and_staff_have_no_such_page(world: World) -> None:
    first, _second = await two(world)
    staff = await world.first.browser(await world.first.staff("jefa@acimos.example"))
    assert (await staff.get(FORM)).status_code == 404
    browser = await world.first.browser(first)
    await prefer(world.first, "accounts.linking", False)
    assert (await browser.get(FORM)).status_code == 404
    assert FORM not in (await browser.get("/account/offices")).text


# -- a tenant that allows it no longer ---------------------------------------------------------------------------------


async def test_switching_linking_off_is_said_first_and_parts_who_is_linked(world: World) -> None:
    first, second = await linked(world)
    eva = await with_password(world.second, "eva@acimos.example", OTHER)
    desk = await world.second.browser(await world.second.staff("jefa@acimos.example"))
    there, here = await world.second.browser(second), await world.first.browser(first)
    evas = await world.second.browser(eva)
    section, page = "/staff/preferences/section/sign_in", "/staff/preferences/security"
    shown = (await desk.get(page)).text
    assert "Moins de 5 contacts" not in shown
    answers = {
        "accounts.password_policy": "nist",
        "accounts.reset_mode": "direct",
        "accounts.first_sign_in": "link",
        "accounts.invitation_hours": "168",
        "accounts.auto_invite_on": "never",
    }
    refused = await desk.post(section, answers, page=page)
    assert (refused.status_code, "Moins de 5 contacts" in refused.text) == (422, True)
    assert [account["offices"] for account in await accounts()][:1] == [2]
    done = await desk.post(section, answers | {"understood": "accounts.linking"}, page=page)
    assert done.status_code == 303

    assert [(await each.get("/profile")).status_code for each in (there, here, evas)] == [303, 200, 200]
    assert await office_rows() == set()
    assert (await person_of(world.first, first)).account == first.account
    assert (await person_of(world.second, second)).account != first.account
    assert [await opens(world.first, EMAIL, PASSWORD), await opens(world.second, EMAIL, PASSWORD)] == [True, False]
    assert [(mail.template, mail.to) for mail in await mails_of(world.second)][-1] == ("separated", EMAIL)
    path = f"/reset/{await token_in(world.second, 'separated')}"
    anew = await world.second.browser()
    assert (await anew.post(path, {"password": OTHER, "repeat": OTHER}, page=path)).status_code == 303
    assert [await opens(world.first, EMAIL, OTHER), await opens(world.second, EMAIL, OTHER)] == [False, True]
    assert (await desk.post(section, answers, page=page)).status_code == 303  # it is off already


async def test_nobody_links_while_it_is_switched_off(world: World) -> None:
    first, second = await two(world)
    actor = await actor_at(world.first, await world.first.browser(first))

    async def join() -> None:
        async with world.first.work():
            await join_by_password(current=PASSWORD, email=THERE, password=OTHER, by=actor)

    async def refuse() -> None:
        async with world.second.work():
            await save_settings({"accounts.linking": False})

    tasks = [asyncio.create_task(work(), context=outside()) for work in (join, refuse)]
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await office_rows() == set()
    assert (await person_of(world.second, second)).account != first.account
