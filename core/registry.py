"""What is installed: modules and what they contribute, collected once with their owner. Knows no tenant."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pluggy

from core import hookspecs
from core.contributions import (
    ActivityKind,
    Audience,
    Card,
    Importer,
    MenuItem,
    ModuleMeta,
    Permission,
    RecordAction,
    RecordKind,
    Routes,
    Schedule,
    Setting,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from core.lists import ListView

T = TypeVar("T")

CORE = "core"
"""The owner of what the core itself contributes: always on."""

ENTRY_POINTS = "portico.modules"


class StartupError(Exception):
    """A module breaks a rule; the text says which module, which rule, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Module:
    """An installed module: what it says of itself, its plugin object, and where its files lie."""

    meta: ModuleMeta
    plugin: Any
    package: str
    folder: Path

    @property
    def id(self) -> str:
        """The one name of the module."""
        return self.meta.id


@dataclass(frozen=True, slots=True)
class Owned(Generic[T]):
    """A contribution and the module it came from."""

    owner: str
    item: T


@dataclass(slots=True)
class Registry:
    """The collected contributions of the core and of every installed module."""

    manager: pluggy.PluginManager
    modules: dict[str, Module] = field(default_factory=dict)
    routes: dict[str, Routes] = field(default_factory=dict)
    menu_items: tuple[Owned[MenuItem], ...] = ()
    permissions: dict[str, Owned[Permission]] = field(default_factory=dict)
    settings: dict[str, Owned[Setting]] = field(default_factory=dict)
    record_kinds: dict[str, Owned[RecordKind]] = field(default_factory=dict)
    activity_kinds: dict[str, Owned[ActivityKind]] = field(default_factory=dict)
    lists: dict[str, Owned[ListView]] = field(default_factory=dict)
    cards: dict[str, Owned[Card]] = field(default_factory=dict)
    record_actions: tuple[Owned[RecordAction], ...] = ()
    importers: dict[str, Owned[Importer]] = field(default_factory=dict)
    schedules: dict[str, Owned[Schedule]] = field(default_factory=dict)

    def permission(self, key: str) -> Permission:
        """
        Return a declared permission.

        Raises:
            StartupError: nobody declares it; a typo is an error, never a "no".

        """
        try:
            return self.permissions[key].item
        except KeyError:
            message = f"unknown permission {key!r}: no module declares it"
            raise StartupError(message) from None

    def hooks_of(self, module: str) -> list[str]:
        """Return the names of the hooks that *module* implements."""
        plugin = self.modules[module].plugin
        callers = self.manager.get_hookcallers(plugin) or []
        return sorted(caller.name for caller in callers)

    def implementation(self, module: str, hook: str) -> Any:
        """Return *module*'s implementation of *hook*, or None."""
        caller = getattr(self.manager.hook, hook)
        for implementation in caller.get_hookimpls():
            if implementation.plugin_name == module:
                return implementation.function
        return None


def owner_of(permission: str) -> str:
    """Return the module that a permission belongs to: the part before the first colon."""
    return permission.split(":", 1)[0]


def _in_tree() -> Iterable[tuple[str, str]]:
    folder = Path(__file__).parent.parent / "plugins"
    for found in pkgutil.iter_modules([str(folder)]):
        if found.ispkg:
            yield found.name, f"plugins.{found.name}"


def _from_wheels() -> Iterable[tuple[str, str]]:
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value)):
        yield point.name, point.value.removesuffix(".plugin")


def _load(module_id: str, package: str) -> Module:
    plugin: ModuleType = importlib.import_module(f"{package}.plugin")
    meta = getattr(plugin, "META", None)
    if not isinstance(meta, ModuleMeta):
        message = f"{package}.plugin has no META = ModuleMeta(…)"
        raise StartupError(message)
    if meta.id != module_id:
        message = (
            f"{package}: META.id is {meta.id!r}, its folder or entry point says {module_id!r}; one name everywhere"
        )
        raise StartupError(message)
    if meta.id == CORE:
        message = f"{package}: the id {meta.id!r} is taken"
        raise StartupError(message)
    if not meta.id.isidentifier() or meta.id != meta.id.lower():
        message = f"{package}: the id {meta.id!r} must be lower-case letters, digits and underscores"
        raise StartupError(message)
    return Module(meta=meta, plugin=plugin, package=package, folder=Path(plugin.__file__ or "").parent)


def discover() -> dict[str, Module]:
    """
    Find the modules in `plugins/` and in installed wheels.

    Raises:
        StartupError: a module breaks a rule.

    """
    found: dict[str, Module] = {}
    for module_id, package in [*_in_tree(), *_from_wheels()]:
        if module_id in found:
            message = f"two modules are called {module_id!r}: {found[module_id].package} and {package}"
            raise StartupError(message)
        found[module_id] = _load(module_id, package)
    return found


def _prefixed(owner: str, key: str, separator: str, what: str) -> None:
    if not key.startswith(f"{owner}{separator}"):
        message = f"module {owner!r}: {what} {key!r} must start with {owner + separator!r}"
        raise StartupError(message)


def _by_key(found: Iterable[Owned[Any]], what: str) -> dict[str, Owned[Any]]:
    items = list(found)
    counts = Counter(owned.item.key for owned in items)
    for key, number in counts.items():
        if number > 1:
            owners = ", ".join(sorted(owned.owner for owned in items if owned.item.key == key))
            message = f"{what} {key!r} is declared {number} times, by: {owners}"
            raise StartupError(message)
    return {owned.item.key: owned for owned in sorted(items, key=_order)}


def _order(owned: Owned[Any]) -> tuple[int, str]:
    return getattr(owned.item, "weight", 100), owned.item.key


def _collect(manager: pluggy.PluginManager, hook: str, kind: type) -> list[Owned[Any]]:
    found: list[Owned[Any]] = []
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        owner = implementation.plugin_name
        for item in implementation.function():
            if not isinstance(item, kind):
                message = f"module {owner!r}: {hook}() returned {type(item).__name__}, not {kind.__name__}"
                raise StartupError(message)
            found.append(Owned(owner, item))
    return found


def build_registry(modules: Mapping[str, Module], *, list_view: type, core: Iterable[Any] = ()) -> Registry:
    """
    Collect, check and sort what *modules* and the *core*'s own plugin objects contribute.

    *list_view* is the class of lists: it stands above this layer.

    Raises:
        StartupError: a key is declared twice or wrongly prefixed, a permission or list is unknown, a module is missing.

    """
    manager = pluggy.PluginManager("portico")
    manager.add_hookspecs(hookspecs)
    for number, plugin in enumerate(core):
        manager.register(plugin, name=CORE if number == 0 else f"{CORE}.{number}")
    try:
        for module_id in sorted(modules, reverse=True):  # pluggy calls the last registered first
            manager.register(modules[module_id].plugin, name=module_id)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        message = f"module {error.plugin!r}: {error}"
        raise StartupError(message) from error

    registry = Registry(manager=manager, modules=dict(sorted(modules.items())))
    for implementation in manager.hook.routes.get_hookimpls():
        routes = implementation.function()
        if not isinstance(routes, Routes):
            message = f"module {implementation.plugin_name!r}: routes() returned {type(routes).__name__}, not Routes"
            raise StartupError(message)
        registry.routes[implementation.plugin_name] = routes
    registry.permissions = _by_key(_collect(manager, "permissions", Permission), "permission")
    registry.settings = _by_key(_collect(manager, "settings", Setting), "setting")
    registry.record_kinds = _by_key(_collect(manager, "record_kinds", RecordKind), "record kind")
    registry.activity_kinds = _by_key(_collect(manager, "activity_kinds", ActivityKind), "activity kind")
    registry.lists = _by_key(_collect(manager, "lists", list_view), "list")
    registry.cards = _by_key(_collect(manager, "cards", Card), "card")
    registry.importers = _by_key(_collect(manager, "importers", Importer), "importer")
    registry.schedules = _by_key(_collect(manager, "schedules", Schedule), "schedule")
    registry.menu_items = tuple(_by_key(_collect(manager, "menu_items", MenuItem), "menu item").values())
    registry.record_actions = tuple(
        _by_key(_collect(manager, "record_actions", RecordAction), "record action").values()
    )
    _validate(registry)
    return registry


def _validate(registry: Registry) -> None:
    _validate_prefixes(registry)
    _validate_views(registry)
    for module in registry.modules.values():
        _validate_module(registry, module)


def _validate_prefixes(registry: Registry) -> None:
    for key, permission in registry.permissions.items():
        _prefixed(permission.owner, key, ":", "permission")
    for key, setting in registry.settings.items():
        if setting.owner != CORE:
            _prefixed(setting.owner, key, ".", "setting")
    for key, activity in registry.activity_kinds.items():
        if activity.owner != CORE:
            _prefixed(activity.owner, key, ".", "activity kind")


def _validate_views(registry: Registry) -> None:
    for owned in registry.menu_items:
        _for(registry, owned, owned.item.audience, "menu item")
        if owned.item.card is not None and owned.item.card not in registry.cards:
            message = f"module {owned.owner!r}: menu item {owned.item.key!r} has the unknown card {owned.item.card!r}"
            raise StartupError(message)
    for view in registry.lists.values():
        _for(registry, view, view.item.audience, "list")
    for kind in registry.record_kinds.values():
        _validate_kind(registry, kind)
    for card in registry.cards.values():
        _for(registry, card, card.item.audience, "card")
        if card.item.list not in registry.lists:
            message = f"module {card.owner!r}: card {card.item.key!r} is of the unknown list {card.item.list!r}"
            raise StartupError(message)
    for action in registry.record_actions:
        registry.permission(action.item.permission)


def _validate_module(registry: Registry, module: Module) -> None:
    for needed in module.meta.requires:
        if needed not in registry.modules:
            message = f"module {module.id!r} requires {needed!r}, which is not installed"
            raise StartupError(message)
    for preset, grants in module.meta.presets.items():
        for key in grants:
            registry.permission(key)
            _prefixed(module.id, key, ":", f"permission of preset {preset!r}")


def _for(registry: Registry, owned: Owned[Any], audience: Audience, what: str) -> None:
    """Go on only if the contribution's permission exists and can be granted to those it is shown to."""
    permission = registry.permission(owned.item.permission)
    if permission.audience is not audience:
        message = (
            f"module {owned.owner!r}: {what} {owned.item.key!r} is for {audience}, "
            f"{permission.key} for {permission.audience}"
        )
        raise StartupError(message)


def _validate_kind(registry: Registry, kind: Owned[RecordKind]) -> None:
    """Go on only if kind and table name the same permissions: the table's guard its rows, the kind's its pages."""
    item = kind.item
    for key, audience in ((item.view, Audience.CONTACT), (item.staff_view, Audience.STAFF)):
        if registry.permission(key).audience is not audience:
            message = f"module {kind.owner!r}: record kind {item.key!r}: {key} is not a permission for {audience}"
            raise StartupError(message)
        _prefixed(kind.owner, key, ":", f"permission of record kind {item.key!r}")
    if (item.table.view, item.table.staff_view) != (item.view, item.staff_view):
        message = f"module {kind.owner!r}: record kind {item.key!r} and its table name different permissions"
        raise StartupError(message)


_current: Registry | None = None


def use_registry(registry: Registry) -> None:
    """Make *registry* that of this process."""
    global _current  # noqa: PLW0603 -- the one process-wide value, set by the composition root and by tests
    _current = registry


def registry() -> Registry:
    """
    Return the registry of this process.

    Raises:
        RuntimeError: nothing has been loaded yet.

    """
    if _current is None:
        message = "modules are not loaded: call use_registry(build_registry(discover(), …)) first"
        raise RuntimeError(message)
    return _current
