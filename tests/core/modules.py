"""Small modules for tests of the start."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from core import contributed
from core.contributions import (
    Audience,
    ModuleMeta,
    Permission,
)
from core.hookspecs import hook
from core.i18n import Translator
from core.lists import ListView
from core.registry import Module, Registry, build_registry

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


SEE = may("papers:paper:view")
