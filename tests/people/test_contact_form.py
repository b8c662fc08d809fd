"""The form of a new contact as staff fills it in: on one page or by steps, and what it refuses."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest

from core.accounts.tables import Registration
from core.db import fetch
from core.people import persons
from core.people.contact_options import CONTACT_FORM, INVITATION, REQUIRED_FIELDS
from core.people.tables import Customer, Membership, Person
from core.preferences.values import save_settings
from tests.people.test_persons import mails
from tests.portal_fixtures import Browser, Portal, World

NEW = "/staff/people/new"
ID = "01890000-0000-7000-8000-00000000000a"
_TICKED = re.compile(r'<input checked[^>]*name="mails"[^>]*value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return what a page carries unseen."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page.text) if name != "csrf_token"}


def current(page: httpx.Response) -> str:
    """Return the label of the step that is shown."""
    found = re.search(r'aria-current="step">([^<]+)<', page.text)
    assert found
    return found[1]


async def typed(portal: Portal, **more: str) -> dict[str, str]:
    """A whole contact."""
    customer = await portal.customer("Nuñez")
    return {
        "id": ID,
        "given_name": "Ana",
        "family_name": "García López",
        "email": "ana@nunez.example",
        "mobile": "600 1",
        "customer": str(customer.id),
        "role": str(portal.roles["basic"].id),
        "reach": "company",
    } | more


async def chosen(portal: Portal, **settings: Any) -> Browser:
    """Have the tenant choose, and return an administrator's browser."""
    async with portal.work():
        await save_settings(settings)
    return await portal.browser(await portal.staff("pilar@obrador.example"))


async def stored(portal: Portal) -> list[tuple[str, str, int]]:
    """Return every contact with her state, and how many mails wait."""
    async with portal.work():
        rows = await Person.objects().where(Person.kind == "contact").order_by(Person.name_folded)
        return [(row.email, row.state, await mails()) for row in rows]


# -- one page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("invitation", "access", "expected"),
    [
        ("by_hand", "invite", ("address_book", 0)),
        ("on_save", "none", ("invited", 1)),
        ("ask", "none", ("address_book", 0)),
        ("ask", "login", ("pending", 0)),
        ("ask", "invite", ("invited", 1)),
    ],
)
async def test_the_tenant_decides_when_the_invitation_leaves(
    portal: Portal, invitation: str, access: str, expected: tuple[str, int]
) -> None:
    admin = await chosen(portal, **{INVITATION: invitation})
    data = await typed(portal, access=access, services="all", permissions="everything")
    for _twice in range(2):
        answer = await admin.post(NEW, data, page=NEW)
        assert answer.status_code == 303
    assert await stored(portal) == [("ana@nunez.example", *expected)]
    async with portal.work():
        seats = await Membership.select(Membership.role, Membership.reach)
    assert [(row["role"], row["reach"]) for row in seats] == [(portal.roles["basic"].id, "company")]


async def test_by_hand_the_way_leads_to_the_contact_whence_it_is_sent(portal: Portal) -> None:
    admin = await chosen(portal, **{INVITATION: "by_hand"})
    answer = await admin.post(NEW, await typed(portal), page=NEW)
    assert answer.headers["location"] == f"/staff/people/{ID}"
    steps = ((f"/staff/people/{ID}/login", "pending", 0), (f"/staff/people/{ID}/invite", "invited", 1))
    for path, state, sent in steps:
        assert (await admin.post(path, page=f"/staff/people/{ID}")).status_code == 303
        assert await stored(portal) == [("ana@nunez.example", state, sent)]
    page = await admin.get(f"/staff/people/{ID}")
    assert "Send the invitation again" in page.text
    assert "spam folder" in page.text


async def test_where_saving_invites_an_address_is_needed(portal: Portal) -> None:
    admin = await chosen(portal, **{INVITATION: "on_save"})
    answer = await admin.post(NEW, await typed(portal, email=""), page=NEW)
    assert (answer.status_code, await stored(portal)) == (422, [])
    assert "Without an e-mail address nobody can be invited." in answer.text


@pytest.mark.parametrize(
    ("preset", "wrong", "said"),
    [
        ("memoq", {"mobile": " "}, "Give at least one: telephone, mobile, or another way to reach the person."),
        ("memoq", {"family_name": " "}, "Please fill this in."),
        ("onvio", {"family_name": ""}, "Please fill this in."),
        ("simple", {"given_name": ""}, "Please fill this in."),
    ],
)
async def test_required_fields_by_preset(portal: Portal, preset: str, wrong: dict[str, str], said: str) -> None:
    admin = await chosen(portal, **{REQUIRED_FIELDS: preset})
    answer = await admin.post(NEW, await typed(portal, **wrong), page=NEW)
    assert (answer.status_code, await stored(portal)) == (422, [])
    assert said in answer.text


async def test_a_name_that_is_typed_and_not_chosen_is_no_customer(portal: Portal) -> None:
    admin = await chosen(portal)
    data = await typed(portal)
    for free in ({"customer": "Nuñez"}, {"customer": "", "customer_search": "Nueva SL"}, {"customer": ""}):
        answer = await admin.post(NEW, data | free, page=NEW)
        assert (answer.status_code, await stored(portal)) == (422, [])
    async with portal.work():
        assert await Customer.count() == 1


async def test_without_scripts_customers_are_searched_for_and_what_is_typed_stays(world: World) -> None:
    portal = world.first
    for number in range(25):
        await portal.customer(f"Cliente {number:02}")
    await world.second.customer("Última de otros")
    wanted = await portal.customer("Última Açores")
    admin = await chosen(portal)
    data = await typed(portal, customer="")
    page = await admin.get(NEW)
    assert "Última" not in page.text
    answer = await admin.post(NEW, data | {"go": "find", "customer_search": "ultima acores"}, page=NEW)
    assert answer.status_code == 200
    assert f'<option selected value="{wanted.id}">Última Açores</option>' in answer.text
    assert "Última de otros" not in answer.text
    assert 'value="García López"' in answer.text
    assert await stored(portal) == []


async def test_a_customer_of_somebody_else_cannot_be_chosen(world: World) -> None:
    foreign = await world.second.customer("Autre")
    admin = await chosen(world.first)
    answer = await admin.post(NEW, await typed(world.first, customer=str(foreign.id)), page=NEW)
    assert (answer.status_code, await stored(world.first)) == (404, [])


async def test_only_who_may_manage_contacts_gets_the_form(portal: Portal) -> None:
    contact = await portal.browser(await portal.contact("eva@n.example", await portal.customer("Otra")))
    assert (await contact.get(NEW)).status_code in {403, 404}
    assert (await contact.get("/staff/people")).status_code in {403, 404}
    assert (await contact.get("/staff/customers/suggest?q=o")).status_code in {403, 404}


async def test_a_registration_that_waits_is_named_and_led_to(portal: Portal) -> None:
    admin = await chosen(portal)
    async with portal.work():
        waiting = Registration(
            email="ana@nunez.example", given_name="Ana", family_name="Espera", company="N", state="waiting"
        )
        await Registration.insert(waiting)
    answer = await admin.post(NEW, await typed(portal), page=NEW)
    assert (answer.status_code, await stored(portal)) == (422, [])
    assert f'href="/staff/registrations/{waiting.id}"' in answer.text
    assert "Ana Espera has registered with this address already." in unescape(answer.text)


async def test_who_was_deleted_is_offered_and_may_be_somebody_else(portal: Portal) -> None:
    admin = await chosen(portal)
    former = await portal.contact("ana@nunez.example", name="Ana Antes")
    async with portal.work():
        await persons.delete_person(person=former.id)
    data = await typed(portal)
    answer = await admin.post(NEW, data, page=NEW)
    assert answer.status_code == 422
    assert f'formaction="/staff/people/{former.id}/restore"' in answer.text
    assert (await stored(portal))[0][:2] == ("ana@nunez.example", "address_book")
    answer = await admin.post(NEW, data | {"somebody_else": "y"}, page=NEW)
    assert answer.status_code == 303
    async with portal.work():
        living = await Person.objects().where(Person.deleted_at.is_null(), Person.kind == "contact").first()
    assert living is not None
    assert (str(living.id), living.family_name, living.account) == (ID, "García López", None)
    answer = await admin.post(f"/staff/people/{former.id}/restore", page=NEW)
    assert "Ana García López has this e-mail address already." in (await admin.get(f"/staff/people/{former.id}")).text


# -- by steps ----------------------------------------------------------------------------------------------------------


async def walk(admin: Browser, data: dict[str, str], *answers: dict[str, str]) -> httpx.Response:
    """Go from step to step with what each page carries, as a browser does; return the last answer."""
    page = await _past_what_asks_nothing(admin, await admin.post(NEW, {**data, "step": "data", "go": "next"}, page=NEW))
    for answer in answers:
        page = await admin.post(NEW, {"id": data["id"], **hidden(page), "go": "next", **answer}, page=NEW)
        page = await _past_what_asks_nothing(admin, page)
    return page


async def _past_what_asks_nothing(admin: Browser, page: httpx.Response) -> httpx.Response:
    while page.status_code == 200 and current(page) in {"What is seen", "Notifications"}:
        sent = {"id": ID, **hidden(page), "mails": _TICKED.findall(page.text), "go": "next"}
        page = await admin.post(NEW, sent, page=NEW)
    return page


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
    assert _TICKED.findall(page.text) == ["core.comment_added"]
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


# -- edits side by side ------------------------------------------------------------------------------------------------


async def test_a_form_that_is_too_late_shows_what_changed_and_keeps_what_was_typed(portal: Portal) -> None:
    contact = await portal.contact("ana@n.example", await portal.customer("Nuñez"), name="Ana García")
    admin = await chosen(portal)
    path = f"/staff/people/{contact.id}"
    data = {"given_name": "Ana", "family_name": "García", "email": "ana@n.example", "version": "1"}
    assert (await admin.post(path, data | {"phone": "first"}, page=path)).status_code == 303
    answer = await admin.post(path, data | {"phone": "second"}, page=path)
    assert answer.status_code == 409
    assert "What has changed meanwhile" in answer.text
    assert 'value="second"' in answer.text
    assert re.search(r"<span dir=\"auto\">first</span>", answer.text)
    assert '<input id="version" name="version" type="hidden" value="2">' in answer.text
    assert (await admin.post(path, data | {"phone": "second", "version": "2"}, page=path)).status_code == 303
    async with portal.work():
        assert (await persons.find_person(contact.id)).phone == "second"


# -- buttons on many ---------------------------------------------------------------------------------------------------


async def test_ticked_and_never_invited_contacts_are_invited_from_the_list(portal: Portal) -> None:
    admin = await chosen(portal)
    async with portal.work():
        ids = [
            await persons.add_contact(
                details=persons.Details(given_name=name, family_name="Ruiz", email=f"{name}@n.example".lower())
            )
            for name in ("Ana", "Bea", "Eva")
        ]
    page = await admin.get("/staff/people")
    assert "3 contacts were never invited." in page.text
    answer = await admin.post("/staff/people/invite", {"id": [str(ids[0])]}, page="/staff/people")
    assert "1 invitation is on its way." in answer.text
    answer = await admin.post("/staff/people/invite?q=bea", {"all": "1"}, page="/staff/people")
    assert "1 invitation is on its way." in answer.text
    answer = await admin.post("/staff/people/invite", {"who": "never"}, page="/staff/people/invite")
    assert "1 invitation is on its way." in answer.text
    answer = await admin.post("/staff/people/invite", {"who": "never"}, page="/staff/people/new")
    assert answer.headers["location"] == "/staff/people"
    assert [row[1:] for row in await stored(portal)] == [("invited", 3)] * 3


async def test_nobody_of_staff_or_of_others_is_invited_from_the_list(world: World) -> None:
    admin = await chosen(world.first)
    luis = await world.first.staff("luis@obrador.example")
    foreign = await world.second.contact("eve@autre.example", state="pending")
    for person in (luis, foreign):
        answer = await admin.post("/staff/people/invite", {"id": [str(person.id)]}, page="/staff/people")
        assert answer.status_code == 404


async def test_a_deleted_contact_stands_in_the_list_when_asked_for_and_comes_back(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    contact = await portal.contact("ana@n.example", customer, name="Ana García")
    admin = await chosen(portal)
    path = f"/staff/people/{contact.id}"
    assert (await admin.post(f"{path}/delete", page=path)).headers["location"] == "/staff/people"
    assert (
        "Ana García"
        not in (await admin.get("/staff/people", params={"q": "ana"})).text.split("<main", 1)[1].split("flashes", 1)[0]
    )
    assert f'href="{path}"' in (await admin.get("/staff/people?deleted=1")).text
    page = await admin.get(path)
    assert "Nuñez" in page.text
    assert f'action="{path}/restore"' in page.text
    assert f'action="{path}/invite"' not in page.text
    assert (await admin.post(f"{path}/restore", page=path)).status_code == 303
    assert f'action="{path}/invite"' in (await admin.get(path)).text
