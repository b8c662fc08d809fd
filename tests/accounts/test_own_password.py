"""Changing one's own password."""

from __future__ import annotations

import pytest

from core.accounts import setting_passwords
from core.accounts.errors import LinkSpentError
from core.db import fetch
from core.errors import InvalidInputError, TooManyAttemptsError
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, mails_of
from tests.accounts.signing_in import HERE, THERE, refused, reset_token, sign_in
from tests.accounts.test_sessions import actor_of, who
from tests.portal_fixtures import Portal


async def test_changing_the_password(portal: Portal, ana: Person) -> None:
    here, elsewhere = await sign_in(portal), await sign_in(portal, device=THERE)
    actor = await actor_of(portal, here.token)
    async with portal.work():
        for current, new, field in (
            ("wrong", OTHER, "current"),
            (PASSWORD, "short", "password"),
            (PASSWORD, PASSWORD, "password"),
        ):
            with pytest.raises(InvalidInputError) as error:
                await setting_passwords.change_password(current=current, password=new, by=actor)
            assert list(error.value.fields) == [field]
        assert await mails_of(portal) == []
        token = await setting_passwords.change_password(current=PASSWORD, password=OTHER, by=actor)
    found = [(await who(portal, each)).person for each in (here.token, elsewhere.token, token)]
    assert found == [None, None, ana.id]
    await refused(portal, "ana@acimos.example", PASSWORD)
    assert (await sign_in(portal, password=OTHER)).kind == "contact"
    assert [(mail.template, mail.to) for mail in await mails_of(portal)] == [("password_changed", "ana@acimos.example")]


async def test_guessing_the_current_password_is_limited(portal: Portal, ana: Person) -> None:
    actor = await actor_of(portal, (await sign_in(portal)).token)
    async with portal.work():
        for _ in range(5):
            with pytest.raises(InvalidInputError):
                await setting_passwords.change_password(current="wrong", password=OTHER, by=actor)
        with pytest.raises(TooManyAttemptsError):
            await setting_passwords.change_password(current=PASSWORD, password=OTHER, by=actor)


async def test_an_open_reset_link_ends_with_a_changed_password(portal: Portal, ana: Person) -> None:
    token = await reset_token(portal)
    actor = await actor_of(portal, (await sign_in(portal)).token)
    async with portal.work():
        await setting_passwords.change_password(current=PASSWORD, password=OTHER, by=actor)
        with pytest.raises(LinkSpentError):
            await setting_passwords.reset_password(token=token, email=None, password="otra cosa muy larga", device=HERE)
        assert await fetch("SELECT id FROM link WHERE used_at IS NOT NULL") == []
