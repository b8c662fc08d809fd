"""The back office's pages about the projects of a customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from core.db import transaction
from core.errors import NotFoundError
from core.forms import choices
from core.i18n import Translator
from core.people import customers
from core.people.customer_forms import ProjectForm, differences, project_data
from core.people.forms import fresh_id, refused_into
from core.people.pages import may
from core.people.persons import full_name
from core.people.tables import Project
from core.web import action, form, page, render, see_other

_ = Translator("core")

MANAGE = "core:customer:manage"
SEE_PEOPLE = "core:person:view"

AnyRequest = Request[Any, Any, Any]
Answer = Response[str] | Response[None]


@page("/staff/customers/{customer:uuid}/projects/new", name="people:new_project", permission=MANAGE)
async def new_project(customer: FromPath[UUID]) -> Response[str]:
    """Show an empty form."""
    return await _project_page(ProjectForm(data=fresh_id()), customer, new=True)


@action("/staff/customers/{customer:uuid}/projects/new", name="people:add_project", permission=MANAGE)
async def add_project(request: AnyRequest, customer: FromPath[UUID]) -> Answer:
    """Add a project, with its contacts."""
    filled = await form(request, ProjectForm)
    if filled.validate():
        with refused_into(filled):
            async with transaction():
                made = await customers.add_project(customer=customer, details=filled.details(), project=filled.id.data)
                if people := _people_in(filled):
                    await customers.edit_project(project=made, details=filled.details(), people=people)
            return see_other(f"/staff/customers/{customer}#projects", flash_text=_("The project was added."))
    return await _project_page(filled, customer, new=True, status=422)


@page("/staff/customers/{customer:uuid}/projects/{project:uuid}", name="people:edit_project", permission=MANAGE)
async def project_page(customer: FromPath[UUID], project: FromPath[UUID]) -> Response[str]:
    """Show a project's form."""
    found = await _project_at(customer, project)
    assigned = await customers.people_on(project)
    filled = ProjectForm(data=_stored(found, assigned))
    return await _project_page(filled, found.customer, new=False)


@action("/staff/customers/{customer:uuid}/projects/{project:uuid}", name="people:save_project", permission=MANAGE)
async def save_project(request: AnyRequest, customer: FromPath[UUID], project: FromPath[UUID]) -> Answer:
    """Change a project and who is assigned to it."""
    found = await _project_at(customer, project)
    filled = await form(request, ProjectForm)
    if filled.validate():
        with refused_into(filled) as refusal:
            await customers.edit_project(
                project=project,
                details=filled.details(),
                people=_people_in(filled),
                version=filled.shown_version(),
            )
            return see_other(f"/staff/customers/{found.customer}#projects", flash_text=_("Saved."))
        if isinstance(refusal.error, customers.CustomerChangedError):
            found = await _project_at(customer, project)
            return await _project_page(filled, found.customer, new=False, status=refusal.error.status, stored=found)
    return await _project_page(filled, found.customer, new=False, status=422)


def _stored(project: Project, assigned: set[UUID]) -> dict[str, Any]:
    return {**project_data(project), "people": [str(person) for person in assigned]}


def _people_in(filled: ProjectForm) -> set[UUID] | None:
    """Return who is ticked; None, which leaves them as they are, for who is not shown people."""
    return filled.people_ids() if may(SEE_PEOPLE) else None


async def _project_at(customer: UUID, project: UUID) -> Project:
    found = await customers.find_project(project)
    if found.customer != customer:
        raise NotFoundError
    return found


async def _project_page(
    filled: ProjectForm, customer: UUID, *, new: bool, status: int = 200, stored: Project | None = None
) -> Response[str]:
    """Show the form; *stored* is the project as it is by now, where somebody else has changed it."""
    owner = await customers.find_customer(customer)
    contacts = await customers.contacts_of(customer) if may(SEE_PEOPLE) else []
    filled.people.choices = choices((str(person.id), full_name(person)) for person in contacts)
    changed = differences(filled, _stored(stored, await customers.people_on(stored.id))) if stored else []
    if stored:
        filled.version.data = str(stored.version)
    return await render(
        "people/project_form.html",
        status=status,
        title=_("New project") if new else _("Edit {name}").format(name=filled.name.data),
        form=filled,
        customer=owner,
        differences=changed,
    )


HANDLERS: list[Any] = [new_project, add_project, project_page, save_project]
