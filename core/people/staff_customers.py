"""The back office's pages about customers and their projects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, FromQuery

from core.contributions import Audience
from core.db import transaction
from core.i18n import LANGUAGES, Translator
from core.people import customers, queries
from core.people.address_book import recipients_at
from core.people.company import read_invoicing
from core.people.customer_forms import CustomerForm, customer_data, differences
from core.people.forms import SHORT_REACHES, fresh_id, language_choices, refused_into
from core.people.new_customers import is_portal_closed, open_portal
from core.people.pages import (
    CLOSED,
    OPEN,
    PERSON_STATES,
    choice_filter,
    column,
    customer_facts,
    fill_customer_choices,
    list_view,
    may,
    nothing_found,
)
from core.people.tables import RECIPIENT, Customer
from core.preferences.switches import module_states, switch_for_customer, switches_of_customer
from core.web import action, form, page, render, see_other, tenant

_ = Translator("core")

VIEW = "core:customer:view"
MANAGE = "core:customer:manage"
SEE_PEOPLE = "core:person:view"
SWITCHES = ("inherit", "on", "off")

AnyRequest = Request[Any, Any, Any]
Answer = Response[str] | Response[None]


@page("/staff/customers", name="people:customers", permission=VIEW)
async def list_customers(
    q: FromQuery[str] = "", after: FromQuery[str | None] = None, show: FromQuery[str] = ""
) -> Response[str]:
    """List customers."""
    found = await queries.list_customers(search=q, after=after, closed=show == "all")
    for row in found.rows:
        row["url"] = f"/staff/customers/{row['id']}"
        row["state"] = CLOSED if row["closed_at"] else OPEN
    empty = (
        nothing_found(_("No customer matches."))
        if q
        else nothing_found(
            _("There are no customers yet."),
            action=("/staff/customers/new", _("New customer")) if may(MANAGE) else None,
        )
    )
    view = list_view(
        title=_("Customers"),
        path="/staff/customers",
        page=found,
        columns=[
            column("name", _("Name"), "title"),
            column("number", _("Number")),
            column("tax_id", _("Tax number")),
            column("parent_name", _("Parent company")),
            column("contacts", _("Contacts"), "number"),
            column("state", _("State"), "state"),
        ],
        search=q,
        search_label=_("Name, number or tax number"),
        empty=empty,
        chosen={"show": show},
        filters=[choice_filter("show", _("Show"), [("", _("Open customers")), ("all", _("Closed ones too"))], show)],
        first=after is None,
    )
    return await render(
        "people/customers.html", title=_("Customers"), view=view, frame="layouts/staff.html", can_manage=may(MANAGE)
    )


@page("/staff/customers/suggest", name="people:suggest_customers", permission=VIEW)
async def suggest(q: FromQuery[str] = "") -> Response[Any]:
    """Answer a type-ahead."""
    return Response(await queries.suggest_customers(q), media_type="application/json")


@page("/staff/customers/new", name="people:new_customer", permission=MANAGE)
async def new_customer() -> Response[str]:
    """Show an empty form."""
    return await _customer_page(CustomerForm(data={**fresh_id(), "country": tenant().country}), None)


@action("/staff/customers/new", name="people:add_customer", permission=MANAGE)
async def add_customer(request: AnyRequest) -> Answer:
    """Add a customer."""
    filled = await form(request, CustomerForm)
    if filled.validate():
        with refused_into(filled):
            made = await customers.add_customer(details=filled.details(), customer=filled.id.data)
            return see_other(
                f"/staff/customers/{made}", flash_text=_("{name} was added.").format(name=filled.name.data)
            )
    return await _customer_page(filled, None, status=422)


async def _customer_page(
    filled: CustomerForm, customer: Customer | None, *, status: int = 200, stale: bool = False
) -> Response[str]:
    filled.language.choices = language_choices(tuple(LANGUAGES), default=_("As the portal"))
    await fill_customer_choices(filled.parent, empty=_("None"), but=customer.id if customer else None)
    title = _("Edit {name}").format(name=customer.name) if customer else _("New customer")
    changed = differences(filled, customer_data(customer)) if customer and stale else []
    if customer and stale:
        filled.version.data = str(customer.version)
    return await render(
        "people/customer_form.html", status=status, title=title, form=filled, customer=customer, differences=changed
    )


@page("/staff/customers/{customer:uuid}", name="people:customer", permission=VIEW)
async def show_customer(customer: FromPath[UUID], after: FromQuery[str] = "") -> Response[str]:
    """Show a customer with its contacts, page by page, projects and modules."""
    found = await customers.find_customer(customer)
    names = await queries.customer_names([found.parent] if found.parent else [])
    contacts = queries.Page([], None)
    if may(SEE_PEOPLE):
        contacts = await queries.list_people(kind=Audience.CONTACT, customer=customer, after=after)
    people = contacts.rows
    for person in people:
        person["state_chip"] = PERSON_STATES[person["state"]]
        person["seat"] = next(seat for seat in person["seats"] if seat["customer"] == customer)
    recipients = await recipients_at(customer) if may(SEE_PEOPLE) else []
    for person in recipients:
        person["state_chip"] = PERSON_STATES[RECIPIENT]
    said = await switches_of_customer(customer)
    modules = [
        {
            "id": state.meta.id,
            "name": state.meta.name,
            "icon": state.meta.icon,
            "text": state.meta.description,
            "switch": "inherit" if state.meta.id not in said else "on" if said[state.meta.id] else "off",
            "default_on": state.granted_by_default,
        }
        for state in await module_states(tenant())
        if state.enabled and state.entitled
    ]
    return await render(
        "people/customer.html",
        title=found.name,
        customer=found,
        closed=customers.is_closed(found),
        facts=customer_facts(found, parent=names.get(found.parent, "") if found.parent else ""),
        invoicing=read_invoicing(found.invoicing),
        subsidiaries=await queries.subsidiaries_of(customer),
        people=people,
        recipients=recipients,
        pages={
            "prev_url": f"/staff/customers/{customer}#contacts" if after else None,
            "next_url": f"/staff/customers/{customer}?after={contacts.after}#contacts" if contacts.after else None,
        },
        unheard=not found.parent and not await queries.reaches_anybody(customer=customer),
        reaches=SHORT_REACHES,
        projects=[
            row | {"chip": OPEN if row["state"] == "open" else CLOSED} for row in await queries.projects_of(customer)
        ],
        modules=modules,
        portal_closed=await is_portal_closed(customer=customer),
        can_manage=may(MANAGE),
        can_manage_people=may("core:person:manage"),
        can_see_people=may(SEE_PEOPLE),
    )


@page("/staff/customers/{customer:uuid}/edit", name="people:edit_customer", permission=MANAGE)
async def edit_customer_page(customer: FromPath[UUID]) -> Response[str]:
    """Show a customer's form."""
    found = await customers.find_customer(customer)
    return await _customer_page(CustomerForm(data=customer_data(found)), found)


@action("/staff/customers/{customer:uuid}/edit", name="people:save_customer", permission=MANAGE)
async def edit_customer(request: AnyRequest, customer: FromPath[UUID]) -> Answer:
    """Change a customer."""
    found = await customers.find_customer(customer)
    filled = await form(request, CustomerForm)
    if filled.validate():
        with refused_into(filled) as refusal:
            await customers.edit_customer(customer=customer, details=filled.details(), version=filled.shown_version())
            return see_other(f"/staff/customers/{customer}", flash_text=_("Saved."))
        if isinstance(refusal.error, customers.CustomerChangedError):
            found = await customers.find_customer(customer)
            return await _customer_page(filled, found, status=refusal.error.status, stale=True)
    return await _customer_page(filled, found, status=422)


@action("/staff/customers/{customer:uuid}/close", name="people:close_customer", permission=MANAGE)
async def close_customer(customer: FromPath[UUID]) -> Answer:
    """Close a customer."""
    await customers.close_customer(customer=customer, closed=True)
    return see_other(f"/staff/customers/{customer}", flash_text=_("The customer is closed. Its data is kept."))


@action("/staff/customers/{customer:uuid}/reopen", name="people:reopen_customer", permission=MANAGE)
async def reopen_customer(customer: FromPath[UUID]) -> Answer:
    """Open a closed customer again."""
    await customers.close_customer(customer=customer, closed=False)
    return see_other(f"/staff/customers/{customer}", flash_text=_("The customer is open again."))


@action("/staff/customers/{customer:uuid}/portal", name="people:open_portal", permission=MANAGE)
async def open_for_customer(customer: FromPath[UUID]) -> Answer:
    """Open the portal for a customer that has found it closed."""
    await customers.find_customer(customer)
    await open_portal(customer=customer)
    return see_other(f"/staff/customers/{customer}#modules", flash_text=_("The portal is open for this customer."))


@action("/staff/customers/{customer:uuid}/modules", name="people:switch_modules", permission=MANAGE)
async def switch_modules(request: AnyRequest, customer: FromPath[UUID]) -> Answer:
    """Switch modules for this customer."""
    await customers.find_customer(customer)
    sent = await request.form()
    async with transaction():
        await customers.find_customer(customer)
        for state in await module_states(tenant()):
            switch = sent.get(f"module:{state.meta.id}")
            if state.enabled and switch in SWITCHES:
                granted = {"inherit": None, "on": True, "off": False}[str(switch)]
                await switch_for_customer(customer=customer, module=state.meta.id, granted=granted)
    return see_other(f"/staff/customers/{customer}#modules", flash_text=_("Saved. It counts from the next page on."))


HANDLERS: list[Any] = [
    list_customers,
    suggest,
    new_customer,
    add_customer,
    show_customer,
    edit_customer_page,
    edit_customer,
    close_customer,
    reopen_customer,
    open_for_customer,
    switch_modules,
]
