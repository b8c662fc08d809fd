"""Where the demo lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.demo import demo_home


@pytest.mark.parametrize(
    ("data_folder", "home"),
    [(None, Path("var/demo")), ("", Path("var/demo")), ("/srv/portico", Path("/srv/portico/demo"))],
)
def test_the_demo_lies_in_a_folder_of_its_own_in_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, data_folder: str | None, home: Path
) -> None:
    monkeypatch.delenv("PORTICO_HOME", raising=False)
    if data_folder is not None:
        monkeypatch.setenv("PORTICO_HOME", data_folder)
    assert demo_home() == home
