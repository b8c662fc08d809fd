"""The back office's pages about roles: what each may do, and how far."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from core.contributions import Audience, Permission, Reach
from core.errors import StaleError
from core.i18n import Translator
from core.people import queries, roles
from core.people.actor import current_actor
from core.people.forms import SHORT_REACHES, RoleForm, fresh_id, refused_into
from core.people.previews import preview_of
from core.people.seen import as_role
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
    counts = await queries.people_with_roles()
    fixed = await roles.are_fixed()
    groups = []
    for audience, label in ((Audience.CONTACT, _("For contacts of customers")), (Audience.STAFF, _("For staff"))):
        rows = [
            {
                "id": role.id,
                "label": role.label,
                "help": roles.help_of(role.preset),
                "copied": role.preset is None,
                "people": counts.get(role.id, 0),
                "offered": audience is Audience.STAFF or not fixed or role.preset in roles.FIXED_ROLES,
            }
            for role in await roles.all_roles(audience)
        ]
        groups.append({"label": label, "roles": rows})
    return await render("people/roles.html", title=_("Roles"), groups=groups, fixed=fixed)


def shown_permissions(audience: Audience) -> dict[str, list[Permission]]:
    """Return the permissions that a role of this kind can be given here, by module that is on."""
    on = current_actor().modules
    found: dict[str, list[Permission]] = {}
    for owned in registry().permissions.values():
        if owned.item.audience is audience and (owned.owner == CORE or owned.owner in on):
            found.setdefault(owned.owner, []).append(owned.item)
    for permissions in found.values():
        permissions.sort(key=_seeing_first)
    return dict(sorted(found.items(), key=lambda group: (group[0] != CORE, group[0])))


def _seeing_first(permission: Permission) -> tuple[str, bool, str]:
    _owner, noun, verb = permission.key.split(":")
    return noun, verb != "view", verb


def _matrix(
    role: Role, chosen: dict[str, str] | None, *, stale: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the groups and reaches of the matrix. Staff act for the whole office: there it is yes or no."""
    audience = Audience(role.audience)
    stored = {key: reach.word for key, reach in roles.read_grants(role.grants).items()}
    delivered = {key: reach.word for key, reach in roles.delivered_grants(role, current_actor().modules).items()}
    reaches = _reaches(audience)
    words = {reach["key"]: reach["label"] for reach in reaches}
    groups = []
    for owner, permissions in shown_permissions(audience).items():
        rows = []
        for one in permissions:
            now = stored.get(one.key, NONE)
            shown = now if chosen is None else chosen.get(one.key, NONE)
            came = delivered.get(one.key, NONE)
            rows.append(
                {
                    "key": one.key,
                    "label": one.label,
                    "hint": one.help,
                    "reach": shown,
                    "allowed": [NONE, *(reach.word for reach in one.reaches)],
                    "changed": shown != now,
                    "stored": words[now] if stale and shown != now else None,
                    "delivered": words[came] if role.preset and came != now else None,
                }
            )
        name = _("Portal") if owner == CORE else registry().modules[owner].meta.name
        groups.append({"label": name, "permissions": rows})
    return groups, reaches


def _reaches(audience: Audience) -> list[dict[str, Any]]:
    """Return the columns of the matrix with the words that explain them."""
    if audience is Audience.STAFF:
        return [
            {"key": NONE, "label": _("No"), "hint": None},
            {"key": Reach.GROUP.word, "label": _("Yes"), "hint": None},
        ]
    hints = {
        Reach.OWN: _("addressed to the person"),
        Reach.PROJECTS: _("assigned projects"),
        Reach.COMPANY: _("everything of it"),
        Reach.GROUP: _("and its subsidiaries"),
    }
    return [
        {"key": NONE, "label": _("No"), "hint": None},
        *({"key": reach.word, "label": SHORT_REACHES[reach.word], "hint": hint} for reach, hint in hints.items()),
    ]


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
    stale: bool = False,
) -> Response[str]:
    groups, reaches = _matrix(found, chosen, stale=stale)
    tenant = current_actor().tenant
    contacts = found.audience == Audience.CONTACT.value
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
        contacts=contacts,
        version=roles.seen(found),
        stale=stale,
        stored_label=found.label,
        fixed=contacts and await roles.are_fixed(),
        seen=preview_of(as_role(tenant.roles[found.id], tenant)) if found.id in tenant.roles else None,
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
        with refused_into(filled) as refusal:
            await roles.change_role(
                role=role, label=filled.label.data, grants=grants, version=str(sent.get("version", "")) or None
            )
            return see_other(f"/staff/roles/{role}", flash_text=_("Saved. It counts from everybody's next page on."))
        if isinstance(refusal.error, StaleError):
            found = await roles.find_role(role)
            return await _role_page(found, filled, chosen=chosen, status=refusal.error.status, stale=True)
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
