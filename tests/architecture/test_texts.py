"""Rules about what stands in files, whatever their language."""

from __future__ import annotations

import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, below, files, find_lines, listed, name

# put together here, so that this file obeys its own rules
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
REGISTRIES = re.compile(
    "|".join(
        [
            *(
                r"\.".join(parts)
                for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
            ),
            *(r"\.".join(parts) for parts in (("debian", "org"), ("yarnpkg", "com"), ("crates", "io"))),
            r'"resolved": *"http',
            r'registry *= *"http',
            r"--(extra-)?index" + "-url",
        ]
    )
)
MACHINE = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root)/")
CONFLICT = re.compile(r"^(<{7}|>{7}) ")
LARGE = 512 * 1024

NOQA_WITH_REASON = re.compile(r"#\s*noqa:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*\s+(--|#)\s+\S+.*\S")
IGNORE_WITH_REASON = re.compile(r"#\s*type:\s*ignore\[[a-z0-9, -]+\]\s+#\s*\S+.*\S")


def texts() -> list[Path]:
    return [path for path in files() if path.suffix not in {".pdf", ".png", ".ico", ".webp", ".woff2"}]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(UNFINISHED, id="nothing is left unfinished"),
        pytest.param(REGISTRIES, id="no package registry is named"),
        pytest.param(MACHINE, id="no path of one machine"),
        pytest.param(CONFLICT, id="no merge left half done"),
    ],
)
def test_no_line_breaks_the_rule(pattern: re.Pattern[str]) -> None:
    wrong = find_lines(texts(), pattern.search)
    assert not wrong, listed(wrong)


def test_every_exception_to_a_rule_has_its_reason() -> None:
    wrong = []
    for path in below("core", "plugins", "tests", suffix=".py"):
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
            if token.type != tokenize.COMMENT:
                continue
            comment = token.string
            noqa = re.search(r"#\s*noqa", comment) and not NOQA_WITH_REASON.search(comment)
            ignore = re.search(r"#\s*type:\s*ignore", comment) and not IGNORE_WITH_REASON.search(comment)
            whole_file = re.search(r"#\s*(ruff:\s*noqa|mypy:)", comment)
            if noqa or ignore or whole_file:
                wrong.append(f"{name(path)}:{token.start[0]}: {comment}")
    assert not wrong, listed(wrong)


@pytest.mark.parametrize(
    "comment",
    ["# noqa", "# noqa: S608", "# noqa: S608 --", "# type: ignore", "# type: ignore[misc]", "# type: ignore[misc] odd"],
)
def test_an_exception_without_reason_is_seen(comment: str) -> None:
    assert NOQA_WITH_REASON.search(comment) is None
    assert IGNORE_WITH_REASON.search(comment) is None


def test_no_large_file() -> None:
    assert {name(path): path.stat().st_size for path in files() if path.stat().st_size > LARGE} == {}


def test_the_lock_of_uv_is_not_tracked() -> None:
    if not (ROOT / ".git").exists():
        return
    tracked = subprocess.run(["git", "ls-files", "uv.lock"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert tracked.stdout == ""
