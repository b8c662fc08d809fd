"""Pieces of pages that are drawn anew only when something they show has changed."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateAssertionError, TemplateSyntaxError
from markupsafe import Markup

from core.kept import Pieces
from core.templating import Templates

ANA, BEA = "ana", "bea"


def templates_of(tmp_path: Path, *, reload: bool = False, **sources: str) -> Templates:
    folder = tmp_path / "core"
    folder.mkdir(exist_ok=True)
    for name, text in sources.items():
        (folder / f"{name}.html").write_text(text)
    return Templates(core=folder, reload=reload, shared={"times": times})


calls: list[object] = []


def times(value: object) -> str:
    """Say how often something was drawn."""
    calls.append(value)
    return f"{value}#{len(calls)}"


@pytest.fixture(autouse=True)
def _from_one() -> None:
    calls.clear()


def shown(templates: Templates, reader: str | None = ANA, /, *, language: str = "en", **context: Any) -> str:
    return templates.render("page.html", language, context, reader=reader)


def test_a_piece_is_drawn_once_while_it_shows_the_same(tmp_path: Path) -> None:
    page = templates_of(tmp_path, page="{{ a }}: {% kept %}{{ times(b) }}{% endkept %}")
    assert [shown(page, a=n, b="x") for n in range(3)] == ["0: x#1", "1: x#1", "2: x#1"]
    assert [shown(page, a=0, b=b) for b in ("y", "y", "x")] == ["0: y#2", "0: y#2", "0: x#3"]


@pytest.mark.parametrize(
    ("piece", "first", "second"),
    [
        ("{{ times(v['a']) }}", {"v": {"a": 1, "b": 1}}, {"v": {"a": 1, "b": 2}}),
        ("{{ times(v.get('a', [])) }}", {"v": {"b": 1}}, {"v": {"b": 2}}),
        ("{% set a = b %}{{ times(a) }}", {"a": 1, "b": 1}, {"a": 2, "b": 1}),
        ("{% for a in b %}{{ times(loop.index) }}{% endfor %}", {"a": 1, "b": [0]}, {"a": 2, "b": [0]}),
        ("{% if a is defined %}{{ a }}{% endif %}{{ times(1) }}", {"a": 1}, {"a": 1, "c": 2}),
    ],
)
def test_what_a_piece_does_not_read_is_nothing_to_it(
    tmp_path: Path, piece: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    page = templates_of(tmp_path, page=f"{{% kept %}}{piece}{{% endkept %}}")
    assert shown(page, **first) == shown(page, **second)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("piece", "first", "second"),
    [
        ("{{ times(v['a']['b']) }}", {"v": {"a": {"b": 1}}}, {"v": {"a": {"b": 2}}}),
        ("{{ times(v[k]) }}", {"v": {"a": 1, "b": 2}, "k": "a"}, {"v": {"a": 1, "b": 2}, "k": "b"}),
        ("{{ times(v[k]) }}", {"v": {"a": 1}, "k": "a"}, {"v": {"a": 2}, "k": "a"}),
        ("{{ times(v['a']) }}{{ v|length }}", {"v": {"a": 1}}, {"v": {"a": 1, "b": 2}}),
        ("{{ times(v.get(k)) }}", {"v": {"a": 1}, "k": "a"}, {"v": {"a": 1}, "k": "b"}),
        ("{{ times(v.a) }}", {"v": {"a": 1}}, {"v": {"a": 2}}),
        (
            "{{ times(v|map(attribute=k)|first) }}",
            {"v": [{"a": 1, "b": 2}], "k": "a"},
            {"v": [{"a": 1, "b": 2}], "k": "b"},
        ),
        ("{% for x in v %}{{ times(x) }}{% endfor %}", {"v": [1]}, {"v": [2]}),
        ("{% if a is defined %}a{% endif %}{{ times(1) }}", {}, {"a": 1}),
        ("{{ times(1) }}{% if b %}{{ _('Save') }}{% endif %}", {"b": False}, {"b": True}),
        ("{{ times(_('Hello {name}', name=b)) }}", {"b": "x"}, {"b": "y"}),
        ("{% set x = {'k': b} %}{{ times(x['k']) }}", {"b": "x"}, {"b": "y"}),
    ],
)
def test_whatever_a_piece_reads_draws_it_anew(
    tmp_path: Path, piece: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    page = templates_of(tmp_path, page=f"{{% kept %}}{piece}{{% endkept %}}")
    plain = templates_of(tmp_path / "core", page=piece)
    for context in (first, second, first):
        calls.clear()
        found = shown(page, **context)
        calls.clear()
        assert found == shown(plain, None, **context)


def test_arguments_and_what_a_macro_sets_count(tmp_path: Path) -> None:
    page = templates_of(
        tmp_path,
        parts="{% macro m(a) %}{% set b = a * 2 %}{% kept %}{{ times(b) }}{% endkept %}{% endmacro %}",
        page="{% from 'parts.html' import m %}{{ m(a) }}",
    )
    assert [shown(page, a=a) for a in (1, 1, 2)] == ["2#1", "2#1", "4#2"]


def test_readers_languages_zones_and_states_are_kept_apart(tmp_path: Path) -> None:
    page = templates_of(tmp_path, page="{% kept s %}{{ times(1) }}{% endkept %}")
    ways: list[dict[str, Any]] = [
        {"s": 1}, {"s": 2}, {"s": 1, "language": "fr"}, {"s": 1, "zone": "Europe/Lisbon"},
    ]  # fmt: skip
    for _ in range(2):
        assert [shown(page, **way) for way in ways] == ["1#1", "1#2", "1#3", "1#4"]
    assert shown(page, BEA, s=1) == "1#5"


def test_nothing_is_kept_for_nobody_and_while_templates_are_read_again(tmp_path: Path) -> None:
    page = templates_of(tmp_path, page="{% kept %}{{ times(1) }}{% endkept %}")
    assert [shown(page, None), shown(page, None)] == ["1#1", "1#2"]
    again = templates_of(tmp_path, reload=True)
    assert [shown(again), shown(again)] == ["1#3", "1#4"]


def test_what_is_kept_stays_escaped(tmp_path: Path) -> None:
    page = templates_of(tmp_path, page="{% kept %}{{ a }}{{ b }}{{ c }}{% endkept %}")
    for _ in range(2):
        assert shown(page, a="<i>", b=Markup("<b>"), c=1) == "&lt;i&gt;<b>1"


def test_a_mistake_in_a_piece_leaves_nothing_behind(tmp_path: Path) -> None:
    page = templates_of(tmp_path, page="{% kept %}{{ 1 // a }}{% endkept %}")
    with pytest.raises(ZeroDivisionError):
        shown(page, a=0)
    assert shown(page, a=1) == "1"


@pytest.mark.parametrize(
    "piece", ["{% block x %}{% endblock %}", "{% include 'x.html' %}", "{{ super() }}", "{{ self.x() }}"]
)
def test_what_reads_out_of_sight_is_refused(tmp_path: Path, piece: str) -> None:
    page = templates_of(tmp_path, page=f"{{% kept %}}{piece}{{% endkept %}}")
    with pytest.raises(TemplateAssertionError, match="a kept piece cannot see"):
        shown(page)


def test_a_piece_must_end(tmp_path: Path) -> None:
    with pytest.raises(TemplateSyntaxError):
        shown(templates_of(tmp_path, page="{% kept %}{{ 1 }}"))


def test_memory_is_bounded_and_what_was_not_used_for_longest_goes_first() -> None:
    pieces = Pieces(most=10)
    drawn: list[str] = []

    def piece(key: str) -> str:
        drawn.append(key)
        return key * 4

    for key in ("a", "b", "a", "c", "a", "b"):
        pieces.drawn(key, (), partial(piece, key))
    assert (len(pieces), pieces.characters, drawn) == (2, 8, ["a", "b", "c", "b"])
    pieces.drawn("b", (1,), lambda: "c")
    assert (len(pieces), pieces.characters) == (2, 5)
    pieces.drawn("d", (), lambda: "d" * 11)
    assert (len(pieces), pieces.characters) == (0, 0)
