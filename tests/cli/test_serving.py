"""What is looked at before a server starts."""

from __future__ import annotations

import socket

import pytest

from core.cli.serving import check_port
from core.config import ConfigError


@pytest.mark.parametrize("shared", [False, True])
def test_a_taken_port_is_said_in_a_sentence(*, shared: bool) -> None:
    with socket.socket() as other:
        if shared:  # as servers with several processes listen
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ConfigError, match="Take another port"):
            check_port("127.0.0.1", other.getsockname()[1])


def test_a_free_port_is_free() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    check_port("127.0.0.1", port)
