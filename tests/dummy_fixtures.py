"""The dummy module as a wheel: built once per session, installed into a folder of its own, put on the path per test."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.registry import Module

DUMMY = "bookings"
SOURCE = Path(__file__).parent / "dummy_module"


@pytest.fixture(scope="session")
def dummy_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, from a copy: building must leave nothing in the tree."""
    folder = tmp_path_factory.mktemp("dummy")
    source = folder / "source"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def dummy_site(dummy_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a site folder of its own: a wheel without data files or scripts is just unpacked."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(dummy_wheel) as archive:
        archive.extractall(site)
    return site


@pytest.fixture
def installed_dummy(dummy_site: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have this process find the dummy as any installed distribution; gone again after the test."""
    monkeypatch.syspath_prepend(str(dummy_site))
    return DUMMY


@pytest.fixture
def dummy_module(installed_dummy: str) -> Module:
    """The dummy alone, for portals without the modules of this tree."""
    plugin = importlib.import_module("portico_bookings.plugin")
    return Module(meta=plugin.META, plugin=plugin, package="portico_bookings", folder=Path(str(plugin.__file__)).parent)
