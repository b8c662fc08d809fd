"""The core's tables and migrations, as Piccolo finds them."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from core.accounts.oidc.tables import SignInAttempt, SignInIdentity, SignInProvider
from core.accounts.tables import Account, ApiKey, KnownDevice, Link, LinkedOffice, RateLimit, Registration, Session
from core.imports.tables import ImportProblem, ImportRun
from core.messages.queue_tables import QueueItem, ScheduleRun
from core.messages.tables import Mail, MailChoice, Notice
from core.people.tables import (
    AddressBookEntry,
    Customer,
    CustomerModule,
    Membership,
    Person,
    Project,
    ProjectPerson,
    Role,
)
from core.records.tables import Activity, ChainHead, Comment, File, FirstView
from core.tenancy.scoped_tables import Setting, TenantModule
from core.tenancy.tables import Entitlement, Tenant, TenantHost

APP_CONFIG = AppConfig(
    app_name="core",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=[
        Account,
        Activity,
        AddressBookEntry,
        ApiKey,
        ChainHead,
        Comment,
        Customer,
        CustomerModule,
        Entitlement,
        File,
        FirstView,
        ImportProblem,
        ImportRun,
        KnownDevice,
        Link,
        LinkedOffice,
        Mail,
        MailChoice,
        Membership,
        Notice,
        Person,
        Project,
        ProjectPerson,
        QueueItem,
        RateLimit,
        Registration,
        Role,
        ScheduleRun,
        Session,
        Setting,
        SignInAttempt,
        SignInIdentity,
        SignInProvider,
        Tenant,
        TenantHost,
        TenantModule,
    ],
    migration_dependencies=[],
)
