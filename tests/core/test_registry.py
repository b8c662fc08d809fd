"""What stops the start: each rule a module can break, and the sentence that says so."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from litestar import WebSocket, get, websocket

from core import contributed, hookspecs
from core import registry as registry_module
from core.app import build_app
from core.bootstrap import set_up
from core.contributions import (
    ActivityKind,
    Audience,
    Card,
    MenuItem,
    ModuleMeta,
    Permission,
    Reach,
    RecordAction,
    RecordKind,
    Routes,
    Schedule,
    Setting,
)
from core.hookspecs import hook
from core.i18n import Translator
from core.lists import ListView
from core.records.base import CustomerRecord
from core.registry import Module, Registry, StartupError, build_registry, discover
from core.tenancy.scoped_tables import TenantModule
from core.web import action, api_get, page
from tests.portal_fixtures import settings_for_tests

_ = Translator("core")


def partial_of(value: Any) -> Any:
    """Return a hook that returns *value*."""

    def returning() -> Any:
        return value

    return returning


def made(_id: str = "papers", _meta: Any = None, **hooks: Any) -> Module:
    """Make a module of hooks: a value is what the hook returns, a function is the hook itself."""
    plugin = ModuleType(f"test_{_id}")
    meta = _meta or ModuleMeta(id=_id, name=_("Papers"), description=_("Papers"), version="1", icon="file")
    for key, value in hooks.items():
        function = value if callable(value) else partial_of(value)
        function.__name__ = key
        setattr(plugin, key, hook(function))
    plugin.META = meta  # type: ignore[attr-defined]  # what a plugin has
    return Module(meta=meta, plugin=plugin, package=f"test_{_id}", folder=Path(__file__).parent / "nothing")


def built(*modules: Module) -> Registry:
    return build_registry({module.id: module for module in modules}, core=[contributed], list_view=ListView)


def may(key: str, audience: Audience = Audience.CONTACT) -> Permission:
    return Permission(key=key, label=_("May"), help=_("May"), audience=audience)


def setting(key: str) -> Setting:
    return Setting(key=key, label=_("S"), kind="boolean", default=True, section="s")


def happens(key: str) -> ActivityKind:
    return ActivityKind(key=key, label=_("A"), sentence=_("A"))


def item(key: str, permission: str) -> MenuItem:
    return MenuItem(key=key, label=_("M"), icon="file", path="/papers", permission=permission)


async def nothing() -> None:
    """Work of a schedule."""


def schedule(key: str) -> Schedule:
    return Schedule(key=key, every=60, run=nothing)


def view(key: str = "papers", permission: str = "papers:paper:view") -> ListView:
    return ListView(key=key, title=_("L"), path="/papers", table=TenantModule, permission=permission, columns=())


def card(key: str, of: str, permission: str = "papers:paper:view") -> Card:
    return Card(key=key, label=_("C"), list=of, query={}, permission=permission, icon="file")


def button(key: str, permission: str) -> RecordAction:
    return RecordAction(key=key, label=_("B"), icon="file", permission=permission, path=lambda *_about: "/")


class Shown(CustomerRecord, tablename="test_shown"):
    view = "papers:paper:other"
    staff_view = "papers:paper:read"


def kind(table: type[CustomerRecord], staff_view: str = "papers:paper:read") -> RecordKind:
    return RecordKind(
        key="paper",
        label=_("P"),
        table=table,
        title=str,
        url=str,
        view="papers:paper:view",
        staff_view=staff_view,
    )


SEE = may("papers:paper:view")


@pytest.mark.parametrize(
    ("hooks", "sentence"),
    [
        pytest.param(
            {"permissions": [may("offers:offer:view")]},
            "module 'papers': permission 'offers:offer:view' must start with 'papers:'",
            id="a permission of another module",
        ),
        pytest.param(
            {"permissions": [may("papersx:paper:view")]},
            "module 'papers': permission 'papersx:paper:view' must start with 'papers:'",
            id="a permission of a longer name",
        ),
        pytest.param(
            {"permissions": [SEE, SEE]},
            "permission 'papers:paper:view' is declared 2 times, by: papers, papers",
            id="a permission twice",
        ),
        pytest.param(
            {"permissions": [may("core:customer:view")]},
            "permission 'core:customer:view' is declared 2 times, by: core, papers",
            id="a permission of the core",
        ),
        pytest.param(
            {"settings": [setting("first_mail")]},
            "module 'papers': setting 'first_mail' must start with 'papers.'",
            id="a setting without prefix",
        ),
        pytest.param(
            {"activity_kinds": [happens("core.exploded")]},
            "module 'papers': activity kind 'core.exploded' must start with 'papers.'",
            id="an activity of the core's",
        ),
        pytest.param(
            {"menu_items": [item("papers", "papers:paper:view")]},
            "unknown permission 'papers:paper:view': no module declares it",
            id="an unknown permission in the menu",
        ),
        pytest.param(
            {"permissions": [SEE], "menu_items": [item("p", SEE.key), item("p", SEE.key)]},
            "menu item 'p' is declared 2 times, by: papers, papers",
            id="a menu item twice",
        ),
        pytest.param(
            {"permissions": [SEE], "lists": [view()], "cards": [card("c", "paper")]},
            "module 'papers': card 'c' is of the unknown list 'paper'",
            id="a card of an unknown list",
        ),
        pytest.param(
            {"permissions": [SEE], "lists": [view()], "cards": [card("c", "papers", "papers:paper:veiw")]},
            "unknown permission 'papers:paper:veiw': no module declares it",
            id="an unknown permission of a card",
        ),
        pytest.param(
            {"lists": [view(permission="papers:paper:veiw")]},
            "unknown permission 'papers:paper:veiw': no module declares it",
            id="an unknown permission of a list",
        ),
        pytest.param(
            {"permissions": [SEE], "menu_items": [replace(item("p", SEE.key), card="papers.none")]},
            "module 'papers': menu item 'p' has the unknown card 'papers.none'",
            id="an unknown card in the menu",
        ),
        pytest.param(
            {"permissions": [SEE], "menu_items": [replace(item("p", SEE.key), audience=Audience.STAFF)]},
            "module 'papers': menu item 'p' is for staff, papers:paper:view for contact",
            id="a contact's permission in the menu of staff",
        ),
        pytest.param(
            {"permissions": [SEE, may("papers:paper:read", Audience.STAFF)], "record_kinds": [kind(Shown)]},
            "module 'papers': record kind 'paper' and its table name different permissions",
            id="a kind that asks for less than its table",
        ),
        pytest.param(
            {"permissions": [SEE], "record_kinds": [kind(Shown, staff_view=SEE.key)]},
            "module 'papers': record kind 'paper': papers:paper:view is not a permission for staff",
            id="a kind that staff sees by a contact's permission",
        ),
        pytest.param(
            {"record_actions": [button("papers:b", "papers:paper:veiw")]},
            "unknown permission 'papers:paper:veiw': no module declares it",
            id="an unknown permission of a button",
        ),
        pytest.param(
            {"permissions": ["papers:paper:view"]},
            "module 'papers': permissions() returned str, not Permission",
            id="a text where data should be",
        ),
        pytest.param(
            {"schedules": [schedule("papers.x"), schedule("papers.x")]},
            "schedule 'papers.x' is declared 2 times, by: papers, papers",
            id="a schedule twice",
        ),
        pytest.param(
            {"menu_itmes": []},
            "unknown hook 'menu_itmes'",
            id="a misspelt hook",
        ),
        pytest.param(
            {"on_activity": lambda happening: happening},
            "Argument(s) {'happening'} are declared in the hookimpl but can not be found in the hookspec",
            id="a misspelt argument of a hook",
        ),
        pytest.param(
            {"routes": [1]},
            "module 'papers': routes() returned list, not Routes",
            id="routes that are no Routes",
        ),
    ],
)
def test_a_rule_that_is_broken_stops_the_start(hooks: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StartupError) as caught:
        built(made(**hooks))
    assert sentence in str(caught.value)


def test_a_missing_requirement_stops_the_start() -> None:
    meta = ModuleMeta(id="papers", name=_("P"), description=_("P"), version="1", icon="file", requires=("offers",))
    with pytest.raises(StartupError, match="module 'papers' requires 'offers', which is not installed"):
        built(made(_meta=meta))
    assert sorted(built(made(_meta=meta), made("offers")).modules) == ["offers", "papers"]


@pytest.mark.parametrize(
    ("presets", "sentence"),
    [
        (
            {"manager": {"papers:paper:veiw": Reach.OWN}},
            "unknown permission 'papers:paper:veiw': no module declares it",
        ),
        (
            {"manager": {"core:customer:view": Reach.GROUP}},
            "module 'papers': permission of preset 'manager' 'core:customer:view' must start with 'papers:'",
        ),
        ({"manger": {"papers:paper:view": Reach.OWN}}, "module 'papers': there is no preset 'manger'"),
        ({"clerk": {"papers:paper:view": Reach.OWN}}, "papers:paper:view is not for the audience of preset 'clerk'"),
    ],
)
def test_presets_name_what_exists_and_is_the_module_s_own(presets: Any, sentence: str, tmp_path: Path) -> None:
    meta = ModuleMeta(id="papers", name=_("P"), description=_("P"), version="1", icon="file", presets=presets)
    with pytest.raises(StartupError, match=re.escape(sentence)):
        set_up(settings_for_tests(tmp_path), modules={"papers": made(_meta=meta, permissions=[SEE])})


def test_the_order_of_contributions_never_depends_on_the_order_of_loading() -> None:
    one = made("alpha", permissions=[may("alpha:a:view")], menu_items=[item("z", "alpha:a:view")])
    two = made(
        "beta",
        permissions=[may("beta:b:view")],
        menu_items=[item("a", "beta:b:view"), replace(item("b", "beta:b:view"), weight=1)],
    )
    orders = [
        [owned.item.key for owned in built(*modules).menu_items if owned.owner != "core"]
        for modules in ((one, two), (two, one))
    ]
    assert orders == [["b", "a", "z"]] * 2


def test_contributions_remember_their_owner(dummy_module: Module) -> None:
    known = built(dummy_module)
    assert known.permissions["bookings:booking:view"].owner == "bookings"
    assert known.permissions["core:customer:view"].owner == "core"
    assert known.implementation("bookings", "demo_data") is dummy_module.plugin.demo_data
    assert built(made()).implementation("papers", "demo_data") is None


# -- finding modules ---------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site folder of its own on the path; what was imported from it is forgotten."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry_module, "_in_tree", list)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("wheel_"):
            del sys.modules[name]


def wheel(site: Path, entry: str, package: str, plugin: str) -> None:
    """Install a distribution with one module."""
    (site / package).mkdir()
    (site / package / "__init__.py").write_text("")
    (site / package / "plugin.py").write_text(plugin)
    info = site / f"{package}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[portico.modules]\n{entry} = {package}.plugin\n")


META = """
from core.sdk import ModuleMeta, Translator
_ = Translator("{id}")
META = ModuleMeta(id="{id}", name=_("P"), description=_("P"), version="1", icon="file")
"""


def test_a_module_from_a_wheel_is_found(site: Path) -> None:
    wheel(site, "strange", "wheel_strange", META.format(id="strange"))
    assert discover()["strange"].package == "wheel_strange"


@pytest.mark.parametrize(
    ("entry", "plugin", "sentence"),
    [
        ("papers", "", "wheel_papers.plugin has no META = ModuleMeta(…)"),
        ("papers", "META = {'id': 'papers'}", "wheel_papers.plugin has no META = ModuleMeta(…)"),
        ("papers", META.format(id="paper"), "META.id is 'paper', its folder or entry point says 'papers'"),
        ("Papers", META.format(id="Papers"), "the id 'Papers' must be lower-case letters, digits and underscores"),
        ("pa-pers", META.format(id="pa-pers"), "the id 'pa-pers' must be lower-case letters, digits and underscores"),
        ("core", META.format(id="core"), "the id 'core' is taken"),
    ],
)
def test_what_a_wheel_can_get_wrong(site: Path, entry: str, plugin: str, sentence: str) -> None:
    wheel(site, entry, "wheel_papers", plugin)
    with pytest.raises(StartupError, match=re.escape(sentence)):
        discover()


def test_two_modules_of_one_name_stop_the_start(site: Path) -> None:
    wheel(site, "papers", "wheel_one", META.format(id="papers"))
    wheel(site, "papers", "wheel_two", META.format(id="papers"))
    with pytest.raises(StartupError, match="two modules are called 'papers': wheel_one and wheel_two"):
        discover()


def test_a_broken_import_inside_a_module_is_not_hidden(site: Path) -> None:
    wheel(site, "papers", "wheel_papers", "import no_such_library_at_all")
    with pytest.raises(ModuleNotFoundError, match="no_such_library_at_all"):
        discover()


# -- routes ------------------------------------------------------------------------------------------------------------


async def _answer() -> str:
    return ""


@pytest.mark.parametrize(
    ("routes", "sentence"),
    [
        pytest.param(
            Routes(portal=[get("/x", name="papers:x")(_answer)]),
            "route /papers/x: say exactly one of permission, public (reason), signed_in (reason)",
            id="no permission",
        ),
        pytest.param(
            Routes(portal=[get("/x", name="papers:x", opt={"public": ""})(_answer)]),
            "route /papers/x: say exactly one of permission, public (reason), signed_in (reason)",
            id="public without a reason",
        ),
        pytest.param(
            Routes(portal=[get("/x", name="papers:x", opt={"public": "y", "permission": SEE.key})(_answer)]),
            "route /papers/x: say exactly one of permission, public (reason), signed_in (reason)",
            id="both",
        ),
        pytest.param(
            Routes(portal=[page("/x", name="papers:x", permission="papers:paper:veiw")(_answer)]),
            "unknown permission 'papers:paper:veiw': no module declares it",
            id="a permission that nobody declares",
        ),
        pytest.param(
            Routes(staff=[page("/x", name="papers:x", permission=SEE.key)(_answer)]),
            "route /staff/papers/x: papers:paper:view is a permission for contact",
            id="a contact's permission in the back office",
        ),
        pytest.param(
            Routes(portal=[page("/x", name="papers:x", permission="core:customer:view")(_answer)]),
            "route /papers/x: core:customer:view is a permission for staff",
            id="a permission of staff in the portal",
        ),
        pytest.param(
            Routes(api=[api_get("/x", name="papers:x", permission=SEE.key)(_answer)]),
            "route /api/v1/papers/x: papers:paper:view is a permission for contact",
            id="a contact's permission in the API",
        ),
    ],
)
def test_a_route_that_is_not_closed_stops_the_start(routes: Routes, sentence: str, tmp_path: Path) -> None:
    set_up(settings_for_tests(tmp_path), modules={"papers": made(permissions=[SEE], routes=routes)})
    with pytest.raises(StartupError, match=re.escape(sentence)):
        build_app()


@pytest.mark.parametrize("id", ["staff", "api", "static", "health", "account", "files", "records", "notifications"])
def test_a_module_cannot_take_the_urls_of_the_core(id: str, tmp_path: Path) -> None:
    """Its gate would close the core's own pages where the module is off."""
    set_up(settings_for_tests(tmp_path), modules={id: made(id, routes=Routes())})
    with pytest.raises(StartupError, match=f"pages of the core live under /{id}"):
        build_app()


def test_a_socket_stops_the_start(tmp_path: Path) -> None:
    """It would pass by session and gate."""

    @websocket("/live", name="papers:live", opt={"public": "why not"})
    async def live(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.close()

    set_up(settings_for_tests(tmp_path), modules={"papers": made(permissions=[SEE], routes=Routes(portal=[live]))})
    with pytest.raises(StartupError, match="route /papers/live: only HTTP routes pass through session and gate"):
        build_app()


def test_a_decorator_without_permission_is_refused_where_it_stands() -> None:
    for decorator in (page, action):
        with pytest.raises(TypeError, match="exactly one of permission, public"):
            decorator("/x", name="papers:x")
        with pytest.raises(TypeError, match="exactly one of permission, public"):
            decorator("/x", name="papers:x", permission=SEE.key, public="why")


def test_every_hook_has_a_dummy_that_implements_it(dummy_module: Module) -> None:
    specified = {name for name in vars(hookspecs) if hasattr(getattr(hookspecs, name), "portico_spec")}
    assert set(built(dummy_module).hooks_of("bookings")) == specified
