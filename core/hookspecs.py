"""
Every hook of Portico. Declarative hooks are called once at start and return frozen data; events run in the transaction.

A module implements a hook by a function of the same name marked `@hook` in its `plugin.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contributions import (
        ActivityKind,
        Card,
        Importer,
        MenuItem,
        Permission,
        RecordAction,
        RecordKind,
        Routes,
        Schedule,
        Setting,
    )
    from core.lists import ListView
    from core.records.activity import Happening

spec = pluggy.HookspecMarker("portico")
hook = pluggy.HookimplMarker("portico")


# -- declarative: called once at start ---------------------------------------------------------------------------------


@spec
def routes() -> Routes:
    """
    Pages and API of a module.

    :returns: `Routes` of Litestar handlers, each with `opt={"permission": …}` or `opt={"public": "reason"}`.
    :called: once at start; the core mounts them below the module's URL and closes them where the module is off.
    :example: ``return Routes(portal=[list_invoices, show_invoice], staff=[quarantine])``
    """
    raise AssertionError


@spec
def menu_items() -> Sequence[MenuItem]:
    """
    Entries of the icon rail.

    :returns: `MenuItem`s; the core filters them by permission and sorts them by `(weight, key)`.
    :called: once at start.
    :example: ``return [MenuItem(key="invoices", label=_("Invoices"), icon="file-invoice", path="/invoices", …)]``
    """
    raise AssertionError


@spec
def permissions() -> Sequence[Permission]:
    """
    What roles may be granted.

    :returns: `Permission`s whose keys start with the module's id; an unknown permission anywhere stops the start.
    :called: once at start.
    :example: ``return [Permission(key="invoices:invoice:view", label=_("See invoices"), help=_("…"))]``
    """
    raise AssertionError


@spec
def settings() -> Sequence[Setting]:
    """
    Preferences of a tenant, shown on its preferences page below the module.

    :returns: `Setting`s whose keys start with `<id>.`.
    :called: once at start.
    :example: ``return [Setting(key="invoices.first_mail", label=_("…"), kind="boolean", default=True, section="…")]``
    """
    raise AssertionError


@spec
def record_kinds() -> Sequence[RecordKind]:
    """
    Tables whose rows customers see; comments, files, first view, activity and deep links then work on them.

    :returns: `RecordKind`s.
    :called: once at start.
    :example: ``return [RecordKind(key="invoice", table=Invoice, view="invoices:invoice:view", …)]``
    """
    raise AssertionError


@spec
def activity_kinds() -> Sequence[ActivityKind]:
    """
    What can happen in a module, and who hears of it how.

    :returns: `ActivityKind`s whose keys start with `<id>.`.
    :called: once at start.
    :example: ``return [ActivityKind(key="invoices.published", notify=(Audience.CONTACT,), channel="mail", …)]``
    """
    raise AssertionError


@spec
def lists() -> Sequence[ListView]:
    """
    Declarative lists: columns, filters, search, period, export.

    :returns: `ListView`s.
    :called: once at start.
    :example: ``return [INVOICES]``
    """
    raise AssertionError


@spec
def cards() -> Sequence[Card]:
    """
    Counters of the home page and of the menu: saved filters of a list, plus a sum.

    :returns: `Card`s.
    :called: once at start.
    :example: ``return [Card(key="invoices.unpaid", list="invoices", query={"payment": "pending"}, sum="due", …)]``
    """
    raise AssertionError


@spec
def record_actions() -> Sequence[RecordAction]:
    """
    Buttons that a module puts on records of other modules.

    :returns: `RecordAction`s; shown where the module is on and the reader has the permission.
    :called: once at start.
    :example: ``return [RecordAction(key="inquiries:report", label=_("Report a problem"), path=report_path, …)]``
    """
    raise AssertionError


@spec
def importers() -> Sequence[Importer]:
    """
    Kinds that `portico import KIND` reads.

    :returns: `Importer`s.
    :called: once at start.
    :example: ``return [Importer(key="invoices", label=_("Invoices"), run=import_files, suffixes=(".xml", ".pdf"))]``
    """
    raise AssertionError


@spec
def schedules() -> Sequence[Schedule]:
    """
    Work that comes back.

    :returns: `Schedule`s; the worker runs each in the scope of every tenant that has the module.
    :called: once at start.
    :example: ``return [Schedule(key="timesheets.remind", every=3600, run=remind_approvers)]``
    """
    raise AssertionError


@spec
async def demo_data() -> None:
    """
    Fill a demo tenant, through the module's own services, with data that shows each of its states.

    :returns: nothing.
    :called: by `portico demo`, in the scope of each tenant that has the module, once.
    :example: ``await publish_sample_invoices()``
    """
    raise AssertionError


# -- events: called in the transaction of what happened ----------------------------------------------------------------


@spec
async def on_activity(activity: Happening) -> None:
    """
    Hear of something that happened in the tenant, in core words.

    :param activity: what happened: kind, record, customer, data.
    :returns: nothing; an exception undoes the change itself.
    :called: in the transaction of the change, only for modules that are on for the tenant.
    :example: ``if activity.kind == "offers.signed": await start_project(activity.record)``
    """
    raise AssertionError


@spec
async def on_module_switched(module: str, enabled: bool) -> None:  # noqa: FBT001 -- pluggy passes by keyword
    """
    Hear that a module was switched on or off for the tenant.

    :param module: the id of the module.
    :param enabled: whether it is on now.
    :returns: nothing; an exception undoes the switch.
    :called: in the transaction of the switch.
    :example: ``if module == "timesheets" and enabled: await create_default_kinds()``
    """
    raise AssertionError
