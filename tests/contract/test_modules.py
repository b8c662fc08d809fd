"""What every module promises: it stands alone, it can be taken away, its lists show what their readers may see."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.people.roles import change_role
from core.preferences.switches import disable_module, enable_module
from core.registry import registry
from tests.architecture.tree import ROOT, files, modules
from tests.contract.test_crawl import audience, handlers, part
from tests.contract.town import ABSENT, Town


async def test_every_module_stands_alone(town: Town) -> None:
    """With all others off, each of its pages opens, but for those that it says it requires."""
    wrong: list[str] = []
    everything = sorted(registry().modules)
    for module in everything:
        needed = {module, *registry().modules[module].meta.requires}
        others = [other for other in everything if other not in needed]
        async with town.first.work():
            for other in others:
                await disable_module(other)
        url = registry().modules[module].meta.url
        for route, handler in handlers(town, "GET"):
            own = route.path.startswith((f"/{url}", f"/staff/{url}", f"/api/v1/{url}"))
            if not own and handler.name not in {"shell:home", "shell:staff", "messages:bell", "messages:choices"}:
                continue
            visitor = town.visitors[audience(route)]
            for path in town.paths(route, "a"):
                if ABSENT in path:
                    continue
                answer = await visitor.browser.get(path)
                if answer.status_code != 200:
                    wrong.append(f"{module} alone: GET {path} ({handler.name}) answers {answer.status_code}")
        async with town.first.work():
            for other in others:
                await enable_module(other)
    assert not wrong, "\n" + "\n".join(wrong)


async def test_lists_asked_for_others_show_nothing_of_theirs(town: Town) -> None:
    """Filters, searches, sorts and exports with other people's ids and words."""
    owner, staff = town.visitors["owner"], town.visitors["staff"]
    theirs = {"b": town.customers["b"], "y": town.customers["y"]}
    leaks: list[str] = []
    for side, customer in theirs.items():
        for route, _ in handlers(town, "GET"):
            if "{" in route.path or part(route.path) == "api":
                continue
            visitor = owner if part(route.path) == "portal" else staff
            if visitor is staff and side == "b":
                continue  # staff sees all customers of its tenant
            word = town.marks.canary(side, "customer.name")
            for query in (
                f"customer={customer.id}",
                f"q={word}",
                f"customer={customer.id}&q={word}&period=all",
                "period=all",
            ):
                answer = await visitor.browser.get(f"{route.path}?{query}")
                found = town.leaks(visitor, answer)
                if word in query:  # what was asked for may be repeated in the search box
                    found -= {f"{side}:customer.name"}
                if found or answer.status_code >= 500:
                    leaks.append(f"{visitor.name}: GET {route.path}?{query} {answer.status_code} shows {sorted(found)}")
    assert not leaks, "\n" + "\n".join(leaks)


async def test_seeing_people_is_not_changing_them(town: Town) -> None:
    """Forms whose route asks for less than what they do ask again inside."""
    portal, staff = town.first, town.visitors["staff"]
    before = {row["id"]: row["state"] for row in town.planted.of("person", "a")}
    kept = {"core:person:view": registry().permission("core:person:view").reaches[0]}
    async with portal.work():
        second = await portal_administrator(town)
        all_grants = (await portal.snapshot()).roles[portal.roles["administrator"].id].grants
        await change_role(role=portal.roles["administrator"].id, label="x", grants=dict.fromkeys(all_grants) | kept)
    assert second
    person = next(iter(before))
    for verb in ("", "/login", "/invite", "/deactivate", "/reactivate", "/role", "/seats"):
        answer = await staff.browser.post(f"/staff/people/{person}{verb}", {"given_name": "Changed"}, page="/staff")
        assert answer.status_code == 403, verb


async def portal_administrator(town: Town) -> bool:
    """Make another role that manages roles, so that the first one can be narrowed."""
    from core.contributions import Reach  # noqa: PLC0415 -- beside its only use
    from core.people.roles import write_grants  # noqa: PLC0415 -- as above
    from core.people.tables import Person, Role  # noqa: PLC0415 -- as above

    role = Role(key="boss", label="Boss", audience="staff", grants=write_grants({"core:role:manage": Reach.GROUP}))
    await Role.insert(role)
    boss = Person(kind="staff", email="b@b.example", email_folded="b@b.example", state="active", staff_role=role.id)
    await Person.insert(boss)
    return True


@pytest.mark.parametrize("module", modules())
def test_a_module_can_be_taken_away(module: str, tmp_path: Path) -> None:
    """Its folder, tests and catalogues deleted: the portal starts, and other tests pass."""
    copy = tmp_path / "copy"
    gone = (ROOT / "plugins" / module, ROOT / "tests" / "plugins" / module)
    for path in files():
        if any(folder in path.parents for folder in gone) or path.name == f"{module}.po":
            continue
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copytree(ROOT / "core" / "static" / "dist", copy / "core" / "static" / "dist", dirs_exist_ok=True)
    start = (
        "from core.app import build_app; from core.bootstrap import set_up; from core.config import Settings; "
        "print(sorted(set_up(Settings(secret_keys=('k' * 32,))).modules)); build_app()"
    )
    done = subprocess.run([sys.executable, "-c", start], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert module not in done.stdout
    core = [f"tests/core/test_{name}.py" for name in ("registry", "discovery", "closed_routes")]
    some = [*core, "tests/architecture/test_layout.py", "tests/contract/test_dummy.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not postgres", *some]
    tested = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout[-4000:] + tested.stderr[-2000:]
