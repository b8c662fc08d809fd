"""The preferences pages: each section is a form of its own, so that options are independent of one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Request, Response
from litestar.params import FromPath, FromQuery

from core.config import settings as process_settings
from core.contributions import Category
from core.errors import NotFoundError
from core.i18n import LazyString, Translator
from core.people.forms import refused_into
from core.people.roles import preview_module_presets
from core.preferences.consequences import Consequence, consequence_of
from core.preferences.forms import NameForm, PortalForm, answers_of, settings_form
from core.preferences.portal import change_portal, rename_portal
from core.preferences.providers import HANDLERS as PROVIDER_HANDLERS
from core.preferences.providers import PATH as PROVIDERS
from core.preferences.providers import list_providers
from core.preferences.switches import (
    ModuleState,
    disable_module,
    enable_module,
    module_states,
    set_default_grant,
)
from core.preferences.values import save_settings, settings_in, settings_of
from core.registry import CORE, registry
from core.web import action, form, page, render, see_other, tenant

if TYPE_CHECKING:
    from core.contributions import Setting
    from core.forms import Form

_ = Translator("core")

MANAGE = "core:preference:manage"
PATH = "/staff/preferences"

AnyRequest = Request[Any, Any, Any]
Answer = Response[str] | Response[None]


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of preferences, and the sections of settings on it."""

    key: str
    label: LazyString
    sections: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its address."""
        return PATH if self.key == "portal" else f"{PATH}/{self.key}"


TABS = {
    tab.key: tab
    for tab in (
        Tab("portal", _("Portal"), ("portal", "brand")),
        Tab("modules", _("Modules"), ()),
        Tab("rights", _("Customer rights"), ("people", "rights")),
        Tab("security", _("Security"), ("sign_in", "registration", "security")),
        Tab("providers", _("Sign-in providers"), ()),
        Tab("messages", _("Messages"), ("messages", "mail")),
    )
}
_SECTIONS: dict[str, LazyString] = {
    "portal": _("Start page and contact"),
    "brand": _("Brand"),
    "people": _("Contacts"),
    "rights": _("What customers may change themselves"),
    "sign_in": _("Sign-in"),
    "registration": _("Registration"),
    "security": _("Security"),
    "messages": _("Messages"),
    "mail": _("Mail"),
}
_CATEGORIES: dict[Category, LazyString] = {
    Category.MONEY: _("Money"),
    Category.WORK: _("Work"),
    Category.SALES: _("Sales"),
    Category.SUPPORT: _("Support"),
    Category.OTHER: _("Other"),
}


def _sections_of(tab: Tab) -> list[str]:
    """Return the tab's sections that have settings; the first tab also takes those that no tab names."""
    named = {section for one in TABS.values() for section in one.sections}
    found = [section for section in tab.sections if settings_in(section)]
    if tab.key == "portal":
        every = dict.fromkeys(owned.item.section for owned in registry().settings.values() if owned.owner == CORE)
        found += [section for section in every if section not in named]
    return found


def shown_settings(section: str) -> list[Setting]:
    """Return the settings of a section; texts only in the languages that the portal offers."""
    return [one for one in settings_in(section) if one.language is None or one.language in tenant().languages]


def _tab_of(section: str) -> Tab:
    return next((tab for tab in TABS.values() if section in _sections_of(tab)), TABS["portal"])


def _tabs(current: str) -> list[dict[str, Any]]:
    return [{"label": tab.label, "url": tab.path, "current": tab.key == current} for tab in TABS.values()]


def _block(section: str, filled: Form | None = None) -> dict[str, Any]:
    declared = shown_settings(section)
    shown = filled or settings_form(declared)(data=answers_of(declared, tenant().answers))
    return {
        "key": section,
        "label": _SECTIONS.get(section, section),
        "form": shown,
        "url": f"{PATH}/section/{section}",
    }


async def _tab_page(
    tab: Tab,
    *,
    refused: tuple[str, Form] | None = None,
    consequence: Consequence | None = None,
    portal: PortalForm | None = None,
    name: NameForm | None = None,
    edit_name: bool = False,
    status: int = 200,
) -> Response[str]:
    blocks = [
        _block(section, refused[1] if refused and refused[0] == section else None) for section in _sections_of(tab)
    ]
    for block in blocks:
        block["consequence"] = consequence if refused and refused[0] == block["key"] else None
    context: dict[str, Any] = {"tabs": _tabs(tab.key), "blocks": blocks, "is_portal": tab.key == "portal"}
    if tab.key == "portal":
        here = tenant()
        context |= {
            "portal_form": portal
            or PortalForm(
                data={
                    "name": here.name,
                    "language": here.language,
                    "languages": list(here.languages),
                    "zone": str(here.zone),
                }
            ),
            "name_form": name or NameForm(data={"portal_name": here.portal_name}),
            "edit_name": edit_name or name is not None,
            "portal_name": here.portal_name,
            "base_host": process_settings().base_host,
            "address": process_settings().origin(here.host),
            "preview": str(here.setting("portal.banner")),
        }
    return await render("preferences/settings.html", status=status, title=_("Preferences"), **context)


@page(PATH, name="preferences:portal", permission=MANAGE)
async def portal_page(edit: FromQuery[str] = "") -> Response[str]:
    """Show the portal's own preferences."""
    return await _tab_page(TABS["portal"], edit_name=edit == "name")


@page(f"{PATH}/rights", name="preferences:rights", permission=MANAGE)
async def rights_page() -> Response[str]:
    """Show what customers may change themselves."""
    return await _tab_page(TABS["rights"])


@page(f"{PATH}/security", name="preferences:security", permission=MANAGE)
async def security_page() -> Response[str]:
    """Show how people sign in."""
    return await _tab_page(TABS["security"])


@page(f"{PATH}/messages", name="preferences:messages", permission=MANAGE)
async def messages_page() -> Response[str]:
    """Show who hears what."""
    return await _tab_page(TABS["messages"])


def _typed(declared: list[Setting], filled: Form) -> dict[str, Any]:
    """Return what was typed; a number that is none goes on as its text, to be refused in words."""
    found = {}
    for setting in declared:
        field = filled[setting.key]
        found[setting.key] = (field.raw_data or [""])[0] if setting.kind == "integer" else field.data
    return found


@action(f"{PATH}/section/{{section:str}}", name="preferences:save_section", permission=MANAGE)
async def save_section(request: AnyRequest, section: FromPath[str]) -> Answer:
    """Save one section; the others stay as they are."""
    declared = shown_settings(section)
    if not declared:
        raise NotFoundError
    filled = await form(request, settings_form(declared))
    if filled.validate():
        typed = _typed(declared, filled)
        asks = await consequence_of(typed)
        if asks is not None and (await request.form()).get("understood") != asks.key:
            return await _tab_page(_tab_of(section), refused=(section, filled), consequence=asks, status=422)
        with refused_into(filled):
            await save_settings(typed)
            return see_other(f"{_tab_of(section).path}#{section}", flash_text=_("Saved. It counts at once."))
    return await _tab_page(_tab_of(section), refused=(section, filled), status=422)


@action(f"{PATH}/portal", name="preferences:save_portal", permission=MANAGE)
async def save_portal(request: AnyRequest) -> Answer:
    """Save the company's name, languages and time zone."""
    filled = await form(request, PortalForm)
    if filled.validate():
        with refused_into(filled):
            await change_portal(name=filled.name.data, languages=filled.chosen_languages(), zone=filled.zone.data)
            return see_other(PATH, flash_text=_("Saved. It counts at once."))
    return await _tab_page(TABS["portal"], portal=filled, status=422)


@action(f"{PATH}/portal-name", name="preferences:rename_portal", permission=MANAGE)
async def save_portal_name(request: AnyRequest) -> Answer:
    """Give the portal another address. This page's own address ends with it, so the answer says where to go on."""
    filled = await form(request, NameForm)
    if filled.validate():
        with refused_into(filled, "portal_name"):
            before = tenant().portal_name
            host = await rename_portal(filled.portal_name.data)
            if filled.portal_name.data.strip().lower() == before:
                return see_other(PATH)
            return await render(
                "preferences/moved.html",
                title=_("The portal has a new address"),
                address=process_settings().origin(host),
            )
    return await _tab_page(TABS["portal"], name=filled, status=422)


# -- modules -----------------------------------------------------------------------------------------------------------


async def _row(state: ModuleState) -> dict[str, Any]:
    meta = state.meta
    can_change = (state.entitled and not state.missing) if not state.enabled else not state.needed_by
    return {
        "id": meta.id,
        "name": meta.name,
        "text": meta.description,
        "icon": meta.icon,
        "on": state.enabled and state.entitled,
        "can_change": can_change,
        "entitled": state.entitled,
        "granted_by_default": state.granted_by_default,
        "missing": [registry().modules[one].meta.name for one in state.missing if one in registry().modules],
        "needed_by": [registry().modules[one].meta.name for one in state.needed_by],
        "preview": await preview_module_presets(meta.id) if not state.enabled_before and state.entitled else None,
        "settings_url": f"{PATH}/modules/{meta.id}" if state.enabled and settings_of(meta.id) else None,
    }


@page(f"{PATH}/modules", name="preferences:modules", permission=MANAGE)
async def modules_page() -> Response[str]:
    """Show the modules by category, with their switches."""
    states = await module_states(tenant())
    groups = []
    for category in Category:
        rows = [await _row(state) for state in states if state.meta.category is category]
        if rows:
            groups.append({"label": _CATEGORIES[category], "modules": rows})
    return await render("preferences/modules.html", title=_("Preferences"), tabs=_tabs("modules"), groups=groups)


@action(f"{PATH}/modules/{{module:str}}/enable", name="preferences:enable_module", permission=MANAGE)
async def enable(module: FromPath[str]) -> Answer:
    """Switch a module on."""
    given = await enable_module(module)
    name = registry().modules[module].meta.name
    said = _("“{module}” is on.").format(module=name)
    if given is not None and given.granted:
        said = _("“{module}” is on. Its permissions went to: {roles}.").format(
            module=name, roles=", ".join(given.granted)
        )
    return see_other(f"{PATH}/modules", flash_text=said)


@action(f"{PATH}/modules/{{module:str}}/disable", name="preferences:disable_module", permission=MANAGE)
async def disable(module: FromPath[str]) -> Answer:
    """Switch a module off."""
    await disable_module(module)
    name = registry().modules[module].meta.name
    said = _("“{module}” is off, as if it were not there. Its data is kept.").format(module=name)
    return see_other(f"{PATH}/modules", flash_text=said)


@action(f"{PATH}/modules/{{module:str}}/default", name="preferences:set_default_grant", permission=MANAGE)
async def default_grant(request: AnyRequest, module: FromPath[str]) -> Answer:
    """Decide whether customers have the module unless said otherwise."""
    granted = (await request.form()).get("granted") == "1"
    await set_default_grant(module, granted=granted)
    return see_other(f"{PATH}/modules", flash_text=_("Saved. It counts at once."))


def _module_with_settings(module: str) -> list[Setting]:
    declared = settings_of(module) if module in registry().modules else []
    if not declared or module not in tenant().modules():
        raise NotFoundError
    return declared


@page(f"{PATH}/modules/{{module:str}}", name="preferences:module", permission=MANAGE)
async def module_page(module: FromPath[str]) -> Response[str]:
    """Show a module's own preferences."""
    declared = _module_with_settings(module)
    return await _module_page(module, settings_form(declared)(data=answers_of(declared, tenant().answers)))


async def _module_page(module: str, filled: Form, *, status: int = 200) -> Response[str]:
    return await render(
        "preferences/module.html", status=status, title=registry().modules[module].meta.name, module=module, form=filled
    )


@action(f"{PATH}/modules/{{module:str}}", name="preferences:save_module", permission=MANAGE)
async def save_module(request: AnyRequest, module: FromPath[str]) -> Answer:
    """Save a module's own preferences."""
    declared = _module_with_settings(module)
    filled = await form(request, settings_form(declared))
    if filled.validate():
        with refused_into(filled):
            await save_settings(_typed(declared, filled))
            return see_other(f"{PATH}/modules", flash_text=_("Saved. It counts at once."))
    return await _module_page(module, filled, status=422)


@page(PROVIDERS, name="preferences:providers", permission=MANAGE)
async def providers_page() -> Response[str]:
    """Show with which providers people may sign in."""
    return await list_providers(_tabs("providers"))


HANDLERS: list[Any] = [
    *PROVIDER_HANDLERS,
    providers_page,
    portal_page,
    rights_page,
    security_page,
    messages_page,
    save_section,
    save_portal,
    save_portal_name,
    modules_page,
    enable,
    disable,
    default_grant,
    module_page,
    save_module,
]
