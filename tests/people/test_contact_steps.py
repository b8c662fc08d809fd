"""The form of a new contact by steps: nothing is stored before the last one, and each refuses its own fields."""

from __future__ import annotations

import pytest

from core.db import fetch
from core.people.contact_options import CONTACT_FORM, INVITATION, REQUIRED_FIELDS
from tests.people.contact_form import ID, NEW, TICKED, chosen, current, hidden, stored, typed, walk
from tests.portal_fixtures import Portal


async def test_nothing_is_stored_or_sent_before_the_last_step_and_then_once(portal: Portal) -> None:
    admin = await chosen(portal, **{CONTACT_FORM: "wizard", INVITATION: "ask", REQUIRED_FIELDS: "onvio"})
    data = await typed(portal)
    email = {"email": data.pop("email"), "activate": "yes"}
    page = await walk(admin, data)
    assert (page.status_code, current(page)) == (200, "Access")
    page = await walk(admin, data, email)
    assert (current(page), "The invitation goes to ana@nunez.example." in page.text) == ("Invitation", True)
    page = await walk(admin, data, email, {"send": "now"})
    assert current(page) == "Check and complete"
    assert "García López" in page.text
    assert "Nuñez" in page.text
    assert await stored(portal) == []
    carried = {"id": data["id"], **hidden(page), "go": "next"}
    for _twice in range(2):
        answer = await admin.post(NEW, carried, page=NEW)
        assert answer.headers["location"] == "/staff/people"
    assert await stored(portal) == [("ana@nunez.example", "invited", 1)]


@pytest.mark.parametrize(
    ("invitation", "answers", "expected"),
    [
        ("ask", [{"activate": "yes"}, {"send": "later"}, {}], ("pending", 0)),
        ("ask", [{"activate": "no"}, {}], ("address_book", 0)),
        ("on_save", [{"activate": "yes"}, {}], ("invited", 1)),
        ("by_hand", [{"activate": "yes"}, {}], ("pending", 0)),
    ],
)
async def test_the_steps_end_as_they_were_chosen(
    portal: Portal, invitation: str, answers: list[dict[str, str]], expected: tuple[str, int]
) -> None:
    admin = await chosen(portal, **{CONTACT_FORM: "wizard", INVITATION: invitation})
    data = await typed(portal)
    email = {"email": data.pop("email")}
    answer = await walk(admin, data, answers[0] | email, *answers[1:])
    assert answer.status_code == 303
    assert await stored(portal) == [("ana@nunez.example", *expected)]


async def test_a_step_shows_what_the_contact_will_see(portal: Portal) -> None:
    admin = await chosen(portal, **{CONTACT_FORM: "wizard"})
    data = await typed(portal, role=str(portal.roles["manager"].id))
    page = await admin.post(NEW, {**data, "step": "data", "go": "next"}, page=NEW)
    assert current(page) == "What is seen"
    assert [words in page.text for words in ("In the menu", "On the start page", "Contact")] == [True] * 3
    assert await stored(portal) == []


@pytest.mark.parametrize("ticked", [True, False])
async def test_a_step_asks_which_mails_the_contact_gets(portal: Portal, ticked: bool) -> None:
    admin = await chosen(portal, **{CONTACT_FORM: "wizard", INVITATION: "by_hand"})
    data = await typed(portal)
    email = {"email": data.pop("email"), "activate": "yes"}
    page = await admin.post(NEW, {**data, "step": "data", "go": "next"}, page=NEW)
    for answer in ({}, email):
        page = await admin.post(NEW, {"id": ID, **hidden(page), **answer, "go": "next"}, page=NEW)
    assert current(page) == "Notifications"
    assert TICKED.findall(page.text) == ["core.comment_added"]
    sent = {"mails": ["core.comment_added"]} if ticked else {}
    page = await admin.post(NEW, {"id": ID, **hidden(page), **sent, "go": "next"}, page=NEW)
    assert current(page) == "Check and complete"
    done = await admin.post(NEW, {"id": ID, **hidden(page), "go": "next"}, page=NEW)
    assert done.status_code == 303
    async with portal.work():
        found = await fetch("SELECT activity_kind, channel FROM mail_choice WHERE tenant = {}", portal.tenant.id)
    expected = [] if ticked else [{"activity_kind": "core.comment_added", "channel": "bell"}]
    assert [dict(row) for row in found] == expected


async def test_back_keeps_what_was_typed(portal: Portal) -> None:
    admin = await chosen(portal, **{CONTACT_FORM: "wizard", INVITATION: "ask"})
    data = await typed(portal)
    email = {"email": data.pop("email"), "activate": "yes"}
    page = await walk(admin, data, email, {"send": "later"})
    steps = (("Invitation", {}), ("Notifications", {"send": "later"}), ("Access", {}), ("What is seen", email))
    for step, shown in (*steps, ("Who it is", {})):
        page = await admin.post(NEW, {"id": ID, **hidden(page), **shown, "go": "back"}, page=NEW)
        assert current(page) == step
    assert 'value="García López"' in page.text
    assert f'<option selected value="{data["customer"]}">Nuñez</option>' in page.text
    assert hidden(page)["email"] == "ana@nunez.example"
    assert hidden(page)["send"] == "later"
    assert await stored(portal) == []


async def test_each_step_refuses_its_own_fields(portal: Portal) -> None:
    admin = await chosen(portal, **{CONTACT_FORM: "wizard", INVITATION: "ask", REQUIRED_FIELDS: "onvio"})
    data = await typed(portal)
    del data["email"]
    page = await walk(admin, data | {"family_name": ""})
    assert (page.status_code, current(page)) == (422, "Who it is")
    page = await walk(admin, data | {"tax_id": "12345678A"})
    assert (page.status_code, current(page)) == (422, "Who it is")
    page = await walk(admin, data | {"customer": ""})
    assert (page.status_code, current(page)) == (422, "Who it is")
    page = await walk(admin, data, {"activate": "yes", "email": ""})
    assert (page.status_code, current(page)) == (422, "Access")
    assert "Without an e-mail address nobody can be invited." in page.text
    page = await walk(admin, data, {"activate": "yes", "email": "pilar@obrador.example"})
    assert (page.status_code, current(page)) == (422, "Access")
    assert "Pilar Personal has this e-mail address already." in page.text
    page = await walk(admin, data, {"activate": "no", "email": ""})
    assert (page.status_code, current(page)) == (200, "Check and complete")
    assert await stored(portal) == []


async def test_a_forged_last_step_is_checked_like_every_other(portal: Portal) -> None:
    admin = await chosen(portal, **{CONTACT_FORM: "wizard", INVITATION: "on_save"})
    data = await typed(portal, given_name="")
    answer = await admin.post(NEW, {**data, "step": "check", "activate": "yes", "go": "next"}, page=NEW)
    assert (answer.status_code, current(answer), await stored(portal)) == (422, "Who it is", [])
