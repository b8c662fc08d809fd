"""Who may import whom: the rules of the design as contracts of import-linter, written for the parts that exist."""

from __future__ import annotations

import subprocess
from configparser import ConfigParser
from pathlib import Path

from tests.architecture.tree import PROGRAMS, ROOT, modules

# Highest first; a layer imports only what stands below it.
CORE = [
    {
        "answers",
        "app",
        "cli",
        "guards",
        "health",
        "layers",
        "moved",
        "sdk",
        "testing",
        "server",
        "core_routes",
        "contributed",
        "bootstrap",
        "demo",
        "api_schema",
    },
    {"shell"},
    {"messages", "lists"},
    {"records", "people", "accounts", "preferences", "imports"},
    {"tenancy"},
    {"registry", "contributions", "hookspecs", "permissions"},
    {"db", "config", "errors", "i18n", "templating", "web", "forms", "formats", "assets", "signing", "clock"}
    | {"kept", "rendering", "text", "logs", "outgoing", "outgoing_http", "sealing"},
]
# The queue is a leaf that every part may put work into; the worker above it does the work.
QUEUE = ["core.** -> core.messages.queue", "core.** -> core.messages.queue_tables"]
MODULE = [
    {"plugin"},
    {"routes", "staff", "staff_assign", "staff_quarantine", "api", "demo", "contributions", "activities", "events"},
    {"pages"},
    {"lists", "forms", "importing", "showing", "sheet"},
    {"listing"},
    {"services"},
    {"queries"},
    {"tables"},
    {"words", "reasons", "demo_files"},
    {"values"},
    {"states", "permissions", "preferences", "reading", "formats"},
]
# found by name, imported by nobody
APART = {"migrations", "piccolo_app", "templates", "static", "__main__"}
NO_HTTP = {"services", "queries", "tables"}


def children(package: Path) -> set[str]:
    """Modules and packages directly in a package; ruff (INP001) sees a folder without `__init__.py`."""
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    return (folders | {path.stem for path in package.glob("*.py")}) - {"__init__"}


def layers(order: list[set[str]], package: Path, dotted: str) -> str:
    """Lines of a layers contract with what exists of each layer; siblings may import each other."""
    there = children(package)
    rows = [" : ".join(sorted(f"{dotted}.{name}" for name in layer & there)) for layer in order]
    return "\n" + "\n".join(row for row in rows if row)


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def contracts() -> dict[str, dict[str, str]]:
    """Each contract of import-linter by its title."""
    core_parts = "\n".join(sorted(f"core.{name}" for name in children(ROOT / "core") - {"sdk"} - APART))
    found = {
        "core in layers": {
            "type": "layers",
            "layers": layers(CORE, ROOT / "core", "core"),
            "ignore_imports": "\n".join(["", *QUEUE]),
        },
        "core knows no module": {"type": "forbidden", "source_modules": "core", "forbidden_modules": "plugins"},
    }
    for id in modules():
        package = ROOT / "plugins" / id
        inside = layers(MODULE, package, f"plugins.{id}")
        if inside.strip():
            found[f"{id} in layers"] = {"type": "layers", "layers": inside}
        found[f"{id} imports core.sdk only"] = {
            "type": "forbidden",
            "source_modules": f"plugins.{id}",
            "forbidden_modules": core_parts,
            "allow_indirect_imports": "True",
        }
    if len(modules()) > 1:
        ids = "\n".join(f"plugins.{id}" for id in modules())
        found["modules know nothing of each other"] = {"type": "independence", "modules": ids}
    plain = sorted(dotted(path) for part in NO_HTTP for path in ROOT.glob(f"*/*/{part}.py"))
    plain += sorted(dotted(path) for part in NO_HTTP for path in ROOT.glob(f"*/*/{part}") if any(path.glob("*.py")))
    if plain:
        found["services, queries and tables know no HTTP"] = {
            "type": "forbidden",
            "source_modules": "\n".join(plain),
            "forbidden_modules": "litestar\njinja2",
            "allow_indirect_imports": "True",
        }
    return found


def test_imports_obey_the_contracts(tmp_path: Path) -> None:
    config = ConfigParser()
    config["importlinter"] = {
        "root_packages": "core\nplugins",
        "include_external_packages": "True",
        # what is imported for annotations only ties nothing at run time
        "exclude_type_checking_imports": "True",
    }
    for number, (title, contract) in enumerate(contracts().items()):
        config[f"importlinter:contract:{number}"] = {"name": title, **contract}
    file = tmp_path / "contracts.ini"
    with file.open("w") as stream:
        config.write(stream)
    done = subprocess.run(
        [PROGRAMS / "lint-imports", "--config", file, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"


def test_every_part_of_core_has_a_layer() -> None:
    assert children(ROOT / "core") - set().union(*CORE) - APART == set()


def test_every_part_of_a_module_has_a_layer() -> None:
    strangers = {id: children(ROOT / "plugins" / id) - set().union(*MODULE) - APART for id in modules()}
    assert {id: parts for id, parts in strangers.items() if parts} == {}
