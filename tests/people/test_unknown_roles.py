"""A role that is none, in any form that asks for one: said at the field, and nothing typed is lost."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.people.tables import Membership, Person
from tests.people.contact_form import ID, NEW, chosen, stored, typed
from tests.portal_fixtures import Portal, World

CHOOSE = "Choose one from the list."


@pytest.mark.parametrize("role", ["nobody", "", "staff", "another tenant"])
async def test_a_contact(world: World, role: str) -> None:
    portal = world.first
    admin = await chosen(portal)
    roles = {
        "nobody": str(uuid4()),
        "": "",
        "staff": str(portal.roles["administrator"].id),
        "another tenant": str(world.second.roles["manager"].id),
    }
    page = await admin.post(NEW, await typed(portal, role=roles[role]), page=NEW)
    assert (page.status_code, CHOOSE in page.text, 'value="García López"' in page.text) == (422, True, True)
    assert await stored(portal) == []


async def test_a_place_of_a_contact(portal: Portal) -> None:
    admin = await chosen(portal)
    customer = await portal.customer("Nuñez")
    ana = await portal.contact("ana@nunez.example", customer)
    other = await portal.customer("Otra SA")
    page = f"/staff/people/{ana.id}"
    sent = {"customer": str(other.id), "role": str(uuid4()), "reach": "own"}
    answer = await admin.post(f"{page}/seats", sent, page=page)
    assert (answer.status_code, CHOOSE in answer.text) == (422, True)
    assert f'<option selected value="{other.id}">' in answer.text
    async with portal.work():
        assert await Membership.count().where(Membership.person == ana.id) == 1


async def test_staff(portal: Portal) -> None:
    admin = await chosen(portal)
    new = "/staff/staff/new"
    sent = {"id": ID, "given_name": "Luis", "family_name": "Nuevo", "email": "luis@obrador.example"}
    for role in (str(uuid4()), str(portal.roles["manager"].id), ""):
        page = await admin.post(new, {**sent, "role": role}, page=new)
        assert (page.status_code, CHOOSE in page.text, 'value="Luis"' in page.text) == (422, True, True)
    async with portal.work():
        assert await Person.count().where(Person.email == "luis@obrador.example") == 0
    clerk = await portal.staff("clerk@obrador.example", role="clerk")
    page_of = f"/staff/people/{clerk.id}"
    answer = await admin.post(f"{page_of}/role", {"role": str(uuid4())}, page=page_of)
    assert (answer.status_code, CHOOSE in answer.text) == (422, True)
