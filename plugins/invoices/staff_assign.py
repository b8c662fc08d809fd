"""The back office's page that says which project and contact an invoice is for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.sdk import Translator, action, current_actor, errors, form, forms, load, page, render, see_other
from plugins.invoices.forms import AssignForm
from plugins.invoices.pages import AnyRequest
from plugins.invoices.permissions import PUBLISH
from plugins.invoices.services import assign_choices, assign_invoice
from plugins.invoices.tables import Invoice

_ = Translator("invoices")


@page("/{invoice:uuid}/assign", name="invoices:assign", permission=PUBLISH)
async def show_form(invoice: FromPath[UUID]) -> Response[str]:
    """Ask for project and contact."""
    found = await load(current_actor(), Invoice, invoice)
    data = {
        "project": str(found.project or ""),
        "addressee": str(found.addressee or ""),
        "version": str(found.version),
    }
    return await _form_page(found, AssignForm(data=data))


@action("/{invoice:uuid}/assign", name="invoices:save-assign", permission=PUBLISH)
async def assign(request: AnyRequest, invoice: FromPath[UUID]) -> Response[Any]:
    """Change project and contact; who sees the invoice changes with them."""
    found = await load(current_actor(), Invoice, invoice)
    filled: AssignForm = await form(request, AssignForm)
    await _fill(found, filled)
    if not filled.validate():
        return await _form_page(found, filled, status=422)
    try:
        await assign_invoice(
            invoice=found,
            project=UUID(filled.project.data) if filled.project.data else None,
            addressee=UUID(filled.addressee.data) if filled.addressee.data else None,
            version=filled.shown_version(),
        )
    except errors.InvalidInputError as error:
        forms.add_problems(filled, error.fields)
        return await _form_page(found, filled, status=422)
    except errors.StaleError as error:
        filled.version.data = str(found.version)
        return await _form_page(found, filled, status=409, stale=error.message)
    return see_other(f"/staff/invoices/{invoice}", flash_text=_("Saved. Who may see this invoice has changed with it."))


async def _fill(found: Invoice, filled: AssignForm) -> None:
    projects, contacts = await assign_choices(found)
    filled.project.choices = forms.choices([("", _("No project")), *projects.items()])
    filled.addressee.choices = forms.choices([("", _("Nobody in particular")), *contacts.items()])


async def _form_page(found: Invoice, filled: AssignForm, *, status: int = 200, stale: Any = None) -> Response[str]:
    await _fill(found, filled)
    return await render(
        "invoices/assign.html",
        status=status,
        title=_("Whom is {number} for?").format(number=found.number),
        invoice=found,
        form=filled,
        stale=stale,
    )


HANDLERS: list[Any] = [show_form, assign]
