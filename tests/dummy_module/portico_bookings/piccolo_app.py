"""The module's tables and migrations, as Piccolo finds them."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from portico_bookings.tables import Booking, Guest, Heard

APP_CONFIG = AppConfig(
    app_name="bookings",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=[Booking, Guest, Heard],
    migration_dependencies=["core.piccolo_app"],
)
