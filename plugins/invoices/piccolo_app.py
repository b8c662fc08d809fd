"""The module's tables and migrations, as Piccolo finds them."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from plugins.invoices.tables import Alias, Content, Invoice, Payment

APP_CONFIG = AppConfig(
    app_name="invoices",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=[Alias, Content, Invoice, Payment],
    migration_dependencies=["core.piccolo_app"],
)
