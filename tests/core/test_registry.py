"""What stops the start: each rule a module can break, and the sentence that says so."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import hookspecs
from core.bootstrap import set_up
from core.contributions import (
    ActivityKind,
    Audience,
    Card,
    MenuItem,
    ModuleMeta,
    Reach,
    RecordAction,
    RecordKind,
    Schedule,
    Setting,
)
from core.i18n import Translator
from core.lists import ListView
from core.records.base import CustomerRecord
from core.registry import Module, StartupError
from core.tenancy.scoped_tables import TenantModule
from tests.core.modules import SEE, built, made, may
from tests.portal_fixtures import settings_for_tests

_ = Translator("core")


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


def test_every_hook_has_a_dummy_that_implements_it(dummy_module: Module) -> None:
    specified = {name for name in vars(hookspecs) if hasattr(getattr(hookspecs, name), "portico_spec")}
    assert set(built(dummy_module).hooks_of("bookings")) == specified
