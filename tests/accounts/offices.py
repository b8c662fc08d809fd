"""People who are known to two tenants, for the tests of linking."""

from __future__ import annotations

from core.accounts.invitations import invite_person, open_account
from core.accounts.linking import link_accounts
from core.accounts.sessions import Device
from core.accounts.tables import Account, LinkedOffice
from core.db import bypass_row_security, fetch
from core.people.tables import Membership, Person
from core.tenancy.scope import unscoped
from tests.accounts.conftest import PASSWORD, link_in, mails_of
from tests.portal_fixtures import Portal, World

EMAIL = "ana@acimos.example"


async def known_contact(portal: Portal, email: str = EMAIL, name: str = "Ana Prueba") -> Person:
    """A contact in the address book with a company of her own, without an account."""
    customer = await portal.customer(f"Company of {name} at {portal.tenant.name}")
    given, _, family = name.partition(" ")
    async with portal.work():
        person = Person(
            kind="contact", email=email, email_folded=email, given_name=given, family_name=family, name_folded=given
        )
        await Person.insert(person)
        await Membership.insert(
            Membership(person=person.id, customer=customer.id, role=portal.roles["manager"].id, reach="company")
        )
    return person


async def with_password(portal: Portal, email: str = EMAIL, password: str = PASSWORD) -> Person:
    """A contact who signs in with *password*."""
    person = await known_contact(portal, email)
    async with portal.work():
        await open_account(person=person.id, password=password)
        found = await Person.objects().get(Person.id == person.id)
    assert found is not None
    return found


async def invitation_of(portal: Portal, person: Person) -> str:
    """The token of a fresh invitation."""
    async with portal.work():
        await invite_person(person=person.id)
    path = await link_in(portal, (await mails_of(portal, "invitation"))[-1])
    assert path is not None
    return path.removeprefix("/invitation/")


async def token_in(portal: Portal, template: str) -> str:
    """The token of the link in the last mail of *template*."""
    path = await link_in(portal, (await mails_of(portal, template))[-1])
    assert path is not None
    return path.rpartition("/")[2]


async def person_of(portal: Portal, person: Person) -> Person:
    """Her row as it is now."""
    async with portal.work():
        found = await Person.objects().get(Person.id == person.id)
    assert found is not None
    return found


async def accounts() -> list[dict[str, object]]:
    """Every account, the oldest first."""
    with unscoped("test: looks at all accounts"), bypass_row_security():
        rows = await Account.select(Account.id, Account.email, Account.offices).order_by(Account.created_at, Account.id)
    return [dict(row) for row in rows]


async def office_rows() -> set[tuple[str, str]]:
    """Account and tenant of every linked office."""
    rows = await LinkedOffice.select(LinkedOffice.account, LinkedOffice.tenant)
    return {(str(row["account"]), str(row["tenant"])) for row in rows}


async def everything_of(portal: Portal) -> str:
    """What the staff of a tenant could ever read: all its own rows, as text."""
    tables = ("person", "activity", "notice", "mail", "session", "link", "known_device", "setting")
    async with portal.work():
        found = [
            str(await fetch(f"SELECT * FROM {table} WHERE tenant = {{}} ORDER BY id", portal.tenant.id))
            for table in tables
        ]
    return "\n".join(found)


async def linked(world: World) -> tuple[Person, Person]:
    """The same person at both tenants, linked through an invitation of the second."""
    await with_password(world.first)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    async with world.second.work():
        await link_accounts(token=token, password=PASSWORD, device=Device())
    rows = []
    for portal in (world.first, world.second):
        async with portal.work():
            found = await Person.objects().where(Person.email_folded == EMAIL).first()
        assert found is not None
        rows.append(found)
    return rows[0], rows[1]
