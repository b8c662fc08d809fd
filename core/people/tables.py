"""Customers, their projects, the people known to a tenant, and what they may do."""

from __future__ import annotations

from typing import Any

from piccolo.columns import JSON, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn  # noqa: N811 -- told apart from uuid.UUID
from piccolo.columns.base import OnDelete

from core.clock import now as utc_now
from core.tenancy.table import TenantTable

RECIPIENT = "recipient"
"""The state of who was forwarded a document and is nothing else: no place, no account, no way to get one by itself."""


class Customer(TenantTable, tablename="customer"):
    """A client company of a tenant; may have a parent, one level."""

    parent: ForeignKey[Any] = ForeignKey(references="self", null=True, default=None, on_delete=OnDelete.restrict)
    number = Text(null=True, default=None)
    external_id = Text(null=True, default=None, help_text="its key in the tenant's own system")
    name = Text()
    name_folded = Text()
    tax_id = Text(null=True, default=None, help_text="compact, upper case, without separators")
    language = Text(null=True, default=None)
    address = JSON(default="{}", help_text="lines, postal_code, city, region, country")
    invoicing = JSON(default="{}", help_text="email, reference, format")
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=utc_now)
    version = Integer(default=1, help_text="rises with every change, so that nobody overwrites what they have not seen")


class Project(TenantTable, tablename="project"):
    """Work that a tenant does for a customer."""

    customer = ForeignKey(references=Customer, null=False, on_delete=OnDelete.restrict)
    number = Text(null=True, default=None)
    external_id = Text(null=True, default=None)
    name = Text()
    name_folded = Text()
    state = Text(default="open", help_text="open or closed")
    starts_on = Date(null=True, default=None)
    ends_on = Date(null=True, default=None)
    version = Integer(default=1, help_text="rises with every change, so that nobody overwrites what they have not seen")


class Role(TenantTable, tablename="role"):
    """Permissions with their reach, made from a preset and editable."""

    key = Text()
    label = Text()
    audience = Text(help_text="contact or staff")
    preset = Text(null=True, default=None, help_text="which preset it follows; copies follow none")
    grants = JSON(default="{}", help_text="permission: reach")


class Person(TenantTable, tablename="person"):
    """Somebody known to a tenant: a contact of customers, or staff."""

    kind = Text(help_text="contact or staff")
    account = UUIDColumn(null=True, default=None)
    email = Text(null=True, default=None)
    email_folded = Text(null=True, default=None)
    given_name = Text(default="")
    family_name = Text(default="")
    name_folded = Text(default="")
    phone = Text(null=True, default=None)
    mobile = Text(null=True, default=None)
    other_contact = Text(null=True, default=None)
    tax_id = Text(null=True, default=None, help_text="the person's own (CPF, NIF), compact")
    language = Text(null=True, default=None)
    theme = Text(default="auto", help_text="auto, light or dark")
    shown_columns = JSON(default="{}", help_text="key of a list: keys of the columns that she chose, in their order")
    staff_role = ForeignKey(references=Role, null=True, default=None, on_delete=OnDelete.restrict)
    state = Text(
        default="address_book",
        help_text="recipient (of forwarded documents: known, no place, no way in), address_book (not invited), "
        "pending, invited, active or deactivated",
    )
    source = Text(default="staff", help_text="staff, import, forwarding, registration or colleague")
    invited_at = Timestamptz(null=True, default=None)
    last_sign_in_at = Timestamptz(null=True, default=None)
    sign_ins = Integer(default=0, help_text="how many times she has signed in")
    created_at = Timestamptz(default=utc_now)
    deleted_at = Timestamptz(null=True, default=None)
    version = Integer(default=1, help_text="rises with every change, so that nobody overwrites what they have not seen")


class Membership(TenantTable, tablename="membership"):
    """A person's place at a customer: the role, and how far it goes there."""

    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    customer = ForeignKey(references=Customer, null=False, on_delete=OnDelete.restrict)
    role = ForeignKey(references=Role, null=False, on_delete=OnDelete.restrict)
    reach = Text(default="company", help_text="own, projects, company or group")


class AddressBookEntry(TenantTable, tablename="address_book"):
    """
    An address to which people of a customer have forwarded a document, with the name that they gave it.

    It is no membership: it holds no role, so nothing that asks for rights finds it. The customer sees what stands here,
    never what the tenant or other customers know of the person.
    """

    customer = ForeignKey(references=Customer, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    email = Text(help_text="folded, as it was typed")
    given_name = Text(default="")
    family_name = Text(default="")
    by = UUIDColumn(null=True, default=None, help_text="who forwarded to it first")
    created_at = Timestamptz(default=utc_now)


class ProjectPerson(TenantTable, tablename="project_person"):
    """A contact who is assigned to a project."""

    project = ForeignKey(references=Project, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)


class CustomerModule(TenantTable, tablename="customer_module"):
    """The switch per customer; no row means what the tenant grants by default."""

    customer = ForeignKey(references=Customer, null=False, on_delete=OnDelete.restrict)
    module = Text()
    granted = Boolean()
