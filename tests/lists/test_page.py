from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from core.contributions import Audience, Reach
from core.i18n import language_scope, load_catalogues
from core.lists import check_lists, list_view, remembered_unit
from core.people.actor import Actor
from core.people.tables import Person
from core.templating import Templates
from tests.lists.sample import PAPERS, Office, contact, make_office

Acting = Callable[[Actor], Any]
ALL = "period=all"

PAGE = """
{% from "components/list.html" import period_bar, filter_panel, table, pager, selection_bar, empty_state, exports %}
{{ exports(view['export_urls']) }}{{ period_bar(view['period']) }}
{{ filter_panel(view['filters'], view['active'], view['reset_url'], view['search'], view['keep']) }}
{{ table(view) }}{{ selection_bar(view['actions'], view['total']) }}
{{ pager(view['pager'], view['total'], view['sums']) }}{{ empty_state(view['empty']) }}
"""


def everything(office: Office) -> Actor:
    return contact(office, office.people[0], *((customer, Reach.COMPANY) for customer in office.customers))


async def test_the_context_is_what_the_template_draws(office: Office, acting: Acting) -> None:
    load_catalogues({})
    templates = Templates(shared={"icon": lambda name, label="": Markup("<svg>{}{}</svg>").format(name, label)})
    actor = everything(office)
    async with acting(actor):
        for query in (
            "",
            f"{ALL}&payment=paid&issued_from=2026-01-01&amount_to=5&q=a",
            f"{ALL}&sort=total",
            f"{ALL}&q=zzz",
        ):
            for language in ("en", "es"):
                with language_scope(language):
                    view = await list_view(PAPERS, query, actor)
                html = templates.render_text(PAGE, language, {"view": view, "zone": "Europe/Madrid"})
                assert html.count('<td class="tick"') == len(view["rows"])
                assert len(re.findall(r'type="checkbox" name="id"', html)) == sum(
                    row["selectable"] for row in view["rows"]
                )


async def test_a_page_says_what_it_shows(office: Office, acting: Acting) -> None:
    actor = everything(office)
    project = office.projects[0]
    query = f"{ALL}&payment=pending&due=overdue&amount_from=1234.5&project={project}&sort=-total"
    async with acting(actor):
        view = await list_view(PAPERS, query, actor)
    assert [each["label"] for each in view["active"]] == [
        "Payment: pending",
        "Due: overdue",
        "Project: Proyecto 0",
        "Amount: from 1,234.50",
    ]
    assert (
        view["active"][1]["remove_url"]
        == f"/papers?{ALL}&payment=pending&project={project}&amount_from=1234.50&sort=-total"
    )
    assert view["reset_url"] == "/papers?period=all&sort=-total"
    assert view["keep"] == [{"name": "period", "value": "all"}, {"name": "sort", "value": "-total"}]
    assert [(each["key"], each["kind"]) for each in view["filters"]] == [
        ("payment", "multi"),
        ("due", "choice"),
        ("customer", "multi"),
        ("project", "multi"),
        ("issued", "date_range"),
        ("sent", "date_range"),
        ("amount", "amount_range"),
    ]
    columns = {each["key"]: each for each in view["columns"]}
    assert "sent_at" not in columns
    assert columns["total"] == {
        "key": "total",
        "label": "Total",
        "kind": "money",
        "align": "end",
        "sorted": "descending",
        "sort_url": f"/papers?{ALL}&payment=pending&due=overdue&project={project}&amount_from=1234.50&sort=total",
    }
    assert columns["states"]["sort_url"] is None
    assert view["actions"][0]["url"].endswith("&sort=-total&for=all")


async def test_rows_carry_chips_urls_and_whether_they_can_be_ticked(office: Office, acting: Acting) -> None:
    actor = everything(office)
    today = actor.tenant.today()
    async with acting(actor):
        view = await list_view(PAPERS, f"{ALL}&sort=due_on", actor)
    assert view["rows"]
    for row in view["rows"]:
        late = row["state"] != "paid" and row["due_on"] is not None and row["due_on"] < today
        expected = ["paid" if row["state"] == "paid" else "pending", *(["late"] if late else [])]
        assert [chip["label"] for chip in row["states"]] == expected
        assert (row["url"], row["title"], row["selectable"]) == (
            f"/papers/{row['id']}",
            row["number"],
            row["state"] != "paid",
        )


async def test_the_period_steps_and_comes_back_to_now(office: Office, acting: Acting) -> None:
    actor = everything(office)
    today = actor.tenant.today()
    last = today.replace(day=1) - timedelta(days=1)
    async with acting(actor):
        now = (await list_view(PAPERS, "payment=paid", actor))["period"]
        assert (now["is_now"], now["unit"], now["now_url"]) == (True, "month", "/papers?payment=paid")
        assert now["prev_url"] == f"/papers?period={last:%Y-%m}&payment=paid"
        before = (await list_view(PAPERS, f"period={last:%Y-%m}&payment=paid", actor))["period"]
        assert (before["is_now"], before["now_url"], before["next_url"]) == (
            False,
            "/papers?payment=paid",
            "/papers?payment=paid",
        )
        week = f"{today.isocalendar().year}-W{today.isocalendar().week:02}"
        assert now["unit_urls"] == {
            "month": "/papers?payment=paid",
            "week": f"/papers?period={week}&payment=paid",
            "all": "/papers?period=all&payment=paid",
        }


async def test_the_choice_of_month_or_week_is_remembered(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        asked = {
            query: (await list_view(PAPERS, query, actor))["remember"]
            for query in ("", "period=2026-W10", "period=2026-10", ALL)
        }
        assert asked == {"": None, "period=2026-W10": "week", "period=2026-10": None, ALL: None}
        weekly = await list_view(PAPERS, "", actor, remembered=remembered_unit({"portico_period": "week"}))
        assert weekly["period"]["unit"] == "week"
        assert (await list_view(PAPERS, "period=2026-10", actor, remembered="week"))["remember"] == "month"
    assert [remembered_unit({"portico_period": value}) for value in ("month", "all", "<x>", "")] == [
        "month",
        None,
        None,
        None,
    ]


async def test_empty_lists_say_what_to_do_next(papers_database: Any, acting: Acting) -> None:
    empty = await make_office(9, papers=0)
    actor = everything(empty)
    async with acting(actor):
        for query, title, action in (
            ("", "Nothing in this month", "/papers?period=all"),
            ("period=2026-W10", "Nothing in this week", "/papers?period=all"),
            (f"{ALL}&q=x", "Nothing matches", "/papers?period=all"),
            (ALL, "No papers yet", None),
        ):
            view = await list_view(PAPERS, query, actor)
            assert (view["empty"]["title"], view["empty"]["action_url"]) == (title, action)
            assert (view["total"]["text"], view["sums"], view["rows"]) == ("0 entries", [], [])
            assert view["pager"] == {"prev_url": None, "next_url": None}


async def test_a_page_that_has_gone_leads_back(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        view = await list_view(PAPERS, f"{ALL}&payment=paid", actor)
        while view["pager"]["next_url"]:
            following = view["pager"]["next_url"].partition("?")[2]
            view = await list_view(PAPERS, following, actor)
            assert view["pager"]["prev_url"]
        gone = following.replace("payment=paid", "payment=pending&q=zzz")
        assert (await list_view(PAPERS, gone, actor))["pager"]["prev_url"] == f"/papers?{ALL}&q=zzz&payment=pending"


def test_a_list_for_contacts_says_which_rows_are_theirs() -> None:
    people = replace(PAPERS, table=Person, columns=(), filters=(), search=(), period=None, sums=(), default_sort="")
    wrong = "list 'papers': contacts would see every row of person; list records (CustomerRecord), or say by `only` "
    assert check_lists([PAPERS, people]) == [wrong + "which rows are theirs"]
    hers = replace(people, only=lambda reader: Person.id == reader.person)
    assert check_lists([hers, replace(people, audience=Audience.STAFF)]) == []
