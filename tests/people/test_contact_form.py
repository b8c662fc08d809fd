"""The form of a new contact as staff fills it in on one page, what it refuses, and buttons on many contacts."""

from __future__ import annotations

import re
from html import unescape

import pytest

from core.accounts.tables import Registration
from core.people import persons
from core.people.contact_options import INVITATION, REQUIRED_FIELDS
from core.people.tables import Customer, Membership, Person
from tests.people.contact_form import ID, NEW, chosen, stored, typed
from tests.portal_fixtures import Portal, World

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
