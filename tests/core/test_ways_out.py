"""Every way past tenant and reach, with its reason: a new one has to be added here, where a reviewer sees it."""

from __future__ import annotations

import ast

from tests.architecture.tree import ROOT, below, modules, name, parse

UNSCOPED = {
    "core/accounts/hand_over.py": ["hand-over: a link is left at the office that somebody goes to"],
    "core/accounts/joining.py": [
        "joining: two accounts of one owner become one",
        "joining: where the owner of an account is known",
    ],
    "core/accounts/linking.py": [
        "linking: holds the tenants whose people are linked",
        "linking: whether the holder of an address has an account at another portal",
    ],
    "core/accounts/linking_password.py": [
        "linking: a new password ends the links to reset it at every portal of the account"
    ],
    "core/accounts/offices.py": [
        "offices: an account's owner reads at which portals it signs in",
        "offices: counts the portals whose people sign in with the account",
    ],
    "core/accounts/sessions.py": ["sessions: a new password ends them at every portal of the account"],
    "core/accounts/unlinking.py": ["unlinking: the office that is parted may be another one than this"],
    "core/messages/worker.py": ["worker: which tenants have new activities"],
}
BEYOND_REACH = {
    "core/messages/log.py": ["audit log: what happened is told whole; a link needs the permission to see the record"],
    "core/messages/recipients.py": ["fan-out: asks who sees a record"],
    "core/people/handing_over.py": [
        "hand-over: what is addressed to somebody counts, whoever asks",
        "hand-over: what is addressed to somebody moves, whoever may see it",
    ],
    "core/records/audiences.py": [
        "audience: asks for other people's reach",
        "audience: asks for other people's reach",
    ],
    "core/records/kinds.py": ["audience: asks for another person's reach"],
}
ROW_SECURITY_OFF = {
    "core/cli/base.py": 1,  # vendor's chores across tenants
    "core/tenancy/scope.py": 1,  # what unscoped() is made of
    "core/tenancy/services.py": 4,  # making tenants, entitling them: before there is a scope
}


def calls(function: str, *folders: str) -> list[tuple[str, ast.Call]]:
    """Calls of a function by its plain name, by file."""
    return [
        (name(path), node)
        for path in below(*folders, suffix=".py")
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function
    ]


def texts_of(file: str) -> dict[str, str]:
    """Texts that a file gives names to."""
    return {
        target.id: str(node.value.value)
        for node in parse(ROOT / file).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def reasons(function: str, *folders: str) -> dict[str, list[str]]:
    """Return the reasons that are given, by file: each a text, on the spot or with a name in the same file."""
    found: dict[str, list[str]] = {}
    for file, call in calls(function, *folders):
        reason = call.args[0] if call.args else None
        text = reason.value if isinstance(reason, ast.Constant) else texts_of(file).get(getattr(reason, "id", ""))
        assert text, f"{file}:{call.lineno}: {function}() without a reason as a text"
        found.setdefault(file, []).append(str(text))
    return {file: sorted(texts) for file, texts in sorted(found.items())}


def test_who_works_across_tenants() -> None:
    assert reasons("unscoped", "core") == UNSCOPED


def test_who_reads_beyond_reach() -> None:
    assert reasons("beyond_reach", "core") == BEYOND_REACH


def test_who_goes_past_row_level_security() -> None:
    counts: dict[str, int] = {}
    for file, _ in calls("bypass_row_security", "core"):
        if not file.startswith("core/db/"):
            counts[file] = counts.get(file, 0) + 1
    assert counts == ROW_SECURITY_OFF


def test_no_module_works_across_tenants() -> None:
    assert reasons("unscoped", "plugins") == {}
    assert calls("bypass_row_security", "plugins") == []


def test_every_module_lists_where_it_reads_beyond_reach() -> None:
    """One line `file: reason` per use in tests/plugins/<id>/beyond_reach.txt, sorted."""
    for module in modules():
        listed = ROOT / "tests" / "plugins" / module / "beyond_reach.txt"
        known = listed.read_text("utf-8").splitlines() if listed.is_file() else []
        used = reasons("beyond_reach", f"plugins/{module}")
        assert [f"{file}: {reason}" for file, texts in used.items() for reason in texts] == known
