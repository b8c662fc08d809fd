"""The API: entries go in by key, once each; what is refused says why; only with a key of the right permissions."""

from __future__ import annotations

from typing import Any

from core.accounts.api_keys import create_api_key
from core.clock import now
from core.people.actor import acting_as
from core.people.tables import Project
from plugins.timesheets.permissions import ADD_CUSTOMERS, BRING_IN, MANAGE, STAFF_VIEW
from plugins.timesheets.services import approve_entries
from tests.plugins.timesheets.made import actor_of, states, works
from tests.portal_fixtures import Portal, World

BASE = "/api/v1/timesheets"


async def key_of(portal: Portal, *permissions: str) -> dict[str, str]:
    async with portal.work():
        return {"authorization": f"Bearer {await create_api_key(name='ERP', permissions=permissions)}"}


def entry(id: str, customer: str, **more: Any) -> dict[str, Any]:
    return {
        "external_id": id,
        "worker": "Lía Sanz",
        "customer": customer,
        "day": "2026-11-02",
        "worked_seconds": 3600,
    } | more


async def test_entries_go_in_by_number_or_name_and_once(portal: Portal) -> None:
    made = await works(portal)
    numbered = await portal.customer("Other", number="Acme b")
    named = await portal.customer("Acme c")
    headers = await key_of(portal, BRING_IN, STAFF_VIEW)
    client = (await portal.browser()).client
    sent = {"entries": [entry("1", "Acme a"), entry("2", "Acme b"), entry("3", "acme C"), entry("4", "Nobody")]}
    taken = await client.post(f"{BASE}/entries", json=sent, headers=headers)
    assert taken.status_code == 200, taken.text
    results = taken.json()["results"]
    assert [(each["external_id"], each["outcome"], each["reason"]) for each in results] == [
        ("1", "created", None),
        ("2", "created", None),
        ("3", "created", None),
        ("4", "refused", "No customer is called “Nobody”."),
    ]
    listed = (await client.get(f"{BASE}/entries", headers=headers)).json()["entries"]
    assert {each["external_id"]: each["customer"] for each in listed} == {
        "1": str(made.customer.id),
        "2": str(numbered.id),
        "3": str(named.id),
    }
    assert {each["id"] for each in listed} == {each["entry"] for each in results if each["entry"]}
    again = await client.post(f"{BASE}/entries", json=sent, headers=headers)
    assert [each["outcome"] for each in again.json()["results"]] == [*["unchanged"] * 3, "refused"]


async def test_what_is_approved_can_be_invoiced_and_nothing_else(portal: Portal) -> None:
    made = await works(portal)
    headers = await key_of(portal, MANAGE, STAFF_VIEW)
    client = (await portal.browser()).client
    async with portal.work():
        entries = await made.entries(2)
        by = await actor_of(made.manager)
        with acting_as(by):
            await approve_entries(entries=entries[:1], shown_at=now(), by=by)
    sent = {"entries": [str(each) for each in entries], "number": "F-1"}
    assert (await client.post(f"{BASE}/invoiced", json=sent, headers=headers)).json() == {"invoiced": 1}
    async with portal.work():
        assert await states() == {"invoiced": 1, "for_approval": 1}


async def test_who_may_not_see_hours_may_not_say_that_they_are_invoiced(portal: Portal) -> None:
    made = await works(portal)
    client = (await portal.browser()).client
    async with portal.work():
        entries = await made.entries(1)
        by = await actor_of(made.manager)
        with acting_as(by):
            await approve_entries(entries=entries, shown_at=now(), by=by)
    sent = {"entries": [str(each) for each in entries], "number": "F-1"}
    blind = await client.post(f"{BASE}/invoiced", json=sent, headers=await key_of(portal, MANAGE))
    assert blind.status_code == 403
    async with portal.work():
        assert await states() == {"approved": 1}


async def test_projects_are_made_by_who_may_make_them_alone(portal: Portal) -> None:
    made = await works(portal)
    client = (await portal.browser()).client
    sent = {"entries": [entry("1", "Acme a", project="New line")]}
    refused = await client.post(f"{BASE}/entries", json=sent, headers=await key_of(portal, BRING_IN))
    assert [(each["outcome"], each["reason"]) for each in refused.json()["results"]] == [
        (
            "refused",
            "The customer has no project “New line”, and whoever brings the list in may not make projects.",
        )
    ]
    both = await key_of(portal, BRING_IN, ADD_CUSTOMERS)
    taken = await client.post(f"{BASE}/entries", json=sent, headers=both)
    assert [each["outcome"] for each in taken.json()["results"]] == ["created"]
    async with portal.work():
        assert await Project.count().where(Project.customer == made.customer.id, Project.name == "New line") == 1


async def test_a_key_does_what_it_is_for_at_its_own_portal(world: World) -> None:
    portal = world.first
    made = await works(portal)
    async with portal.work():
        id = await made.entry()
    client = (await portal.browser()).client
    sees, brings = await key_of(portal, STAFF_VIEW), await key_of(portal, BRING_IN)
    sent = {"entries": [entry("9", "Acme a")]}
    assert (await client.post(f"{BASE}/entries", json=sent, headers=sees)).status_code == 403
    assert (await client.get(f"{BASE}/entries", headers=brings)).status_code == 403
    assert (await client.post(f"{BASE}/invoiced", json={"entries": [str(id)]}, headers=brings)).status_code == 403
    assert (await client.get(f"{BASE}/entries/{id}", headers=sees)).status_code == 200
    foreign = await key_of(world.second, STAFF_VIEW, BRING_IN, MANAGE)
    stranger = (await world.second.browser()).client
    assert (await stranger.get(f"{BASE}/entries/{id}", headers=foreign)).status_code == 404
    assert (await stranger.get(f"{BASE}/entries", headers=foreign)).json() == {"entries": [], "after": None}
    assert (await stranger.post(f"{BASE}/invoiced", json={"entries": [str(id)]}, headers=foreign)).status_code == 409
    assert (await client.get(f"{BASE}/entries/{id}", headers=foreign)).status_code in {401, 403}
