from __future__ import annotations

from uuid import uuid4

import pytest

from core.accounts.tables import Account, Registration, Session
from core.clock import now
from core.contributions import Audience, Reach
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.messages.queue_tables import QueueItem
from core.people import persons, queries
from core.people.contact_options import REQUIRED_FIELDS
from core.people.customers import CustomerClosedError, close_customer
from core.people.persons import Details, EmailTakenError, Seat
from core.people.roles import LastAdministratorError
from core.people.tables import Membership, Person
from core.preferences.values import save_settings
from core.records.tables import Activity
from core.tenancy.scope import unscoped
from tests.portal_fixtures import Portal, World


async def mails() -> int:
    with unscoped("tests look at all mail"):
        return int(await QueueItem.count())


async def kinds() -> list[str]:
    return [row["kind"] for row in await Activity.select(Activity.kind).order_by(Activity.id)]


async def test_adding_stores_rights_and_sends_nothing(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    project = await portal.project(customer, "Torre")
    id = uuid4()
    seat = Seat(customer=customer.id, role=portal.roles["basic"].id, reach=Reach.PROJECTS)
    details = Details(given_name="Ana", family_name="García López", email=" Ana@Nunez.Example ", mobile="600 1")
    async with portal.work():
        for _repeated in range(2):
            assert await persons.add_contact(details=details, seats=[seat], projects=[project.id], person=id) == id
        found = await persons.find_person(id)
        seats = (await queries.seats_of([id]))[id]
        assert (found.email, found.state, found.account, found.name_folded) == (
            "ana@nunez.example",
            "address_book",
            None,
            "garcia lopez ana",
        )
        assert [(row["customer"], row["role"], row["reach"]) for row in seats] == [
            (customer.id, portal.roles["basic"].id, "projects")
        ]
        assert await persons.projects_at(person=id, customer=customer.id) == {project.id}
        assert (await kinds(), await mails()) == (["core.person_added"], 0)
        await persons.send_invitation(person=id)
        assert (await persons.find_person(id)).state == "invited"
        assert (await kinds(), await mails()) == (["core.person_added", "core.person_invited"], 1)


async def test_an_address_is_taken_once_per_tenant_and_says_by_whom(world: World) -> None:
    first, second = world.first, world.second
    ana = await first.contact("ana@nunez.example", name="Ana García")
    details = Details(given_name="Otra", family_name="Ana", email="ANA@nunez.example")
    async with first.work():
        with pytest.raises(EmailTakenError) as taken:
            await persons.add_contact(details=details)
        assert (taken.value.person, taken.value.name) == (ana.id, "Ana García")
    async with second.work():
        assert await persons.add_contact(details=details)


async def test_a_registration_that_waits_is_to_be_approved(portal: Portal) -> None:
    async with portal.work():
        waiting = Registration(
            email="ana@n.example", given_name="Ana", family_name="García", company="N", state="waiting"
        )
        await Registration.insert(waiting)
        with pytest.raises(EmailTakenError) as taken:
            await persons.add_contact(details=Details(given_name="A", family_name="G", email="ana@n.example"))
    assert (taken.value.registration, taken.value.pending, taken.value.person) == (waiting.id, True, None)
    assert "Approve" in str(taken.value.fields["email"][0])


async def test_the_address_of_a_deleted_person_is_free(portal: Portal) -> None:
    ana = await portal.contact("ana@nunez.example")
    async with portal.work():
        await Person.update({Person.deleted_at: now()}).where(Person.id == ana.id)
        assert await persons.add_contact(
            details=Details(given_name="Ana", family_name="García", email="ana@nunez.example")
        )


@pytest.mark.parametrize(
    ("details", "fields"),
    [
        (Details(given_name=" ", family_name=" "), {"given_name"}),
        (Details(given_name="Ana", family_name="", tax_id="12345"), {"tax_id"}),
        (Details(given_name="", family_name="García", email="nobody"), {"given_name", "email"}),
        (Details(given_name="A" * 101, family_name="G", language="xx"), {"given_name", "language"}),
    ],
)
async def test_what_cannot_be_used_is_said_per_field(portal: Portal, details: Details, fields: set[str]) -> None:
    async with portal.work():
        with pytest.raises(InvalidInputError) as refused:
            await persons.add_contact(details=details)
    assert set(refused.value.fields) == fields


async def test_the_tenant_may_ask_for_a_further_contact_detail(portal: Portal) -> None:
    bare = Details(given_name="Ana", family_name="García", phone="  ", other_contact=" ")
    async with portal.work():
        await persons.add_contact(details=bare)
        await save_settings({REQUIRED_FIELDS: "memoq"})
    async with portal.work():
        with pytest.raises(InvalidInputError) as refused:
            await persons.add_contact(details=bare)
        assert set(refused.value.fields) == {"phone"}
        await persons.add_contact(details=Details(given_name="Ana", family_name="García", other_contact="skype ana"))


async def test_another_address_starts_access_anew(portal: Portal) -> None:
    ana = await portal.contact("ana@nunez.example", name="Ana García")
    await portal.browser(ana)
    async with portal.work():
        assert await Session.exists().where(Session.person == ana.id)
        renewed = await persons.edit_person(
            person=ana.id, details=Details(given_name="Ana", family_name="García", email="new@nunez.example")
        )
        now = await persons.find_person(ana.id)
        kept = await Account.objects().where(Account.id == ana.account).first()
        fresh = await Account.objects().where(Account.id == now.account).first()
        assert not await Session.exists().where(Session.person == ana.id)
        assert await mails() == 1
    assert kept is not None
    assert fresh is not None
    assert (renewed, now.state, kept.email, fresh.email, fresh.password_hash) == (
        True,
        "invited",
        "ana@nunez.example",
        "new@nunez.example",
        None,
    )
    assert now.account != ana.account


async def test_other_changes_leave_the_access(portal: Portal) -> None:
    ana = await portal.contact("ana@nunez.example", name="Ana García")
    async with portal.work():
        changed = Details(given_name="Ana", family_name="Díaz", email="ana@nunez.example", language="fr")
        assert await persons.edit_person(person=ana.id, details=changed) is False
        now = await persons.find_person(ana.id)
        assert (now.account, now.state, now.family_name, now.language) == (ana.account, "active", "Díaz", "fr")
        before = await kinds()
        await persons.edit_person(person=ana.id, details=changed)
        assert await kinds() == before


async def test_deactivation_ends_sessions_and_can_be_taken_back(portal: Portal) -> None:
    ana = await portal.contact("ana@nunez.example", await portal.customer("Nuñez"))
    browser = await portal.browser(ana)
    assert (await browser.get("/profile")).status_code == 200
    async with portal.work():
        await persons.deactivate_person(person=ana.id)
    assert (await browser.get("/profile")).status_code == 303
    async with portal.work():
        with pytest.raises(WrongStateError):
            await persons.send_invitation(person=ana.id)
        await persons.reactivate_person(person=ana.id)
        assert (await persons.find_person(ana.id)).state == "active"
        assert await kinds() == ["core.person_deactivated", "core.person_reactivated"]


async def test_who_never_had_a_password_waits_for_an_invitation_again(portal: Portal) -> None:
    async with portal.work():
        id = await persons.add_contact(details=Details(given_name="A", family_name="G", email="a@g.example"))
        await persons.send_invitation(person=id)
        await persons.deactivate_person(person=id)
        await persons.reactivate_person(person=id)
        assert (await persons.find_person(id)).state == "pending"


async def test_the_last_administrator_stays(portal: Portal) -> None:
    pilar = await portal.staff("pilar@obrador.example")
    clerk = portal.roles["clerk"].id
    async with portal.work():
        with pytest.raises(LastAdministratorError):
            await persons.deactivate_person(person=pilar.id)
        with pytest.raises(LastAdministratorError):
            await persons.set_staff_role(person=pilar.id, role=clerk)
        with pytest.raises(LastAdministratorError):
            await persons.edit_person(
                person=pilar.id, details=Details(given_name="P", family_name="P", email="x@obrador.example")
            )
    luis = await portal.staff("luis@obrador.example")
    async with portal.work():
        await persons.set_staff_role(person=pilar.id, role=clerk)
        assert (await persons.find_person(pilar.id)).staff_role == clerk
        with pytest.raises(NotFoundError):
            await persons.set_staff_role(person=luis.id, role=portal.roles["manager"].id)


async def test_staff_need_an_address(portal: Portal) -> None:
    async with portal.work():
        with pytest.raises(InvalidInputError):
            await persons.add_staff(details=Details(given_name="A", family_name="B"), role=portal.roles["clerk"].id)
        with pytest.raises(NotFoundError):
            await persons.add_staff(
                details=Details(given_name="A", family_name="B", email="a@b.example"), role=portal.roles["basic"].id
            )


async def test_rights_at_a_customer_come_and_go_with_their_projects(portal: Portal) -> None:
    customer, other = await portal.customer("Nuñez"), await portal.customer("Otra")
    mine, foreign = await portal.project(customer, "Torre"), await portal.project(other, "Puente")
    ana = await portal.contact("ana@nunez.example")
    seat = Seat(customer=customer.id, role=portal.roles["manager"].id, reach=Reach.PROJECTS)
    async with portal.work():
        with pytest.raises(NotFoundError):
            await persons.set_seat(person=ana.id, seat=seat, projects={foreign.id})
        assert not await Membership.exists().where(Membership.person == ana.id)
        await persons.set_seat(person=ana.id, seat=seat, projects={mine.id})
        wider = Seat(customer=customer.id, role=portal.roles["viewer"].id, reach=Reach.COMPANY)
        await persons.set_seat(person=ana.id, seat=wider)
        assert [(row["role"], row["reach"]) for row in (await queries.seats_of([ana.id]))[ana.id]] == [
            (portal.roles["viewer"].id, "company")
        ]
        assert await persons.projects_at(person=ana.id, customer=customer.id) == {mine.id}
        await persons.remove_seat(person=ana.id, customer=customer.id)
        assert (await queries.seats_of([ana.id]), await persons.projects_at(person=ana.id, customer=customer.id)) == (
            {},
            set(),
        )
        with pytest.raises(NotFoundError):
            await persons.remove_seat(person=ana.id, customer=customer.id)
        await close_customer(customer=other.id, closed=True)
        with pytest.raises(CustomerClosedError):
            await persons.set_seat(
                person=ana.id, seat=Seat(customer=other.id, role=portal.roles["viewer"].id, reach=Reach.COMPANY)
            )


async def test_nothing_of_another_tenant_can_be_named(world: World) -> None:
    first, second = world.first, world.second
    ana = await first.contact("ana@nunez.example")
    foreign_person = await second.contact("eve@autre.example")
    foreign_customer = await second.customer("Autre")
    own = await first.customer("Nuñez")
    async with first.work():
        for verb in (
            persons.deactivate_person(person=foreign_person.id),
            persons.send_invitation(person=foreign_person.id),
            persons.edit_person(person=foreign_person.id, details=Details(given_name="x", family_name="y")),
            persons.set_seat(
                person=ana.id,
                seat=Seat(customer=foreign_customer.id, role=first.roles["viewer"].id, reach=Reach.COMPANY),
            ),
            persons.set_seat(
                person=ana.id, seat=Seat(customer=own.id, role=second.roles["viewer"].id, reach=Reach.COMPANY)
            ),
        ):
            with pytest.raises(NotFoundError):
                await verb
        assert [row["id"] for row in (await queries.list_people(kind=Audience.CONTACT)).rows] == [ana.id]


async def test_a_login_that_is_given_stands_in_the_log_once(portal: Portal) -> None:
    async with portal.work():
        person = await persons.add_contact(
            details=Details(given_name="Ana", family_name="Ruiz", email="ana@ruiz.example")
        )
        for _twice in range(2):
            await persons.give_login(person=person)
        assert await kinds() == ["core.person_added", "core.person_edited"]
