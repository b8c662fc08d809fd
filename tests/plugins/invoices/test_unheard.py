"""Invoices of which nobody can be told: published all the same, and staff is warned as long as it is so."""

from __future__ import annotations

import pytest

from core.people.tables import Person
from core.tenancy.scoped_tables import Setting as Answer
from core.tenancy.snapshot import raise_version
from tests.plugins.invoices.made import UNHEARD, deliver_ubl, stored
from tests.portal_fixtures import Portal

NO_ACCESS = "Nobody was told: no contact who may see it has been invited to the portal yet."
CASES = [
    ("nobody", None, None, "never", UNHEARD),
    ("no address", None, "pending", "first_document", UNHEARD),
    ("no invoices", "basic", "active", "never", UNHEARD),
    ("not invited", "manager", "address_book", "never", NO_ACCESS),
    ("invited by itself", "manager", "address_book", "first_document", None),
    ("invited", "manager", "invited", "never", None),
    ("active", "manager", "active", "never", None),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
async def test_staff_is_warned_where_nobody_can_be_told(
    portal: Portal, case: tuple[str, str | None, str | None, str, str | None]
) -> None:
    name, role, state, invites, expected = case
    acme = await portal.customer("Acme SA", tax_id="A58818501")
    if state is not None:
        ana = await portal.contact("ana@acme.test", acme, role=role or "manager", state=state)
        if role is None:
            async with portal.work():
                await Person.update({Person.email: None, Person.email_folded: None}).where(Person.id == ana.id)
    async with portal.work():
        await Answer.insert(Answer(key="accounts.auto_invite_on", value=f'"{invites}"'))
        await raise_version(portal.tenant.id)
        received = await deliver_ubl()
        assert [bool(found.published_at) for found in await stored()] == [True]
    reason = received.result.reason
    assert (received.result.outcome, str(reason) if reason else None) == ("created", expected)
    desk = await portal.browser(await portal.staff("pilar@obrador.test"))
    page = await desk.get(f"/staff/invoices/{received.invoice}")
    assert page.status_code == 200
    assert [text for text in (UNHEARD, NO_ACCESS) if text in page.text] == ([expected] if expected else [])
    customer = await desk.get(f"/staff/customers/{acme.id}")
    told = "nobody is told when something is published for it" not in customer.text
    assert told == (name not in {"nobody", "no address"})
