"""
Requests to servers whose addresses people type in: https, public addresses alone, no redirects, short and small.

A name is looked up once; every address of it must be public, and the connection goes to the one that was looked at, so
that a name which answers differently a moment later leads nowhere else. The certificate is still checked for the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from core.config import settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

CONNECT_SECONDS = 5
TOTAL_SECONDS = 10
LARGEST = 64 * 1024
"""Bytes of an answer that are read; a larger one is none."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TUNNELS = tuple(
    ipaddress.ip_network(text) for text in ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
"""IPv6 addresses that stand for IPv4 ones: where they lead is not theirs to say."""
_PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
"""The signs of RFC 3986: nothing that another reader of URLs might take for something else."""


class OutgoingError(Exception):
    """The other server could not be asked, or its answer cannot be used. The text is for logs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What another server said."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """
        Return the object in the body.

        Raises:
            OutgoingError: it is none.

        """
        try:
            found = msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            message = "the answer is no JSON"
            raise OutgoingError(message) from error
        if not isinstance(found, dict):
            message = "the answer is no JSON object"
            raise OutgoingError(message)
        return found


def is_public(address: Address) -> bool:
    """Whether an address is one of the Internet at large: not private, local, shared, reserved, or a tunnel's."""
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in _TUNNELS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def problem_with(url: str) -> str | None:
    """Say why *url* cannot be asked, before anything is looked up; None where nothing speaks against it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "no URL"
    if not _PLAIN.fullmatch(url):
        return "signs in it that a URL does not have"
    if not host or "@" in parts.netloc or parts.fragment:
        return "no host, or a name, password or fragment in it"
    if _is_loopback_name(host) and settings().allow_loopback:
        return None if parts.scheme in {"http", "https"} else "neither http nor https"
    if parts.scheme != "https":
        return "not https"
    return None if port in {None, 443} else "a port other than 443"


def _is_loopback_name(host: str) -> bool:
    literal = _literal(host)
    return literal.is_loopback if literal is not None else host == "localhost" or host.endswith(".localhost")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


async def look_up(host: str) -> list[str]:
    """Return the addresses of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


async def address_of(host: str, resolve: Callable[[str], Awaitable[list[str]]] = look_up) -> str:
    """
    Return the address to connect to for *host*.

    Raises:
        OutgoingError: it has none, or one of them is not public.

    """
    if settings().allow_loopback and _is_loopback_name(host):
        return host if _literal(host) is not None else "127.0.0.1"
    literal = _literal(host)
    try:
        texts = [str(literal)] if literal is not None else await resolve(host)
        addresses = [ipaddress.ip_address(text) for text in texts]
    except (OSError, ValueError) as error:
        message = f"{host} cannot be looked up"
        raise OutgoingError(message) from error
    if not addresses or not all(is_public(address) for address in addresses):
        message = f"{host} has an address that is not public"
        raise OutgoingError(message)
    return str(min(addresses, key=lambda address: address.version))  # every network has IPv4


async def ask(
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    basic: tuple[str, str] | None = None,
    bearer: str | None = None,
) -> Answer:
    """
    GET *url*, or POST *form* to it, and return the answer, whatever its status but a redirect.

    *basic* is a user name and password, *bearer* a token.

    Raises:
        OutgoingError: it may not be asked, did not answer in time, answered too much, or wants to lead elsewhere.

    """
    problem = problem_with(url)
    if problem is not None:
        raise OutgoingError(problem)
    from core.outgoing_http import fetch  # noqa: PLC0415 -- a tenth of the start, and most processes never ask anybody

    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            return await fetch(url, form=form, basic=basic, bearer=bearer)
    except (TimeoutError, OSError) as error:
        message = f"{type(error).__name__}: {error}"
        raise OutgoingError(message) from error
