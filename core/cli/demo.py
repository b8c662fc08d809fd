"""`portico demo`: migrates, fills and serves a demo in one local folder."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from core.bootstrap import migrate_all, set_up
from core.cli.base import console
from core.cli.serving import check_port, start_server
from core.config import load_settings, settings
from core.db import opened
from core.demo.filling import DemoLogin, fill, is_filled
from core.demo.identity import offer_everywhere
from core.demo.index import ACCOUNTS
from core.messages.worker import drain
from core.server import DEMO

if TYPE_CHECKING:
    from core.registry import Registry


def demo_home() -> Path:
    """Return where the demo lies unless told otherwise: a folder of its own, so that beginning anew spares the data."""
    return Path(os.environ.get("PORTICO_HOME") or "var") / "demo"


def prepare_environment(*, home: Path, port: int) -> None:
    """Set what the server processes of the demo read from their environment."""
    key_file = home / "secret-key"
    home.mkdir(parents=True, exist_ok=True)
    if not key_file.is_file():
        key_file.write_text(secrets.token_urlsafe(48))
        key_file.chmod(0o600)
    os.environ[DEMO] = "1"
    os.environ["PORTICO_HOME"] = str(home)
    os.environ["PORTICO_BASE_URL"] = f"http://localhost:{port}"
    os.environ["PORTICO_DATABASE_URL"] = f"sqlite:///{(home / 'portico.sqlite3').resolve()}"
    os.environ["PORTICO_STORAGE_URL"] = f"file://{(home / 'files').resolve()}"
    os.environ["PORTICO_SECRET_KEYS"] = key_file.read_text()
    os.environ["PORTICO_ALLOW_LOOPBACK"] = "yes"  # its own sign-in provider lives here too


def as_entry(login: DemoLogin) -> dict[str, str]:
    """Return a login as the accounts file lists it."""
    return {
        "url": settings().origin(f"{login.portal}.{settings().base_host}"),
        "email": login.email,
        "password": login.password,
        "kind": login.kind,
        "tenant": login.tenant,
        "name": login.name,
        "try": login.hint,
    }


async def make_demo(registry: Registry) -> list[dict[str, str]]:
    """Migrate the demo's database, fill it if it is empty, send its mails; returns who can sign in."""
    accounts = settings().home / ACCOUNTS
    async with opened(settings().database_url) as database:
        with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True) as progress:
            task = progress.add_task("Database", total=None)
            await migrate_all(database, registry)
            if not await is_filled():
                logins = await fill(lambda what: progress.update(task, description=what))
                accounts.write_text(json.dumps([as_entry(login) for login in logins], ensure_ascii=False, indent=2))
                progress.update(task, description="Mails")
                await drain()
            await offer_everywhere()
    entries: list[dict[str, str]] = json.loads(accounts.read_text())
    return entries


def demo(
    port: Annotated[int, typer.Option(help="Port to listen at.")] = 8000,
    fresh: Annotated[  # noqa: FBT002 -- typer takes options as parameters
        bool, typer.Option("--fresh", help="Begin anew: forget what was done in the demo before.")
    ] = False,
    accounts: Annotated[Path | None, typer.Option(help="Also write who can sign in to this file, as JSON.")] = None,
    home: Annotated[
        Path | None, typer.Option(help="Folder of the demo; without: demo, in the data folder (PORTICO_HOME).")
    ] = None,
) -> None:
    """Fill and serve a demo: three companies with a portal each. Everything lies in one local folder."""
    check_port("127.0.0.1", port)
    home = home or demo_home()
    if fresh and home.is_dir():
        shutil.rmtree(home)
    prepare_environment(home=home, port=port)
    registry = set_up(load_settings(demo=True))
    entries = asyncio.run(make_demo(registry))
    if accounts is not None:
        accounts.write_text(json.dumps(entries, ensure_ascii=False, indent=2))
    for url, people in groupby(entries, key=itemgetter("url")):
        console.print(f"\n[bold]{url}[/]", highlight=False)
        for entry in people:
            console.print(
                f"  {entry['email']}  [green]{entry['password']}[/]  {entry['name']}: {entry['try']}",
                highlight=False,
                soft_wrap=True,
            )
    console.print(f"\nEverything on one page: http://localhost:{port}/   (stop with Ctrl-C)")
    start_server(host="127.0.0.1", port=port, workers=1)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)
