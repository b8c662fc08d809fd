"""Runs the tests: `python -m tests [--long] [arguments of pytest]`; what measures time by itself, all with `--long`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL_SECONDS = 300
MEASURING = tuple(f"tests/benchmarks/test_{name}.py" for name in ("pages", "reading", "timing"))
"""Tests that ask how long something takes."""


def main(arguments: list[str]) -> int:
    """Find or install a browser, run pytest, return its code (of several runs the first that is not 0)."""
    browser = find_browser() or install_browser()
    if browser is None:
        print(  # noqa: T201 -- a program for people
            "The tests drive a real browser, and none is here or could be installed.\n"
            "Install Chromium or Google Chrome (Debian, Ubuntu: sudo apt-get install chromium), or run\n"
            "  .venv/bin/python -m playwright install --with-deps chromium\n"
            "or name one: PORTICO_TEST_BROWSER=/path/to/chrome",
            file=sys.stderr,
        )
        return 2
    os.environ["PORTICO_TEST_BROWSER"] = browser
    keep_bytecode()
    if "--long" in arguments:
        arguments = [argument for argument in arguments if argument != "--long"]
        os.environ["PORTICO_TEST_LONG"] = "1"
    if arguments:
        return pytest(arguments)
    # as many processes as cores, for browsers and databases want them as well; each takes over what another has not
    # come to. Measuring needs the machine for itself; what only counts statements does not
    processes = min(os.cpu_count() or 1, 4)
    apart = [path for path in MEASURING if (ROOT / path).is_file()]
    ignored = [f"--ignore={path}" for path in apart]
    phases = [[f"--numprocesses={processes}", "--dist=worksteal", *ignored, "--durations=25"]]
    if apart:
        phases.append(apart)
    # each says what it found: the first that fails hides nothing
    codes = [pytest(phase) for phase in phases]
    return next((code for code in codes if code), 0)


def pytest(arguments: list[str]) -> int:
    """Run pytest in the project's folder, output passed through; say what was run and how it ended."""
    said, begun = " ".join(["pytest", *arguments]), time.monotonic()
    print("$", said, flush=True)  # noqa: T201 -- a program for people
    code = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode
    how = "passed" if code == 0 else f"FAILED with code {code}"
    print(f"{said}: {how} after {time.monotonic() - begun:.0f} s", flush=True)  # noqa: T201 -- as above
    return code


def keep_bytecode() -> None:
    """Compile modules once for all processes that tests start, beside the environment, whatever the shell asks for."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "bytecode"))


def find_browser() -> str | None:
    """Give the browser that is named, on PATH, or was installed by Playwright; only one that starts."""
    named = os.environ.get("PORTICO_TEST_BROWSER")
    candidates = [named, *(shutil.which(name) for name in BROWSERS)]
    working = next((path for path in candidates if path and starts(path)), None)
    return working or playwrights_browser()


def playwrights_browser() -> str | None:
    """Give the Chromium that Playwright keeps for itself, if it is there and finds its libraries."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- half a second, mostly not needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if starts(path) else None


def install_browser() -> str | None:
    """Let Playwright fetch a Chromium; failing that, as root, install the system's."""
    run(sys.executable, "-m", "playwright", "install", "chromium")
    found = find_browser()
    if found is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        run("apt-get", "update")
        run("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
        found = find_browser()
    return found


def run(*command: str) -> None:
    """Run an installer; whether it helped is seen by looking for the browser."""
    print("$", *command, flush=True)  # noqa: T201 -- a program for people
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"gave up after {INSTALL_SECONDS} s", flush=True)  # noqa: T201 -- a program for people


def starts(path: str) -> bool:
    """Tell whether this browser tells its version: Ubuntu's `chromium` may be an empty shell around snap."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"Chrom" in done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
