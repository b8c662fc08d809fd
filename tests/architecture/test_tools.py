from __future__ import annotations

import subprocess

import pytest

from tests.architecture.tree import PROGRAMS, ROOT


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["ruff", "check", "--output-format=concise", "--no-fix"], id="ruff check"),
        pytest.param(["ruff", "format", "--check"], id="ruff format"),
        pytest.param(["mypy"], id="mypy strict on core and plugins"),
    ],
)
def test_tool_finds_nothing(command: list[str]) -> None:
    program, *arguments = command
    done = subprocess.run([PROGRAMS / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"
