"""Whose address stands in an address book, and who comes to have it as her own."""

from __future__ import annotations

import pytest

from core.people.address_book import add_recipients, entries_of
from core.people.tables import Customer, Person
from tests.accounts.conftest import mails_of, state_of
from tests.accounts.test_changing_email import NEW, ask, link_to_new
from tests.portal_fixtures import Portal


@pytest.mark.parametrize("own", [False, True])
async def test_an_address_of_a_book_becomes_ones_own(portal: Portal, ana: Person, *, own: bool) -> None:
    """Whoever proves it has it; the book keeps it, but for that of her own company."""
    theirs = await portal.customer("Theirs")
    async with portal.work():
        held = await Customer.objects().first()
        assert held is not None
        there = held.id if own else theirs.id
        assert await add_recipients(customer=there, emails=[NEW], by=None) == [NEW]
        recipient = await Person.objects().where(Person.email == NEW).first()
        assert recipient is not None
    browser = await portal.browser(ana)
    assert (await ask(browser))[0] == 303
    path = await link_to_new(portal)
    assert (await state_of(portal, recipient))["deleted_at"] is None
    assert (await browser.post(path, page=path)).status_code == 303
    assert (await state_of(portal, ana))["email_folded"] == NEW
    assert (await state_of(portal, recipient))["deleted_at"] is not None
    async with portal.work():
        assert [entry.email for entry in await entries_of(there)] == ([] if own else [NEW])
    assert {mail.to for mail in await mails_of(portal, "change_email")} == {NEW}
