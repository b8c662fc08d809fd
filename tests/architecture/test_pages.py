"""What the Content-Security-Policy enforces in a browser, said before one is opened; and icons that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from core.assets.hook import icon_names
from tests.architecture.tree import ROOT, below, find_lines, listed, name, parse

INLINE = {
    "script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "handler": re.compile(r"[\s\"']on[a-z]+\s*=\s*[\"'{]", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b", re.IGNORECASE),
    "script in a value": re.compile(r"""["']\s*(javascript|js):""", re.IGNORECASE),
}
# programs that show mail load no stylesheet; these pages never reach our origin
MAIL = {"mail", "mails"}
STYLES = {"style element", "style attribute"}
UNESCAPED = re.compile(r"\|\s*safe\b(?!.*\{#-?\s*\S)|\{%-?\s*autoescape\s+false")
ICON_IN_TEMPLATE = re.compile(r"""\bicon\(\s*["']([a-z0-9/-]+)["']|\bicon\s*=\s*["']([a-z0-9/-]+)["']""")


def templates() -> list[Path]:
    return [path for path in below("core", "plugins") if "templates" in path.parts]


def is_mail(path: Path) -> bool:
    return bool(MAIL.intersection(path.parts))


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has_inline(what: str) -> None:
    pages = [path for path in templates() if not (what in STYLES and is_mail(path))]
    wrong = find_lines(pages, INLINE[what].search)
    assert not wrong, listed(wrong)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("script", "<script>alert(1)</script>"),
        ("script", '<script type="module">'),
        ("style element", "<style>"),
        ("style attribute", '<p style="color:red">'),
        ("handler", "<a onclick='x()'>"),
        ("hx-on", "<a hx-on:click='x()'>"),
        ("script in a value", '<a href="javascript:x()">'),
    ],
)
def test_inline_is_seen(what: str, line: str) -> None:
    assert INLINE[what].search(line)


def test_unescaped_output_says_why() -> None:
    """`{{ x|safe }} {# why it is safe #}` on one line; a module never hands HTML to the host."""
    wrong = find_lines(templates(), UNESCAPED.search)
    assert not wrong, listed(wrong)


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    """`icon("name")` or `icon="name"` in templates and Python; the list is core/static/icons.txt."""
    used: dict[str, str] = {}
    for path in templates():
        for match in ICON_IN_TEMPLATE.finditer(path.read_text(encoding="utf-8")):
            used[match[1] or match[2]] = name(path)
    for path in below("core", "plugins", suffix=".py"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.keyword) and node.arg == "icon" and isinstance(node.value, ast.Constant):
                used[str(node.value.value)] = name(path)
    listed = set(icon_names((ROOT / "core" / "static" / "icons.txt").read_text(encoding="utf-8")))
    symbols = {f"{icon.removeprefix('filled/')}-filled" if icon.startswith("filled/") else icon for icon in listed}
    assert {icon: file for icon, file in used.items() if icon not in symbols} == {}


def test_no_third_party_address_in_pages() -> None:
    outside = re.compile(r"""<(script|link|img|iframe|source|use)\b[^>]*(src|href)\s*=\s*["']?(https?:)?//""")
    styles = re.compile(r"@import|url\(\s*[\"']?(https?:)?//")
    wrong = find_lines([path for path in templates() if not is_mail(path)], outside.search)
    assert not wrong, listed(wrong)
    wrong = find_lines(below("core", "plugins", suffix=".css"), styles.search)
    assert not wrong, listed(wrong)
