"""What the layouts need on every page: tenant, menu with counters, person, companies, banner, bell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.accounts.offices import offices_of
from core.accounts.options import SIGN_IN_LINK
from core.i18n import Translator, current_language
from core.lists.cards import BADGE_CAP, cards_statement
from core.messages.bell import unread_statement
from core.people.registration_texts import ENABLED as REGISTRATION
from core.people.seen import menu_of
from core.registry import registry
from core.shell.theme import theme_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.contributions import Card, MenuItem
    from core.i18n import LazyString
    from core.people.actor import Actor
    from core.tenancy.snapshot import TenantSnapshot
    from core.web import Visit

_ = Translator("core")

_OWN: Final = frozenset({"/", "/home", "/contact", "/staff"})
"""Pages that stand in the menu by themselves, or carry the banner."""
_PEOPLE: Final = "core.people"
ALL_COMPANIES = "all"
"""What stands for "all of my companies" in the company menu."""


def tenant_facts(tenant: TenantSnapshot | None) -> dict[str, Any] | None:
    """Return what layouts show of the tenant: name, logo, and how to reach it."""
    if tenant is None:
        return None
    contact = {
        "phone": tenant.setting("brand.phone") or None,
        "email": tenant.setting("portal.contact_email") or tenant.setting("brand.email") or None,
        "address": tenant.setting("brand.address") or None,
        "website": tenant.setting("brand.website") or None,
    }
    return {
        "name": tenant.name,
        "logo_url": None,
        "contact": contact if any(contact.values()) else None,
        "registration": bool(tenant.setting(REGISTRATION)),
        "sign_in_link": bool(tenant.setting(SIGN_IN_LINK)),
    }


def public_frame(visit: Visit) -> dict[str, Any]:
    """Return what pages without a menu need; makes no query."""
    return {
        "tenant": tenant_facts(visit.tenant),
        "theme_url": theme_url(visit.tenant) if visit.tenant else None,
        "theme_choice": visit.actor.theme if visit.actor else "auto",
    }


@dataclass(frozen=True, slots=True)
class _Still:
    """What of the frame stays the same from page to page of one reader; shared, so nobody changes it."""

    parts: dict[str, Any]
    menu: list[tuple[dict[str, Any], MenuItem | None]]
    badges: list[Card]


async def frame(visit: Visit, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every signed-in page needs; all counters and the bell come from one statement."""
    actor = visit.actor
    if actor is None:
        return public_frame(visit)
    still = _still_of(visit, actor)
    counts = await counters(actor, context.get("cards", ()), still.badges)
    menu = [entry if item is None else {**entry, "badge": _badge(item, counts)} for entry, item in still.menu]
    return {
        **still.parts,
        "offices": await offices(actor),
        "unread": counts["bell"],
        "counts": counts,
        "menu" if actor.is_contact else "staff_menu": menu,
    }


def _still_of(visit: Visit, actor: Actor) -> _Still:
    path = visit.scope["path"]
    shown = _menu_of(actor)
    here = path if path in _OWN else _here(shown, path)
    key = ("frame", current_language(), here)
    known: _Still | None = actor.worked_out.get(key)
    if known is None:
        known = actor.worked_out[key] = _make_still(visit, actor, shown, here or "")
    return known


def _menu_of(actor: Actor) -> list[MenuItem]:
    """Return the entries of the rail; they follow from what the reader may do, today."""
    key = ("menu", actor.tenant.today())
    known: list[MenuItem] | None = actor.worked_out.get(key)
    if known is None:
        actor.worked_out.clear()  # of another day
        known = actor.worked_out[key] = menu_of(actor)
    return known


def _make_still(visit: Visit, actor: Actor, shown: list[MenuItem], here: str) -> _Still:
    parts = public_frame(visit) | {
        "person": {"name": actor.name, "initials": initials(actor.name)},
        "companies": companies(actor),
        "active_company": active_company(actor),
        "here": here,
        "company_url": "/company" if actor.is_contact and actor.can("core:company:view") else None,
        "banner": (actor.tenant.setting("portal.banner") or None)
        if here in {"/", "/home"} and actor.is_contact
        else None,
    }
    entries: list[tuple[dict[str, Any], MenuItem | None]] = [
        (_entry(item, here), item if item.card or item.key == _PEOPLE else None) for item in shown
    ]
    if actor.is_contact:
        home, contact = _own(_("Home"), "home", "/", here), _own(_("Contact"), "mail", "/contact", here)
        menu = [(home, None), *entries, (contact, None)]
    else:
        menu = [(_own(_("Home"), "home", "/staff", here), None), *entries]
    return _Still(parts, menu, [registry().cards[item.card].item for item in shown if item.card])


_REGISTRATIONS = "SELECT count(*) FROM registration WHERE tenant = {} AND state = 'waiting'"


async def counters(actor: Actor, cards: Iterable[Card], badges: Iterable[Card]) -> dict[str, Any]:
    """Return count and sum of each card, the menu's badges, and the bell's number, with one statement."""
    extra = actor.worked_out.get("figures")
    if extra is None:
        extra = [("bell", *unread_statement(actor))]
        if actor.is_staff and actor.can("core:person:manage"):
            extra.append(("registrations", _REGISTRATIONS, [actor.tenant.id]))
        actor.worked_out["figures"] = extra
    return await cards_statement(actor, cards, extra=extra, badges=badges)


def _here(shown: Iterable[MenuItem], path: str) -> str | None:
    """Return the path of the entry under which the page stands: of several the longest, as one lies below another."""
    around = [
        item.path
        for item in shown
        if path == item.path or (item.path not in {"/", "/staff"} and path.startswith(f"{item.path}/"))
    ]
    return max(around, key=len, default=None)


def _entry(item: MenuItem, here: str) -> dict[str, Any]:
    return {
        "key": item.key,
        "label": str(item.label),
        "icon": item.icon,
        "url": item.path,
        "current": item.path == here,
        "badge": None,
    }


def _badge(item: MenuItem, counts: Mapping[str, Any]) -> str | None:
    counted = counts.get(item.card or "")
    return (counted["badge"] if counted else None) or _waiting(item, counts)


def _waiting(item: MenuItem, counts: Mapping[str, Any]) -> str | None:
    """Return the badge of the people's entry: registrations that wait for a decision."""
    number_ = counts.get("registrations", 0) if item.key == _PEOPLE else 0
    return (f"{BADGE_CAP}+" if number_ > BADGE_CAP else str(number_)) if number_ else None


def _own(label: LazyString, icon: str, url: str, here: str) -> dict[str, Any]:
    return {"key": f"core.{icon}", "label": str(label), "icon": icon, "url": url, "current": here == url, "badge": None}


def companies(actor: Actor) -> list[dict[str, Any]]:
    """Return the companies to choose between; the first entry stands for all of them."""
    places = {place.customer: place.name for place in actor.places}
    every = {"id": ALL_COMPANIES, "name": str(_("All companies")), "current": actor.active_customer is None}
    return ([every] if len(places) > 1 else []) + [
        {"id": str(customer), "name": name, "current": customer == actor.active_customer}
        for customer, name in sorted(places.items(), key=lambda place: place[1].casefold())
    ]


async def offices(actor: Actor) -> list[dict[str, Any]]:
    """Return the linked portals to switch between, as their owner calls them; nothing where there is one alone."""
    if actor.offices < 2 or actor.account is None or actor.restricted or actor.viewed_by:
        return []
    found = await offices_of(actor.account)
    return (
        [{"id": str(office.id), "name": office.label, "current": office.tenant == actor.tenant.id} for office in found]
        if len(found) > 1
        else []
    )


def active_company(actor: Actor) -> str:
    """Return the name to show at the top right: the active company, the only one, all of them; nothing for staff."""
    names = {place.customer: place.name for place in actor.places}
    if actor.active_customer in names:
        return names[actor.active_customer]
    if len(names) > 1:
        return str(_("All companies"))
    return next(iter(names.values()), "")


def initials(name: str) -> str:
    """Return up to two letters for the round mark beside a name."""
    words = [word for word in name.split() if word[0].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
