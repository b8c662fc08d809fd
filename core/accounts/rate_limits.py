"""
Rate limits kept in the database, so that they hold over all processes and restarts (GCRA, a leaky bucket).

Per key one number is stored: the *theoretical arrival time* of the next attempt. `burst` attempts may come at once,
then one every `period / burst`. Keys hold the tenant; addresses are cut to what one household or server gets
(IPv6 /64).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from core.clock import now
from core.db import autonomous, execute, fetch, uuid7
from core.errors import TooManyAttemptsError
from core.i18n import LazyString, Translator
from core.tenancy.scope import current_tenant_id

_ = Translator("core")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `burst` attempts in `period`, per key."""

    name: str
    burst: int
    period: timedelta
    says: LazyString | None = None
    """What a page says when it is reached, and what to do; without it, that there were too many attempts."""

    @property
    def emission(self) -> int:
        """Microseconds that one attempt costs."""
        return self.period // timedelta(microseconds=1) // self.burst

    @property
    def tolerance(self) -> int:
        """Microseconds that the arrival time may lie ahead."""
        return self.emission * self.burst


SIGN_IN = Limit(name="sign_in", burst=5, period=timedelta(minutes=15))
SIGN_IN_ADDRESS = Limit(name="sign_in_address", burst=20, period=timedelta(minutes=1))
STUFFING = Limit(name="stuffing", burst=200, period=timedelta(minutes=15))
"""Failed sign-ins of one portal; over it nobody is stopped, but the log says so."""
RESET = Limit(name="reset", burst=3, period=timedelta(hours=1))
RESET_ADDRESS = Limit(name="reset_address", burst=10, period=timedelta(hours=1))
LINK_FORM = Limit(name="link_form", burst=10, period=timedelta(minutes=15))
"""Attempts on the form of one link: its token is known, the e-mail address might be guessed."""
PASSWORD = Limit(name="password", burst=5, period=timedelta(minutes=15))
"""Attempts to say the current password, by somebody who is signed in."""
REGISTRATION = Limit(name="registration", burst=3, period=timedelta(days=1))
"""Registrations of one e-mail address: each of them may send it a mail."""
REGISTRATION_NETWORK = Limit(name="registration_network", burst=10, period=timedelta(hours=1))
EXPORT = Limit(
    name="export",
    burst=5,
    period=timedelta(minutes=1),
    says=_(
        "Several lists were downloaded just now. Wait a moment; to get more at once, widen the filters of the list."
    ),
)
"""Lists that a person takes away as a file."""
UPLOAD = Limit(
    name="upload",
    burst=30,
    period=timedelta(minutes=1),
    says=_("Many uploads came just now. Wait a moment, then send the rest; several files can go together."),
)
"""Requests with files, of a person."""
INVITATION = Limit(
    name="invitation",
    burst=30,
    period=timedelta(minutes=1),
    says=_("Many invitations were sent just now. Wait a moment; several people can be invited together from the list."),
)
"""Requests that send invitations, of a person."""
FORWARD = Limit(
    name="forward",
    burst=30,
    period=timedelta(hours=1),
    says=_(
        "You have forwarded documents to many people within an hour. Wait, or download the file and send it yourself."
    ),
)
"""Recipients of forwarded documents, of a person: strangers get these mails in the tenant's name."""
FORWARD_CUSTOMER = Limit(
    name="forward_customer",
    burst=100,
    period=timedelta(days=1),
    says=_("Your company has forwarded documents to many people today. Download the file and send it yourself."),
)
"""Recipients of forwarded documents, of all people of a customer together."""
FORWARD_ADDRESS = Limit(
    name="forward_address",
    burst=5,
    period=timedelta(hours=1),
    says=_("Several documents were forwarded to one of these addresses just now. Wait before you send more there."),
)
"""Forwarded documents that one address gets of a portal, whoever sends them."""
API = Limit(
    name="api",
    burst=1_200,
    period=timedelta(minutes=1),
    says=_("This key has asked too often. Wait as long as Retry-After says."),
)
"""Requests of one API key."""
MISSING_FILE = Limit(name="missing_file", burst=1, period=timedelta(hours=1))
"""How often the stream of activities says of the same file that it is missing, however often it is asked for."""

PER_PERSON = {"invitation": INVITATION}
"""Limits that a route may name (`limit=`): they count per person who sends its form."""

# One statement, so two processes cannot both take the last attempt. No row comes back where the bucket is full.
_TAKE = """
INSERT INTO rate_limit (id, key, arrival) VALUES ({}, {}, {})
ON CONFLICT (key) DO UPDATE
SET arrival = CASE WHEN rate_limit.arrival > {} THEN rate_limit.arrival ELSE {} END + {}
WHERE rate_limit.arrival <= {}
RETURNING arrival
"""


def _microseconds() -> int:
    return int(now().timestamp() * 1_000_000)


def prefix_of(address: str) -> str:
    """Return what attempts from *address* are counted under: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        if mapped is not None:
            return str(mapped)
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)


def _key(limit: Limit, parts: tuple[str, ...]) -> str:
    """Return the key: what was typed is hashed, so the table holds no addresses of people."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{current_tenant_id()}:{limit.name}:{digest}"


async def attempt(limit: Limit, *parts: str) -> bool:
    """Count an attempt of *limit* under *parts*; False where it is one too many. It stays counted whatever follows."""
    return await _wait(limit, parts) == 0


async def take(limit: Limit, *parts: str, times: int = 1) -> None:
    """
    Count an attempt of *limit* under *parts*, or refuse it. It stays counted if the request fails.

    Several *times* at once are all counted, or none.

    Raises:
        TooManyAttemptsError: it is one too many; says in how many seconds the next is due.

    """
    wait = await _wait(limit, parts, times)
    if wait:
        raise TooManyAttemptsError(limit.says, retry_after=wait)


async def _wait(limit: Limit, parts: tuple[str, ...], times: int = 1) -> int:
    """Count attempts and return 0, or return the seconds until they are due."""
    key, present, cost = _key(limit, parts), _microseconds(), limit.emission * times
    latest = present + limit.tolerance - cost
    async with autonomous():
        taken = await fetch(_TAKE, uuid7(), key, present + cost, present, present, cost, latest)
        if taken:
            return 0
        rows = await fetch("SELECT arrival FROM rate_limit WHERE key = {}", key)
    arrival = int(rows[0]["arrival"]) if rows else present
    return max(1, ceil((arrival - latest) / 1_000_000))


async def give_back(limit: Limit, *parts: str) -> None:
    """Undo one counted attempt: it was a rightful one."""
    async with autonomous():
        await execute("UPDATE rate_limit SET arrival = arrival - {} WHERE key = {}", limit.emission, _key(limit, parts))


async def reset(limit: Limit, *parts: str) -> None:
    """Forget the attempts under *parts*: the person has shown to be the right one."""
    async with autonomous():
        await execute("DELETE FROM rate_limit WHERE key = {}", _key(limit, parts))


async def forget_past_attempts() -> None:
    """Delete keys whose attempts have all run off."""
    await execute("DELETE FROM rate_limit WHERE arrival < {}", _microseconds())
