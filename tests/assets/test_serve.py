from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from core.assets import asset
from core.assets.serve import serve_static


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=serve_static), base_url="http://portal") as client:
        client.headers.pop("accept-encoding")
        yield client


async def test_a_file_is_sent_for_ever(client: httpx.AsyncClient) -> None:
    htmx = asset("htmx.js")
    answer = await client.get(htmx.url)
    assert (answer.status_code, answer.content) == (200, htmx.body)
    assert dict(answer.headers) == {
        "cache-control": "public, max-age=31536000, immutable",
        "content-length": str(len(htmx.body)),
        "content-type": "text/javascript; charset=utf-8",
        "cross-origin-resource-policy": "same-origin",
        "etag": f'"{htmx.digest}"',
        "vary": "Accept-Encoding",
        "x-content-type-options": "nosniff",
    }


@pytest.mark.parametrize(
    ("accepts", "zipped"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("gzip; q=0", False),
        ("br", False),
        ("", False),
        ("gzip;q=odd", False),
    ],
)
async def test_it_is_compressed_if_the_browser_takes_it(client: httpx.AsyncClient, accepts: str, zipped: bool) -> None:
    htmx = asset("htmx.js")
    async with client.stream("GET", htmx.url, headers={"accept-encoding": accepts}) as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers.get("content-encoding") == "gzip") is zipped
    assert (gzip.decompress(sent) if zipped else sent) == htmx.body
    assert answer.headers["etag"] == (f'"{htmx.digest}-gz"' if zipped else f'"{htmx.digest}"')


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_what_the_browser_has_is_not_sent_again(client: httpx.AsyncClient, form: str) -> None:
    url = asset("htmx.js").url
    etag = (await client.get(url)).headers["etag"]
    answer = await client.get(url, headers={"if-none-match": form.format(etag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_another_tag_gets_the_file(client: httpx.AsyncClient) -> None:
    answer = await client.get(asset("htmx.js").url, headers={"if-none-match": '"other"'})
    assert answer.status_code == 200


async def test_head_gets_the_headers_of_get(client: httpx.AsyncClient) -> None:
    url = asset("icons.svg").url
    head, get = await client.head(url), await client.get(url)
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_files_are_only_read(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, asset("htmx.js").url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/static/htmx.js",
        "/static/000000000000/htmx.js",
        "/static/{version}/../{version}/htmx.js",
        "/static/{version}/..%2f..%2fpackage.json",
        "/static/{version}/%2e%2e/%2e%2e/package.json",
        "/static/{version}//htmx.js",
        "/static/{version}/htmx.js/",
        "/static/{version}/inputs.sha256",
        "/static/{version}/",
        "/static/",
        "/static/{version}/htmx.js%00",
    ],
)
async def test_no_other_path_leads_anywhere(path: str) -> None:
    version = asset("htmx.js").url.split("/")[2]
    raw = path.format(version=version)
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    for decoded in {raw, httpx.URL(f"http://portal{raw}").path}:
        if decoded == asset("htmx.js").url:
            continue  # the client itself had resolved it
        sent.clear()
        scope = {"type": "http", "method": "GET", "path": decoded, "headers": []}
        await serve_static(scope, None, send)  # type: ignore[arg-type]  # as small as ASGI gets
        assert (sent[0]["status"], sent[1]["body"]) == (404, b"Not found\n")
        assert (b"cache-control", b"no-store") in sent[0]["headers"]  # type: ignore[operator]  # a list of pairs
