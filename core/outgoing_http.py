"""How `core.outgoing` asks: httpx, which connects to the address that was looked at."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import httpx

from core.outgoing import CONNECT_SECONDS, LARGEST, TOTAL_SECONDS, Answer, OutgoingError, address_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping


class _Pinned(httpx.AsyncHTTPTransport):
    """Connects to the address that was looked at; the name stays in the Host header and in the certificate's check."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.raw_host.decode("ascii")
        request.extensions = {**request.extensions, "sni_hostname": name}
        request.url = request.url.copy_with(host=await address_of(name))
        return await super().handle_async_request(request)


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


async def fetch(
    url: str, *, form: Mapping[str, str] | None, basic: tuple[str, str] | None, bearer: str | None
) -> Answer:
    """
    GET *url*, or POST *form* to it, as `core.outgoing.ask()` says.

    Raises:
        OutgoingError: it did not answer, answered too much, or wants to lead elsewhere.

    """
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Portico"}
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    client = httpx.AsyncClient(
        transport=_Pinned(verify=_certificates(), trust_env=False, retries=0),
        timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        headers=headers,
        auth=basic,
    )
    method, data = ("GET", None) if form is None else ("POST", dict(form))
    try:
        async with client, client.stream(method, url, data=data) as response:
            return await _read(response)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"{type(error).__name__}: {error}"
        raise OutgoingError(message) from error


async def _read(response: httpx.Response) -> Answer:
    if response.is_redirect or "location" in response.headers:
        message = "the answer leads elsewhere"
        raise OutgoingError(message)
    if response.headers.get("content-encoding", "identity") != "identity":
        message = "the answer is packed, though it was asked not to be"
        raise OutgoingError(message)
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > LARGEST:
            message = f"the answer is larger than {LARGEST} bytes"
            raise OutgoingError(message)
    return Answer(response.status_code, bytes(body))
