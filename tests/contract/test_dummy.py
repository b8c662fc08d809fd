"""A module of somebody else, from its wheel: each extension point arrived, and does what it is for."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core import hookspecs
from core.accounts.api_keys import create_api_key
from core.assets import asset
from core.clock import later, now
from core.db import fetch, request_scope, transaction
from core.errors import NotFoundError
from core.messages import module_work as work
from core.messages.module_work import check_owner
from core.messages.queue_tables import QueueItem
from core.messages.schedules import Timetable
from core.messages.worker import drain
from core.preferences.switches import disable_module, enable_module
from core.registry import StartupError, registry
from tests.contract.town import Town


def booked() -> Any:
    return importlib.import_module("portico_bookings.tables").Booking


def services() -> Any:
    return importlib.import_module("portico_bookings.services")


async def test_it_comes_from_its_wheel(town: Town, dummy_site: Path) -> None:
    module = registry().modules["bookings"]
    assert (module.package, module.meta.version) == ("portico_bookings", "1.2.3")
    assert module.folder == dummy_site / "portico_bookings"
    assert version("portico-bookings") == "1.2.3"
    hooks = {name for name in vars(hookspecs) if hasattr(getattr(hookspecs, name), "portico_spec")}
    assert set(registry().hooks_of("bookings")) == hooks


def test_this_process_is_as_it_was_without_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from core.registry import discover; print(sorted(discover()))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert "bookings" not in done.stdout


async def test_pages_menu_cards_list_and_permissions(town: Town) -> None:
    owner, bare = town.visitors["owner"].browser, town.visitors["without permission"].browser
    home = (await owner.get("/")).text
    assert 'href="/bookings"' in home
    assert 'href="/bookings"' not in (await bare.get("/")).text
    assert "Salas reservadas" in home
    page = (await owner.get("/bookings")).text
    assert "a:bookings_booking.title" in town.marks.places(page, "ab")
    assert "Salas reservadas" not in (await town.visitors["staff"].browser.get("/staff")).text
    assert 'href="/staff/bookings"' in (await town.visitors["staff"].browser.get("/staff")).text
    assert (await owner.get("/bookings?q=zzzz")).text.count("a:bookings_booking.title") == 0
    narrowed = await owner.get("/bookings?state=cancelled")
    assert town.marks.places(narrowed.text, "a") & {"a:bookings_booking.title"} == set()


async def test_a_form_a_setting_and_an_activity(town: Town) -> None:
    owner = town.visitors["owner"].browser
    made = await owner.post("/bookings", {"title": "Green room"}, page="/bookings/new")
    assert made.status_code == 303
    page = (await owner.get(made.headers["location"])).text
    assert "Green room está reservada" in page
    refused = await owner.post("/bookings", {"title": "x" * 61}, page="/bookings/new")
    assert refused.status_code == 422
    assert "Escriba un título más corto." in refused.text
    cancelled = await owner.post(f"{made.headers['location']}/cancel", page="/bookings/new")
    assert cancelled.status_code == 303
    assert (await owner.post(f"{made.headers['location']}/cancel", page="/bookings/new")).status_code == 409
    assert "Green room está anulada" in (await owner.get(made.headers["location"])).text
    staff = town.visitors["staff"].browser
    await drain()
    assert "Green room está anulada" in (await staff.get("/notifications")).text


async def test_comments_files_and_first_views_work_on_its_records(town: Town) -> None:
    owner, staff = town.visitors["owner"].browser, town.visitors["staff"].browser
    booking = town.published("bookings_booking", "a")[0]["id"]
    page = (await owner.get(f"/bookings/{booking}")).text
    assert {"a:file.name", "a:bookings_guest.name"} <= town.marks.places(page, "a")
    said = await owner.post(f"/records/booking/{booking}/comments", {"text": "Is there coffee?"})
    assert (said.status_code, said.headers["location"]) == (303, f"/bookings/{booking}#timeline")
    assert "Is there coffee?" in (await staff.get(f"/staff/bookings/{booking}")).text
    await staff.post(f"/records/booking/{booking}/comments", {"text": "Only instant.", "internal": "1"}, page="/staff")
    assert "Only instant." in (await staff.get(f"/staff/bookings/{booking}")).text
    assert "Only instant." not in (await owner.get(f"/bookings/{booking}")).text


async def test_what_is_not_published_is_not_there_yet(town: Town) -> None:
    owner, staff = town.visitors["owner"].browser, town.visitors["staff"].browser
    hidden = next(row["id"] for row in town.planted.of("bookings_booking", "a") if row["published_at"] is None)
    assert (await owner.get(f"/bookings/{hidden}")).status_code == 404
    assert (await staff.get(f"/staff/bookings/{hidden}")).status_code == 200
    assert (await staff.post(f"/staff/bookings/{hidden}/publish", page="/staff")).status_code == 303
    assert (await owner.get(f"/bookings/{hidden}")).status_code == 200


async def test_its_button_stands_on_records_of_other_modules_alone(town: Town) -> None:
    owner = town.visitors["owner"].browser
    booking = town.published("bookings_booking", "a")[0]["id"]
    assert "Reservar una sala para esto" not in (await owner.get(f"/bookings/{booking}")).text
    for key, owned in registry().record_kinds.items():
        if owned.owner == "bookings":
            continue
        record = town.published(owned.item.table._meta.tablename, "a")[0]["id"]
        page = (await owner.get(owned.item.url(SimpleNamespace(id=record)))).text
        assert "Reservar una sala para esto" in page
        assert f"/bookings/new?about={key}.{record}" in page
        bare = await town.visitors["without permission"].browser.get(f"/bookings/new?about={key}.{record}")
        assert bare.status_code == 403


async def test_the_api(town: Town) -> None:
    key = town.visitors["key"].browser.client
    customer = str(town.customers["a"].id)
    made = await key.post("/api/v1/bookings", json={"customer": customer, "title": "By program", "day": "2026-06-01"})
    assert (made.status_code, made.json()["title"]) == (201, "By program")
    assert (await key.get(f"/api/v1/bookings/{made.json()['id']}")).json() == made.json()
    foreign = {"customer": str(town.customers["y"].id), "title": "x", "day": "2026-06-01"}
    assert (await key.post("/api/v1/bookings", json=foreign)).status_code == 404
    odd = {"customer": customer, "title": "x", "day": "2026-06-01", "tenant": str(town.world.second.tenant.id)}
    assert (await key.post("/api/v1/bookings", json=odd)).status_code == 400
    assert "/api/v1/bookings" in (await key.get("/api/schema/openapi.json")).text


async def test_keys_end(town: Town) -> None:
    async with town.first.work():
        ended = await create_api_key(
            name="old", permissions=["bookings:booking:manage"], expires_at=now() - timedelta(1)
        )
        with pytest.raises(ValueError, match="is for contacts"):
            await create_api_key(name="wrong", permissions=["bookings:booking:view"])
    client = town.visitors["key"].browser.client
    for header in (f"Bearer {ended}", "Bearer portico_unknown", "Basic YTpi", "", f"Bearer {ended[:-1]}"):
        assert (await client.get("/api/v1/bookings", headers={"authorization": header})).status_code == 401


async def test_its_migration_template_static_file_and_catalogues(town: Town) -> None:
    rows = await fetch("SELECT app_name, name FROM migration WHERE app_name = 'bookings'")
    assert [row["name"] for row in rows] == ["2026-01-01T00:00:00:000000"]
    owner = town.visitors["owner"].browser
    file = asset("bookings/room.svg")
    answer = await owner.get(file.url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    booking = town.published("bookings_booking", "a")[0]["id"]
    assert file.url in (await owner.get(f"/bookings/{booking}")).text
    form = await owner.get("/bookings/new")
    words = {"es": "Para los próximos días", "en": "For the days to come"}
    assert [language for language, text in words.items() if text in form.text] == ["es"]
    kept = registry().modules["bookings"].meta.name
    assert [kept.in_language(language) for language in ("en", "es", "fr", "pt")] == [
        "Bookings",
        "Reservas",
        "Réservations",
        "Bookings",
    ]


async def test_its_importer(town: Town, tmp_path: Path) -> None:
    sheet = tmp_path / "rooms.csv"
    number = town.marks.canary("a", "customer.number") + "a"
    sheet.write_text(f"{number},Imported room,2026-07-01\nnobody,Lost room,2026-07-01\n")
    importer = registry().importers["bookings"].item
    async with town.first.work():
        found = [(result.place, result.outcome) async for result in importer.run(files=[sheet])]
    assert found == [("rooms.csv:1", "created"), ("rooms.csv:2", "refused")]
    assert "Imported room" in (await town.visitors["owner"].browser.get("/bookings?q=imported")).text


async def test_its_schedule_runs_where_it_is_on(town: Town) -> None:
    async with town.world.second.work():
        await disable_module("bookings")
    with later(timedelta(hours=3)):
        await Timetable().queue_due()
        await drain()
    async with request_scope(tenant=None, bypass=True):
        states = await fetch("SELECT tenant, state, count(*) AS n FROM bookings_booking GROUP BY tenant, state")
    by_tenant = {
        portal.tenant.portal_name: {row["state"] for row in states if str(row["tenant"]) == str(portal.tenant.id)}
        for portal in (town.first, town.world.second)
    }
    assert by_tenant == {"obrador": {"booked", "past"}, "lumiere": {"booked"}}


async def heard_of(town: Town, word: str) -> list[str]:
    heard = importlib.import_module("portico_bookings.tables").Heard
    async with town.first.work():
        return [row["what"] for row in await heard.select(heard.what) if row["what"].startswith(word)]


async def test_its_work_for_later_is_done_once_and_not_while_it_is_off(town: Town) -> None:
    jobs = importlib.import_module("portico_bookings.jobs")
    await drain()
    async with town.first.work():
        booking = await services().book_room(customer=town.customers["a"].id, title="Later", day=date(2026, 8, 1))
        assert await jobs.remind_later(booking=booking) is not None
        assert await jobs.remind_later(booking=booking) is None
    async with town.first.work():
        await disable_module("bookings")
    await drain()
    assert await heard_of(town, "remind") == []
    async with town.first.work():
        await enable_module("bookings")
    await drain()
    assert await heard_of(town, "remind") == []
    with later(timedelta(hours=2)):
        await drain()
        await drain()
    seen = await heard_of(town, "remind")
    assert len(seen) == 1
    assert re.fullmatch(r"remind Later [1-9]\d*", seen[0])


async def test_nobody_does_or_puts_down_another_one_s_work(town: Town) -> None:
    async def stranger(item: work.Item) -> None:
        raise AssertionError(item)

    for kind in ("bookings", "core.mail", ".x", "bookings."):
        with pytest.raises(ValueError, match="is called <module>"):
            work.handler(kind)
    with pytest.raises(ValueError, match="is done by"):
        work.handler("bookings.remind")(stranger)
    async with town.first.work():
        with pytest.raises(ValueError, match="not marked"):
            await work.enqueue(stranger, {})
    mine = registry().modules["bookings"]
    check_owner("bookings.x", "portico_bookings.jobs", registry())
    for kind, place in (("bookings.x", "portico_bookingsx.jobs"), ("invoices.x", f"{mine.package}.jobs")):
        with pytest.raises(StartupError, match="not its own"):
            check_owner(kind, place, registry())
    taken = work.handler("bookings.stolen")(stranger)
    async with town.first.work():
        await work.enqueue(taken, {})
    await drain()
    async with request_scope(tenant=None, bypass=True):
        rows = await fetch("SELECT attempts, error FROM queue WHERE kind = 'bookings.stolen'")
    assert [(row["attempts"], "not its own" in row["error"]) for row in rows] == [(1, True)]


async def _book_mine_and_theirs(town: Town) -> None:
    async with town.first.work(), transaction():
        await services().book_room(customer=town.customers["a"].id, title="Undone", day=date(2026, 8, 1))
        await services().book_room(customer=town.customers["y"].id, title="Foreign", day=date(2026, 8, 1))


async def test_events_in_the_transaction_of_what_happened(town: Town) -> None:
    heard = importlib.import_module("portico_bookings.tables").Heard

    async def all_heard() -> list[str]:
        async with town.first.work():
            return [row["what"] for row in await heard.select(heard.what).order_by(heard.id)]

    before = len(await all_heard())
    for switch in (disable_module, enable_module):  # each a request of its own
        async with town.first.work():
            await switch("bookings")
    async with town.first.work():
        await services().book_room(customer=town.customers["a"].id, title="Heard", day=date(2026, 8, 1))
    assert sorted((await all_heard())[before:]) == sorted(
        ["core.module_switched None", "bookings off", "bookings on", "bookings.made booking"]
    )
    before = len(await all_heard())
    with pytest.raises(NotFoundError):
        await _book_mine_and_theirs(town)
    assert len(await all_heard()) == before


async def test_what_it_tells_is_mailed_in_the_reader_s_language(town: Town) -> None:
    await drain()  # what the town's building left to be told
    async with town.first.work():
        await services().book_room(customer=town.customers["a"].id, title="Mailed room", day=date(2026, 9, 1))
    await drain()
    async with town.first.work():
        rows = await fetch(
            "SELECT recipient, subject FROM mail WHERE kind = {} AND subject LIKE {}", "bookings.made", "Mailed%"
        )
        failed = await QueueItem.count().where(QueueItem.failed_at.is_not_null())
    assert failed == 0
    assert {row["subject"] for row in rows} == {"Mailed room está reservada"}
    assert all("zqa" in row["recipient"] for row in rows)
