"""The `portico` command."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.markup import escape

from core.cli import audit, chores, database, demo, i18n, importing, serving
from core.cli.base import app
from core.config import ConfigError
from core.db import DbError
from core.errors import DomainError
from core.registry import StartupError

__all__ = ["main"]

app.add_typer(i18n.commands, name="i18n")
app.add_typer(audit.commands, name="audit")
app.add_typer(chores.tenants, name="tenant")
app.add_typer(chores.staff, name="staff")
app.add_typer(chores.tokens, name="token")
for register in (serving.register, database.register, importing.register, demo.register, chores.register):
    register(app)


def main() -> None:
    """Run the command; what is wrong is said in a sentence, not a traceback."""
    try:
        app()
    except (ConfigError, StartupError, DomainError, DbError) as error:
        Console(stderr=True).print(f"[bold red]portico:[/] {escape(str(error))}", highlight=False)
        fields = getattr(error, "fields", {})
        for name, reasons in fields.items():
            for reason in reasons:
                Console(stderr=True).print(f"  {name}: {reason}", highlight=False, markup=False)
        sys.exit(1)
