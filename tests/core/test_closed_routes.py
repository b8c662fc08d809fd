"""Every route is closed by a permission, or says why it is not: otherwise nothing starts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from litestar import WebSocket, get, websocket

from core.app import build_app
from core.bootstrap import set_up
from core.contributions import (
    Routes,
)
from core.registry import StartupError
from core.web import action, api_get, page
from tests.core.modules import SEE, made
from tests.portal_fixtures import settings_for_tests


async def _answer() -> str:
    return ""


@pytest.mark.parametrize(
    ("routes", "sentence"),
    [
        pytest.param(
            Routes(portal=[get("/x", name="papers:x")(_answer)]),
            "route /papers/x: say exactly one of permission, public (reason), signed_in (reason)",
            id="no permission",
        ),
        pytest.param(
            Routes(portal=[get("/x", name="papers:x", opt={"public": ""})(_answer)]),
            "route /papers/x: say exactly one of permission, public (reason), signed_in (reason)",
            id="public without a reason",
        ),
        pytest.param(
            Routes(portal=[get("/x", name="papers:x", opt={"public": "y", "permission": SEE.key})(_answer)]),
            "route /papers/x: say exactly one of permission, public (reason), signed_in (reason)",
            id="both",
        ),
        pytest.param(
            Routes(portal=[page("/x", name="papers:x", permission="papers:paper:veiw")(_answer)]),
            "unknown permission 'papers:paper:veiw': no module declares it",
            id="a permission that nobody declares",
        ),
        pytest.param(
            Routes(staff=[page("/x", name="papers:x", permission=SEE.key)(_answer)]),
            "route /staff/papers/x: papers:paper:view is a permission for contact",
            id="a contact's permission in the back office",
        ),
        pytest.param(
            Routes(portal=[page("/x", name="papers:x", permission="core:customer:view")(_answer)]),
            "route /papers/x: core:customer:view is a permission for staff",
            id="a permission of staff in the portal",
        ),
        pytest.param(
            Routes(api=[api_get("/x", name="papers:x", permission=SEE.key)(_answer)]),
            "route /api/v1/papers/x: papers:paper:view is a permission for contact",
            id="a contact's permission in the API",
        ),
    ],
)
def test_a_route_that_is_not_closed_stops_the_start(routes: Routes, sentence: str, tmp_path: Path) -> None:
    set_up(settings_for_tests(tmp_path), modules={"papers": made(permissions=[SEE], routes=routes)})
    with pytest.raises(StartupError, match=re.escape(sentence)):
        build_app()


@pytest.mark.parametrize("id", ["staff", "api", "static", "health", "account", "files", "records", "notifications"])
def test_a_module_cannot_take_the_urls_of_the_core(id: str, tmp_path: Path) -> None:
    """Its gate would close the core's own pages where the module is off."""
    set_up(settings_for_tests(tmp_path), modules={id: made(id, routes=Routes())})
    with pytest.raises(StartupError, match=f"pages of the core live under /{id}"):
        build_app()


def test_a_socket_stops_the_start(tmp_path: Path) -> None:
    """It would pass by session and gate."""

    @websocket("/live", name="papers:live", opt={"public": "why not"})
    async def live(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.close()

    set_up(settings_for_tests(tmp_path), modules={"papers": made(permissions=[SEE], routes=Routes(portal=[live]))})
    with pytest.raises(StartupError, match="route /papers/live: only HTTP routes pass through session and gate"):
        build_app()


def test_a_decorator_without_permission_is_refused_where_it_stands() -> None:
    for decorator in (page, action):
        with pytest.raises(TypeError, match="exactly one of permission, public"):
            decorator("/x", name="papers:x")
        with pytest.raises(TypeError, match="exactly one of permission, public"):
            decorator("/x", name="papers:x", permission=SEE.key, public="why")
