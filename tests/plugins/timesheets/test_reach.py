"""Reach *projects* ends at the person's own projects, whatever reach other permissions and modules give her."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from core import lists
from core.clock import now
from core.contributions import Reach
from core.people.actor import Actor, acting_as
from core.people.roles import write_grants
from core.people.tables import Membership, ProjectPerson, Role
from core.records.base import beyond_reach
from core.registry import registry
from core.sdk import errors, load
from plugins.timesheets.lists import CARDS, ENTRIES
from plugins.timesheets.permissions import APPROVE, DISPUTE, VIEW
from plugins.timesheets.queries import hours_where, tally_of
from plugins.timesheets.services import approve_entries
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Entry
from tests.plugins.timesheets.made import Works, actor_of, stored, works
from tests.portal_fixtures import Portal

SEEDS = 6
ENTRIES_EACH = 14
HOURS = 8 * 3600


async def regrant(made: Works, role: Role, chance: random.Random, projects: list[UUID]) -> list[UUID]:
    """Give the approver reach *projects* on hours, any reach on everything else; return her projects."""
    grants = {key: chance.choice(list(Reach)) for key in registry().permissions if chance.random() < 0.8}
    grants |= dict.fromkeys((VIEW, APPROVE, DISPUTE), Reach.PROJECTS)
    await Role.update({Role.grants: write_grants(grants)}).where(Role.id == role.id)
    reach = chance.choice(("projects", "company", "group"))
    await Membership.update({Membership.role: role.id, Membership.reach: reach}).where(
        Membership.person == made.approver.id
    )
    await ProjectPerson.delete().where(ProjectPerson.person == made.approver.id)
    own = [project for project in projects if chance.random() < 0.5]
    for project in own:
        await ProjectPerson.insert(ProjectPerson(project=project, person=made.approver.id))
    return own


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_nothing_of_another_project_is_seen_counted_exported_or_approved(portal: Portal, seed: int) -> None:
    chance = random.Random(seed)
    made = await works(portal)
    third = await portal.project(made.customer, "Third")
    projects = [made.project.id, made.other.id, third.id]
    async with portal.work():
        own = await regrant(made, portal.roles["basic"], chance, projects)
        visible: set[UUID] = set()
        hidden: set[UUID] = set()
        by_project: dict[UUID | None, int] = {}
        for _ in range(ENTRIES_EACH):
            place = chance.choice([made.project, made.other, third, None])
            addressee = chance.choice([None, None, made.approver.id, made.manager.id])
            state = chance.choice([EntryState.FOR_APPROVAL, EntryState.FOR_APPROVAL, EntryState.DRAFT])
            project = place.id if place is not None else None
            id = await made.entry(project=place or made.other, addressee=addressee, state=state)
            with beyond_reach("tests: work that belongs to no project"):
                await Entry.update({Entry.project: project}).where(Entry.id == id)
            hers = project in own or addressee == made.approver.id
            if hers and state is not EntryState.DRAFT:
                visible.add(id)
                by_project[project] = by_project.get(project, 0) + 1
            else:
                hidden.add(id)
        by = await actor_of(made.approver)
        with acting_as(by):
            await check_reads(by, visible, hidden)
            page = await lists.list_view(ENTRIES, "sort=by_project&period=all", by)
            headings = [row["heading"]["count"] for row in page["rows"] if row.get("heading")]
            assert sorted(headings) == sorted(by_project.values())
            for project in projects:
                assert (await hours_where(Entry.project == project)).total == by_project.get(project, 0) * HOURS
            done = await approve_entries(entries=[*hidden, *visible], shown_at=now(), by=by)
        assert (done.entries, done.seconds, done.passed) == (len(visible), len(visible) * HOURS, 0)
        assert {(await stored(id)).state for id in visible} <= {"approved"}
        assert {(await stored(id)).state for id in hidden} <= {"draft", "for_approval"}


async def check_reads(by: Actor, visible: set[UUID], hidden: set[UUID]) -> None:
    """Look at the entries in every way there is."""
    everything = [*hidden, *visible]
    assert set(await lists.selected(ENTRIES, {"all": "1"}, "period=all", by)) == visible
    ticked = {"id": [str(id) for id in everything]}
    assert set(await lists.selected(ENTRIES, ticked, "period=all", by)) == visible
    for ids in (None, everything):
        made = await lists.export(ENTRIES, "period=all", by, suffix="csv", ids=ids)
        made.remove()
        assert made.rows == len(visible)
    tally = await tally_of(everything, by)
    assert (tally.entries, tally.seconds) == (len(visible), len(visible) * HOURS)
    card = (await lists.cards_statement(by, CARDS[:1]))[CARDS[0].key]
    assert card["count"] == len(visible)
    for id in hidden:
        with pytest.raises(errors.NotFoundError):
            await load(by, Entry, id)
