"""Activities in words: the facts that sentences, subjects and bodies may name, in nobody's language yet."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, date, datetime
from typing import TYPE_CHECKING, Any

from core.contributions import Audience
from core.db import fetch
from core.formats import dates, lazily
from core.formats.money import money
from core.formats.numbers import duration
from core.i18n import Translator, text_in
from core.i18n.lazy import field_names
from core.people.actor import ActorKind
from core.records.activity import PARTS
from core.registry import CORE, registry
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from uuid import UUID

    from core.contributions import ActivityKind, RecordKind
    from core.i18n import LazyString
    from core.messages.recipients import Event
    from core.records.base import CustomerRecord
    from core.tenancy.snapshot import TenantSnapshot

log = logging.getLogger("portico.messages")
_ = Translator("core")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")
_PARTS = re.compile(r" [·–] ")
"""What stands between the parts of a title."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path of printable ASCII without backslashes, and not `//host`."""
_LONGEST_LINE = 200
_TYPED: dict[tuple[str, ...], Callable[..., str]] = {
    ("minor", "currency"): money,
    ("seconds",): duration,
    ("first_day", "last_day"): dates.day_range,
}
"""How facts of several values are written."""


def one_line(text: str) -> str:
    """Return *text* fit for a header or a subject: no line breaks, no control or direction characters, not endless."""
    clean = " ".join(_CONTROL.sub(" ", text).split())
    return clean if len(clean) <= _LONGEST_LINE else f"{clean[: _LONGEST_LINE - 1]}…"


def portal_name(tenant: TenantSnapshot) -> str:
    """Return how the portal calls itself in mails."""
    return one_line(str(tenant.setting("brand.portal_title"))) or tenant.name


def known_facts(
    tenant: TenantSnapshot,
    event: Event,
    *,
    names: Mapping[UUID, str],
    subject: tuple[RecordKind, CustomerRecord] | None,
) -> dict[str, object]:
    """
    Return what texts about *event* may name: its data, and `portal`, `tenant`, `by`, `customer`, `title`.

    ISO days and instants in the data become lazily formatted ones, `{"minor": 1250, "currency": "EUR"}` an amount,
    `{"seconds": 27000}` a duration, `{"first_day": …, "last_day": …}` the days from one to the other.
    """
    facts = {key: _fact(value, tenant) for key, value in event.data.items() if key.isidentifier()}
    by: object = names.get(event.by, "") if event.by else ""
    if not by:
        by = _("the system") if event.by_kind == ActorKind.API else tenant.name
    if PARTS in event.data and event.record is None:
        facts["count"] = event.data[PARTS]
    return {
        "title": subject[0].title(subject[1]) if subject else "",
        "customer": names.get(event.customer, "") if event.customer else "",
        **facts,
        "by": by,
        "portal": portal_name(tenant),
        "tenant": tenant.name,
    }


def _fact(value: Any, tenant: TenantSnapshot) -> object:
    if isinstance(value, str):
        with suppress(ValueError):  # what somebody has typed may only look like a day
            return _when(value, tenant)
        return value
    if isinstance(value, dict):
        names = next((names for names in _TYPED if set(names) == set(value)), None)
        return lazily(_TYPED[names], *(value[name] for name in names)) if names else str(value)
    return value if isinstance(value, int | float) else str(value)


def _when(text: str, tenant: TenantSnapshot) -> object:
    """Return a day or instant to be written in a language, any other text as it is; ValueError for no real day."""
    if _DAY.fullmatch(text):
        return lazily(dates.day, date.fromisoformat(text))
    if not _INSTANT.fullmatch(text):
        return text
    moment = datetime.fromisoformat(text)
    known = moment.tzinfo is not None and MINYEAR < moment.year < MAXYEAR  # at the ends of time no zone has its own
    return lazily(dates.instant, moment, tenant.zone) if known else text


def known_instant(text: str | None) -> datetime | None:
    """Return the instant of an ISO text, or None."""
    return datetime.fromisoformat(text) if text else None


async def load_names(tenant: UUID, events: Iterable[Event]) -> dict[UUID, str]:
    """Return the names of the people and customers that *events* speak of."""
    found = list(events)
    people = sorted({event.by for event in found if event.by})
    customers = sorted({event.customer for event in found if event.customer})
    names: dict[UUID, str] = {}
    if people:
        places = ", ".join(["{}"] * len(people))
        sql = f"SELECT id, given_name, family_name, email FROM person WHERE tenant = {{}} AND id IN ({places})"  # noqa: S608 -- no input
        for row in await fetch(sql, tenant, *people):
            names[as_uuid(row["id"])] = f"{row['given_name']} {row['family_name']}".strip() or row["email"] or ""
    if customers:
        places = ", ".join(["{}"] * len(customers))
        sql = f"SELECT id, name FROM customer WHERE tenant = {{}} AND id IN ({places})"  # noqa: S608 -- no input
        names |= {as_uuid(row["id"]): row["name"] for row in await fetch(sql, tenant, *customers)}
    return names


def said(text: LazyString, facts: Mapping[str, object], language: str, *, otherwise: LazyString) -> str:
    """Return *text* in *language*; where it names a fact that nobody gave, *otherwise*, and a line in the log."""
    try:
        return text.format(**facts).in_language(language)
    except (KeyError, TypeError, ValueError):
        log.exception("the text %r lacks facts", text.message)
        return otherwise.in_language(language)


def sentence(kind: ActivityKind, facts: Mapping[str, object], language: str, *, titled: bool = True) -> str:
    """
    Return what happened in one line, for the bell and for mails about several things.

    A sentence that starts small in English goes behind the name of who did it. The record's title follows where what
    it says is not part of the sentence, unless the line stands on the record's own page (not *titled*).
    """
    if "count" in facts and kind.digest is not None and "count" not in field_names(kind.sentence.message):
        return said(kind.digest, facts, language, otherwise=kind.label)
    text = said(kind.sentence, facts, language, otherwise=kind.label)
    named = field_names(kind.sentence.message)
    if kind.sentence.message[:1].islower():
        text = f"{text_in(facts['by'], language)} {text}"
    if titled and "title" not in named:
        title = text_in(facts["title"], language)
        if not all(part in text for part in _PARTS.split(title)):
            text = f"{text} · {title}"
    return text


_PLACES = {
    "core.registration_confirmed": "/staff/registrations",
    "core.mail_failed": "/staff/mail",
    "core.import_finished": "/staff/imports",
    "core.recipients_added": "/staff/people?show=recipient",
}
"""Where the back office deals with what has no record."""


def path_of(
    subject: tuple[RecordKind, CustomerRecord] | None, *, staff: bool, kind: str = "", event: Event | None = None
) -> str:
    """
    Return where the record is seen by staff or contacts: a path on the tenant's own host, the home page in doubt.

    What is about no record leads contacts to the `path` that its facts name.
    """
    if subject is None:
        named = str(event.data.get("path", "")) if event is not None and not staff else ""
        return named if _OWN_PATH.fullmatch(named) else _PLACES.get(kind, "/staff") if staff else "/"
    declared, record = subject
    url = declared.staff_url if staff else declared.url
    path = url(record) if url else "/staff"
    return path if _OWN_PATH.fullmatch(path) else "/"


def place_of(kind: str, *, staff: bool) -> str:
    """Return where all records of the kind's module are listed: its entry in the menu, or home."""
    owner = registry().activity_kinds[kind].owner
    audience = Audience.STAFF if staff else Audience.CONTACT
    for owned in registry().menu_items:
        if owned.owner == owner != CORE and owned.item.audience is audience:
            return owned.item.path
    return "/staff" if staff else "/"
