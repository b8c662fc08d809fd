"""Activation and reset where the address is typed again, under the short policy with its discouraged asterisk."""

from __future__ import annotations

import pytest

from core.accounts.invitations import invite_person, send_again
from core.accounts.options import CONFIRM_EMAIL, PASSWORD_POLICY, RESET_MODE
from core.accounts.sessions import COOKIE
from core.people.tables import Person
from tests.accounts.conftest import link_in, mails_of, prefer
from tests.portal_fixtures import Portal

EVA, ANA = "eva@prueba.example", "ana@acimos.example"


@pytest.fixture
async def strict(portal: Portal) -> Portal:
    """A portal that asks for the address again, and little of passwords."""
    await prefer(portal, RESET_MODE, CONFIRM_EMAIL)
    await prefer(portal, PASSWORD_POLICY, "link")
    return portal


async def path_for(portal: Portal, person: Person, purpose: str) -> str:
    async with portal.work():
        await (invite_person(person=person.id) if purpose == "invitation" else send_again(email=ANA))
    path = await link_in(portal, (await mails_of(portal, purpose))[-1])
    assert path is not None
    return path


@pytest.mark.parametrize("purpose", ["invitation", "reset"])
async def test_another_address_or_a_poor_password_leaves_the_link_as_it_is(
    strict: Portal, ana: Person, invited: Person, purpose: str
) -> None:
    person, email = (invited, EVA) if purpose == "invitation" else (ana, ANA)
    path = await path_for(strict, person, purpose)
    browser = await strict.browser()
    shown = (await browser.get(path)).text
    for words in ("At least 6 characters", "neither a letter nor a digit", "Better without *", "works once, until"):
        assert words in shown
    assert (f'value="{email}"' in shown) == (purpose == "invitation")
    refused = {
        ("somebody@else.example", "Abcde!", "Abcde!"): "at which you received this link",
        (email, "Abcd!", "Abcd!"): "at least 6 characters",
        (email, "Abcdef", "Abcdef"): "neither a letter nor a digit",
        (email, "ABCDE!", "ABCDE!"): "small letter",
        (email, "abcde!", "abcde!"): "capital letter",
        (email, "Abcde!", "Abcde?"): "must be the same",
    }
    for (typed, password, repeat), reason in refused.items():
        sent = {"email": typed, "password": password, "repeat": repeat}
        page = await browser.post(path, sent, page=path)
        assert (page.status_code, reason in page.text) == (422, True), sent
        assert f'value="{password}"' not in page.text
    done = await browser.post(
        path, {"email": f" {email.upper()} ", "password": "Abcde*", "repeat": "Abcde*"}, page=path
    )
    assert (done.status_code, done.headers["location"], browser.client.cookies.get(COOKIE)) == (303, "/", None)
    home = await browser.get("/")
    assert "You can sign in with it now." in home.text
    assert "better avoided" in home.text
    assert (await browser.get(path)).status_code == 410
    entered = await browser.post("/sign-in", {"email": email, "password": "Abcde*"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert (await browser.get("/profile")).status_code == 200
