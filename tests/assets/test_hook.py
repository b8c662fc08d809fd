from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from core.assets import asset
from core.assets.hook import build_assets, fingerprint, icon_names, sprite, third_party
from tests.architecture.tree import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def test_the_sprite_has_every_icon_of_the_list_and_draws_something() -> None:
    root = ET.fromstring(asset("icons.svg").body)  # noqa: S314 -- made by our build
    symbols = {symbol.attrib["id"]: len(symbol) for symbol in root.iter(f"{SVG}symbol")}
    names = icon_names((ROOT / "core" / "static" / "icons.txt").read_text())
    ids = [f"{name.removeprefix('filled/')}-filled" if name.startswith("filled/") else name for name in names]
    assert list(symbols) == ids
    assert [name for name, shapes in symbols.items() if not shapes] == []


def test_icons_unknown_to_the_package_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "outline").mkdir()
    (tmp_path / "outline" / "home.svg").write_text('<svg class="x">\n <path d="M0 0"/>\n</svg>')
    with pytest.raises(LookupError, match="nowhere, filled/home"):
        sprite(tmp_path, ["home", "nowhere", "filled/home"])


def test_an_icon_takes_its_colour_from_the_page(tmp_path: Path) -> None:
    (tmp_path / "filled").mkdir()
    (tmp_path / "filled" / "star.svg").write_text('<svg class="x">\n <path d="M0 0"/>\n</svg>')
    assert sprite(tmp_path, ["filled/star"]) == (
        '<svg xmlns="http://www.w3.org/2000/svg">\n'
        '<symbol id="star-filled" viewBox="0 0 24 24" fill="currentColor"><path d="M0 0"/></symbol>\n</svg>\n'
    )


def test_names_are_read_without_comments_and_doubles() -> None:
    assert icon_names("# used\nx\nbell # top right\n\nx\n") == ["bell", "x"]


def test_third_party_names_version_licence_and_text(tmp_path: Path) -> None:
    for package in ("htmx.org", "@tabler/icons"):
        folder = tmp_path / package
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(json.dumps({"version": "1.2.3", "license": "MIT"}))
        (folder / "LICENSE").write_text(f"Licence of {package}\n")
    line = "-" * 80
    assert third_party(tmp_path) == (
        "Files in this folder come from the following packages.\n"
        f"\n{line}\n\n@tabler/icons 1.2.3 (MIT)\n\nLicence of @tabler/icons\n"
        f"\n{line}\n\nhtmx.org 1.2.3 (MIT)\n\nLicence of htmx.org\n"
    )


def test_what_was_made_from_the_same_inputs_is_kept(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json", "icons.txt"):
        shutil.copy(ROOT / "core" / "static" / name, tmp_path)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "htmx.js").write_text("made before")
    (tmp_path / "dist" / "inputs.sha256").write_text(fingerprint(tmp_path))
    build_assets(tmp_path)
    assert {path.name for path in (tmp_path / "dist").iterdir()} == {"htmx.js", "inputs.sha256"}
    assert (tmp_path / "dist" / "htmx.js").read_text() == "made before"
    assert not (tmp_path / "dev").exists()


def test_another_icon_is_another_input(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json", "icons.txt"):
        shutil.copy(ROOT / "core" / "static" / name, tmp_path)
    before = fingerprint(tmp_path)
    (tmp_path / "icons.txt").write_text("bell\n")
    assert fingerprint(tmp_path) != before


def test_every_package_is_pinned_with_its_hash_and_without_address() -> None:
    about = json.loads((ROOT / "core" / "static" / "package.json").read_text())
    wanted = about["dependencies"] | about["devDependencies"]
    locked = json.loads((ROOT / "core" / "static" / "package-lock.json").read_text())["packages"]
    packages = {path.removeprefix("node_modules/"): about for path, about in locked.items() if path}
    assert {name: packages[name]["version"] for name in wanted} == wanted
    assert all(re.match(r"sha512-", about["integrity"]) for about in packages.values())
    assert all("resolved" not in about for about in packages.values())
