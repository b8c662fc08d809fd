"""Bytes by their content, in a folder and in a real S3 server."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import use_settings
from core.records.storage import AT_ONCE, MissingContentError, get_content, open_content, put_content
from tests.portal_fixtures import settings_for_tests


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """A bucket in an S3 server of this test's own."""
    import boto3  # noqa: PLC0415 -- slow to import, needed here only
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 -- slow to import, needed here only

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="portico")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_ALLOW_HTTP", "true")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "false")
        yield "s3://portico"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Either kind of storage, current in this process."""
    url = request.getfixturevalue("s3_url") if request.param == "s3" else f"file://{tmp_path / 'files'}"
    settings = settings_for_tests(tmp_path)
    use_settings(replace(settings, storage_url=str(url)))
    return str(url)


@pytest.mark.usefixtures("storage_url")
async def test_bytes_come_back_as_they_were_and_are_kept_once() -> None:
    data = b"%PDF-1.7 \x00\xff" * 1000
    first, second = await put_content(data), await put_content(data)
    assert first == second == hashlib.sha256(data).hexdigest()
    assert await get_content(first) == data


@pytest.mark.usefixtures("storage_url")
async def test_unknown_content_is_missing() -> None:
    with pytest.raises(MissingContentError):
        await get_content("0" * 64)


async def test_damaged_content_is_missing(tmp_path: Path) -> None:
    use_settings(settings_for_tests(tmp_path))
    sha256 = await put_content(b"as it was")
    (tmp_path / "files" / sha256[:2] / sha256).write_bytes(b"as it is not")
    with pytest.raises(MissingContentError):
        await get_content(sha256)


async def test_large_content_goes_through_in_portions_after_it_was_checked(storage_url: str) -> None:
    data = b"0123456789abcdef" * (AT_ONCE // 16 * 4)
    sha256 = await put_content(data)
    tracemalloc.start()
    try:
        seen = hashlib.sha256()
        async for portion in await open_content(sha256, size=len(data)):
            seen.update(portion)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen.hexdigest() == sha256
    assert peak < AT_ONCE or storage_url.startswith("s3")  # whose server keeps it in this very process


@pytest.mark.parametrize("size", [10, AT_ONCE + 1])
async def test_damaged_content_is_not_handed_out_at_all(tmp_path: Path, size: int) -> None:
    use_settings(settings_for_tests(tmp_path))
    sha256 = await put_content(b"x" * size)
    (tmp_path / "files" / sha256[:2] / sha256).write_bytes(b"y" * size)
    with pytest.raises(MissingContentError):
        await open_content(sha256, size=size)
    with pytest.raises(MissingContentError):
        await open_content("0" * 64, size=size)
