from __future__ import annotations

import base64
import gzip
import hashlib
from pathlib import Path

import pytest

from core.assets import AssetError, Assets, asset, asset_url, icon_sprite_url, load_assets


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A core/static as the build leaves it."""
    folder = tmp_path / "static"
    for path, text in {
        "dist/htmx.js": "var htmx = 1;",
        "dist/icons.svg": "<svg/>",
        "dist/inputs.sha256": "0",
        "css/20-parts.css": "b{}",
        "css/10-base.css": "a{}",
        "js/portico.js": 'import "./parts/dialog.js";',
        "js/parts/dialog.js": "export {};",
        "img/mark.svg": "<svg></svg>",
    }.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def test_styles_are_joined_in_name_order_and_everything_has_its_name(static: Path, tmp_path: Path) -> None:
    module = tmp_path / "elsewhere"
    module.mkdir()
    (module / "upload.js").write_text("1")
    found = Assets(static, {"invoices": module})
    assert {name: file.body for name, file in found.by_name.items()} == {
        "htmx.js": b"var htmx = 1;",
        "icons.svg": b"<svg/>",
        "portico.css": b"a{}\nb{}",
        "portico.js": b'import "./parts/dialog.js";',
        "parts/dialog.js": b"export {};",
        "img/mark.svg": b"<svg></svg>",
        "invoices/upload.js": b"1",
    }


def test_the_same_content_has_the_same_url_and_another_content_another(static: Path) -> None:
    before = Assets(static, {})["htmx.js"].url
    assert Assets(static, {})["htmx.js"].url == before
    (static / "css" / "10-base.css").write_text("a{color:red}")
    after = Assets(static, {})["htmx.js"].url
    assert after != before


def test_relative_imports_of_modules_lead_to_files_of_the_same_version(static: Path, tmp_path: Path) -> None:
    module = tmp_path / "elsewhere"
    module.mkdir()
    (module / "upload.js").write_text('import "../parts/dialog.js"')
    found = Assets(static, {"invoices": module})
    folder = found["invoices/upload.js"].url.rpartition("/")[0]
    assert f"{folder.rpartition('/')[0]}/parts/dialog.js" in found.by_url


def test_integrity_and_compression_belong_to_the_file() -> None:
    htmx = asset("htmx.js")
    assert htmx.integrity == "sha384-" + base64.b64encode(hashlib.sha384(htmx.body).digest()).decode()
    assert htmx.zipped is not None
    assert gzip.decompress(htmx.zipped) == htmx.body
    assert asset_url("htmx.js") == htmx.url == f"/static/{load_assets().version}/htmx.js"
    assert icon_sprite_url() == asset_url("icons.svg")


def test_an_unknown_name_is_an_error_that_names_the_known(static: Path) -> None:
    with pytest.raises(AssetError, match=r"No static file 'nothing.css'; there are .*htmx\.js.*portico\.css"):
        Assets(static, {})["nothing.css"]


@pytest.mark.parametrize("wrong", ["js/.hidden.js", "js/notes.md", "img/page.html"])
def test_a_file_of_another_kind_is_refused_at_start(static: Path, wrong: str) -> None:
    (static / wrong).write_text("x")
    with pytest.raises(AssetError, match=Path(wrong).name):
        Assets(static, {})


def test_a_missing_build_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="uv sync"):
        Assets(tmp_path, {})


def test_a_first_visit_loads_little() -> None:
    """htmx, our styles and scripts and the icons, compressed: at most 60 kB; what licences say is read by few."""
    sizes = {
        name: len(file.zipped or file.body)
        for name, file in load_assets({}).by_name.items()
        if name != "THIRD_PARTY.txt" and not name.startswith("img/")
    }
    assert sum(sizes.values()) <= 60_000, sizes
