"""The files that the rules are about."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
NOT_OURS = {".git", ".venv", "node_modules", "dist", "build", "var", "__pycache__"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, new ones too, without what is ignored; in a copy without git, without what is made."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        done = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        paths = sorted({ROOT / name for name in done.stdout.split("\0") if name})
        return tuple(path for path in paths if path.is_file())
    return tuple(
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not NOT_OURS.intersection(path.relative_to(ROOT).parts)
        and not any(part.endswith("_cache") for part in path.parts)
        and path.name != "uv.lock"
    )


def below(*folders: str, suffix: str = "") -> list[Path]:
    """Files under folders of the project, by the end of their name."""
    roots = [ROOT / folder for folder in folders]
    return [path for path in files() if path.name.endswith(suffix) and any(root in path.parents for root in roots)]


def name(path: Path) -> str:
    """Name of a file within the project, for messages."""
    return path.relative_to(ROOT).as_posix()


def modules() -> list[str]:
    """Ids of the modules in this tree."""
    return sorted(path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py"))


def parse(path: Path) -> ast.Module:
    """Syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def find_lines(paths: Iterable[Path], wrong: Callable[[str], object]) -> list[str]:
    """`file:line: text` of every line that `wrong(line)` is true of."""
    found = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        lines = enumerate(text.splitlines(), 1)
        found += [f"{name(path)}:{number}: {line.strip()[:160]}" for number, line in lines if wrong(line)]
    return found


def listed(found: list[str]) -> str:
    """Every finding on a line of its own; pytest would show the first."""
    return "\n" + "\n".join(found)
