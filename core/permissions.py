"""What the core itself lets roles do."""

from __future__ import annotations

from core.contributions import Audience, Permission, Reach
from core.i18n import Translator

_ = Translator("core")

_COMPANY = (Reach.COMPANY, Reach.GROUP)


PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        key="core:company:view",
        label=_("See the company's data"),
        help=_("Name, tax number, address and invoicing preferences."),
        reaches=_COMPANY,
    ),
    Permission(
        key="core:company:edit",
        label=_("Change the company's data"),
        help=_("Address and invoicing preferences, where the preferences of the portal allow it."),
        reaches=_COMPANY,
    ),
    Permission(
        key="core:colleague:view",
        label=_("See colleagues"),
        help=_("Who of the company uses the portal, with which role."),
        reaches=_COMPANY,
    ),
    Permission(
        key="core:colleague:manage",
        label=_("Manage colleagues"),
        help=_("Invite, change and remove colleagues of the company."),
        reaches=_COMPANY,
    ),
    Permission(
        key="core:comment:write",
        label=_("Write comments"),
        help=_("On everything that they may see."),
    ),
    Permission(
        key="core:document:forward",
        label=_("Forward documents"),
        help=_("Send the files of what they may see to other people by e-mail, where the preferences allow it."),
    ),
    Permission(
        key="core:document:send",
        label=_("Forward documents"),
        help=_("Send the files of what is published for a customer to other people by e-mail."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:customer:view",
        label=_("See customers"),
        help=_("Customers and their projects."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:customer:manage",
        label=_("Manage customers"),
        help=_("Add and change customers and projects, switch modules for them."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:person:view",
        label=_("See people"),
        help=_("Contacts of customers, and staff."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:person:manage",
        label=_("Manage contacts"),
        help=_("Add, change, invite and deactivate contacts."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:role:manage",
        label=_("Manage roles and staff"),
        help=_("What roles may do, and who of the staff has which role."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:preference:manage",
        label=_("Change preferences"),
        help=_("Portal name, brand, banner, module switches, rules."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:message:view",
        label=_("See mail that failed"),
        help=_("And send it again."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:import:decide",
        label=_("Decide on quarantine"),
        help=_("Files and rows that could not be taken in by themselves."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:audit:view",
        label=_("Read the log"),
        help=_("Everything that happened, and whether the log is whole."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
    Permission(
        key="core:record:comment",
        label=_("Answer comments"),
        help=_("Write to customers, and internal notes."),
        audience=Audience.STAFF,
        reaches=(Reach.GROUP,),
    ),
)
