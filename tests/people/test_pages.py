from __future__ import annotations

import re
from html import unescape

import pytest

from core.accounts.tables import Session
from core.contributions import Reach
from core.messages.queue_tables import QueueItem
from core.people import queries
from core.people.company import read_address, read_invoicing
from core.people.contact_options import INVITATION
from core.people.customers import people_on
from core.people.persons import find_person
from core.people.roles import change_role
from core.people.tables import Customer, Person, Project
from core.preferences.switches import switches_of_customer
from core.preferences.values import save_settings
from core.records.tables import Activity
from core.tenancy.scope import unscoped
from tests.portal_fixtures import Portal, World


async def test_the_pages_of_the_back_office_open(portal: Portal) -> None:
    admin = await portal.staff("pilar@obrador.example")
    customer = await portal.customer("Construcciones Nuñez")
    project = await portal.project(customer, "Torre Norte")
    contact = await portal.contact("ana@nunez.example", customer, projects=(project,))
    browser = await portal.browser(admin)
    role = portal.roles["manager"]
    clerk = portal.roles["clerk"]
    paths = [
        "/staff/customers",
        "/staff/customers?q=nunez&show=all",
        "/staff/customers/new",
        f"/staff/customers/{customer.id}",
        f"/staff/customers/{customer.id}/edit",
        f"/staff/customers/{customer.id}/projects/new",
        f"/staff/customers/{customer.id}/projects/{project.id}",
        "/staff/people",
        "/staff/people?q=ana&show=active",
        "/staff/people/new",
        f"/staff/people/new?customer={customer.id}",
        f"/staff/people/{contact.id}",
        f"/staff/people/{admin.id}",
        "/staff/staff",
        "/staff/staff/new",
        "/staff/roles",
        f"/staff/roles/{role.id}",
        f"/staff/roles/{clerk.id}",
        "/staff/preferences",
        "/staff/preferences?edit=name",
        "/staff/preferences/modules",
        "/staff/preferences/rights",
        "/staff/preferences/security",
        "/staff/preferences/messages",
        "/profile",
        "/profile/settings",
    ]
    answers = {path: (await browser.get(path)).status_code for path in paths}
    assert answers == dict.fromkeys(paths, 200)


async def test_the_pages_of_a_contact_open(portal: Portal) -> None:
    customer = await portal.customer("Construcciones Nuñez")
    contact = await portal.contact("ana@nunez.example", customer)
    browser = await portal.browser(contact)
    paths = ["/profile", "/profile/settings", "/company"]
    answers = {path: (await browser.get(path)).status_code for path in paths}
    assert answers == dict.fromkeys(paths, 200)


async def fill(portal: Portal, **more: str) -> dict[str, str]:
    """A new contact as typed."""
    return {
        "id": "01890000-0000-7000-8000-000000000001",
        "given_name": "Ana",
        "family_name": "García López",
        "email": "ana@nunez.example",
        "phone": "",
        "mobile": "600 1",
        "other_contact": "",
        "language": "",
        "role": str(portal.roles["basic"].id),
        "reach": "company",
        "access": "none",
    } | more


async def test_a_contact_is_added_and_invited_by_form(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    async with portal.work():
        await save_settings({INVITATION: "ask"})
    data = await fill(portal, customer=str(customer.id), access="invite")
    for _twice in range(2):
        answer = await admin.post("/staff/people/new", data, page="/staff/people/new")
        assert answer.headers["location"] == "/staff/people"
    listed = await admin.get("/staff/people")
    assert listed.text.count("Ana García López") >= 1
    assert "ana@nunez.example" in listed.text
    async with portal.work():
        found = await Person.objects().where(Person.email_folded == "ana@nunez.example")
        with unscoped("tests look at all mail"):
            sent = await QueueItem.count().where(QueueItem.kind == "core.account_mail")
    assert [(one.state, one.given_name) for one in found] == [("invited", "Ana")]
    assert sent == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"customer": "Nuñez SL"}, "Choose one from the list."),
        ({"customer": ""}, "Choose one from the list."),
        ({"given_name": ""}, "Please fill this in."),
        ({"customer": "", "customer_search": "Nuñ"}, "“Nuñ” is typed, but not chosen."),
        ({"tax_id": "12345678A"}, "This is not a valid number (NIF, NIE)"),
        ({"email": "pilar@obrador.example"}, "Pilar Personal has this e-mail address already."),
        ({"email": "nobody"}, "This is not an e-mail address."),
        ({"email": "", "access": "invite"}, "Without an e-mail address nobody can be invited."),
    ],
)
async def test_nothing_typed_is_lost_and_nothing_is_stored(portal: Portal, wrong: dict[str, str], said: str) -> None:
    customer = await portal.customer("Nuñez")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    async with portal.work():
        await save_settings({INVITATION: "ask"})
    data = await fill(portal, **({"customer": str(customer.id), "mobile": "600 777"} | wrong))
    answer = await admin.post("/staff/people/new", data, page="/staff/people/new")
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="600 777"' in answer.text
    async with portal.work():
        assert not await Person.exists().where(Person.kind == "contact")
        assert await Customer.count() == 1


async def test_without_customers_the_form_leads_to_them(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    page = await admin.get("/staff/people/new")
    assert 'href="/staff/customers/new"' in page.text
    assert 'name="given_name"' not in page.text


async def test_a_customer_is_added_by_form_and_proposed(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    data = {"id": "01890000-0000-7000-8000-000000000002", "name": "Nuñez", "tax_id": "B12345675", "country": "ES"}
    answer = await admin.post("/staff/customers/new", data, page="/staff/customers/new")
    assert answer.status_code == 422
    assert 'value="B12345675"' in answer.text
    answer = await admin.post("/staff/customers/new", data | {"tax_id": "b 12.345.674"}, page="/staff/customers/new")
    assert answer.headers["location"] == "/staff/customers/01890000-0000-7000-8000-000000000002"
    found = await admin.get("/staff/customers/suggest?q=nunez")
    assert found.json() == [{"value": "01890000-0000-7000-8000-000000000002", "label": "Nuñez", "hint": "B12345674"}]


async def test_all_contacts_of_a_large_customer_are_reached_from_its_page(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    acme, beta = await portal.customer("Acme"), await portal.customer("Beta")
    for name in "abcde":
        await portal.contact(f"{name}@acme.example", acme, name=f"Ana {name}")
    await portal.contact("x@beta.example", beta, name="Bea x")
    async with portal.work():  # those of the first page have no address
        nobody = {Person.email: None, Person.email_folded: None}
        await Person.update(nobody).where(Person.name_folded.is_in(["ana a", "ana b"]))
    pilar = await portal.browser(await portal.staff("pilar@obrador.example"))
    path, seen = f"/staff/customers/{acme.id}", []
    while path:
        page = (await pilar.get(path)).text
        assert "No contact of this customer has an e-mail address" not in page
        seen.append(re.findall(r'class="row-link" href="/staff/people/[^"]+" dir="auto">([^<]+)<', page))
        following = re.search(r'href="([^"#]+)#contacts" rel="next"', page)
        path = unescape(following[1]) if following else ""
    assert seen == [["Ana a", "Ana b"], ["Ana c", "Ana d"], ["Ana e"]]
    async with portal.work():
        await Person.update(nobody).where(Person.kind == "contact")
    assert "No contact of this customer has an e-mail address" in (await pilar.get(f"/staff/customers/{acme.id}")).text


async def test_the_matrix_changes_what_it_shows(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    role = portal.roles["manager"]
    data = {"label": "Gestora", "grant:core:company:view": "company", "grant:core:company:edit": "none"}
    answer = await admin.post(f"/staff/roles/{role.id}", data, page=f"/staff/roles/{role.id}")
    assert answer.status_code == 303
    found = (await portal.snapshot()).roles[role.id]
    grants = {key: reach.word for key, reach in found.grants.items()}
    assert grants == {
        "core:comment:write": "group",
        "core:company:view": "company",
        "core:document:forward": "group",
        "core:colleague:view": "group",
        "core:colleague:manage": "group",
    }


async def test_one_contact_follows_the_role_without_signing_in_again(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    ana = await portal.browser(await portal.contact("ana@n.example", customer, role="viewer"))
    eva = await portal.browser(await portal.contact("eva@n.example", customer, role="manager"))
    assert [(await one.get("/company")).status_code for one in (ana, eva)] == [200, 200]
    async with portal.work():
        await change_role(role=portal.roles["viewer"].id, label="Lectora", grants={"core:company:view": None})
    assert [(await one.get("/company")).status_code for one in (ana, eva)] == [403, 200]


COMPANY = {
    "for": "all",
    "lines": "Calle Nueva 2",
    "postal_code": "28002",
    "city": "Madrid",
    "country": "ES",
    "reference": "PO-9",
}


async def test_a_contact_changes_the_company_where_role_and_tenant_allow_it(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    ana = await portal.browser(await portal.contact("ana@n.example", customer, role="manager"))
    viewer = await portal.browser(await portal.contact("eva@n.example", customer, role="viewer"))
    data = COMPANY | {"customer": str(customer.id)}
    assert (await viewer.post("/company", data, page="/profile")).status_code == 403
    assert (await ana.post("/company", data | {"invoice_email": "x"}, page="/company")).status_code == 422
    assert (await ana.post("/company", data, page="/company")).status_code == 303
    async with portal.work():
        found = await Customer.objects().where(Customer.id == customer.id).first()
        assert found is not None
        assert read_address(found.address).lines == ("Calle Nueva 2",)
        assert read_invoicing(found.invoicing).reference == "PO-9"
        assert await Activity.count().where(Activity.kind == "core.company_edited") == 1
        await save_settings({"portal.edit_company": False})
    assert (await ana.post("/company", data | {"reference": "PO-10"}, page="/profile")).status_code == 403
    page = await ana.get("/company")
    assert "PO-9" in page.text
    assert 'name="reference"' not in page.text


async def test_companies_of_others_are_not_shown_or_changed(world: World) -> None:
    portal = world.first
    own, other = await portal.customer("Nuñez"), await portal.customer("Ajena")
    foreign = await world.second.customer("Autre")
    ana = await portal.browser(await portal.contact("ana@n.example", own))
    for customer in (other, foreign):
        assert (await ana.get(f"/company?customer={customer.id}")).status_code == 404
        data = COMPANY | {"customer": str(customer.id)}
        assert (await ana.post("/company", data, page="/company")).status_code == 404
        assert (await ana.post("/company/switch", {"company": str(customer.id)}, page="/company")).status_code == 404


async def test_the_active_company_is_chosen_among_ones_own(portal: Portal) -> None:
    first, second = await portal.customer("Alfa"), await portal.customer("Beta")
    person = await portal.contact("ana@n.example", first, second)
    ana = await portal.browser(person)
    for company, stored in ((str(second.id), second.id), ("all", None)):
        answer = await ana.post("/company/switch", {"company": company}, page="/profile")
        assert answer.status_code == 303
        async with portal.work():
            session = await Session.objects().where(Session.person == person.id).first()
        assert session is not None
        assert session.active_customer == stored
    await ana.post("/company/switch", {"company": str(second.id)}, page="/profile")
    assert "Beta" in (await ana.get("/company")).text


async def test_ones_own_data_are_changed_where_the_tenant_allows_it(portal: Portal) -> None:
    person = await portal.contact("ana@n.example", await portal.customer("Nuñez"), name="Ana García")
    ana = await portal.browser(person)
    data = {"given_name": "Ana", "family_name": "Díaz", "phone": "1", "language": "es", "email": "hacker@n.example"}
    assert (await ana.post("/profile", data, page="/profile")).status_code == 303
    async with portal.work():
        now = await find_person(person.id)
        assert (now.family_name, now.phone, now.language, now.email) == ("Díaz", "1", "es", "ana@n.example")
        await save_settings({"portal.edit_personal": False})
    assert (await ana.post("/profile", data | {"family_name": "Otra"}, page="/profile")).status_code == 403
    assert 'name="family_name"' not in (await ana.get("/profile")).text
    assert (await ana.post("/profile", {"language": "en"}, page="/profile")).status_code == 303
    async with portal.work():
        now = await find_person(person.id)
    assert (now.family_name, now.language) == ("Díaz", "en")


async def test_the_looks_are_ones_own_choice(portal: Portal) -> None:
    person = await portal.contact("ana@n.example", await portal.customer("Nuñez"))
    ana = await portal.browser(person)
    assert (await ana.post("/theme", {"theme": "dark"}, page="/profile")).status_code == 303
    assert 'data-theme="dark"' in (await ana.get("/profile")).text
    assert (await ana.post("/theme", {"theme": "pink"}, page="/profile")).status_code == 422


async def test_modules_are_switched_for_one_customer_on_its_page(portal: Portal) -> None:
    await portal.enable("ledger")
    customer = await portal.customer("Nuñez")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    path = f"/staff/customers/{customer.id}"
    assert (await admin.post(f"{path}/modules", {"module:ledger": "off"}, page=path)).status_code == 303
    async with portal.work():
        assert await switches_of_customer(customer.id) == {"ledger": False}
    assert (await admin.post(f"{path}/modules", {"module:ledger": "inherit"}, page=path)).status_code == 303
    async with portal.work():
        assert await switches_of_customer(customer.id) == {}


async def test_a_clerk_sees_no_staff_and_no_roles(portal: Portal) -> None:
    pilar = await portal.staff("pilar@obrador.example")
    clerk = await portal.browser(await portal.staff("luis@obrador.example", role="clerk"))
    answers = {path: (await clerk.get(path)).status_code for path in ("/staff/staff", "/staff/roles", "/staff/people")}
    assert answers == {"/staff/staff": 403, "/staff/roles": 403, "/staff/people": 200}
    assert (await clerk.get(f"/staff/people/{pilar.id}")).status_code == 404
    assert (await clerk.post(f"/staff/people/{pilar.id}/deactivate", page="/staff/people/new")).status_code == 404


PROJECT = {"id": "01890000-0000-7000-8000-000000000003", "name": "Torre Norte", "state": "open"}


async def test_a_project_with_a_contact_of_somebody_else_is_not_kept_half(portal: Portal) -> None:
    customer, other = await portal.customer("Nuñez"), await portal.customer("Otra")
    stranger = await portal.contact("eva@otra.example", other)
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    path = f"/staff/customers/{customer.id}/projects/new"
    answer = await admin.post(path, PROJECT | {"people": [str(stranger.id)]}, page=path)
    assert answer.status_code == 404
    async with portal.work():
        assert (await Project.count(), await Activity.count().where(Activity.kind == "core.project_changed")) == (0, 0)


async def test_who_may_not_see_people_neither_sees_nor_changes_them_on_projects(portal: Portal) -> None:
    customer = await portal.customer("Nuñez")
    project = await portal.project(customer, "Torre")
    ana = await portal.contact("ana@nunez.example", customer, projects=(project,), name="Ana Apellidada")
    async with portal.work():
        await change_role(
            role=portal.roles["clerk"].id,
            label="Clerk",
            grants={"core:customer:manage": Reach.GROUP, "core:person:view": None, "core:person:manage": None},
        )
    clerk = await portal.browser(await portal.staff("pablo@obrador.example", role="clerk"))
    path = f"/staff/customers/{customer.id}/projects/{project.id}"
    page = await clerk.get(path)
    assert page.status_code == 200
    assert "Apellidada" not in page.text
    assert (await clerk.post(path, PROJECT, page=path)).status_code == 303
    async with portal.work():
        assert await people_on(project.id) == {ana.id}


async def test_a_search_of_a_thousand_words_is_no_error(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    assert (await admin.get("/staff/people", params={"q": "ana " * 1_500})).status_code == 200


async def test_the_character_nul_is_refused_in_words(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    for path in ("/staff/people?q=%00", "/staff/customers?q=a%00b"):
        answer = await admin.get(path)
        assert (path, answer.status_code) == (path, 422)
        assert "Please check what you entered." in answer.text
