"""The module's tables and migrations, as Piccolo finds them."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from plugins.timesheets.tables import (
    Approval,
    ColumnPlan,
    Correction,
    Deputy,
    Entry,
    Intake,
    Job,
    KnownName,
    RefusedRow,
    Reminder,
    Reopened,
    Revision,
    Task,
    Undertaking,
    Worker,
)

APP_CONFIG = AppConfig(
    app_name="timesheets",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=[
        Approval,
        ColumnPlan,
        Correction,
        Deputy,
        Entry,
        Intake,
        Job,
        KnownName,
        RefusedRow,
        Reminder,
        Reopened,
        Revision,
        Task,
        Undertaking,
        Worker,
    ],
    migration_dependencies=["core.piccolo_app"],
)
