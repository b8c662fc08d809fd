"""The back office's page that shows what one person sees of the portal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.errors import NotFoundError
from core.i18n import Translator
from core.people import queries
from core.people.actor import current_actor
from core.people.forms import SHORT_REACHES
from core.people.pages import may
from core.people.persons import find_person, full_name
from core.people.previews import preview_of
from core.people.roles import MANAGE_ROLES
from core.people.seen import as_person
from core.web import page, render

_ = Translator("core")


@page("/staff/people/{person:uuid}/preview", name="people:preview", permission="core:person:view")
async def show_preview(person: FromPath[UUID]) -> Response[str]:
    """Show what a contact, or a member of the staff, finds after signing in."""
    found = await find_person(person)
    if found.kind == "staff" and not may(MANAGE_ROLES):
        raise NotFoundError
    tenant = current_actor().tenant
    actor = await as_person(found, tenant)
    seats = (await queries.seats_of([person])).get(person, [])
    role = tenant.roles.get(found.staff_role)
    return await render(
        "people/person_preview.html",
        title=_("What {name} sees").format(name=full_name(found)),
        subject=found,
        seats=[seat | {"reach_label": SHORT_REACHES[seat["reach"]]} for seat in seats],
        role=role.label if role else None,
        seen=preview_of(actor) if actor else None,
        can_see_roles=may(MANAGE_ROLES),
    )


HANDLERS: list[Any] = [show_preview]
