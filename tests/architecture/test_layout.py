from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.tree import ROOT, below, files, find_lines, listed, modules, name, parse

FOLDERS = {".ci", "core", "locales", "plugins", "tests"}
PLUGIN_LINES = 120
SDK_NAMES = 45
HOOKS = 14


def test_no_other_top_level_folder() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in files() if path.parent != ROOT}
    assert found - FOLDERS == set()


def test_every_module_has_a_table_of_contents() -> None:
    assert [id for id in modules() if not (ROOT / "plugins" / id / "plugin.py").is_file()] == []


@pytest.mark.parametrize("id", modules())
def test_the_table_of_contents_is_short_and_holds_no_logic(id: str) -> None:
    path = ROOT / "plugins" / id / "plugin.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= PLUGIN_LINES
    logic = (ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)
    lines = [node.lineno for node in ast.walk(parse(path)) if isinstance(node, logic)]
    # `if TYPE_CHECKING:` imports names for annotations
    conditions = [node for node in ast.walk(parse(path)) if isinstance(node, ast.If)]
    lines += [node.lineno for node in conditions if ast.unparse(node.test) != "TYPE_CHECKING"]
    assert lines == []


@pytest.mark.parametrize("id", modules())
def test_core_does_not_name_a_module(id: str) -> None:
    """Prose and examples in docstrings may; code, templates, styles and scripts may not."""
    named = re.compile(rf"^(/?(staff/|api/v1/)?{id}([:/_.?].*)?|plugins\.{id}.*)$")
    wrong = []
    for path in below("core", suffix=".py"):
        tree = parse(path)
        prose = {
            id_(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id_(node) not in prose:
                if named.match(node.value):
                    wrong.append(f"{name(path)}:{node.lineno}: {node.value!r}")
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("plugins"):
                wrong.append(f"{name(path)}:{node.lineno}: import of {node.module}")
    quoted = re.compile(rf"""["'](/?(staff/|api/v1/)?{id}(["':/_?]))|\.{id}[-\s{{]""")
    pages = [path for path in below("core") if path.suffix in {".html", ".js", ".css", ".txt"}]
    wrong += find_lines([path for path in pages if path.name != "icons.txt"], quoted.search)
    assert not wrong, listed(wrong)


def id_(node: ast.AST) -> tuple[int, int]:
    """Where a node stands, to find it again."""
    return (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def test_the_public_surface_stays_small() -> None:
    path = ROOT / "core" / "sdk.py"
    if not path.is_file():
        return
    assigned = [node for node in parse(path).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    values = [node.value for node in assigned if "__all__" in ast.unparse(node).split("=")[0]]
    assert len(values) == 1, "core/sdk.py says once what is public"
    public = ast.literal_eval(values[0]) if values[0] is not None else []
    assert len(public) == len(set(public))
    assert len(public) <= SDK_NAMES


def test_every_hook_is_documented() -> None:
    path = ROOT / "core" / "hookspecs.py"
    if not path.is_file():
        return
    hooks = [
        node
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(ast.unparse(mark).partition("(")[0] == "spec" for mark in node.decorator_list)
    ]
    assert 0 < len(hooks) <= HOOKS
    missing = {}
    for hook in hooks:
        text = ast.get_docstring(hook) or ""
        fields = [":returns:", ":called:", ":example:", *(f":param {argument.arg}:" for argument in hook.args.args)]
        lacks = [field for field in fields if not re.search(rf"^{re.escape(field)} \S", text, re.MULTILINE)]
        if not text or text.startswith(":"):
            lacks.append("what it is for")
        if hook.returns is None or any(argument.annotation is None for argument in hook.args.args):
            lacks.append("types")
        if lacks:
            missing[hook.name] = lacks
    assert missing == {}
