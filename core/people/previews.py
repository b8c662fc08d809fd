"""What staff are shown of a role or a person before anybody signs in: the rail, the cards, the records and how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.i18n import Translator
from core.people.forms import REACHES
from core.people.seen import cards_of, kinds_of, menu_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.contributions import Reach
    from core.i18n import LazyString
    from core.people.actor import Actor

_ = Translator("core")

_HOW_FAR: dict[Reach, LazyString] = dict(REACHES)


def preview_of(actor: Actor) -> dict[str, Any]:
    """Return what *actor* sees: entries of the rail, cards of the home page, kinds of records with words for reach."""
    names = {place.customer: place.name for place in actor.places}
    own = [{"label": _("Home"), "icon": "home"}]
    last = [{"label": _("Contact"), "icon": "mail"}] if actor.is_contact else []
    return {
        "menu": [*own, *({"label": item.label, "icon": item.icon} for item in menu_of(actor)), *last],
        "cards": [{"label": card.label, "icon": card.icon} for card in cards_of(actor)],
        "kinds": [
            {
                "label": seen.kind.label,
                "icon": seen.kind.icon,
                "words": _words(seen.reaches, names) if actor.is_contact else [_("Everything")],
            }
            for seen in kinds_of(actor)
        ],
    }


def _words(reaches: Mapping[UUID, Reach], names: Mapping[UUID, str]) -> list[LazyString]:
    """Return how far records are seen: one sentence where it is the same everywhere, else one per customer."""
    if len(set(reaches.values())) == 1 and (len(reaches) == 1 or len(reaches) == len(names)):
        return [_HOW_FAR[next(iter(reaches.values()))]]
    return [
        _("{customer}: {reach}").format(customer=names[customer], reach=_HOW_FAR[reach])
        for customer, reach in sorted(reaches.items(), key=lambda found: names[found[0]].casefold())
    ]
