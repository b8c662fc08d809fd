from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lists.links import Links, query_of
from core.lists.periods import ALL, Span, converted, month_of, parse_span, span_of, week_of
from core.lists.state import Cursor, ListState, Sort, default_span, parse_cursor, parse_state
from tests.lists.sample import MADRID, PAPERS

TODAY = date(2026, 11, 21)
DAYS = st.dates(date(1901, 1, 1), date(2198, 12, 1))


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("2026-12", "2026-11", "2027-01"),
        ("2027-01", "2026-12", "2027-02"),
        ("2026-W53", "2026-W52", "2027-W01"),
        ("2025-W01", "2024-W52", "2025-W02"),
        ("2020-W53", "2020-W52", "2021-W01"),
    ],
)
def test_arrows_cross_the_years(key: str, before: str, after: str) -> None:
    span = parse_span(key)
    assert span is not None
    neighbours = [span.step(-1), span.step(1)]
    assert [found and found.key for found in neighbours] == [before, after]


def test_a_week_of_two_years_belongs_to_the_year_of_its_thursday() -> None:
    assert week_of(date(2027, 1, 1)).key == "2026-W53"
    assert week_of(date(2024, 12, 31)) == Span("week", date(2024, 12, 30), date(2025, 1, 6))
    assert week_of(date(2024, 12, 31)).key == "2025-W01"


@given(DAYS, st.sampled_from(["month", "week"]), st.integers(-30, 30))
def test_spans_are_without_gap_and_steps_come_back(day: date, unit: str, by: int) -> None:
    span = span_of(unit, day)
    assert span.contains(day)
    assert parse_span(span.key) == span
    following = span.step(1)
    assert following is not None
    assert following.first == span.end
    there = span.step(by)
    if there is not None:
        assert there.step(-by) == span


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-W54", "2025-W53", "0001-01", "9999-12", "x", "2026-1"]
)
def test_nonsense_is_no_period(text: str) -> None:
    assert parse_span(text) is None


def test_the_first_and_last_years_have_no_arrows_beyond() -> None:
    assert month_of(date(1900, 1, 5)).step(-1) is None
    assert month_of(date(2199, 12, 5)).step(1) is None


def test_changing_the_unit_stays_around_today_or_at_the_same_place() -> None:
    assert converted(month_of(TODAY), "week", TODAY).key == "2026-W47"
    assert converted(month_of(date(2026, 3, 5)), "week", TODAY).key == "2026-W09"
    assert converted(week_of(date(2027, 1, 1)), "month", TODAY).key == "2026-12"
    assert converted(ALL, "month", TODAY).key == "2026-11"
    assert converted(month_of(TODAY), "all", TODAY) == ALL


def test_bounds_follow_the_clocks_of_the_zone() -> None:
    first, end = month_of(date(2026, 3, 1)).bounds(MADRID)
    assert (first.isoformat(), end.isoformat()) == ("2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00")


def test_labels() -> None:
    assert month_of(TODAY).label("es") == "noviembre de 2026"
    assert week_of(TODAY).label("en").endswith("16 Nov 2026 – 22 Nov 2026")
    assert ALL.label("en") == ""


def test_defaults_are_left_out_and_unknown_names_ignored() -> None:
    state = parse_state(
        PAPERS, "utm=1&payment=nonsense&sort=secret&period=x&customer=1&amount_from=x&after=%FF", today=TODAY
    )
    assert state == ListState(span=month_of(TODAY), sort=Sort("issued_on", descending=True))
    assert query_of(state, PAPERS, default_span=month_of(TODAY)) == ""


def test_the_unit_looked_at_last_is_the_default() -> None:
    assert parse_state(PAPERS, "", today=TODAY, remembered="week").span == week_of(TODAY)
    assert parse_state(PAPERS, "period=2026-11", today=TODAY, remembered="week").span == month_of(TODAY)
    weekly = Links(PAPERS, parse_state(PAPERS, "", today=TODAY, remembered="week"), default_span(PAPERS, TODAY, "week"))
    assert weekly.to(span=month_of(TODAY)) == "/papers?period=2026-11"
    assert weekly.to(span=week_of(TODAY)) == "/papers"


@pytest.mark.parametrize(
    ("typed", "language", "kept"),
    [
        ("1.234,50", "es", "1234.50"),
        ("1.234", "es", "1234"),
        ("1,234.5", "en", "1234.50"),
        ("-12,345", "es", "-12.3450"),
        ("12 €", "es", ""),
        ("9" * 20, "es", ""),
    ],
)
def test_amounts_read_back_alike_in_every_language(typed: str, language: str, kept: str) -> None:
    state = parse_state(PAPERS, {"amount_from": typed}, today=TODAY, language=language)
    assert state.ranges == ({"amount": (kept, "")} if kept else {})
    for other in ("en", "es", "fr", "pt"):
        assert parse_state(PAPERS, query_of(state, PAPERS), today=TODAY, language=other) == state


STATES = st.builds(
    ListState,
    span=st.one_of(st.just(ALL), DAYS.map(month_of), DAYS.map(week_of)),
    search=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20).map(
        lambda text: " ".join(text.split())
    ),
    chosen=st.fixed_dictionaries(
        {},
        optional={
            "payment": st.sampled_from([("pending",), ("paid",), ("pending", "paid")]),
            "due": st.just(("overdue",)),
            "customer": st.lists(st.uuids().map(str), min_size=1, max_size=3, unique=True).map(
                lambda ids: tuple(sorted(ids))
            ),
        },
    ),
    ranges=st.fixed_dictionaries(
        {},
        optional={
            "issued": st.tuples(DAYS.map(str), st.sampled_from(["", "2026-11-30"])),
            "amount": st.sampled_from([("", "12.50"), ("-3", ""), ("1.2340", "7")]),
        },
    ),
    sort=st.builds(Sort, st.sampled_from(["number", "due_on", "total"]), st.booleans()),
    cursor=st.one_of(
        st.none(),
        st.builds(
            Cursor,
            st.sampled_from(["after", "before"]),
            st.one_of(st.none(), st.text(max_size=9), st.integers(-(2**62), 2**62), DAYS, st.booleans()),
            st.uuids(),
        ),
    ),
)


@given(STATES)
def test_a_state_comes_back_from_its_query_string(state: ListState) -> None:
    assert parse_state(PAPERS, query_of(state, PAPERS), today=TODAY, language="es") == state


def test_cursors_keep_instants_and_refuse_nonsense() -> None:
    cursor = Cursor("after", datetime(2026, 11, 21, 12, tzinfo=MADRID), uuid4())
    assert parse_cursor("after", cursor.text) == Cursor("after", cursor.value, cursor.id)
    deep = urlsafe_b64encode(f'["v",{"[" * 3000}{"]" * 3000},"x"]'.encode()).decode()
    for text in ("", "x", "AAAA", "W10", "WyJ2IiwxLCJ4Il0", "é", "=" * 9, deep):
        assert parse_cursor("after", text) is None


def test_links_change_one_thing() -> None:
    state = parse_state(PAPERS, "q=a+b&payment=paid&payment=pending&period=2026-10&sort=total&after=x", today=TODAY)
    links = Links(PAPERS, state, month_of(TODAY))
    rest = "q=a+b&payment=pending&payment=paid"
    assert links.to(span=month_of(TODAY)) == f"/papers?{rest}&sort=total"
    assert links.sort("issued_on", descending=True) == f"/papers?period=2026-10&{rest}"
    assert links.without("payment", "paid") == "/papers?period=2026-10&q=a+b&payment=pending&sort=total"
    assert links.without("payment") == "/papers?period=2026-10&q=a+b&sort=total"
    assert links.reset() == "/papers?period=2026-10&sort=total"
    assert links.export("csv") == f"/papers/export.csv?period=2026-10&{rest}&sort=total"
    assert links.kept() == [{"name": "period", "value": "2026-10"}, {"name": "sort", "value": "total"}]
