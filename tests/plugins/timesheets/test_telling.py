"""What is told of hours: days and durations in the language of who reads."""

from __future__ import annotations

from typing import Any

from core.clock import now
from core.db import fetch_one
from core.i18n import language_scope
from core.messages.recipients import read_event
from core.messages.texts import known_facts, sentence
from core.people.actor import acting_as
from core.registry import registry
from plugins.timesheets.services import Values, answer_dispute, approve_entries, dispute_entry, reopen_entries
from plugins.timesheets.states import ENTRY
from plugins.timesheets.tables import Approval
from tests.plugins.timesheets.made import DAY, activities, actor_of, stored, works
from tests.portal_fixtures import Portal


def told(record: Any, key: str, language: str) -> str:
    """Return a record's title as a reader of that language sees it."""
    return str(registry().record_kinds[key].item.title(record).in_language(language)).replace("\u202f", " ")


async def test_titles_are_in_the_language_of_who_reads(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        entry = await made.entry(day=DAY, values=Values(worked_seconds=27_000))
        by = await actor_of(made.manager)
        with acting_as(by):
            (id,) = (await approve_entries(entries=[entry], shown_at=now(), by=by)).approvals
            approval = await Approval.objects().where(Approval.id == id).first()
        row = await stored(entry)
        titles = [told(row, ENTRY, language).replace("\xa0", " ") for language in ("en", "es", "fr", "pt")]
        assert titles == [
            "2 Nov 2026 · 7 h 30 min",
            "02/11/2026 · 7 h 30 min",
            "02/11/2026 · 7 h 30 min",
            "02/11/2026 · 7 h 30 min",
        ]
        assert [told(approval, "timesheets_approval", language) for language in ("en", "fr")] == [
            "2 Nov 2026",
            "02/11/2026",
        ]


async def test_a_title_is_not_repeated_where_the_sentence_says_it(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        first, second = await made.entries(2)
        by, staff = await actor_of(made.manager), await actor_of(made.staff)
        with acting_as(by):
            await dispute_entry(entry=first, version=1, reason="Six hours", by=by)
            await approve_entries(entries=[second], shown_at=now(), by=by)
        with acting_as(staff):
            await answer_dispute(entry=first, version=2, answer="Look again", by=staff)
            await reopen_entries(entries=[second], reason="Wrong project", by=staff)
        said = {}
        for kind in ("timesheets.disputed", "timesheets.approved", "timesheets.answered", "timesheets.reopened"):
            (event,) = await activities(kind)
            read = read_event(event)
            about = await _about(event, staff)
            facts = known_facts(staff.tenant, read, names={read.by: "Somebody"} if read.by else {}, subject=about)
            with language_scope("en"):
                said[kind] = sentence(registry().activity_kinds[kind].item, facts, "en").replace("\xa0", " ")
    assert said == {
        "timesheets.disputed": "Somebody disputes 8 h of 3 Nov 2026: Six hours",
        "timesheets.approved": "Somebody approved 8 h of 4 Nov 2026",
        "timesheets.answered": "Answer about the hours of 3 Nov 2026: Look again · 3 Nov 2026 · 8 h",
        "timesheets.reopened": "Somebody opened 8 h of approved work again: Wrong project · 4 Nov 2026",
    }


async def _about(event: Any, staff: Any) -> Any:
    declared = registry().record_kinds[event["record_kind"]].item
    with acting_as(staff):
        return declared, await declared.table.objects().where(declared.table.id == event["record"]).first()


async def test_what_is_stored_of_an_activity_is_in_no_language(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        (entry,) = await made.entries(1)
        by = await actor_of(made.manager)
        with acting_as(by):
            await dispute_entry(entry=entry, version=1, reason="Six hours", by=by)
        row = await fetch_one("SELECT data FROM activity WHERE kind = {}", "timesheets.disputed")
        assert row is not None
        assert ('"day":"2026-11-03"' in row["data"], '"seconds":28800' in row["data"]) == (True, True)
