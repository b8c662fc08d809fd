"""People who register, as tests of it see them: what they send, the mails that follow, and the staff who decide."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from html import unescape
from typing import Any
from uuid import UUID

import httpx

from core.accounts.tables import Registration
from core.contributions import Reach
from core.db import fetch
from core.messages import worker  # noqa: F401 -- it registers what it does
from core.messages.queue import Work, handler_of
from core.people import registrations
from core.people.actor import Actor, ActorKind, acting_as
from core.people.registrations_deciding import approve_registration
from core.people.tables import Customer, Person
from core.preferences.values import save_settings
from core.tenancy.snapshot import load_snapshot
from tests.portal_fixtures import Portal

ANA = {
    "given_name": "Ana",
    "family_name": "Nueva",
    "email": "ana@nueva.example",
    "company": "Alimentos Ácimos",
    "phone": "+34 600",
    "message": "Quiero ver mis facturas.",
}


SAID = {key: ANA[key] for key in ("given_name", "family_name", "phone")}


def text_of(response: httpx.Response) -> str:
    """What the page says, without what differs each time."""
    page = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", response.text)
    return unescape(re.sub(r"\s+", " ", page))


async def queued(portal: Portal, kind: str) -> list[Work]:
    """The work of a kind that was put down."""
    async with portal.work():
        rows = await fetch(
            "SELECT id, payload FROM queue WHERE kind = {} AND tenant = {} ORDER BY id", kind, portal.tenant.id
        )
    return [
        Work(
            id=UUID(str(row["id"])), kind=kind, payload=json.loads(row["payload"]), tenant=portal.tenant.id, attempts=1
        )
        for row in rows
    ]


async def do(portal: Portal, items: Sequence[Work]) -> None:
    """Do what was put down, as the worker does."""
    for item in items:
        async with portal.work():
            await handler_of(item.kind).run(item)


async def offer(portal: Portal) -> None:
    """Let people register."""
    async with portal.work():
        await save_settings({"accounts.registration": True})


async def ask(portal: Portal, **typed: str) -> httpx.Response:
    """Send the form from a browser of one's own, and do the worker's part."""
    browser = await portal.browser()
    before = {item.id for item in await queued(portal, registrations.ASKED)}
    answer = await browser.post("/register", {**ANA, **typed}, page="/register")
    await do(portal, [item for item in await queued(portal, registrations.ASKED) if item.id not in before])
    return answer


async def link_of(portal: Portal) -> str:
    """The path in the newest confirmation mail."""
    mail = (await queued(portal, registrations.MAIL))[-1]
    assert mail.payload["template"] == "registration_confirm"
    async with portal.work():
        made = await registrations.issue_confirmation(registration=UUID(mail.payload["registration"]))
    assert made is not None
    return made[0]


async def waiting(portal: Portal, **typed: str) -> UUID:
    """Register and confirm; the id of what waits."""
    assert (await ask(portal, **typed)).status_code == 200
    path = await link_of(portal)
    answer = await (await portal.browser()).post(path, page=path)
    assert answer.status_code == 303
    async with portal.work():
        found = await registrations.waiting_for({**ANA, **typed}["email"])
    assert found is not None
    return found


async def people(portal: Portal) -> list[dict[str, Any]]:
    async with portal.work():
        rows: list[dict[str, Any]] = await Person.select(
            Person.email, Person.kind, Person.state, Person.source, Person.given_name, Person.language
        ).order_by(Person.email)
    return rows


async def mails(portal: Portal) -> list[tuple[str, str]]:
    """Which mails about accounts and registrations were put down, and for whom."""
    found = [(item.payload["template"], item.payload["to"]) for item in await queued(portal, "core.account_mail")]
    for item in await queued(portal, registrations.MAIL):
        async with portal.work():
            row = await Registration.objects().where(Registration.id == item.payload["registration"]).first()
        found.append((item.payload["template"], row.email if row else "gone"))
    return found


@asynccontextmanager
async def acting(portal: Portal, staff: Person) -> AsyncIterator[None]:
    """Work as a member of the staff."""
    async with portal.work():
        with acting_as(Actor(kind=ActorKind.STAFF, tenant=await load_snapshot(portal.tenant.id), person=staff.id)):
            yield


async def approve(portal: Portal, registration: UUID, customer: Customer) -> None:
    await approve_registration(
        registration=registration, customer=customer.id, role=portal.roles["viewer"].id, reach=Reach.COMPANY
    )
