"""The back office's pages about roles: what each may do, and how far."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from core.contributions import Audience, Permission, Reach
from core.i18n import Translator
from core.people import queries, roles
from core.people.actor import current_actor
from core.people.forms import SHORT_REACHES, RoleForm, fresh_id, refused_into
from core.people.tables import Role
from core.registry import CORE, registry
from core.web import action, form, page, render, see_other

_ = Translator("core")

MANAGE = roles.MANAGE_ROLES
NONE = "none"

AnyRequest = Request[Any, Any, Any]
Answer = Response[str] | Response[None]


@page("/staff/roles", name="people:roles", permission=MANAGE)
async def list_roles() -> Response[str]:
    """List the roles of contacts and of staff."""
    groups = []
    for audience, label in ((Audience.CONTACT, _("For contacts of customers")), (Audience.STAFF, _("For staff"))):
        rows = [
            {
                "id": role.id,
                "label": role.label,
                "help": roles.help_of(role.preset),
                "copied": role.preset is None,
                "people": await queries.people_with_role(role.id),
            }
            for role in await roles.roles_for(audience)
        ]
        groups.append({"label": label, "roles": rows})
    return await render("people/roles.html", title=_("Roles"), groups=groups)


def shown_permissions(audience: Audience) -> dict[str, list[Permission]]:
    """Return the permissions that a role of this kind can be given here, by module that is on."""
    on = current_actor().modules
    found: dict[str, list[Permission]] = {}
    for owned in registry().permissions.values():
        if owned.item.audience is audience and (owned.owner == CORE or owned.owner in on):
            found.setdefault(owned.owner, []).append(owned.item)
    return dict(sorted(found.items(), key=lambda group: (group[0] != CORE, group[0])))


def _matrix(role: Role, chosen: dict[str, str] | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the groups and reaches of the matrix. Staff act for the whole office: there it is yes or no."""
    audience = Audience(role.audience)
    grants = roles.read_grants(role.grants)
    groups = []
    for owner, permissions in shown_permissions(audience).items():
        rows = [
            {
                "key": one.key,
                "label": one.label,
                "hint": one.help,
                "reach": chosen.get(one.key, NONE)
                if chosen is not None
                else grants[one.key].word
                if one.key in grants
                else NONE,
                "allowed": [NONE, *(reach.word for reach in one.reaches)],
            }
            for one in permissions
        ]
        name = _("Portal") if owner == CORE else registry().modules[owner].meta.name
        groups.append({"label": name, "permissions": rows})
    if audience is Audience.STAFF:
        reaches = [{"key": NONE, "label": _("No")}, {"key": Reach.GROUP.word, "label": _("Yes")}]
    else:
        reaches = [
            {"key": NONE, "label": _("No")},
            *({"key": key, "label": label} for key, label in SHORT_REACHES.items()),
        ]
    return groups, reaches


@page("/staff/roles/{role:uuid}", name="people:role", permission=MANAGE)
async def show_role(role: FromPath[UUID]) -> Response[str]:
    """Show what a role may do."""
    found = await roles.find_role(role)
    return await _role_page(found, RoleForm(data={"label": found.label}))


async def _role_page(
    found: Role,
    filled: RoleForm,
    *,
    chosen: dict[str, str] | None = None,
    copy: RoleForm | None = None,
    status: int = 200,
) -> Response[str]:
    groups, reaches = _matrix(found, chosen)
    people = await queries.people_with_role(found.id)
    copied = copy or RoleForm(
        data={**fresh_id(), "label": str(_("{name} (copy)").format(name=found.label))}, prefix="copy-"
    )
    return await render(
        "people/role.html",
        status=status,
        title=found.label,
        role=found,
        help=roles.help_of(found.preset),
        people=people,
        form=filled,
        copy_form=copied,
        groups=groups,
        reaches=reaches,
        contacts=found.audience == Audience.CONTACT.value,
    )


@action("/staff/roles/{role:uuid}", name="people:save_role", permission=MANAGE)
async def save_role(request: AnyRequest, role: FromPath[UUID]) -> Answer:
    """Change a role; permissions that the page did not show stay as they are."""
    found = await roles.find_role(role)
    filled = await form(request, RoleForm)
    sent = await request.form()
    shown = [one.key for group in shown_permissions(Audience(found.audience)).values() for one in group]
    words = {reach.word for reach in Reach}
    chosen = {key: str(sent[f"grant:{key}"]) for key in shown if f"grant:{key}" in sent}
    grants = {key: Reach.parse(word) if word in words else None for key, word in chosen.items()}
    if filled.validate():
        with refused_into(filled):
            await roles.change_role(role=role, label=filled.label.data, grants=grants)
            return see_other(f"/staff/roles/{role}", flash_text=_("Saved. It counts from everybody's next page on."))
    return await _role_page(found, filled, chosen=chosen, status=422)


@action("/staff/roles/{role:uuid}/copy", name="people:copy_role", permission=MANAGE)
async def copy_role(request: AnyRequest, role: FromPath[UUID]) -> Answer:
    """Make a role of its own from this one."""
    found = await roles.find_role(role)
    filled = await form(request, RoleForm, prefix="copy-")
    if filled.validate():
        with refused_into(filled):
            made = await roles.copy_role(role=role, label=filled.label.data, copy=filled.id.data)
            return see_other(
                f"/staff/roles/{made}",
                flash_text=_(
                    "The copy is a role of its own: modules that you enable later give it nothing by themselves."
                ),
            )
    return await _role_page(found, RoleForm(data={"label": found.label}), copy=filled, status=422)


@action("/staff/roles/{role:uuid}/delete", name="people:delete_role", permission=MANAGE)
async def delete_role(role: FromPath[UUID]) -> Answer:
    """Delete a copied role that nobody has."""
    await roles.delete_role(role=role)
    return see_other("/staff/roles", flash_text=_("The role was deleted."))


HANDLERS: list[Any] = [list_roles, show_role, save_role, copy_role, delete_role]
