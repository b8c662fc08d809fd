"""The life of a contact: required fields, edits side by side, invitations in numbers, deletion with an heir, return."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from core.accounts.tables import Account, Session
from core.contributions import Audience, Reach
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.people import contact_queries, persons, queries
from core.people.contact_options import ONE_CUSTOMER, REQUIRED_FIELDS
from core.people.personal_numbers import check_personal_number
from core.people.persons import ChangedMeanwhileError, Details, EmailTakenError, HeirNeededError, OneCustomerError, Seat
from core.people.tables import Person
from core.preferences.values import save_settings
from core.records.tables import Activity
from tests.db_fixtures import Databases
from tests.people.sheets import add_sheets, addressees, sheets_world
from tests.people.test_persons import mails
from tests.portal_fixtures import Portal, World


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """Two tenants with a module whose records are addressed to people."""
    async with sheets_world(dialect, databases, tmp_path) as made:
        yield made


async def kinds() -> list[str]:
    """What happened to people, in its order; the module's first enabling changed roles before."""
    rows = await Activity.select(Activity.kind).where(Activity.kind != "core.role_changed").order_by(Activity.id)
    return [row["kind"] for row in rows]


def ana(**more: str) -> Details:
    return Details(**({"given_name": "Ana", "family_name": "García", "email": "ana@nunez.example"} | more))


# -- what must be known ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "details", "fields"),
    [
        ("simple", {"family_name": ""}, set()),
        ("onvio", {"family_name": " "}, {"family_name"}),
        ("onvio", {}, set()),
        ("memoq", {}, {"phone"}),
        ("memoq", {"phone": "  ", "mobile": " ", "other_contact": "\t"}, {"phone"}),
        ("memoq", {"other_contact": "skype ana"}, set()),
        ("memoq", {"mobile": "600 1", "family_name": ""}, {"family_name"}),
    ],
)
async def test_the_tenant_chooses_what_must_be_known(
    portal: Portal, preset: str, details: dict[str, str], fields: set[str]
) -> None:
    async with portal.work():
        await save_settings({REQUIRED_FIELDS: preset})
    async with portal.work():
        refused: set[str] = set()
        try:
            await persons.add_contact(details=ana(**details))
        except InvalidInputError as error:
            refused = set(error.fields)
    assert refused == fields


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("BR", "111.444.777-35", "11144477735"),
        ("ES", "12345678-z", "12345678Z"),
        ("ES", "X-1234567-L", "X1234567L"),
        ("PT", "501 442 600", "501442600"),
        ("XX", "ab-12.34", "AB1234"),
    ],
)
def test_the_number_of_a_person_is_checked_and_stored_without_separators(country: str, typed: str, stored: str) -> None:
    assert check_personal_number(typed, country=country) == stored


@pytest.mark.parametrize(("country", "typed"), [("BR", "111.444.777-36"), ("ES", "B12345674"), ("XX", "abc")])
def test_a_number_with_a_wrong_check_digit_is_refused(country: str, typed: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_personal_number(typed, country=country)
    assert set(refused.value.fields) == {"tax_id"}


async def test_a_form_that_does_not_show_the_number_leaves_it(portal: Portal) -> None:
    async with portal.work():
        id = await persons.add_contact(details=ana(tax_id="12345678z"))
        await persons.edit_person(person=id, details=ana(family_name="Díaz"))
        assert (await persons.find_person(id)).tax_id == "12345678Z"
        await persons.edit_person(person=id, details=ana(family_name="Díaz", tax_id=""))
        assert (await persons.find_person(id)).tax_id is None


# -- edits side by side ------------------------------------------------------------------------------------------------


async def test_nobody_overwrites_what_they_have_not_seen(portal: Portal) -> None:
    async with portal.work():
        id = await persons.add_contact(details=ana())
        shown = (await persons.find_person(id)).version
        await persons.edit_person(person=id, details=ana(phone="1"), version=shown)
        with pytest.raises(ChangedMeanwhileError):
            await persons.edit_person(person=id, details=ana(phone="2"), version=shown)
        now = await persons.find_person(id)
        assert (now.phone, now.version) == ("1", shown + 1)
        await persons.edit_person(person=id, details=ana(phone="2"), version=now.version)
        assert (await persons.find_person(id)).phone == "2"


# -- one customer ------------------------------------------------------------------------------------------------------


async def test_a_contact_belongs_to_one_customer_where_the_tenant_wants_it(portal: Portal) -> None:
    first, second = await portal.customer("Alfa"), await portal.customer("Beta")
    both = await portal.contact("both@n.example", first, second)
    async with portal.work():
        await save_settings({ONE_CUSTOMER: True})
    role = portal.roles["viewer"].id
    async with portal.work():
        id = await persons.add_contact(details=ana(), seats=[Seat(customer=first.id, role=role)])
        with pytest.raises(OneCustomerError):
            await persons.set_seat(person=id, seat=Seat(customer=second.id, role=role))
        await persons.set_seat(person=id, seat=Seat(customer=first.id, role=role, reach=Reach.OWN))
        await persons.remove_seat(person=id, customer=first.id)
        await persons.set_seat(person=id, seat=Seat(customer=second.id, role=role))
        await persons.set_seat(person=both.id, seat=Seat(customer=second.id, role=role))
        seats = await queries.seats_of([id, both.id])
    assert {person: [row["customer_name"] for row in rows] for person, rows in seats.items()} == {
        id: ["Beta"],
        both.id: ["Alfa", "Beta"],
    }


# -- invitations -------------------------------------------------------------------------------------------------------


async def test_an_enrolment_sends_once_however_often_it_comes(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    id, seat = uuid4(), Seat(customer=customer.id, role=portal.roles["viewer"].id)
    async with portal.work():
        done = [
            await persons.enrol_contact(details=ana(), seats=[seat], access="invite", person=id) for _twice in range(2)
        ]
        assert (done, await mails()) == ([True, False], 1)
        assert await kinds() == ["core.person_added", "core.person_invited"]


async def test_an_enrolment_that_cannot_be_invited_stores_nothing(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    seat = Seat(customer=customer.id, role=portal.roles["viewer"].id)
    async with portal.work():
        with pytest.raises(InvalidInputError):
            await persons.enrol_contact(details=ana(email=""), seats=[seat], access="login", person=uuid4())
        assert (await Person.count(), await kinds()) == (0, [])


async def test_many_are_invited_and_each_failure_has_its_reason(portal: Portal) -> None:
    active = await portal.contact("active@n.example", name="Zoe Activa")
    async with portal.work():
        waiting = await persons.add_contact(details=ana())
        bare = await persons.add_contact(details=Details(given_name="Sin", family_name="Correo"))
        gone = await persons.add_contact(details=ana(email="gone@n.example", given_name="Ido"))
        await persons.deactivate_person(person=gone)
        assert await contact_queries.count_never_invited() == 1
        assert await contact_queries.never_invited() == [waiting]
        done = await persons.invite_people(people=[waiting, bare, gone, active.id])
        assert {one.name: str(one.reason) if one.reason else None for one in done} == {
            "Ana García": None,
            "Sin Correo": "Without an e-mail address nobody can be invited.",
            "Ido García": "This person is deactivated.",
            "Zoe Activa": "This person has signed in already. A forgotten password is reset at the sign-in page.",
        }
        assert await mails() == 1
        assert await contact_queries.count_never_invited() == 0


async def test_staff_ends_an_access_and_begins_anew(portal: Portal) -> None:
    contact = await portal.contact("ana@nunez.example")
    await portal.browser(contact)
    async with portal.work():
        await persons.reset_person_access(person=contact.id)
        now = await persons.find_person(contact.id)
        assert not await Session.exists().where(Session.person == contact.id)
        assert (now.state, await mails(), await kinds()) == ("invited", 1, ["core.person_access_reset"])
        fresh = await persons.add_contact(details=ana(email="other@n.example"))
        with pytest.raises(WrongStateError):
            await persons.reset_person_access(person=fresh)


# -- leaving and coming back -------------------------------------------------------------------------------------------


async def test_records_need_an_heir_before_their_person_is_deleted(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    leaving = await portal.contact("ana@n.example", customer, name="Ana Sale")
    heir = await portal.contact("bea@n.example", customer, name="Bea Queda")
    await portal.contact("eva@otra.example", await portal.customer("Otra"), name="Eva Lejos")
    await add_sheets(portal, customer, leaving, ["one", "two"])
    async with portal.work():
        with pytest.raises(HeirNeededError) as refused:
            await persons.delete_person(person=leaving.id)
        assert refused.value.count == 2
        assert "2 records are addressed to Ana Sale" in str(refused.value)
        assert [row["id"] for row in await contact_queries.heirs_of(leaving.id)] == [heir.id]
        assert (await persons.find_person(leaving.id)).account == leaving.account
        await persons.delete_person(person=leaving.id, heir=heir.id)
        with pytest.raises(NotFoundError):
            await persons.find_person(leaving.id)
        assert await kinds() == ["core.records_handed_over", "core.person_deleted"]
    assert await addressees(portal) == {"one": (heir.id, 2), "two": (heir.id, 2)}


async def test_a_deleted_person_is_out_and_seen_only_when_asked_for(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    contact = await portal.contact("ana@n.example", customer, name="Ana García")
    browser = await portal.browser(contact)
    assert (await browser.get("/profile")).status_code == 200
    async with portal.work():
        await persons.delete_person(person=contact.id)
    assert (await browser.get("/profile")).status_code in {302, 303, 401}
    async with portal.work():
        assert (await queries.list_people(kind=Audience.CONTACT)).rows == []
        rows = (await queries.list_people(kind=Audience.CONTACT, deleted=True)).rows
        assert [(row["id"], row["deleted_at"] is not None) for row in rows] == [(contact.id, True)]


async def test_who_comes_back_is_who_she_was_without_her_access(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    contact = await portal.contact("ana@n.example", customer, role="viewer")
    async with portal.work():
        await persons.delete_person(person=contact.id)
        former = await persons.deleted_with(" ANA@n.example ")
        assert former is not None
        assert former.id == contact.id
        await persons.restore_person(person=contact.id)
        await persons.restore_person(person=contact.id)
        now = await persons.find_person(contact.id)
        assert (now.account, now.state, now.invited_at) == (None, "address_book", None)
        assert [row["role"] for row in (await queries.seats_of([contact.id]))[contact.id]] == [
            portal.roles["viewer"].id
        ]
        await persons.send_invitation(person=contact.id)
        fresh = (await persons.find_person(contact.id)).account
        assert fresh is not None
        assert fresh != contact.account
        found = await Account.objects().where(Account.id == fresh).first()
        assert found is not None
        assert (found.password_hash, found.email) == (None, "ana@n.example")
        assert await kinds() == ["core.person_deleted", "core.person_restored", "core.person_invited"]


async def test_a_new_person_with_the_address_of_a_deleted_one_inherits_nothing(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    former = await portal.contact("ana@n.example", customer, name="Ana Antes")
    async with portal.work():
        await persons.edit_person(
            person=former.id, details=ana(email="ana@n.example", phone="600 1", family_name="Antes")
        )
        await persons.delete_person(person=former.id)
        id = await persons.add_contact(details=Details(given_name="Otra", family_name="Ana", email="ana@n.example"))
        await persons.give_login(person=id)
        now = await persons.find_person(id)
        assert id != former.id
        assert now.account not in {None, former.account}
        assert (now.phone, now.last_sign_in_at, await queries.seats_of([id])) == (None, None, {})
        assert await persons.deleted_with("ana@n.example") is None
        with pytest.raises(EmailTakenError):
            await persons.restore_person(person=former.id)


async def test_nobody_deletes_oneself_the_last_administrator_or_people_of_others(world: World) -> None:
    portal = world.first
    pilar = await portal.staff("pilar@obrador.example")
    foreign = await world.second.contact("eve@autre.example")
    browser = await portal.browser(pilar)
    answer = await browser.post(f"/staff/people/{pilar.id}/delete", page="/staff/people/new")
    assert answer.status_code == 409
    async with portal.work():
        with pytest.raises(WrongStateError):
            await persons.delete_person(person=pilar.id)
        for verb in (persons.delete_person(person=foreign.id), persons.restore_person(person=foreign.id)):
            with pytest.raises(NotFoundError):
                await verb
        assert await kinds() == []
