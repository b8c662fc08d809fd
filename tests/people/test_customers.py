from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from core.errors import InvalidInputError, NotFoundError
from core.people import customers, queries
from core.people.company import Address, Invoicing, check_tax_id, read_address, read_invoicing
from core.people.customers import CustomerClosedError, CustomerDetails, ProjectDetails
from core.people.tables import Customer, ProjectPerson
from core.records.tables import Activity
from tests.portal_fixtures import Portal, World


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("B12345674", "ES", "B12345674"),
        ("es b-12.345.674", "ES", "B12345674"),
        ("FR 61 954 506 077", "FR", "FR61954506077"),
        ("954 506 077", "FR", "954506077"),
        ("501 442 600", "PT", "501442600"),
        ("PT501442600", "PT", "501442600"),
        ("PT501442600", "ES", "PT501442600"),
        ("DE136695976", "ES", "DE136695976"),
        ("11.222.333/0001-81", "BR", "11222333000181"),
        ("529.982.247-25", "BR", "52998224725"),
    ],
)
def test_tax_numbers_are_stored_in_one_form(typed: str, country: str, stored: str) -> None:
    assert check_tax_id(typed, country=country) == stored


@pytest.mark.parametrize(
    ("typed", "country"), [("B12345675", "ES"), ("FR62954506077", "FR"), ("123", "PT"), ("00000000000000", "BR")]
)
def test_wrong_tax_numbers_are_refused_in_words(typed: str, country: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_tax_id(typed, country=country)
    assert "check its letters and digits" in str(refused.value.fields["tax_id"][0])


async def test_a_customer_is_stored_whole(portal: Portal) -> None:
    details = CustomerDetails(
        name="  Construcciones   Nuñez ",
        number="K-7",
        tax_id="es-B12345674",
        language="pt",
        address=Address(lines=("Calle Mayor 1",), postal_code="28001", city="Madrid", country="ES"),
        invoicing=Invoicing(email="facturas@nunez.example", reference="PO-1", format="xml"),
    )
    id = uuid4()
    async with portal.work():
        first = await customers.add_customer(details=details, customer=id)
        again = await customers.add_customer(details=details, customer=id)
        found = await customers.find_customer(id)
        kinds = [row["kind"] for row in await Activity.select(Activity.kind).where(Activity.customer == id)]
    assert (first, again, kinds) == (id, id, ["core.customer_created"])
    assert (found.name, found.name_folded, found.number, found.tax_id, found.language) == (
        "Construcciones Nuñez",
        "construcciones nunez",
        "K-7",
        "B12345674",
        "pt",
    )
    assert read_address(found.address) == details.address
    assert read_invoicing(found.invoicing) == details.invoicing


async def test_everything_wrong_is_said_at_once(portal: Portal) -> None:
    await portal.customer("Otra", number="K-7")
    wrong = CustomerDetails(name=" ", number="K-7", tax_id="B12345675", language="xx", parent=uuid4())
    async with portal.work():
        with pytest.raises(InvalidInputError) as refused:
            await customers.add_customer(details=wrong)
        assert not await Customer.exists().where(Customer.name == "")
    assert set(refused.value.fields) == {"name", "number", "tax_id", "language", "parent"}
    assert str(refused.value.fields["number"][0]) == "Otra has this number."


async def test_parents_go_one_level(portal: Portal) -> None:
    group = await portal.customer("Grupo")
    child = await portal.customer("Filial", parent=group.id)
    other = await portal.customer("Otra")
    async with portal.work():
        for customer, parent in ((other.id, child.id), (group.id, other.id), (other.id, other.id)):
            with pytest.raises(InvalidInputError) as refused:
                await customers.edit_customer(customer=customer, details=CustomerDetails(name="x", parent=parent))
            assert set(refused.value.fields) == {"parent"}
        await customers.edit_customer(customer=other.id, details=CustomerDetails(name="Otra", parent=group.id))
        assert [row["name"] for row in await queries.subsidiaries_of(group.id)] == ["Filial", "Otra"]


async def test_a_closed_customer_takes_nothing_new_and_is_not_proposed(portal: Portal) -> None:
    customer = await portal.customer("Construcciones Nuñez", number="K-7")
    async with portal.work():
        assert [one["label"] for one in await queries.suggest_customers("NUNEZ")] == ["Construcciones Nuñez"]
        await customers.close_customer(customer=customer.id, closed=True)
        assert await queries.suggest_customers("nunez") == []
        with pytest.raises(CustomerClosedError):
            await customers.add_project(customer=customer.id, details=ProjectDetails(name="Torre"))
        await customers.close_customer(customer=customer.id, closed=False)
        await customers.add_project(customer=customer.id, details=ProjectDetails(name="Torre"))
        assert [row["name"] for row in await queries.projects_of(customer.id)] == ["Torre"]


async def test_a_project_has_only_contacts_of_its_customer(portal: Portal) -> None:
    customer, other = await portal.customer("Nuñez"), await portal.customer("Otra")
    ana = await portal.contact("ana@nunez.example", customer)
    stranger = await portal.contact("eva@otra.example", other)
    details = ProjectDetails(name="Torre", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    async with portal.work():
        project = await customers.add_project(customer=customer.id, details=details)
        await customers.edit_project(project=project, details=details, people={ana.id})
        assert await customers.people_on(project) == {ana.id}
        with pytest.raises(NotFoundError):
            await customers.edit_project(project=project, details=details, people={ana.id, stranger.id})
        assert await customers.people_on(project) == {ana.id}
        await customers.edit_project(project=project, details=details, people=set())
        assert not await ProjectPerson.exists().where(ProjectPerson.project == project)
        backwards = ProjectDetails(name="Torre", starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1))
        with pytest.raises(InvalidInputError) as refused:
            await customers.edit_project(project=project, details=backwards)
        assert set(refused.value.fields) == {"ends_on"}


async def test_lists_find_without_accents_and_go_on_by_key(portal: Portal) -> None:
    for number in range(queries.PAGE + 5):
        await portal.customer(f"Cliente {number:03}", number=f"K{number:03}")
    await portal.customer("Ñandú Ibérica", tax_id="B12345674")
    async with portal.work():
        first = await queries.list_customers()
        second = await queries.list_customers(after=first.after)
        assert (len(first.rows), len(second.rows), second.after) == (queries.PAGE, 6, None)
        assert {row["id"] for row in first.rows}.isdisjoint({row["id"] for row in second.rows})
        for text in ("nandu", "b-12.345.674", "Ñandú"):
            assert [row["name"] for row in (await queries.list_customers(search=text)).rows] == ["Ñandú Ibérica"]
        assert [row["name"] for row in (await queries.list_customers(search="k007")).rows] == ["Cliente 007"]
        assert (await queries.list_customers(search="%")).rows == first.rows


async def test_customers_of_another_tenant_do_not_exist(world: World) -> None:
    foreign = await world.second.customer("Secrète")
    async with world.first.work():
        assert (await queries.list_customers(closed=True)).rows == []
        assert await queries.suggest_customers("secrete") == []
        for verb in (
            customers.find_customer(foreign.id),
            customers.edit_customer(customer=foreign.id, details=CustomerDetails(name="x")),
            customers.close_customer(customer=foreign.id, closed=True),
            customers.add_project(customer=foreign.id, details=ProjectDetails(name="x")),
        ):
            with pytest.raises(NotFoundError):
                await verb
        with pytest.raises(InvalidInputError):
            await customers.add_customer(details=CustomerDetails(name="Mía", parent=foreign.id))
