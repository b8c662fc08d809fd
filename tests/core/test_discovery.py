"""Modules that wheels bring: found, or the sentence that says what is wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import registry as registry_module
from core.registry import StartupError, discover


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site folder of its own on the path; what was imported from it is forgotten."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry_module, "_in_tree", list)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("wheel_"):
            del sys.modules[name]


def wheel(site: Path, entry: str, package: str, plugin: str) -> None:
    """Install a distribution with one module."""
    (site / package).mkdir()
    (site / package / "__init__.py").write_text("")
    (site / package / "plugin.py").write_text(plugin)
    info = site / f"{package}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[portico.modules]\n{entry} = {package}.plugin\n")


META = """
from core.sdk import ModuleMeta, Translator
_ = Translator("{id}")
META = ModuleMeta(id="{id}", name=_("P"), description=_("P"), version="1", icon="file")
"""


def test_a_module_from_a_wheel_is_found(site: Path) -> None:
    wheel(site, "strange", "wheel_strange", META.format(id="strange"))
    assert discover()["strange"].package == "wheel_strange"


@pytest.mark.parametrize(
    ("entry", "plugin", "sentence"),
    [
        ("papers", "", "wheel_papers.plugin has no META = ModuleMeta(…)"),
        ("papers", "META = {'id': 'papers'}", "wheel_papers.plugin has no META = ModuleMeta(…)"),
        ("papers", META.format(id="paper"), "META.id is 'paper', its folder or entry point says 'papers'"),
        ("Papers", META.format(id="Papers"), "the id 'Papers' must be lower-case letters, digits and underscores"),
        ("pa-pers", META.format(id="pa-pers"), "the id 'pa-pers' must be lower-case letters, digits and underscores"),
        ("core", META.format(id="core"), "the id 'core' is taken"),
    ],
)
def test_what_a_wheel_can_get_wrong(site: Path, entry: str, plugin: str, sentence: str) -> None:
    wheel(site, entry, "wheel_papers", plugin)
    with pytest.raises(StartupError, match=re.escape(sentence)):
        discover()


def test_two_modules_of_one_name_stop_the_start(site: Path) -> None:
    wheel(site, "papers", "wheel_one", META.format(id="papers"))
    wheel(site, "papers", "wheel_two", META.format(id="papers"))
    with pytest.raises(StartupError, match="two modules are called 'papers': wheel_one and wheel_two"):
        discover()


def test_a_broken_import_inside_a_module_is_not_hidden(site: Path) -> None:
    wheel(site, "papers", "wheel_papers", "import no_such_library_at_all")
    with pytest.raises(ModuleNotFoundError, match="no_such_library_at_all"):
        discover()
