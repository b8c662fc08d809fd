"""`portico demo` as somebody meets it first: made and served by one command."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from tests.browser.running import running_demo

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_INVOICE = re.compile(r'class="row-link" href="(/invoices/[^"]+)"')
_FILE = re.compile(r'href="(/files/[^"]+)" download')


async def test_a_fresh_demo_sends_the_files_that_it_has_stored_itself(tmp_path: Path) -> None:
    async with running_demo(tmp_path) as demo:
        login = demo.login("marta@ferran.example", "obrador")
        host = login["url"].removeprefix("http://")
        base = f"http://127.0.0.1:{demo.site.port}"
        async with httpx.AsyncClient(base_url=base, headers={"host": host}, timeout=20, trust_env=False) as browser:
            token = _TOKEN.findall((await browser.get("/")).text)[0]
            typed = {"csrf_token": token, "email": login["email"], "password": login["password"]}
            assert (await browser.post("/sign-in", data=typed)).status_code == 303
            found = _INVOICE.findall((await browser.get("/invoices?period=all")).text)
            assert found
            pages = [(await browser.get(path)).text for path in found]
            files = [path for text in pages for path in _FILE.findall(text)]
            answers = [await browser.get(path) for path in files]
        kinds = {answer.headers["content-type"] for answer in answers}
        assert {answer.status_code for answer in answers} == {200}
        assert kinds == {"application/pdf", "application/octet-stream"}
