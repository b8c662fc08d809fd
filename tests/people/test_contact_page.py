"""What the page of a contact tells of the way in, and who takes over when she leaves."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from core.clock import now
from core.db import uuid7
from core.messages.tables import Mail
from core.people.contact_options import ONE_CUSTOMER
from core.people.tables import Person
from core.preferences.values import save_settings
from tests.db_fixtures import Databases
from tests.people.sheets import add_sheets, addressees, sheets_world
from tests.portal_fixtures import Portal, World


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """Two tenants with a module whose records are addressed to people."""
    async with sheets_world(dialect, databases, tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("failed", "The mail to ana@n.example could not be delivered."),
        ("sent", "The mail server took the mail to ana@n.example on"),
        ("queued", "The mail to ana@n.example is on its way."),
    ],
)
async def test_staff_see_what_became_of_the_invitation(portal: Portal, state: str, said: str) -> None:
    contact = await portal.contact("ana@n.example", await portal.customer("Nuñez"), state="invited")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    async with portal.work():
        mail = Mail(
            person=contact.id,
            recipient="ana@n.example",
            kind="core.invitation",
            message_id=f"{uuid7()}",
            state=state,
            sent_at=now() if state == "sent" else None,
        )
        await Mail.insert(mail)
    page = (await admin.get(f"/staff/people/{contact.id}")).text
    assert said in page
    assert ('href="/staff/mail"' in page.split('id="access"', 1)[1]) == (state == "failed")


async def test_sign_ins_and_projects_are_told(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    project = await portal.project(customer, "Torre Norte")
    contact = await portal.contact("ana@n.example", customer, projects=(project,))
    async with portal.work():
        await Person.update({Person.sign_ins: 17, Person.last_sign_in_at: now()}).where(Person.id == contact.id)
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    page = unescape((await admin.get(f"/staff/people/{contact.id}")).text)
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd dir=\"auto\">([^<]+)</dd>", page))
    assert (facts["Sign-ins"], "Last sign-in" in facts) == ("17", True)
    assert '<span dir="auto">Torre Norte</span></span></summary>' in page


async def test_who_takes_over_is_chosen_before_a_contact_with_records_is_deleted(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    leaving = await portal.contact("ana@n.example", customer, name="Ana Sale")
    heir = await portal.contact("bea@n.example", customer, name="Bea Queda")
    await add_sheets(portal, customer, leaving, ["one"])
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    path = f"/staff/people/{leaving.id}"
    page = (await admin.get(path)).text
    assert re.findall(r'<option value="([^"]+)">([^<]+)', page.split('id="heir"', 1)[1]) == [
        (str(heir.id), "Bea Queda")
    ]
    refused = await admin.post(f"{path}/delete", page=path)
    assert refused.status_code == 422
    assert "1 record is addressed to Ana Sale. Choose who takes it over, then delete." in refused.text
    assert await addressees(portal) == {"one": (leaving.id, 1)}
    done = await admin.post(f"{path}/delete", {"heir": str(heir.id)}, page=path)
    assert done.headers["location"] == "/staff/people"
    assert await addressees(portal) == {"one": (heir.id, 2)}


async def test_where_a_contact_has_one_customer_only_no_other_is_offered(portal: Portal) -> None:
    contact = await portal.contact("ana@n.example", await portal.customer("Nuñez"))
    await portal.customer("Otra")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    assert "Add another customer" in (await admin.get(f"/staff/people/{contact.id}")).text
    async with portal.work():
        await save_settings({ONE_CUSTOMER: True})
    assert "Add another customer" not in (await admin.get(f"/staff/people/{contact.id}")).text


async def test_staff_resets_an_access_from_the_page_and_the_session_is_out(portal: Portal) -> None:
    contact = await portal.contact("ana@n.example", await portal.customer("Nuñez"))
    browser = await portal.browser(contact)
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    path = f"/staff/people/{contact.id}"
    assert (await browser.get("/profile")).status_code == 200
    assert (await admin.post(f"{path}/reset", page=path)).headers["location"] == f"{path}#access"
    assert (await browser.get("/profile")).status_code in {302, 303, 401}
    assert f'action="{path}/reset"' not in (await admin.get(path)).text
