from __future__ import annotations


async def test_the_pages_of_the_back_office_open(portal) -> None:
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


async def test_the_pages_of_a_contact_open(portal) -> None:
    customer = await portal.customer("Construcciones Nuñez")
    contact = await portal.contact("ana@nunez.example", customer)
    browser = await portal.browser(contact)
    paths = ["/profile", "/profile/settings", "/company"]
    answers = {path: (await browser.get(path)).status_code for path in paths}
    assert answers == dict.fromkeys(paths, 200)
