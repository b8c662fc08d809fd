"""
Whether the time of an answer tells if an address is known: `python -m tests.benchmarks timing`.

Against a served portal, as it is installed, known and unknown addresses are sent in turn to the three pages that take
one from anybody; each address and each network once, so that no limit stops them. The rule (OWASP, and our own): the
medians lie less than 2 ms apart, and the Kolmogorov-Smirnov test finds no difference (p > 0.01).

Measured with 320 calls of each sort, on two cores that were busy with other things: /sign-in 67.2 and 67.6 ms
(p = 0.99), /forgot-password 11.4 and 10.2 ms (p = 0.33), /sign-in-link 18.7 and 19.8 ms (p = 0.44). An idle machine
answers faster; what counts is that both sorts answer alike.
"""

from __future__ import annotations

import http.client
import json
import math
import re
import statistics
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from core.accounts.invitations import open_account
from core.accounts.options import SIGN_IN_LINK
from core.accounts.tables import Account
from core.app import build_app
from core.bootstrap import migrate_all, set_up
from core.config import Settings
from core.db import fetch_one, opened
from core.registry import registry
from core.tenancy.scoped_tables import Setting
from core.tenancy.snapshot import raise_version
from tests.benchmarks import data, servers
from tests.portal_fixtures import make_portal

PASSWORD = "tres perros verdes cantan"
FORMS = {"/sign-in": "/", "/forgot-password": "/forgot-password", "/sign-in-link": "/sign-in-link"}
WARM_UP = 20
MOST_MS, LEAST_P = 2.0, 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two series of times, in milliseconds."""

    path: str
    known: float
    unknown: float
    p: float

    @property
    def alike(self) -> bool:
        """Whether nobody can tell them apart."""
        return abs(self.known - self.unknown) < MOST_MS and self.p > LEAST_P


async def prepare(settings: Settings, calls: int) -> str:
    """Make a portal with a known person for each call; return its host."""
    set_up(settings)
    async with opened(settings.database_url, pool_size=2) as database:
        await migrate_all(database, registry())
        portal = await make_portal(build_app(), "Timing", portal_name="timing", languages=("en",))
        customer = await portal.customer("Cliente")
        people = [await portal.contact(address(number, known=True), customer) for number in range(calls)]
        async with portal.work():
            account = await open_account(person=people[0].id, password=PASSWORD)
            row = await fetch_one("SELECT password_hash FROM account WHERE id = {}", account)
            assert row is not None
            await Account.update({Account.password_hash: row["password_hash"]}).where(Account.email.like("known%"))
            await Setting.insert(Setting(key=SIGN_IN_LINK, value=json.dumps(obj=True)))
            await raise_version(portal.tenant.id)
    return portal.host


def address(number: int, *, known: bool) -> str:
    """One of the addresses; all are as long as each other."""
    return f"{'known' if known else 'other'}{number:05}@acimos.example"


def measured(port: int, host: str, calls: int) -> list[Compared]:
    """Send *calls* known and as many unknown addresses to each form, in turn."""
    return [_compare(port, host, path, page, calls) for path, page in FORMS.items()]


def _compare(port: int, host: str, path: str, page: str, calls: int) -> Compared:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", page, headers={"Host": host})
    shown = connection.getresponse()
    cookie = (shown.getheader("set-cookie") or "").partition(";")[0]
    found = re.search(r'name="csrf_token" value="([^"]+)"', shown.read().decode())
    assert found
    token = found[1]
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(calls):
        for known in (True, False) if number % 2 else (False, True):  # neither always comes first
            body = urlencode({"csrf_token": token, "email": address(number, known=known), "password": "wrong"})
            headers = {
                "Host": host,
                "Cookie": cookie,
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Forwarded-For": f"10.{int(known)}.{number // 250}.{number % 250}",
                "Origin": f"http://{host}",
            }
            start = time.perf_counter()
            connection.request("POST", path, body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
            took = (time.perf_counter() - start) * 1000
            assert answer.status == (422 if path == "/sign-in" else 200), answer.status
            if number >= WARM_UP:
                times[known].append(took)
    connection.close()
    return Compared(
        path=path,
        known=statistics.median(times[True]),
        unknown=statistics.median(times[False]),
        p=same_source(times[True], times[False]),
    )


def same_source(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test, by its asymptotic distribution."""
    one, two = sorted(first), sorted(second)
    distance = max(abs(bisect_right(one, x) / len(one) - bisect_right(two, x) / len(two)) for x in (*one, *two))
    size = math.sqrt(len(one) * len(two) / (len(one) + len(two)))
    scaled = (size + 0.12 + 0.11 / size) * distance
    if scaled < 0.2:
        return 1.0
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return float(min(1.0, max(0.0, sum(terms))))


def table(found: Sequence[Compared]) -> str:
    """Return the figures as lines."""
    rows = [f"{'':18}{'known':>10}{'unknown':>10}{'apart':>10}{'KS p':>8}"]
    rows += [
        f"{each.path:18}{each.known:>7.2f} ms{each.unknown:>7.2f} ms{each.known - each.unknown:>+7.2f} ms"
        f"{each.p:>8.3f}  {'alike' if each.alike else 'TO BE TOLD APART'}"
        for each in found
    ]
    return "\n".join(rows)


async def fill(folder: Path, calls: int) -> tuple[Settings, str]:
    """Prepare a portal on SQLite in *folder*."""
    settings = data.settings_at(folder, f"sqlite:///{folder / 'portal.sqlite'}")
    return settings, await prepare(settings, calls)


def serve_and_measure(settings: Settings, host: str, folder: Path, calls: int) -> list[Compared]:
    """Serve it as `portico serve` does, behind a proxy that is trusted, and measure."""
    environment = {**data.environment_of(settings), "PORTICO_TRUSTED_PROXIES": "127.0.0.1"}
    with servers.portal(environment, folder / "server.log") as server:
        return measured(server.port, host, calls)
